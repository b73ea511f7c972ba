"""The form of a headline: its words in their order, and which of them a form would leave open."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from digest.model import Article
from digest.picker.common import RATES
from digest.picker.words import bare, is_title_case, language_of, term_of, terms_of, words_of

_PART = re.compile(r"\s*[:|\u2013\u2014]\s+|\s+-\s+|[\uff1a\uff5c]")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A headline as a form.

    `words` in lower case, without signs. `kinds` has a letter for each: N a name, a day or a month, # a number, C another
    word written large, s a stop word, w any other. `masked` are the words with numbers blotted out, () where there are
    none. `parts` are what colons and dashes divide it into, () where they do not. `terms` are a part's terms.
    """

    words: tuple[str, ...]
    kinds: str
    masked: tuple[str, ...] = ()
    parts: tuple[Heading, ...] = ()
    terms: frozenset[str] = frozenset()


def heading(article: Article) -> Heading:
    """The form of an article's headline, an outlet's name behind it and a label before it left out."""
    headline = bare(article.headline, article.outlet)
    language = language_of(article)
    words = words_of(headline)
    telling = language != "de" and not is_title_case(words)
    whole = _read(words, language, telling=telling)
    texts = _PART.split(headline)
    if len(texts) < 2:
        return whole
    parts = []
    for text in texts:
        inner = words_of(text)
        part = _read(inner, language, telling=telling)
        terms = frozenset(term.text for term in terms_of(inner, language))
        parts.append(Heading(words=part.words, kinds=part.kinds, terms=terms))
    return Heading(words=whole.words, kinds=whole.kinds, masked=whole.masked, parts=tuple(parts))


def _read(words: list[str], language: str, *, telling: bool) -> Heading:
    """`telling`: a capital in mid-sentence says that a word is a name."""
    said = [word for word in words if word[0].isalnum()]
    kinds = "".join(_kind(word, language, mid=telling and place > 0) for place, word in enumerate(said))
    lower = tuple(word.casefold() for word in said)
    masked = tuple(_NUMBER.sub("#", word) for word in lower) if "#" in kinds else ()
    return Heading(words=lower, kinds=kinds, masked=masked)


@lru_cache(maxsize=65536)
def _kind(word: str, language: str, *, mid: bool) -> str:
    lower = word.casefold()
    if any(map(str.isdigit, lower)):
        return "#"
    term = term_of(word, language, mid=mid)
    if term is None:
        return "s"
    if term.date or term.name or (word[0].isupper() and term.text not in RATES):
        return "N"
    return "C" if word[0].isupper() else "w"
