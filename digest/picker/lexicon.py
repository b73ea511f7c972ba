"""Words by which order = "good" tells glad news from grim, per language (docs/reference/ranking.md).

Written by hand for headlines and teasers, no list of others was taken over. `word*` stands for every word that begins
so. Case and accents are folded. `grim` words (death, war, crime) veto; `bad` ones only count against.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from digest.picker.rules import fold


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """One language: what each word says. `nots` turn the word after them, `fewer` a bad one near them."""

    good: re.Pattern[str]
    bad: re.Pattern[str]
    grim: re.Pattern[str]
    nots: re.Pattern[str]
    fewer: re.Pattern[str]


def lexicon(language: str) -> Lexicon | None:
    """That of a language tag, None where there is none."""
    return LEXICONS.get(language.partition("-")[0].casefold())


def _any_of(words: str) -> re.Pattern[str]:
    folded = ((fold(word), word.endswith("*")) for word in words.split())
    return re.compile("|".join(f"{word}\\w*" if open_ended else word for word, open_ended in folded))


def _lexicon(*, good: str, bad: str, grim: str, nots: str, fewer: str) -> Lexicon:
    return Lexicon(good=_any_of(good), bad=_any_of(bad), grim=_any_of(grim), nots=_any_of(nots), fewer=_any_of(fewer))


LEXICONS = {
    "en": _lexicon(
        good=(
            "rescue rescued rescues saved saves heal heals healed healing cure cured cures recover* rebound* thriv* flourish*"
            " bloom* reviv* restor* reopen* conservation conservationists rewild* breakthrough* milestone* "
            " success* triumph* celebrat* joy* delight* happy happier happiest happiness smile* laugh* hope hopes"
            " hopeful uplifting heartwarming inspir* kindness generous generosity donat* volunteer* gift gifts"
            " reunite* reunion hero heroes heroic adopt* grateful "
            " discover* solve solved solves improv* cleaner greener safer healthier vaccine* landmark "
            " births born newborn calves hatch* comeback* rebuil* protected mended flourishing baby babies pioneer* invent* renewable* solar"
            " reforest* replant* planted bounce* beloved wonderful beaut* pride "
        ),
        bad=(
            "crisis crises fear* threat* scandal* collaps* crash* fail* lose loses lost loss losses warn* risk* row"
            " strike* protest* cut cuts layoff* bankrupt* recession* drought* flood* storm* disease* outbreak* pandemic*"
            " cancer injur* hurt pollut* extinct* poverty hunger starv* emissions anger angry outrage* chaos sad"
            " tragic* sanction* tariff* debt* hospitalis* hospitaliz* homeless*"
        ),
        grim=(
            "dead death* deadly dies died dying kill* murder* manslaughter* massacre* genocid* suicid* fatal* funeral*"
            " obituar* mourn* corpse* bodies grave graves war wars warfare invasion* invad* airstrike* missile* bomb*"
            " shelling troops gunman gunmen gunfire shot shooting* shootings stab* terror* hostage* kidnap* abduct* rape*"
            " rapist* assault* abuse* abusing molest* traffick* tortur* execution executions executed behead* attack* arson* robber* fraud*"
            " convicted jailed prison* manhunt* crime* criminal* cartel* gang gangs victim* famine* refugees casualt*"
            " drown* perish* plague* militant* insurgen* paedophil* pedophil*"
        ),
        nots="no not never without hardly nor none neither cannot t fails failed",
        fewer=(
            "fewer less fall falls fell falling drop drops dropped dropping decline* lower lowest halve* halv* reduc*"
            " end ends ended ending prevent* avoid* avert* stop stops stopped beats eradicat* eliminat* slash*"
            " cure cured cures "
        ),
    ),
    "de": _lexicon(
        good=(
            "gerettet rettet rettung* geheilt heilung* heilt genes* erhol* gedeih* bluh* erfolg*"
            " triumph* ausgezeichnet auszeichnung* feier* feiert freude freut"
            " glucklich gluck lachel* hoffnung* hoffnungsvoll ermutig* inspir* grosszugig* spende spenden spendet"
            " ehrenamt* freiwillig* geschenk* kostenlos wiedervereint heldin helden dankbar* durchbruch*"
            " meilenstein* entdeck* gelost verbesser* sauberer sicherer gesunder impfstoff* geboren nachwuchs babys baby"
            " pionier* erneuerbar* solar* aufgeforstet gepflanzt geschutzt stolz "
            " artenschutz renaturier* wunder wunderbar*"
        ),
        bad=(
            "krise* angst* drohung* droht skandal* einsturz* absturz* scheiter* verlust* verlier* warn* risik* streit*"
            " streik* protest* kurz* entlass* insolvenz* pleite* rezession* durre* hochwasser* flut* sturm* krankheit*"
            " seuche* krebs* verletzt* armut* hunger* wut* chaos* traurig* sanktion* zoll zolle schulden*"
        ),
        grim=(
            "tot tote toten toter todes* tod stirbt starb sterben gestorben verstorben* getotet totet totung* totschlag*"
            " mord* ermordet massaker* volkermord* suizid* selbstmord* beerdigung* trauer* leiche* krieg* invasion*"
            " luftangriff* rakete* bombe* bomben* angriff* angegriffen soldaten schusse schiesserei* geschossen*"
            " erschossen messer* terror* geisel* entfuhr* vergewalt* missbrauch* folter* hinricht* anschlag* attentat*"
            " brandstift* raub* uberfall* betrug* verurteilt haft gefangnis* verbrech* krimin* opfer* bande* ertrunken"
            " hungersnot* obduktion*"
        ),
        nots="kein keine keinen keinem keiner nicht nie niemals ohne kaum weder",
        fewer=(
            "weniger sinkt sinken sank gesunken fallt ruckgang* rucklaufig* niedriger tiefstand* halbiert ende endet"
            " beendet verhindert vermieden gestoppt besiegt ausgerottet "
        ),
    ),
    "fr": _lexicon(
        good=(
            "sauve sauves sauvee sauvetage* gueri guerison* guerit renait renaissance prosper* florissan*"
            " reussi* reussite* succes triomph* recompens* celebr* fete fetent joie*"
            " joyeu* heureu* bonheur sourire* espoir* encourag* inspir* genereu* generosite don dons benevol* cadeau*"
            " gratuit* retrouvailles heros heroine reconnaissan* percee avancee decouv* resolu* amelior* "
            " vaccin* naissance* bebe bebes pionnier* renouvelable* solaire* replant* reboise* "
            " fier fiere solidar* merveill*"
        ),
        bad=(
            "crise* peur* menace* scandale* effondr* echec* echoue perd pertes perte alerte* risque* greve* manifest*"
            " coupes licenci* faillite* recession* secheresse* inondation* tempete* maladie* epidemie* cancer* blesse*"
            " pollution* pauvrete faim colere chaos triste* sanction* dette*"
        ),
        grim=(
            "mort morte morts mortes mortel* meurt deces decede* tue tues tuee tuees tuerie* meurtr* assassin* massacre*"
            " genocide* suicide* obseques funerailles deuil cadavre* guerre* invasion* frappe frappes missile* bombe*"
            " bombard* soldats fusillade* tir tirs poignard* terror* otage* enlevement* viol viols violence* agression*"
            " abus tortur* execution* attentat* attaque* incendie* braquage* fraude* condamne* prison* crime* criminel*"
            " victime* gang gangs narcotrafic* noyade* noye* famine*"
        ),
        nots="pas jamais sans aucun aucune ni non",
        fewer=(
            "moins baisse baissent recul* chute diminu* reduit* reduction* fin finit termine* evite* empeche* arrete*"
            " vaincu* eradiqu* divise"
        ),
    ),
    "es": _lexicon(
        good=(
            "rescat* salva salvado salvan cura curado curacion* recuper* renace florec* exito* triunf* "
            " celebr* fiesta alegr* feliz felic* sonri* esperanz* inspir* generos* dona"
            " donacion* voluntari* regalo* gratis gratuit* reencuentro* heroe* heroina agradec* avance* hito*"
            " descubr* resuel* mejora* vacuna* nacimiento* nace nacen bebe bebes pioner* renovable*"
            " solar* reforest* protegid* hermos* orgull* solidari* maravill*"
        ),
        bad=(
            "crisis miedo* amenaz* escandal* colaps* fracas* pierde* perdida* alerta* riesgo* huelga* protesta* recorte*"
            " despid* quiebra* recesion* sequia* inundacion* tormenta* enfermedad* epidemia* cancer* herid* contamina*"
            " pobreza hambre ira caos triste* sancion* arancel* deuda*"
        ),
        grim=(
            "muerto* muerta* muerte* muere* murio fallec* mata matan mataron asesin* homicid* masacre* genocid* suicid*"
            " funeral* luto cadaver* guerra* invasion* misil* bomba* bombarde* soldados tiroteo* disparo* apunal*"
            " terror* rehen* secuestr* violacion* viola violencia* agresion* abuso* tortur* ejecucion* ejecutado* atentado* ataque*"
            " atac* robo* fraude* condenad* carcel* prision* crimen* criminal* delito* victima* banda bandas narco*"
            " ahogad* hambruna*"
        ),
        nots="no nunca jamas sin ningun ninguna ni",
        fewer=(
            "menos baja bajan cae caen descen* disminu* reduc* fin termina* evita* impid* detien* vence* erradic*"
            " minimo"
        ),
    ),
    "it": _lexicon(
        good=(
            "salvato salvata salvati salva salvataggio* guarit* guarigion* rinasc* fiorisc* successo*"
            " trionf* premiat* festeggia* gioia felic* sorris* speranz* ispira*"
            " generos* dona donazion* volontar* regalo* gratis gratuit* ritrovat* eroe eroi eroina svolta*"
            " scopert* scopre risolt* miglior* vaccin* nascit* nata nati bimbo bimbi pionier*"
            " rinnovabil* solar* riforest* protett* orgogli* solidar* meravigli*"
        ),
        bad=(
            "crisi paura* minacc* scandal* croll* falli* perde perdit* allarme* rischi* sciopero* protest* tagli*"
            " licenzia* bancarotta* recession* siccita alluvion* tempest* malatti* epidemi* cancro tumor* ferit*"
            " inquinament* poverta fame rabbia caos trist* sanzion* dazi debito*"
        ),
        grim=(
            "morto morta morti morte muore muoiono decedut* ucciso uccis* uccide omicid* assassin* strage* massacr*"
            " genocid* suicid* funeral* lutto cadaver* guerra guerre invasion* raid missil* bomba bombe bombard* soldati"
            " sparatori* spari accoltell* terror* ostagg* rapit* rapiment* stupr* violenz* aggression* abus* tortur*"
            " attentat* attacc* rapina* furto* frode* condannat* carcere arrest* crimin* reato reati vittim* mafia*"
            " annegat* carestia*"
        ),
        nots="non mai senza nessun nessuna ",
        fewer="meno cala calano calo scende diminu* ridu* fine finisce evita* impedi* ferma* sconfi* ",
    ),
    "pt": _lexicon(
        good=(
            "resgat* salva salvo salvos cura curado recuper* renasce floresc* sucesso* triunf* "
            " premiad* celebr* alegr* feliz felic* sorris* esperanc* inspir* generos* doa doacao"
            " doacoes voluntari* presente* gratis gratuit* reencontr* heroi* heroina avanco* descob*"
            " resolv* melhor* vacina* nascimento* nasce nascem bebe bebes pioneir* renovav* solar*"
            " refloresta* protegid* bonit* orgulh* solidari* maravilh*"
        ),
        bad=(
            "crise* medo* ameac* escandal* colaps* fracass* perde* perda* alerta* risco* greve* protest* corte*"
            " demiss* falencia* recessao seca enchente* tempestade* doenca* epidemia* cancer ferid* poluicao pobreza"
            " fome raiva caos triste* sanc* tarifa* divida*"
        ),
        grim=(
            "morto* morta* morte* morre* morreu falec* mata matam matou assassin* homicid* massacre* genocid* suicid*"
            " funeral luto cadaver* guerra* invasao missil misseis bomba* bombarde* soldados tiroteio* tiros baleado*"
            " esfaque* terror* refem refens sequestr* estupr* violencia* agress* abuso* tortur* execucao execucoes executado* atentado*"
            " ataque* atac* assalto* roubo* fraude* condenad* prisao preso* crime* criminos* vitima* trafico* afogad*"
        ),
        nots="nao nunca jamais sem nenhum nenhuma nem",
        fewer="menos cai caem queda diminu* reduz* reducao fim termina* evita* impede* combate* ",
    ),
    "nl": _lexicon(
        good=(
            "gered redt redding* genezen geneest genezing* herstel* bloei* succes* triomf* "
            " bekroond vreugde blij gelukkig geluk glimlach* hoop hoopvol*"
            " inspir* gul vrijgevig* doneer* donatie* vrijwillig* cadeau* gratis herenigd heldin helden dankbaar*"
            " doorbraak* mijlpaal* ontdek* opgelost verbeter* schoner veiliger gezonder vaccin* geboren geboorte*"
            " baby babys pionier* hernieuwba* zonne* herbebos* geplant trots wonder*"
        ),
        bad=(
            "crisis angst* dreig* schandaal* instort* mislukt* mislukk* verlies* verliest waarschuw* risico* ruzie*"
            " staking* protest* bezuinig* ontslag* ontslagen failliet* recessie* droogte* overstrom* storm* ziekte*"
            " epidemie* kanker* gewond* vervuil* armoede honger woede* chaos verdriet* sanctie* heffing* schuld*"
        ),
        grim=(
            "dood doden dode dodelijk* sterf* sterven stierf gestorven overleden overlijd* gedood vermoord* moord*"
            " doodslag* bloedbad* genocide* zelfmoord* suicide* begrafenis* rouw* oorlog* invasie*"
            " luchtaanval* raket* bom bommen soldaten schietpartij* neergeschoten geschoten gestoken terror* gijzel*"
            " ontvoer* verkracht* mishandel* misbruik* gemartel* executie* aanslag* aanval* brandsticht* overval*"
            " diefstal* fraude* veroordeeld* gevangenis* misda* crimin* slachtoffer* bende* verdronken hongersnood*"
        ),
        nots="geen niet nooit zonder nauwelijks noch",
        fewer=(
            "minder daalt dalen daling* gedaald lager laagste halveer* einde eindigt voorkom* vermeden gestopt"
            " verslagen uitgeroeid "
        ),
    ),
    "pl": _lexicon(
        good=(
            "uratowa* ratuj* ocal* wyleczon* leczy wyzdrow* odrodz* kwitn* sukces* triumf* "
            " wyroznio* swietuj* rado* szczes* usmiech* nadziej* inspir* hojn* darowizn* wolontari* prezent*"
            " darmow* bezplatn* bohater* wdzieczn* przelom* odkry* rozwiaza* popraw* czystsz* bezpieczniejsz*"
            " szczepionk* narodzin* urodzi* pionier* odnawialn* sloneczn* zasadz* dum*"
            " wspoln* cud cudown* solidarno*"
        ),
        bad=(
            "kryzys* strach* groz* skandal* zawal* katastrof* poraz* strat* ostrzeg* ryzyk* spor strajk* protest*"
            " zwolnie* bankruct* recesj* susz* powodz* burz* chorob* epidemi* rak raka rann* zanieczyszcz* bied* glod*"
            " gniew* chaos* smutn* sankcj* cla dlug*"
        ),
        grim=(
            "smier* smiert* zmarl* umier* umarl* martw* zabi* zgin* zabojst* morderst* zamordow* masakr* ludobojst*"
            " samobojst* pogrzeb* zalob* zwlok* wojn* inwazj* nalot* rakiet* bomb* zolnierz* strzelanin* strzal*"
            " postrzel* nozown* terror* zakladni* porwan* porwal* gwalt* przemoc* napad* napasc* tortur* egzekucj* zamach*"
            " atak* podpal* rabunek* kradziez* oszust* skazan* wiezien* aresztow* przestep* zbrodn* ofiar* gang* utona*"
            " utopi*"
        ),
        nots="nie bez nigdy zaden zadna zadnych ani",
        fewer="mniej spad* spadek* malej* nizsz* koniec konczy zakonczy* zapobieg* unik* powstrzym* pokona* ",
    ),
}
