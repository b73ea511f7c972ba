"""What an article is about, as weighted terms: stems, names, numbers, and pieces of words where none are spaced."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from digest.model import Article
from digest.picker.common import RATES
from digest.picker.languages import STOP, calendar, guess, primary, stem

# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"(?:(?![{_UNSPACED}])[\w\u0300-\u036f\u0900-\u0dff])"
_WORD = re.compile(rf"[{_UNSPACED}]+|{_LETTER}+(?:'{_LETTER}+)*|[.!?:|\u2013\u2014\u00ab\u00bb\"\u201c\u201d]")
_PIECE = re.compile(
    "[\u30a0-\u30ff\u31f0-\u31ff]+|[\u3400-\u9fff\uf900-\ufaff]+|[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]+"
)
_KATAKANA = re.compile("[\u30a0-\u30ff\u31f0-\u31ff]")
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff]")
_KANA = re.compile("[\u3040-\u30ff]")
_THAI = re.compile("[\u0e00-\u0e7f]")
_MARKS = re.compile("[\u0300-\u036f]+")
_ACRONYM = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_THOUSANDS = re.compile(r"(?<=\d)[,.\u00a0\u202f'](?=\d{3}\b)")
_YEAR = re.compile(r"(?:19|20)\d\d")
_LABEL = re.compile(
    r"^(?:(?:update|wrapup|corrected|refile)\s*\d*\s*-\s*"
    r"|(?:live|watch|video|photos?|pictures|in pictures|breaking|exclusive|analysis|opinion|explainer|podcast|recap|review"
    r"|eilmeldung|liveticker|kommentar|interview|en direct|direct|vid[eé]o|en vivo|directo|v[ií]deo|diretta|ao vivo)"
    r"\s*[:|\u2013\u2014-]\s+)",
    re.IGNORECASE,
)
# A word with a capital inside: DigitalGlobe, #BanBossy; not McDonald or iPhone, whose first part is no word.
_CAMEL = re.compile(r"\b[^\W\d_][a-z]{2,}(?:[A-Z][a-z]{2,})+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TAIL = re.compile(r"\s+[-|\u2013\u2014]\s+([^-|\u2013\u2014]{2,40})$")

# How much a term is meant, beside 1 for a headline's word. Measured on the labelled days of docs/why/stories.md.
TEASER = 0.6
NUMBER = 0.6
TEASER_TERMS = 40
# A headline with more than this share of capitals writes Every Word Large, which says nothing about names.
TITLE_CASE = 0.65


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """An article's terms with how much each is meant (0 to 1).

    `names` are terms that somebody or something is called by, `sure` those of a headline in running text: in one Written
    Large any word may be a name; `dates` are days, months and numbers. `language` is a primary tag, "" where unknown.
    """

    terms: dict[str, float]
    names: frozenset[str]
    sure: frozenset[str]
    dates: frozenset[str]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term of a text: `name` where it is capitalised and no everyday word, `sure` where mid-sentence.

    `date` where it is a day, a month or a number.
    """

    text: str
    name: bool = False
    sure: bool = False
    date: bool = False
    weight: float = 1.0


_SIGN = Term(text="")  # what ends a sentence or a part of one


def wording(article: Article) -> Wording:
    """The terms of headline and teaser; an outlet's name at the end and a label in front of the headline are not read."""
    return wording_of(words_of(bare(article.headline, article.outlet)), article.teaser, language_of(article))


def wording_of(headline: Sequence[str], teaser: str, language: str) -> Wording:
    """The terms of a headline's words, as words_of() gives them, and of a teaser."""
    found: dict[str, float] = {}
    names: set[str] = set()
    sure: set[str] = set()
    dates: set[str] = set()
    title_case = is_title_case(headline)
    for place, term in enumerate(terms_of(headline, language)):
        found[term.text] = term.weight
        if term.name:
            names.add(term.text)
        if term.sure or (term.name and place == 0 and not title_case):
            sure.add(term.text)
        if term.date:
            dates.add(term.text)
    for term in islice(terms_of(words_of(teaser), language), TEASER_TERMS):
        if term.text not in found:
            found[term.text] = TEASER * term.weight
        if term.name:
            names.add(term.text)
        if term.date:
            dates.add(term.text)
    return Wording(terms=found, names=frozenset(names), sure=frozenset(sure), dates=frozenset(dates), language=language)


