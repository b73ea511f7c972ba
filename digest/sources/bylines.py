"""Whose words they are: byline and outlet. Pure."""

from __future__ import annotations

import re

from digest.model import Declared, Reading, Source
from digest.sources.identity import fold
from digest.sources.urls import host_of

_TITLE_CUT = re.compile(r" [-|>\u2013\u2014\u00b7] ")
_FEED_WORD = re.compile(r" (?:(?:rss )?(?:feed|rss)|latest (?:articles|news|headlines|stories|posts))$", re.IGNORECASE)
_BY = re.compile(r"^(?:by|von|par|por|de|di|door|av)[: ]\s*(?=\w)", re.IGNORECASE)
_NO_NAME = re.compile(
    r"https?://|www\.|\d{4}|\d{1,2}[.:/]\d|@|^(?:admin|webmaster|editor|noreply|no-reply)$", re.IGNORECASE
)
# Between two whole names only: "Simon and Schuster" is one.
_AND = re.compile(r"(?<=\w) (?:and|und|et|y|e|en|og|och|i|&) (?=[^\W\d_]\S{0,40} [^\W\d_])")
_OUTLET_CUT = re.compile(r"\s[-|\u2013\u2014\u00b7]\s")
_EMAIL_AND_NAME = re.compile(r"(?:^|(?<=[\s,;]))[^\s@(),;]{1,100}@[^\s@(),;]{1,100} \(([^()]{1,200})\)")
_EMAIL = re.compile(r"(?:^|(?<=[\s,;<(]))[^\s@<>(),;]{1,100}@[^\s@,;<>()]{1,100}")
_MAX_NAMES = 3


def outlet_of(declared: Declared, reading: Reading, source: Source, url: str) -> str:
    """Whose article it is: as configured, as declared, from the feed's title, else the host."""
    title = _FEED_WORD.sub("", _TITLE_CUT.split(reading.title, maxsplit=1)[0].strip())
    return source.outlet or declared.outlet or title or host_of(url) or source.name


def without_outlet(headline: str, outlet: str) -> str:
    """`headline` without the outlet's name behind it ("... - Example Times"), as aggregators add it."""
    cuts = [match for match in _OUTLET_CUT.finditer(headline) if match.start() > 10]
    if cuts and outlet and fold(headline[cuts[-1].end() :]) == fold(outlet):
        return headline[: cuts[-1].start()].rstrip()
    return headline


def byline_of(declared: Declared, *, outlet: str, url: str, last_first: bool = False) -> str:
    """The authors as printed: no "By", no addresses, no outlet; at most three names.

    `last_first`: the source writes "Last, First", which is turned round.
    """
    authors = declared.authors or (declared.byline,)
    turned = (_turned(author) if last_first else author for author in authors)
    names = [name for author in turned for name in _names(author)]
    house = {fold(outlet).replace(" ", ""), host_of(url).partition(".")[0]}
    kept = [name for name in dict.fromkeys(names) if not _is_house(name, house)]
    if len(kept) > _MAX_NAMES:
        return f"{', '.join(kept[:_MAX_NAMES])} and others"
    return ", ".join(kept)


def _turned(author: str) -> str:
    """"Last, First" -> "First Last"; any other form as it is."""  # fmt: skip
    last, comma, first = author.partition(",")
    whole = comma and first.strip() and "," not in first and max(len(last.split()), len(first.split())) <= 3
    return f"{first.strip()} {last.strip()}" if whole else author


def _names(author: str) -> list[str]:
    text = _EMAIL.sub("", _EMAIL_AND_NAME.sub(r"\1", author)).replace("<>", "").replace("()", "").strip()
    parts = re.split(r"[,;]", _BY.sub("", text, count=1))
    pieces = (piece.strip(" ,;|-") for part in parts for piece in _two(part.strip()))
    return [piece for piece in pieces if piece and len(piece) <= 100 and not _NO_NAME.search(piece)]


def _two(text: str) -> list[str]:
    """The two names around an "and", when each has at least two words."""
    match = _AND.search(text)
    return [text[: match.start()], text[match.end() :]] if match and " " in text[: match.start()] else [text]


def _is_house(name: str, house: set[str]) -> bool:
    """Whether its first words are the outlet's name: "The Week UK" is no person."""
    words = fold(name).split()
    return any("".join(words[:count]) in house for count in range(1, len(words) + 1))
