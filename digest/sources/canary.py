"""Is this reading odd for its source? Figures of a reading, and the wires they may trip (SOURCES.md 6). Pure.

Every wire compares a source with itself: what it always did is not odd. Nothing trips before three readings.
"""

from __future__ import annotations

import math
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from digest.model import Article, Figures, SourceState
from digest.sources.articles import DATED_AHEAD, NO_DATE
from digest.sources.identity import fold
from digest.sources.urls import host_of

EMPTIED = "emptied"
KEPT = 20  # figures; a source is compared with its last readings
FREES = 3  # odd readings of one kind in a row are how the source is now
USUAL = 10  # articles in a usual reading that make an empty one odd
_LEARNING = 3  # readings before the first wire
_FLOOD = 20
_FLOOD_TIMES = 5
_FEW = 3  # articles that say nothing about a source yet
_HALF = 0.5
_A_FIFTH = 0.2
_DAY = timedelta(days=1)
_FIRST_DAY = timedelta(hours=26)
_FADES = timedelta(days=7)  # a large batch counts half a week later

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """One that tripped: its name, and what was seen, in words."""

    name: str
    fact: str


class Known:
    """A source's stored articles, by any key."""

    def __init__(self, articles: Iterable[Article]) -> None:
        """`articles` are as stored."""
        stored = tuple(articles)
        self._by_key = {key: article for article in stored for key in article.keys}
        self._guids = {guid for article in stored for guid in _guids(article)}

    def find(self, article: Article) -> Article | None:
        """The stored article that shares a key with this one."""
        return next((self._by_key[key] for key in article.keys if key in self._by_key), None)

    def has_new_guid(self, article: Article) -> bool:
        """Known by its address or its text, though its identifier was never seen."""
        guids = _guids(article)
        old = any(key in self._by_key for key in article.keys if not key.startswith("guid:"))
        return old and bool(guids) and self._guids.isdisjoint(guids)


def _guids(article: Article) -> tuple[str, ...]:
    return tuple(key.rpartition(":")[0] for key in article.keys if key.startswith("guid:"))


def measure(articles: Sequence[Article], known: Known, state: SourceState, *, now: datetime) -> Figures:
    """One reading in numbers."""
    found = [known.find(article) for article in articles]
    dated = [(one, old) for one, old in zip(articles, found, strict=True) if old and _is_dated(one, old)]
    hosts = Counter(host for host in (_site(article.url) for article in articles) if host)
    usual_hosts = {host for one in state.figures for host in one.hosts}
    headlines = Counter(fold(article.headline) for article in articles if article.headline)
    new = 0 if state.first_reading is None else sum(one is None for one in found)
    return Figures(
        at=now,
        articles=len(articles),
        new=new,
        most=max(float(new), _faded(state.figures, now)),
        new_guids=_share(articles, known.has_new_guid),
        redated=_share(dated, lambda pair: _moved(*pair)) if len(dated) >= _FEW else 0.0,
        ahead=_share(articles, lambda one: one.fact == DATED_AHEAD),
        bare=_share(articles, lambda one: not one.teaser),
        twins=max(headlines.values(), default=0) / max(len(articles), 1),
        strange=_share(articles, lambda one: bool(one.url) and _site(one.url) not in usual_hosts) if usual_hosts else 0,
        hosts=tuple(host for host, _ in hosts.most_common(5)),
        script=_commonest(_script(article.headline) for article in articles),
        language=_commonest(article.language.partition("-")[0].lower() for article in articles),
    )


