"""How often news uses a word: what makes a word rare when a day alone is too small to tell.

The figures say in how many of 3,000 headlines a stem of languages.stem() stands, graded in powers of two. English: the
mean of the ranked lists that wordninja (MIT, from Wikipedia) and symspellpy (MIT, from Google Books, CC BY 3.0) carry,
their first 6,000 words, plus what headlines use more than books do; other languages: written down for this project.
Names that are in the news all year stand here too: they tell no story apart.
"""

from __future__ import annotations

from digest.picker.synonyms import STANDS_FOR

_GRADES = {
    32: """
        book call city free game help home includ information list made make many name page part peopl play search
        servic site stat ther thes unit use used work world
    """,
    16: """
        afp american another area around articl back bbc becam becaus becom befor best born break business car category
        chang click cnn colspan company computer contact country county creat data date department design different doe
        end english even event exampl exclusiv family find follow football form found franc good government great group
        high hotel hous however item january know known languag later leagu life line link live long look main mean
        member messag much music national need next north number often onlin open order person photo plac player pm
        point policy post power pric product program provid re read recap record region releas report result reuter
        review right rowspan school second set show sinc small song south start stor support system take team term thing
        thre top type university updat user usually video view want watch water way web well west wher whil word
    """,
    8: """
        abril access account accus act action activity add address advanc afd age agost air album allow although america
        amid anfang animal annonc announc anunci aout appear appell application april art august australia author
        availabl avril award away band barcelon based began believ berli better bid big black blue board body bolsonar
        boost brasil britain british build built bundesregierung bundestag buy came canada capital card care case caso
        caus cdu cell center central century character check chef children china church cidad citt ciudad claim class
        clos club code colleg common commun community compar complet condition congres consider contain content continu
        contr control copyright cost coup cours court cover csu current customer cut deal death december decembr demand
        detail deutsch deutschland develop development dezemb diciembr died dienstag dimanch dinsdag direct district
        division domenic doming donderdag donn donnerstag download driv early east ebay edit education email ende ener
        enfant england enter espan estad etat etatsuni euro europ european europeen every eye face fall famous fear
        featur febrer februar february femm fevrier field file film five food forc fordert former forum four francai
        francais frau freitag french friday friend full gaza general german germany gioved girl give given gobiern god
        going got gouvernement govern grun guerr guid hail hamburg hand happen head health heur history hit hombr homem
        homm host hour human idea ii imag important increas index industry info interest international internet iran
        island israel issu itali jan januar janvier japanes jeudi job john join juev juez juillet juin juli july june
        juni kabinet kanzl keep key kill kind king kingdom krieg kritik land larg latest launch law lead learn leav lebe
        left legg lei less leve level ley light littl living local locat location london lot love low lula lundi lune
        luned maand maandag macron madrid mai mail major making management mann map march mardi market mars mart marted
        marz match material mayo media meet mens mensch mercoled mercredi mes mese miercol milan milho milion miljo
        milliard millio million millon minist ministeri ministr mittwoch model mois mond monday money montag month mort
        movi movy muert mujer mulher munch mund named near nederland network never note nouveau nouvell nova november
        novembr noviembr novo nuev nuov october octobr octubr oekrain offer offic official oktob old oorlog paes pais
        paper pari park partei partid party pass pay pays period personal phon pictur pide plan plant pleas polic polici
        politi politiqu polizei polizi popular population poutin prasident present president print privacy prob problem
        procent process produc professional project property provinc prozent public publish put puti putin quart
        question quint rang rate rating real receiv red regierung register relat requir research reserv resourc return
        reveal rise river road rock roma room row rule run rusi rusland russi russia russland sabad sabat sale samedi
        samstag saturday scienc season section security seek segund select sell semain seman send september septembr
        septiembr serv sery settiman several sex sext shar shipp shop short side sieg sign similar singl size slam
        softwar someth sometim sonntag sound sourc spac spd special specy spiel sport st stad stadt standard star
        station story street streit student study styl subject sunday tabl talk technology teen tell terc test text th
        think third thos thought thursday titl together took tool topic total tote toter town track train travel trump
        tuesday turn ucrain ucrani ukrain unfall unid unis uomo urge usa using utc valu vendredi venerd version victoir
        vida vie viern visit vita vow vrijdag vrouw warn warnt websit wednesday went whit wien win window within without
        woch woensdag women won writ written wrot york young zahl zaterdag zondag
    """,
    4: """
        able abov accept accessory accord across activ actor actually added addition additional adult advertis africa
        agency agent ago agre agreement airport almost along already alway amazon among amount analysis ancient android
        angel answer appl apply archiv army artist asia ask asked associat association attack audio australian authority
        averag baby bad ball bank bar base basic battl bay beach begin beij benefit biden bill billion bird bit block
        blog blood boeing border box boy brand brexit bring brother brown brows brussel calendar california camera camp
        career cart cd centr ceo certain championship channel charg charl chemical child chines choos christian civil
        clear client cloth coast collection color committe communication concern conferenc connect copy council covid
        credit cross cultur cup currently daily damag danc databas daughter david dec decid decision defin degre delet
        describ description devic differenc digital direction director directory discussion diseas display distanc
        doctor document dog done doubl drink driver drug earth eastern easy eat economic edition editor effect either
        election electronic element else empir energy engin engineer enough entertainment entry environment episod
        equipment error especially establish estat estimat ever everyth exist expect experienc express facebook facility
        fact fan far farm fast father federal feed feedback feel feet femal fight figur final financ financial finish
        fire fish flag florida flow flower focus format front fun function fund futur gallery garden gas gave gay geneva
        georg gett gift goal goe gold googl gop grand grant greek green ground grow half hall hama hard hear heart heat
        held higher hill himself hockey hold holiday hors hospital hot hurrican ice id improv independent india indian
        individual insid instead instrument insuranc involv iphon iranian ireland israeli italian italy itself jame
        japan journal kid km knowledg kyiv label lake larger largest late latin leader least led legal length let letter
        library licens limit lived loan login longer loss lost lower machin magazin male manag manager mar mark marri
        master matter measur medical memory meta metal method mexico michael microsoft middl mile military mind minister
        minut miss mobil modern moscow mostly mother mountain move moved movement municipality museum nation nato natur
        natural net netanyahu night normal northern notic nov obama object ocean oct officer oil olympic opera operat
        operation opinion opportunity option organization original outsid owner packag paint pakistan parent paris
        partner password past patient paul payment pc percent perform performanc piec plann poker political port
        position possibl practic press previous privat pro probably production profil profit programm protect
        publication purchas purpos quality quarter queen quit quot race radio rais rank rather reach really reason
        recent reduc refer referenc relationship religion remain remember remov rental replac reply represent republic
        request requirement respons rest restaurant ring risk robert role roman round royal runn russian safety saint
        sampl san save scor screen sea seat seem seen self seller sent separat seri server seven shall shap ship shopp
        shown simpl simply singer six social society sold solution someon soon sort southern spain spanish speak
        specific speed sponsor spring squar staff stag stand startup statement status stay step stock ston stop storm
        string strong structur studio suggest summer sun supply sure surfac taken taking tax teach teacher television
        temperatur templat tesla texa thank themselv theory though thousand thread ticket tip told tour toward toy trad
        treatment tree tropical true try ukrainian understand union upon valley various vehicl villag voic vote walk
        wall washington weather weight welcom western whether whol wide wife wikipedia william wind woman wood writer
        yahoo yellow yes yet zelensky
    """,
    2: """
        ability abstract academic academy accommodation achiev acid actual adam admin administration administrativ
        administrator adopt advantag adventur advic affair affect affiliat african aid aircraft airlin align alon
        alternativ annual anti anyon anyth apartment appearanc appli approach appropriat approv approximately apr
        architectur argument arm arriv asian assembly assessment atlantic atom attempt attend attention attorney auction
        audienc aug austria auto availability avoid background bag balanc baseball basis basketball bass battery bc bear
        beat beautiful beauty bed beginn behind belief belong berlin beyond bibl biggest bin birth boat bob bond bone
        boston bottom bought brain branch brazil breast bridg broadcast broken brought browser budget bundesliga burn
        bus bush button buying cabl calais campaign campus canadian cancer candidat cannot canton capacity captur carbon
        carolina carri carry cash casino castl cat catholic census certificat chain chair challeng champion chanc
        chapter chart chat cheap chicago chief choic chris christma citizen classic classical classifi clean climat clip
        coach coffe cold collect colorado colour columbia column combin comedy comic coming command commercial
        commission commonly competition completely complex component compos composer compound concept concert conduct
        conflict congress connection consist constitution construction consumer contract convert cook cool core corporat
        corporation correct count coupl creek crim critical cultural custom cycl dark dating dead decad deep default
        defeat definition deliver delivery democratic depend depression desktop despit destroy determin diamond diet
        difficult directly disc discount discover discovery discuss disk disney distribution divid dollar domain don
        draft draw dream dry duke dutch duty earlier earn easier easily economy edge educational edward effectiv effort
        egg egypt eight elect electric electrical elizabeth emergency emperor employe employment enabl ended ending
        enemy enjoy ensur enterpris entir environmental equal escap etc eur eventually everyon evidenc evolution
        excellent except exchang executiv exercis expand experiment expert explain extend extension external extra
        factor factory fail fair fantasy fashion faster fat fax feb fee felt festival fiction fill filter finally fine
        finger firm fit fixed flash flat flight flood floor fly font foot ford foreign forest formula fort forward
        fossil foundation fourth fram francisco freedom frequency fri friendly fruit fuck fuel fully furnitur gain gene
        generally generat generation genetic georgia giant giving glass global golden golf gone governor grad graduat
        graphic greater greatest greec grew growth guest guitar gun guy hair handl happy hardwar harry heard heavy
        height henry hero hex highest highly historical hole holy homepag hope household huge hundr hunt husband icon
        iii illinois immediately impact inc inch incom independenc indicat industrial influenc injury input install
        institut institution instruction interfac internal interview introduc introduction investment ion iowa iraq
        irish iron jack jackson java jazz jersey jesus jewish joe johnson jone joseph judg jul jump jun justic kansa
        kelly kept keyword kit knew korea korean lady lawyer layer lee leg lesbian lie liga likely linux liquid listen
        literatur load log logo lord louis lowest ltd lyric mac magic mainly maintain majority manchester manufacturer
        marin marriag martin mary mass matur max maximum mayb meant measurement medicin medium membership mention menu
        meter michigan mid mike mini minimum minor mission mixed mode modifi modul moment monitor moon morn mortgag
        motion motor mount moving multi multipl musical musician muslim nativ nearby nearly necessary negativ netherland
        newsletter newspaper nhl nice nine none normally northwest noth novel nuclear nude nurs obtain occur ohio
        oklahoma older oldest ontario onto optional orang orchestra organisation origin originally otherwis outdoor
        output overall owned pacific pack paid pain pair parameter parliament partement participat particular
        particularly path pattern peac peak pennsylvania perfect perhap permission pet peter philosophy physic physical
        piano pic pick pink plain planet plastic plat platform poem poland politic pool poor pop porn positiv poster
        potential powerful premier prepar pressur pretty prevent prim primary princ principl printer prior priz procedur
        producer professor progress promot propos protection protein prov provider publisher quick quickly racing rail
        railway rain rated raw ray reaction reader ready recently recogniz recommend referr regard regional registration
        regular regulation relation relativ religious remot representativ resident resolution resort respect
        responsibility responsibl retir revolution rgb rich richard rie roll rome root rose rout safe salt santa sat
        saving saw saying scal scen schedul scientific scientist scotland scott scottish script secret secretary sector
        secur seed selection senat senior sens sentenc sep sequenc serious session sett sexual shirt shoe shoot shot
        signal significant silver sing singapor sir sister situation skill skin sleep smaller smith smok snow soft
        soldier solid sony southwest soviet speaker speech spend spent spirit split spoken spot spread stadium starr
        statistic steel stev stopp storag straight strategy strength studi stuff sub submit subscrib substanc success
        successful suit summary super surround survey surviv switch switzerland symbol target task td tech technical
        techniqu tel telephon templ territory theatr therefor thoma throughout thus tom tournament tower trademark
        tradition traditional traffic transfer transport transportation treat trial tried trip truck trust trying turkey
        tv twenty uk uniqu univers unknown unless upper urban useful vacation valid variabl variety via vice victoria
        virginia virus visitor visual volum wait wale wave weapon wear wed wedd wheel whos width wiki wild wine wing
        winn winner winter wireless wish worker worldwid worth wrestl wrong youth zealand zip zone
    """,
    1: """
        abus acceptanc accident accurat acting actress adapter adding ads advertisement afghanistan afternoon aged
        agricultur agricultural ahead aim aisn alabama alan alaska albert alcohol alert alex alexander algorithm alic
        aliv allen allianc alpe alpha alphabet amateur amendment anal anderson andrew angl anim animat animation ann
        anna anne anniversary announcement anonymous anthony antiqu antonio anyway anywher apart apparel appeal
        applicabl appoint approval aquitain arab arabic arena argentina arizona arkansa armed armenian arrangement
        arrest arthur asking aspect ass asset assign assistanc assistant assum asteroid athletic atlanta atlantiqu
        atmospher atomic attach attraction austin austrian automatic automatically automotiv avatar ave avenu awar axis
        babe bacteria baltimor barcelona basket bath beatl bedroom beer behavior behaviour belgian belgium bell belt ben
        beta bigger bike bind biological biology birmingham birthday bishop blank blind blow blowjob bold bomb bondag
        boot bound boundary bowl boxe brazilian bread breakfast breath breed brian brief bright broad brok bronz bruc
        buffalo bug bull bureau buri buyer byte cabinet cach cake calculat calvado cam cambridg canon cap cape captain
        caribbean carrier cartoon cast catch cathedral caught cave celebrat celebrity cemetery cent ceremony certainly
        certifi chairman chamber characteristic charlott charter cheat chees chemistry chess chicken chil chip chocolat
        chosen christ christianity christopher circl circuit clark classification clay clearly cleveland climb clinical
        clinton clock closely closer cloud cm coal coastal coat cock coin colony columbus combination commander commerc
        committ commonwealth communist compact comparison compet complianc composition comprehensiv comput concentration
        concret conductor configuration confirm connecticut conservation conservativ consol constant consult consultant
        contemporary contest context continent continental continuous contractor contrast contribut contribution
        controll convention conversion copper corner corp costa cotton counter coverag craft crash crazy cream creation
        creativ crew criminal crisis criteria critic crop crown cruis crystal cuba cum currency curv cutt cyclon czech
        dakota danger dangerous daniel dave davis dealer dean debat debt debut declar declin dedicat defenc defens
        deletion delta democracy democrat denmark density dependent depth deriv desert designat designer desir desk
        destination detroit developer dialect diameter dick dictionary diego diesel difficulty dimension dining dinner
        dinosaur disability disaster disclaimer dish disorder disput dissolv distribut divisi divorc dna doc
        documentation doll domestic doubt downtown dr dragon drama drawn dress driven drop dropp drum dust dynamic
        dynasty eagl ear earliest earthquak eaten eating efficient egyptian electricity electron elementary employ
        employer empty encourag encyclopedia engag enhanc enlarg entirely entitl equation equivalent eric essay
        essential ethnic evaluation evil exact exactly exception execution exhibition existenc expansion expens expensiv
        experimental explorer expression extensiv extent extrem extremely faculty failur fairly faith fals fame farmer
        favourit federation fell fellow fictional fifth filed finland fitness fix florenc fluid flying folk forever
        formal formation formerly forth fought founder fox framework francis frank franklin frequently fresh functional
        funny gamma gang gary gate gear gender genr genus girond glob gnu gordon grac grass gray greatly grey grown
        guarante guard guess guidelin guilty guinea gulf habitat hamilton hampshir hang hardcor hate hawaii headlin
        headquarter healthy heaven hell hello helpful heritag herself hidden hide highway hip hire historian historic
        hitler hollywood hong honor hop horn horror houston howard http hungary hunter hurt hydrogen idaho ideal
        identifi identify identity ifeq ifexpr ill illegal illness immediat imperial implement implementation import
        importanc impossibl improvement incest inde indiana indonesia infection inform infrastructur inhabitant initial
        initiativ ink inner insect insert inspir installation instanc instant int integrat integration intelligenc
        intend interactiv interior invent investigation investor invit ipod islam islamic isle iv jane jason jean jeff
        jew jim joint jordan jose journey jr junior jupiter kashmir kennedy kentucky kevin keyboard kim kitchen knight
        kong lab laboratory labour lack landscap lane laptop largely laser latter lawrenc lay leadership leaf leather
        legend len lennon lesson lewis li liberal lifetim liked lincoln linear lion liverpool lock lodg logic loir
        longest loop lose losing louisiana loved lung magnetic maintenanc maker malaysia mammal manner manual manufactur
        mari maria mario maryland massachusett massiv mate mathematic mathematical matrix matt matthew mayor meal meat
        mechanical mechanism medal melbourn memorial mental merchant mercury merg metr metro metropolitan mexican miami
        milf milk mill miller min mine mineral mining ministry minnesota mirror miscellaneous mississippi missouri
        mistak mix molecul molecular monster monthly montreal moor motorola mous mouth mph mr multimedia municipal
        murder muscl myself mythology naked narrow navigation navy nazi nd neck neither nevada newest newly nick nicknam
        nintendo nobel nobl node nois nokia nominat nord normandi northeast norway notabl notebook noted numerous oak
        objectiv observ observation occasion occupation occurr odd officially operator oppos opposit opposition optical
        oral orbit ordinary oregon org organ organic organism organiz orlando orlean outer outstand overview oxford oxid
        oxygen painter palac palm pan panel paperback parallel parish particl partly partnership passenger patch patent
        patrick paypal pearl peninsula penis percentag permanent permit persian personnel phas philadelphia philip
        philippin philosopher phoenix photograph photography phras physician picardi pilot pin pipe pittsburgh plasma
        playstation plot pocket poet poetry pole polish politician poll pope popularity porno portabl portion portland
        portugal portugues possibly postal potter pound poverty practical prayer pre preferr pregnancy pregnant premium
        presenc presentation presidential prev previously priest primarily princess principal priority prison prisoner
        prix processor promis promotion proof proper properly proposal protocol provision psychology puerto pull puls
        punk pure purpl push pussy putt px pyr qualifi quantity quebec query radiation ram ran random rape rapid rare
        rat ratio rd react reality realiz rear recip recognition recommendation recovery ref referer referrer reform
        regularly reign relatively relevant reliabl relief removal rent repair repeat replacement republican res rescu
        researcher reservation resistanc respectiv respectively retail retirement revenu rh rice ride riding rington
        robinson robot roger romanc romania romantic roof ross rubber ruled ruler rural ryan sad sam samsung samuel sand
        sang sarah satellit saved schem scholar seal seattl sec secondary seeing selena semi seminar senator sensitiv
        serial settlement sever sexy shadow sharp sheet shell shift shor sick signatur significantly simon simpson sit
        sitemap sitt situat sixth sized skip sky slav slid slightly slot slow slowly smart smooth snak soccer soil solar
        solo solv somewhat sorry soul southeast southwestern spec specialist specifi specifically specification spell
        spider spin spiritual spok stabl stanley statistical statu stem stephen stick strang stream stress strik strip
        strongly submission submitt subscription successfully suck suffer sugar suggestion suitabl sum suppli supplier
        suppos suprem surgery surpris sweden swedish sweet swimm swiss sydney symphony symptom tab tail taiwan tale
        talent tall tank tape tast taught taxe taylor tea teeth temporary tend tennesse tennis terminal thailand therapy
        thick thin thirty threat throw thu tie tiger tim tiny tissu tit tokyo tone tony toronto totally touch tourism
        tourist tr trail trailer transaction transit transition translat translation transmission travell treaty trend
        trib trie tripl troop troubl truth tube tue tune turkish tutorial twelv twic twin typical typically ultimat
        unabl underground universal unlik unusual upgrad upload usag usernam usual utah utility valuabl vancouver
        variation vary ve vega vendor vertical victim victory vienna vietnam villa violenc virgin virtual visibl vision
        vitamin vocal void vol volcano voltag volunteer voted voting wallpaper walter warm warranty wast weak weekend
        weekly wet whatever wholesal widely wildlif wilson wire wisconsin wooden workshop wors worship worst wrestler
        wwe xxx yard yesterday younger yourself zero
    """,
    0.5: """
        aaron abroad absolut acoustic acquir acre afraid albany alberta alien alternat amsterdam andy anymor apparently
        applicant approx arabia arc arrang arrival arrow artificial asid astronomy athen atla automobil autumn bachelor
        baker ban bang barbara barry basically basin beam beef benjamin besid billy binary blad boss bow brass bristol
        broadway brooklyn bulgaria busy butter campbell candy capabl careful carefully cargo carl carter catherin
        celebration charity charli chas checkout chest childhood coalition cole collin colombia combat commissioner
        communicat compilation constantly constitutional construct container controller cooper corn correctly creator
        creatur cricket criticism croatia crowd cure danish dated dawn deck declaration deer delawar dennis deputy
        destruction detect devil diagram diary dimensional dirty distinct divers documentary donald dougla drew drunk
        dublin edinburgh effectively eligibl eliminat elsewher embedd emotional entranc establishment evan eve everybody
        everyday everywher explanation explor expos faced facing fake familiar fault fed fewer fleet forgot fortun
        foster franchis fred frequent fundamental funeral fusion gap gather gaug geographic geography ghost glasgow
        glory gospel graham grain graph grid harm harris harrison harvard haven header helen henc holland honda honey
        horizontal ian incident incorporat indianapolis ingredient initially integer intelligent interpretation jam
        jamaica jay jefferson jerry jet jimmy johnny joke jon jonathan juan juic junction kate katrina keith ken kent
        kenya killer kiss knif laid lanka larry layout lebanon leed legislativ legislatur liberty lift lisa literary
        liver logg logical lotus lover luck luke luxembourg mad madison mall manga manhattan mapl margaret margin
        marshall mask median mice michell midnight migration minority moderat montgomery moral morgan mrs murray mystery
        nancy naturally nearest necessarily neil nelson nepal neutral newton nigeria nobody norfolk norman nose obvious
        occasionally offensiv ottawa oversea ownership panama paradis parker passag passion paying peer pen penalty
        pepper perry personality personally peru phil phillip pie pierr pine pitch platinum pleasur pollution portrait
        possibility pot powder prefer prid probability progressiv proud proxy pupil quantum queensland quiet rainbow
        ralph rap rapidly reed regim representation reproduc reproduction reputation residenc resistant restor
        restoration restrict revers richmond rick rico ridg rio rising rob robin rocky rod ron rough rugby rush russell
        sandy sauc saudi sean segment separation seriously shock shoulder shut sierra sight silent silk similarly soap
        somebody somewher soup spa specializ spectrum sri steam steven stewart stood strok structural struggl subsequent
        suddenly suicid superior survival syndrom syntax tampa ted terrorist terry thai theoretical thermal thompson
        throat thumb tied tin titan tobacco todd ton tongu tough toyota transferr turner understood unfortunately
        uniform vacuum vast vector venezuela versus victor viewer vincent vintag violent wake ward warner warren wayn
        wealth whenever wherea whilst wisdom wise wolf wright yorkshir zoo
    """,
}
# Grades fall, so of words that stand for each other the most frequent one is kept.
RATES: dict[str, float] = {}
for _rate, _stems in _GRADES.items():
    for _stem in _stems.split():
        RATES.setdefault(STANDS_FOR.get(_stem, _stem), _rate)
