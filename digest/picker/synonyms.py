"""Words of English headlines that say one thing: a country and its people, an event told in different verbs.

Headlines on one event seldom choose the same word, and these are the pairs news is full of. Stems of languages.stem(), the
first of each group stands for all. Written down for this project; what a group costs where a word means two things
is small, since all of them are everyday words. What it brings: docs/why/stories.md.
"""

from __future__ import annotations

_PEOPLES = """
    afghanistan afghan; africa african; albania albanian; algeria algerian; america american; argentina argentin
    argentinian; armenia armenian; asia asian; australia australian; austria austrian; azerbaijan azerbaijani
    azeri; bahrain bahraini; bangladesh bangladeshi; belarus belarusian; belgium belgian; bolivia bolivian; bosnia
    bosnian; brazil brazilian; britain british briton uk; bulgaria bulgarian; burma burmes myanmar; california
    californian; cambodia cambodian; cameroon cameroonian; canada canadian; chil chilean; china chines; colombia
    colombian; congo congoles; crimea crimean; croatia croatian; cuba cuban; cyprus cypriot; czech czechia;
    denmark danish; ecuador ecuadorian; egypt egyptian; estonia estonian; ethiopia ethiopian; europ european;
    finland finnish; franc french; georgia georgian; germany german; ghana ghanaian; greec greek; guatemala
    guatemalan; haiti haitian; hawaii hawaiian; hondura honduran; hungary hungarian; iceland icelandic; india
    indian; indonesia indonesian; iran iranian; iraq iraqi; ireland irish; israel israeli; italy italian; jamaica
    jamaican; japan japanes; jordan jordanian; kazakhstan kazakh; kenya kenyan; kosovo kosovar; kurdistan kurdish
    kurd; kuwait kuwaiti; latvia latvian; lebanon lebanes; liberia liberian; libya libyan; lithuania lithuanian;
    malaysia malaysian; mali malian; malta maltes; mexico mexican; moldova moldovan; mongolia mongolian mongol;
    morocco moroccan; moscow muscovit; nepal nepales nepali; netherland dutch; nigeria nigerian; norway norwegian;
    oman omani; pakistan pakistani; palestin palestinian; panama panamanian; paris parisian; peru peruvian;
    philippin filipino; poland polish; portugal portugues; qatar qatari; romania romanian; russia russian; rwanda
    rwandan; saudi arabia; scotland scottish; senegal senegales; serbia serbian serb; sicily sicilian; singapor
    singaporean; slovakia slovak; slovenia slovenian; somalia somali; spain spanish spaniard; sudan sudanes;
    sweden swedish swed; switzerland swiss; syria syrian; taiwan taiwanes; tanzania tanzanian; texa texan;
    thailand thai; tibet tibetan; tunisia tunisian; turkey turkish; uganda ugandan; ukrain ukrainian; uruguay
    uruguayan; venezuela venezuelan; vietnam vietnames; wale welsh; yemen yemeni; zambia zambian; zimbabw
    zimbabwean
"""
_EVENTS = """
    accus alleg allegation; acquir acquisition takeover buyout buy bought buying purchas; actor actress; airplan
    aircraft jet jetliner airliner flight; army military troop soldier; arrest detain custody; automaker carmaker;
    baby newborn; ban bann prohibit outlaw; bankrupt bankruptcy insolvency insolvent; blast explosion explod bomb;
    boss ceo; cancer tumor; car vehicl auto automobil; celebrity celeb; charg indict indictment; climat weather;
    convict conviction guilty; crash collision collid; cut cutt slash reduc; deal agreement pact accord; defect
    fault faulty flaw; died dying dead death; doctor physician; drug medicin medication; earn profit; fall fell
    drop dropp declin slip slipp slid slump plung tumbl; fear concern worry; festival fest; film movi movy; fire
    blaz wildfir; fired sack oust dismiss; forecast outlook guidanc; game gaming videogam; gun shoot firearm;
    hacker hack breach; hire hiring hired recruit; hurrican typhoon cyclon storm; husband wife spous newlyw; injur
    injury wound; jail prison imprison sentenc; job employment; kid child children; kill killer slain slay; launch
    unveil introduc; layoff redundancy; leak leaker; marry marri marriag wed wedd brid groom nuptial; merg merger;
    miss vanish disappear disappearanc; murder murderer homicid; parliament lawmaker mps congress; phon smartphon
    handset; polic cop; pregnant pregnancy; premier debut; prob investigation investigat inquiry; protest
    protester demonstrator demonstration; quak earthquak tremor; quit resign resignation; rebel insurgent militant
    militia; rise rising climb gain surg jump soar; search hunt seek; sery show sitcom; ship vessel tanker; singer
    star musician; snow snowstorm blizzard; spy spying surveillanc snoop; stock shar equity; strik walkout; study
    research researcher scientist; sue sued suing lawsuit litigation; support back endors; talk negotiation; teen
    teenager adolescent; trailer teaser; tv television; unemployment jobless; updat upgrad; vatican pope papal
    pontiff; vote voting ballot election poll; warn caution; woman women femal
"""


def _groups() -> list[list[str]]:
    return [group.split() for text in (_PEOPLES, _EVENTS) for group in text.split(";")]


STANDS_FOR: dict[str, str] = {stem: group[0] for group in _groups() for stem in group[1:]}
