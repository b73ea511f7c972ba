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

    `signed` are its words as words_of() gives them, `words` the same in lower case and without signs. `masked` are the
    words with numbers blotted out, () where there are none. `parts` are what colons and dashes divide it into, () where
    they do not.
    """

    signed: tuple[str, ...]
    words: tuple[str, ...]
    language: str
    masked: tuple[str, ...] = ()
    parts: tuple[Heading, ...] = ()


def heading(article: Article) -> Heading:
    """The form of an article's headline, an outlet's name behind it and a label before it left out."""
    headline = bare(article.headline, article.outlet)
    language = language_of(article)
    parts = _PART.split(headline)
    return _form(headline, language, tuple(_form(part, language) for part in parts) if len(parts) > 1 else ())


def _form(text: str, language: str, parts: tuple[Heading, ...] = ()) -> Heading:
    signed = tuple(words_of(text))
    words = tuple(word.casefold() for word in signed if word[0].isalnum())
    masked = tuple(_NUMBER.sub("#", word) for word in words) if _NUMBER.search(text) else ()
    return Heading(signed=signed, words=words, language=language, masked=masked, parts=parts)


def terms(head: Heading) -> frozenset[str]:
    """The different terms of a headline or a part of one."""
    return frozenset(term.text for term in terms_of(head.signed, head.language))


def kinds(head: Heading) -> str:
    """A letter for each of `words`.

    N is a name, a day or a month, # a number, C another word written large, s a stop word, w any other.
    """
    # A capital in mid-sentence says that a word is a name, but for German and where Every Word has one.
    telling = head.language != "de" and not is_title_case(head.signed)
    said = (word for word in head.signed if word[0].isalnum())
    return "".join(_kind(word, head.language, mid=telling and place > 0) for place, word in enumerate(said))


@lru_cache(maxsize=65536)
def _kind(word: str, language: str, *, mid: bool) -> str:
    if any(map(str.isdigit, word)):
        return "#"
    term = term_of(word, language, mid=mid)
    if term is None:
        return "s"
    if term.date or term.name or (word[0].isupper() and term.text not in RATES):
        return "N"
    return "C" if word[0].isupper() else "w"