def headline_terms(headline: str) -> frozenset[str]:
    """The different terms of a headline alone."""
    return frozenset(term.text for term in terms_of(words_of(bare(headline, "")), _guessed(headline)))


def language_of(article: Article) -> str:
    """The primary tag of what an article says of itself, else of what it looks like, else ""."""
    return primary(article.language) or _guessed(f"{article.headline} {article.teaser}")


def words_of(text: str) -> list[str]:
    """The words in their order, accents off, runs of unspaced script and signs that end a sentence or part among them."""
    return _WORD.findall(_folded(text))


def bare(headline: str, outlet: str) -> str:
    """Without a label in front and without the outlet's name at the end."""
    tail = _TAIL.search(headline)
    if tail and outlet and _same_name(tail[1], outlet):
        headline = headline[: tail.start()]
    return _LABEL.sub("", headline)


def _same_name(one: str, other: str) -> bool:
    one, other = ("".join(filter(str.isalnum, name.casefold())) for name in (one, other))
    return bool(one and other) and (one in other or other in one)


def _folded(text: str) -> str:
    """Accents off, `U.S.` and `25,000` in one piece, `BanBossy` whole and in two; letters keep their case."""
    text = text.replace("\u2019", "'").replace("\u02bc", "'")
    if not text.isascii():
        text = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
    text = _CAMEL.sub(lambda match: f"{match[0]} {_HUMP.sub(' ', match[0])}", text)
    if "." in text:
        text = _ACRONYM.sub(lambda match: match[0].replace(".", ""), text)
    return _THOUSANDS.sub("", text)


def _guessed(text: str) -> str:
    """A language by its script, else by its stop words; "" where neither tells."""
    if _KANA.search(text):
        return "ja"
    if _THAI.search(text):
        return "th"
    if _HAN.search(text):
        return "zh"
    return guess(match[0].casefold() for match in _WORD.finditer(_folded(text)))


def terms_of(words: Sequence[str], language: str) -> Iterator[Term]:
    """The terms of a text's words, in their order."""
    # German writes every noun large: there a capital says nothing either.
    telling = language != "de" and not is_title_case(words)
    begins = True
    for word in words:
        if not word.isascii() and (_PIECE.match(word) or "\u3040" <= word[0] <= "\u30ff"):
            yield from _pieces(word)
            begins = False
            continue
        term = term_of(word, language, mid=telling and not begins)
        begins = term is _SIGN
        if term and not begins:
            yield term


def is_title_case(words: Sequence[str]) -> bool:
    """Whether Every Word Is Written Large."""
    longer = [word for word in words[1:] if len(word) > 3 and word[0].isalpha()]
    return sum(word[0].isupper() for word in longer) > TITLE_CASE * len(longer)


@lru_cache(maxsize=65536)
def term_of(word: str, language: str, *, mid: bool) -> Term | None:
    """None for a word without meaning, _SIGN for a sign. `mid`: in running text, where a capital means a name."""
    if not word[0].isalnum():
        return _SIGN
    lower = word.casefold()
    if lower in STOP:
        return None
    if lower[0].isdigit():
        number = lower.isdigit()
        return None if _YEAR.fullmatch(lower) else Term(text=lower, weight=NUMBER if number else 1.0, date=number)
    text = stem(lower, language)
    if lower in calendar(language):
        return Term(text=text, date=True)
    if len(text) < 2 or text in STOP:
        return None
    capital = word[0].isupper()
    sure = capital and mid
    return Term(text=text, sure=sure, name=sure or (capital and language != "de" and text not in RATES))


def _pieces(run: str) -> Iterator[Term]:
    """Unspaced text: words in katakana whole (they are names and loan words), Han in twos, Thai and kin in fours."""
    for match in _PIECE.finditer(run):
        part = match[0]
        if _KATAKANA.match(part):
            yield Term(text=part, name=len(part) > 2)
            continue
        size = 2 if _HAN.match(part) else 4
        if len(part) <= size:
            yield Term(text=part)
            continue
        for start in range(len(part) - size + 1):
            yield Term(text=part[start : start + size], weight=size**-0.5)  # neighbours repeat each other
