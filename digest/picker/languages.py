"""What telling stories apart must know of languages: words without meaning, endings, and which language a text is in."""

# ruff: noqa: RUF001 (Cyrillic endings look like Latin letters; they are meant)

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from babel import Locale, UnknownLocaleError

from digest.picker.synonyms import STANDS_FOR

# Words that stand in any text; folded as words.py folds (no case, no accents). Written down for this project.
STOP_WORDS = {
    "en": "a about above after again against all also am an and any are as at be because been before being below between"
    " both but by can could did do does doing down during each few for from further get gets had has have having he her"
    " here hers him his how i if in into is it its just like may me might more most must my new no nor not now of off on"
    " once one only or other our out over own per said same say says see she should so some still such than that the"
    " their them then there these they this those through to too two under until up us very was we were what when where"
    " which while who whom why will with would you your first last day days time today week weeks year years im ive"
    " dont doesnt didnt isnt arent cant wont hes shes theyre youre thats whats",
    "de": "aber alle als also am an auch auf aus bei beim bis da damit das dass dem den der des die dies diese diesem"
    " diesen dieser doch dort du durch ein eine einem einen einer eines er erst es fur gegen gibt hat hatte haben heute"
    " hier ich ihr ihre ihren im immer in ist ja jetzt kann kein keine konnen man mehr mit muss nach neu neue neuen neuer"
    " nicht noch nun nur ob oder ohne schon sehr sein seine seinen sich sie sind so soll sollen sowie uber um und uns"
    " unter vom von vor war waren warum was weil wenn wer werden wie wieder will wir wird wo worden wurde wurden zu zum"
    " zur zwei zwischen jahr jahre jahren tag",
    "fr": "a ai ainsi apres au aussi autre aux avant avec avoir ce cela ces cet cette chez comme comment contre dans de des"
    " deux depuis du elle elles en encore entre est et etait ete etre eu fait faire il ils jusqu la le les leur leurs lors"
    " lui ma mais meme moins mon ne ni nos notre nous on ont ou par pas peu peut plus pour pourquoi quand que quel quelle"
    " qui quoi sa sans se selon sera ses si son sont sous sur ta te tes tous tout toute toutes tres un une va veut vers"
    " vos votre vous y an ans jour jours",
    "es": "a al algo ano anos ante asi aun con como contra cual cuando de del desde dia dias donde dos durante e el ella en"
    " entre era es esa ese eso esta este esto estos fue ha han hasta hay hoy la las le les lo los mas me mi mucho muy ni no"
    " nos o otra otro para pero por porque que quien se segun ser si sin sobre son su sus tambien tan te tiene todo todos"
    " tras tu un una uno unos y ya",
    "it": "a ad ai al alla alle anche anni anno che chi ci come con contro cosa da dal dalla dalle degli dei del della delle"
    " di dopo dove due e ed era fa gia gli ha hanno i il in io la le lo loro ma nel nella nelle nei noi non o ogni oggi"
    " per perche piu poi prima quando quello questa questo se sei senza si sia sono su sua sui sul sulla suo tra tutti"
    " tutto un una uno",
    "pt": "a ao aos apos as ate com como contra da das de depois desde do dois dos e ela ele em entre era essa esse esta"
    " este eu foi ha isso ja la mais mas me mesmo muito na nas nao no nos o os ou para pela pelo por porque quando que"
    " quem sao se sem ser seu seus so sobre sua suas tambem tem um uma umas uns vai ano anos dia dias",
    "nl": "aan al alle als bij dan dat de der deze die dit door dus een en er geen haar hebben heeft het hij hoe hun ik in"
    " is je kan maar meer met mijn na naar niet nieuwe nog nu of om onder ons ook op over tegen te toch toen tot twee uit"
    " van veel voor waar was wat we weer wel werd wie wij wil worden wordt zal ze zich zij zijn zo jaar dag",
    "sv": "alla att av blir de den det dig din efter eller en ett fick for fran ha han har hon hur i in inte jag kan man med"
    " men mer mot nar nu och om pa sa sig sin ska som ta till under upp ut var vi vid vill ar ars ny nya",
    "da": "af at blev bliver da de den der det du efter eller en er et for fra ham han har havde hun hvad i ikke ind jeg kan"
    " man med men mere mod nu nye og om op over pa sa sig skal som til ud under var ved vil vi ar",
    "no": "av at ble blir da de den der det du ei eller en er et etter for fra han har hun hva i ikke inn jeg kan man med"
    " men mer mot na nye og om opp over pa sa seg skal som til ut under var ved vil vi ar",
    "pl": "a ale bez bo byc byl byla co czy dla do gdy go i ich ile jak jako jego jej jest juz kto ktora ktore ktory ma na"
    " nad nie niz o od on ona oraz po pod przed przez przy sa sie tak tego tej ten to tylko tym u w we z za ze",
    "ru": "а без более бы был была были было быть в во вот все для до его ее если еще же за и из или их к как когда который"
    " которые ли на над не него нее но о об он она они от перед по под после при про с со так также то только у уже что"
    " чтобы это этого этом",
}
STOP = frozenset(word for words in STOP_WORDS.values() for word in words.split())