def tripped(figures: Figures, state: SourceState, *, now: datetime) -> tuple[Wire, ...]:
    """The wires that a reading trips, the gravest first; none while the source is being got to know."""
    before = state.figures
    if state.readings < _LEARNING or not before:
        return ()
    if not figures.articles:
        usual = statistics.median(one.articles for one in before)
        return (Wire(name=EMPTIED, fact=f"0 articles where {usual:g} are usual"),) if usual >= USUAL else ()
    if figures.articles < _FEW:
        return ()
    wires = [*_shares(figures, before), *_changes(figures, before)]
    usual = _usual_news(before, since_last=now - (state.last_success or now))
    lately = 1.5 * _faded(before, now)
    if now - (state.first_reading or now) < _FIRST_DAY:  # its mornings are not known yet: a whole new paper may come
        lately = max(lately, statistics.median(one.articles for one in before))
    if figures.new > max(_FLOOD, _FLOOD_TIMES * usual, lately):
        wires.insert(0, Wire(name="flood", fact=f"{figures.new} new articles at once where {usual:.0f} are usual"))
    return tuple(wires)


_SHARES: tuple[tuple[str, float, str], ...] = (
    ("new_guids", _HALF, "of the articles are known but have new identifiers"),
    ("redated", _HALF, "of the known articles have another date by more than a day"),
    ("ahead", _A_FIFTH, "of the articles are dated in the future"),
    ("bare", _HALF, "of the articles have no text any more"),
    ("twins", _HALF, "of the articles have one and the same headline"),
    ("strange", _HALF, "of the articles lead to another host than ever before"),
)


def _shares(figures: Figures, before: Sequence[Figures]) -> list[Wire]:
    """Shares over their limit that are usually under it."""
    return [
        Wire(name=name, fact=f"{getattr(figures, name):.0%} {words}")
        for name, limit, words in _SHARES
        if getattr(figures, name) > limit and statistics.median(getattr(one, name) for one in before) <= limit
    ]


def _changes(figures: Figures, before: Sequence[Figures]) -> list[Wire]:
    """Another language or script than usual in most of the articles."""
    wires = []
    for name in ("language", "script"):
        now, usual = getattr(figures, name), _commonest(getattr(one, name) for one in before)
        if now and usual and now != usual:
            wires.append(Wire(name=name, fact=f"the {name} is {now} where {usual} is usual"))
    return wires


def _usual_news(before: Sequence[Figures], *, since_last: timedelta) -> float:
    """New articles to expect now: those of a usual reading that brought any, or the usual pace over a longer gap."""
    some = statistics.median([one.new for one in before if one.new] or [0])
    span = (before[-1].at - before[0].at) / timedelta(hours=1)
    pace = sum(one.new for one in before[1:]) / span if span >= 1 else 0.0
    return max(some, pace * (since_last / timedelta(hours=1)))


def _faded(figures: Sequence[Figures], now: datetime) -> float:
    """The largest batch of news lately, worth half after a week: a paper that comes whole each morning is no flood."""
    if not figures:
        return 0.0
    return figures[-1].most * math.exp2(-(max(now - figures[-1].at, timedelta(0)) / _FADES))


def _is_dated(article: Article, old: Article) -> bool:
    assumed = {DATED_AHEAD, NO_DATE}
    return bool(article.published and old.published) and not {article.fact, old.fact} & assumed


def _moved(article: Article, old: Article) -> bool:
    return bool(article.published and old.published and abs(article.published - old.published) > _DAY)


def _share(things: Sequence[_T], test: Callable[[_T], bool]) -> float:
    return sum(map(test, things)) / len(things) if things else 0.0


def _commonest(names: Iterable[str]) -> str:
    """The name that over half of them have, "" where none has."""
    counts = Counter(names)
    (name, count), *_ = counts.most_common(1) or [("", 0)]
    return name if 2 * count > counts.total() else ""


def _site(url: str) -> str:
    """The last two labels of the host, which is near enough to the site."""
    return ".".join(host_of(url).split(".")[-2:])


def _script(text: str) -> str:
    """The script of most letters, as Unicode's names begin: LATIN, CYRILLIC, ARABIC, CJK ..."""
    if text.isascii():
        return "LATIN" if any(map(str.isalpha, text)) else ""
    words = Counter(unicodedata.name(letter, "").partition(" ")[0] for letter in text[:80] if letter.isalpha())
    (script, _), *_ = words.most_common(1) or [("", 0)]
    return "CJK" if script in {"HIRAGANA", "KATAKANA"} else script
