"""Terms of `include`, `exclude` and `boost`: plain words, `/regex/`, a field's value, `paywall` (SOURCES.md 9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import regex

from digest.model import Article, Reason

Verdict = tuple[Reason, str]

# Thai, Lao, Burmese, Khmer, kana and Han put no spaces between words: a term in them is looked for anywhere.
UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
ACCENTS = re.compile("[\u0300-\u036f]+")
FIELDS = ("kicker", "tag", "author", "language")
WRITE = "write words, /regex/, kicker:X, tag:X, author:X, language:xx or paywall"
_PLACE = {reason: place for place, reason in enumerate(Reason)}
# A backtracking pattern is tried on a bounded text for a bounded time: digest check refuses those that are slow.
_LONGEST = 4000  # characters
_PATIENCE = 0.05  # s


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """An article's words without case and accents. `text` is ` word word / word `: headline / kicker / teaser.

    `authors` likewise, one ` / ` between two; `raw` is the text as readers see it, a line per field.
    """

    text: str
    kicker: str
    tags: frozenset[str]
    authors: str = ""
    language: str = ""
    paywall: bool = False
    raw: str = ""

    @classmethod
    def of(cls, article: Article, *, language: str = "") -> Folded:
        """The words that terms are compared with; `language` is that of an article that does not say."""
        fields = (article.headline, article.kicker, article.teaser)
        return cls(
            text=f" {' / '.join(fold(field) for field in fields)} ",
            kicker=fold(article.kicker),
            tags=frozenset(map(fold, article.tags)),
            authors=f" {' / '.join(map(fold, re.split('[,;|]', article.byline)))} ",
            language=(article.language or language).casefold(),
            paywall=article.paywall,
            raw="\n".join(fields)[:_LONGEST],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One string of an include or exclude list: `written` as in the file, `value` folded, `pattern` of a /regex/."""

    written: str
    field: str
    value: str
    pattern: regex.Pattern[str] | None = None

    def matches(self, words: Folded) -> bool:
        """Whether an article with these words is meant: whole words in a row, a whole kicker or tag, a pattern."""
        if self.pattern is not None:
            return _found(self.pattern, words.raw)
        return _MEANT[self.field](self.value, words)

    @property
    def refuses_as(self) -> Reason:
        """The reason an article has that this term excludes."""
        return {"language": Reason.LANGUAGE, "paywall": Reason.PAYWALL}.get(self.field, Reason.EXCLUDED)


def _said(value: str, words: Folded) -> bool:
    return (value if UNSPACED.search(value) else f" {value} ") in words.text


_MEANT: dict[str, Callable[[str, Folded], bool]] = {
    "": _said,
    "kicker": lambda value, words: value == words.kicker,
    "tag": lambda value, words: value in words.tags,
    "author": lambda value, words: f" {value} " in words.authors,
    "language": lambda value, words: f"{words.language}-".startswith(f"{value}-"),
    "paywall": lambda _, words: words.paywall,
}


def _found(pattern: regex.Pattern[str], text: str) -> bool:
    try:
        return pattern.search(text, timeout=_PATIENCE) is not None
    except TimeoutError:
        return False


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
        """Why an article with these words may not pass, or None: of several reasons the first of the closed list."""
        found = [
            (term.refuses_as, f"{self.where}: exclude {term.written}") for term in self.exclude if term.matches(words)
        ]
        if self.include and not any(term.matches(words) for term in self.include):
            alone = {term.field for term in self.include} == {"language"}
            fact = f"{self.where}: include {', '.join(term.written for term in self.include)}"
            found.append((Reason.LANGUAGE if alone else Reason.NOT_INCLUDED, fact))
        return min(found, key=lambda verdict: _PLACE[verdict[0]], default=None)


def fold(text: str) -> str:
    """The words of `text`, one blank between them, without case, accents and punctuation."""
    plain = ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return " ".join(plain.translate(_IN_WORDS).split())


class _InWords(dict[int, int]):
    """For str.translate(): what no word is made of becomes a blank; each character is looked up once."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        # Vowel signs of Indic scripts are marks, and they stand inside words.
        inside = char.isalnum() or unicodedata.category(char).startswith("M")
        self[code] = code if inside else ord(" ")
        return self[code]


_IN_WORDS = _InWords()


def parse_terms(terms: Iterable[str]) -> tuple[Term, ...]:
    """Terms as written in config.toml. Raises ValueError, with what to write instead, for one that is none."""
    return tuple(map(_parse, terms))


def _parse(written: str) -> Term:
    text = written.strip()
    if len(text) > 2 and text.startswith("/") and text.endswith("/"):
        try:
            pattern = regex.compile(text[1:-1], regex.IGNORECASE)
        except (regex.error, ValueError) as error:
            raise ValueError(f"{written!r} is no regular expression: {error}; {WRITE}") from None
        return Term(written=written, field="regex", value=text[1:-1], pattern=pattern)
    if fold(text) == "paywall":
        return Term(written=written, field="paywall", value="")
    prefix, colon, rest = text.partition(":")
    # "Corruption: the spy sheikh" is words: only these prefixes mean a field.
    field = prefix.strip().casefold() if colon else ""
    if field == "language":
        value = rest.strip().casefold()
    else:
        field, value = (field, fold(rest)) if field in FIELDS else ("", fold(text))
    if not value:
        raise ValueError(f"{written!r} has no word in it; {WRITE}")
    return Term(written=written, field=field, value=value)