# The endings that headlines of a language vary most, longest first, and how much of a word must stay.
_GERMANIC = re.compile(r"(?<=\w{4})(?:ern|em|en|er|es|e|n|s)$")
_ROMANCE = re.compile(r"(?<=\w{4})(?:es|os|as|is|a|o|e|i|s)$")
_ENDINGS = {
    **dict.fromkeys(("de", "nl", "sv", "da", "no", "nb", "nn"), _GERMANIC),
    **dict.fromkeys(("es", "pt", "it", "ca", "gl", "ro"), _ROMANCE),
    "fr": re.compile(r"(?<=\w{4})(?:ees|ee|es|e|s|x)$"),
    **dict.fromkeys(
        ("ru", "uk", "bg", "sr"),
        re.compile(
            "(?<=\\w{4})(?:ами|ями|ого|его|ому|ему|ыми|ими|ах|ях|ов|ев|ей|ой|ый|ий|ая|яя|ое|ее|ые|ие|ых|их|ом|ем|ам|ям"
            "|ую|юю|а|я|о|е|и|ы|у|ю|ь)$"
        ),
    ),
}
SHORTEST = 3  # letters of a day's or month's name: "di" and "so" are words
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|dell|nell|sull|all|dall)'(?=\w{2})")
_FAMILY = {"nb": "no", "nn": "no"}


@lru_cache(maxsize=65536)
def stem(word: str, language: str = "en") -> str:
    """A folded word without possessive, elided article and the endings its language varies most.

    In English the stem that stands for it and its like: `libya` of `Libyan`.
    """
    word = _ELIDED.sub("", word).removesuffix("'s").replace("'", "")
    endings = _ENDINGS.get(language)
    if endings:
        return endings.sub("", word)
    word = _stem_english(word)
    return STANDS_FOR.get(word, word)


def _stem_english(word: str) -> str:
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word[: -len(ending)]
            break
    if len(word) > 5 and word.endswith("our"):
        return word[:-3] + "or"
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


@lru_cache(maxsize=64)
def calendar(language: str) -> frozenset[str]:
    """The days and months of a language, written out or cut short, folded; English where the language is not known."""
    try:
        locale = Locale.parse(language or "en")
    except (UnknownLocaleError, ValueError):
        return calendar("en")
    names = {
        unicodedata.normalize("NFKD", name.casefold())
        for of in (locale.days, locale.months)
        for use in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for name in of[use][width].values()
    }
    words = {re.sub(r"[\u0300-\u036f.]", "", name) for name in names}
    return frozenset(word for word in words if len(word) >= SHORTEST)


def primary(tag: str) -> str:
    """`en` of `en-GB`; "" of ""."""
    first = tag.replace("_", "-").partition("-")[0].casefold()
    return _FAMILY.get(first, first)


def guess(words: Iterable[str]) -> str:
    """The language whose stop words stand most often among folded `words`; "" where fewer than two do, or two tie."""
    counts = dict.fromkeys(STOP_WORDS, 0)
    for word in words:
        for language in _SPEAKERS.get(word, ()):
            counts[language] += 1
    ranked = sorted(counts.items(), key=lambda item: -item[1])
    (best, most), (_, second) = ranked[0], ranked[1]
    return best if most >= 2 and most > second else ""


_SPEAKERS: dict[str, tuple[str, ...]] = {}
for _language, _words in STOP_WORDS.items():
    for _word in _words.split():
        _SPEAKERS[_word] = (*_SPEAKERS.get(_word, ()), _language)
