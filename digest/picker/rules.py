"""Terms of `include` and `exclude`: plain words, `kicker:X`, `tag:X` (SOURCES.md 9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from digest.model import Article, Reason

Verdict = tuple[Reason, str]

# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words: a term in them is looked for anywhere.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
ACCENTS = re.compile("[\u0300-\u036f]+")
LATER = ("author:", "language:")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """An article's words without case and accents. `text` is ` word word / word `: headline / kicker / teaser."""

    text: str
    kicker: str
    tags: frozenset[str]

    @classmethod
    def of(cls, article: Article) -> Folded:
        """The words that terms are compared with."""
        fields = (article.headline, article.kicker, article.teaser)
        return cls(
            text=f" {' / '.join(fold(field) for field in fields)} ",
            kicker=fold(article.kicker),
            tags=frozenset(map(fold, article.tags)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One string of an include or exclude list: `written` as in the file, `value` folded."""

    written: str
    field: str
    value: str

    def matches(self, words: Folded) -> bool:
        """Whether an article with these words is meant: whole words in a row, or the whole kicker or tag."""
        if self.field == "kicker":
            return self.value == words.kicker
        if self.field == "tag":
            return self.value in words.tags
        return (self.value if UNSPACED.search(self.value) else f" {self.value} ") in words.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """The two lists of one table; `where` says which: `config.toml:71`, or its name where no line is known."""

    where: str
    include: tuple[Term, ...] = ()
    exclude: tuple[Term, ...] = ()

    @classmethod
    def of(cls, name: str, line: int, include: Iterable[str], exclude: Iterable[str]) -> Filter:
        """Raises ValueError for a term that is none."""
        where = f"config.toml:{line}" if line else name
        return cls(where=where, include=parse_terms(include), exclude=parse_terms(exclude))

    def __bool__(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.include or self.exclude)

    def refusal(self, words: Folded) -> Verdict | None:
        """Why an article with these words may not pass, or None."""
        for term in self.exclude:
            if term.matches(words):
                return Reason.EXCLUDED, f"{self.where}: exclude {term.written}"
        if self.include and not any(term.matches(words) for term in self.include):
            return Reason.NOT_INCLUDED, f"{self.where}: include {', '.join(term.written for term in self.include)}"
        return None


def fold(text: str) -> str:
    """The words of `text`, one blank between them, without case, accents and punctuation."""
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return " ".join("".join(char if _in_word(char) else " " for char in plain).split())


def _in_word(char: str) -> bool:
    # Vowel signs of Indic scripts are marks, and they stand inside words.
    return char.isalnum() or unicodedata.category(char).startswith("M")


def parse_terms(terms: Iterable[str]) -> tuple[Term, ...]:
    """Terms as written in config.toml. Raises ValueError, with what to write instead, for one that is none."""
    return tuple(map(_parse, terms))


def _parse(written: str) -> Term:
    text = written.strip()
    if len(text) > 1 and text.startswith("/") and text.endswith("/"):
        raise ValueError(f"{written!r}: regular expressions come later; write the words, kicker:X or tag:X")
    if text == "paywall" or text.casefold().startswith(LATER):
        raise ValueError(f"{written!r} comes later; write words, kicker:X or tag:X")
    prefix, colon, rest = text.partition(":")
    # "Corruption: the spy sheikh" is words: only these two prefixes mean a field.
    field = prefix.strip().casefold() if colon else ""
    field, value = (field, fold(rest)) if field in {"kicker", "tag"} else ("", fold(text))
    if not value:
        raise ValueError(f"{written!r} has no word in it; write words, kicker:X or tag:X")
    return Term(written=written, field=field, value=value)
