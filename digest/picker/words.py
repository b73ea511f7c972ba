"""What an article is about, as weighted terms: stems, numbers, and character pairs where words have no spaces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping

from digest.model import Article

# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_RUN = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])\w)+(?:['\u2019](?:(?![{_UNSPACED}])\w)+)*")
_STARTS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_KANA = re.compile("[\u3040-\u309f]+")
_ACRONYM = re.compile(r"\b(?:\w\.){2,}")
_THOUSANDS = re.compile(r"(?<=\d)[,.\u00a0\u202f](?=\d{3}\b)")
_ACCENTS = re.compile("[\u0300-\u036f]+")
_PREFIX = re.compile(
    r"^(?:(?:update|wrapup|corrected|refile)\s*\d*\s*-\s*|(?:live|watch|video|photos?|pictures|breaking|exclusive|"
    r"analysis|opinion|explainer|podcast|recap|review)\s*[:|\u2013\u2014-]\s+)",
    re.IGNORECASE,
)
_GRAM = 2
TEASER = 0.5
TEASER_WORDS = 40

_STOP = (
    "a about above after again against all also am an and any are as at be because been before being below between"
    " both but by can could did do does doing down during each few for from further get gets had has have having he"
    " her here hers him his how i if in into is it its just like may me might more most must my new no nor not now of"
    " off on once only or other our out over own per says said say same see she should so some still such than that"
    " the their them then there these they this those through to too two under until up us very was we were what when"
    " where which while who whom why will with would you your one first last year years day days time week today"
    " der die das den dem des ein eine einen einem einer und oder aber ist sind war wird werden im in am an auf aus"
    " bei mit nach von vom zu zum zur fur uber unter sich nicht auch als wie noch nur mehr gegen bis hat haben"
    " le la les un une des du de et ou au aux en dans pour par sur avec sans ce cette ces est sont plus pas que qui se"
    " el los las una unos unas y o del al con sin por para su sus es son mas no lo como"
    " il lo gli i uno di da dal della delle dei nel nella che e per con su non piu si"
    " os um uma uns umas do dos das na no nas nos ao aos e em com sem mais nao het een van voor met op te bij"
)
STOP = frozenset(_STOP.split())


def terms(article: Article) -> Mapping[str, float]:
    """The terms of headline and teaser with how often they are meant: 1 for a headline's, TEASER for a teaser's."""
    found: dict[str, float] = {}
    for term in _terms(_PREFIX.sub("", article.headline)):
        found[term] = 1.0
    for place, term in enumerate(_terms(article.teaser)):
        if place >= TEASER_WORDS:
            break
        found.setdefault(term, TEASER)
    return found


def headline_terms(headline: str) -> frozenset[str]:
    """The different terms of a headline alone."""
    return frozenset(_terms(_PREFIX.sub("", headline)))


def _terms(text: str) -> Iterator[str]:
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    plain = unicodedata.normalize("NFC", plain)
    plain = _ACRONYM.sub(lambda match: match[0].replace(".", ""), plain)
    plain = _THOUSANDS.sub("", plain)
    for match in _RUN.finditer(plain):
        if _STARTS_UNSPACED.match(match[0]):
            yield from _grams(match[0])
        else:
            word = stem(match[0].casefold())
            if len(word) > 1 and word not in STOP:
                yield word


def _grams(run: str) -> Iterator[str]:
    for part in _KANA.split(run):
        if len(part) == 1:
            yield part
        for start in range(len(part) - _GRAM + 1):
            yield part[start : start + _GRAM]


def stem(word: str) -> str:
    """A word without its possessive and the endings that headlines vary most."""
    word = word.replace("\u2019", "'")
    word = word.removesuffix("'s").replace("'", "")
    if len(word) > 5 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word[: -len(ending)]
            break
    if len(word) > 4 and word.endswith("e"):
        word = word[:-1]
    return word
