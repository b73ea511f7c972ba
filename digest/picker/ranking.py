"""The rank of a story, part by part: the documented formula (docs/reference/ranking.md, SOURCES.md 9)."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from digest.model import Article, Rank, RankPart
from digest.picker.rules import Folded, Term
from digest.times import say_duration

HALF_PLACES = 10  # the tenth place of a feed is worth half of the first
FULL_TEASER = 160  # columns: two lines of a message
FOLLOW_UP = 0.5
_DIGITS = 4  # ranks compare equal on every machine: the last bits of a logarithm may differ


def parts_of(
    head: Article,
    articles: Sequence[Article],
    outlets: Sequence[str],
    *,
    rank: Rank,
    weight: float,
    boosts: Iterable[tuple[Term, float]],
    told: bool,
    now: datetime,
    language: str,
) -> tuple[RankPart, ...]:
    """What the rank of a story consists of; their sum is the rank.

    `articles` are all that tell it, `outlets` who does; `weight` is the head's source's. `told`: the story stood in
    the last issue, so that it loses half. Parts that add nothing are left out.
    """
    newest = max((one.published for one in articles if one.published), default=None)
    age = max(timedelta(0), now - newest) if newest else None
    place = min(one.place for one in articles)
    words = Folded.of(head, language=language)
    parts = [
        RankPart(name="outlets", value=rank.outlets * math.log(max(1, len(outlets))), fact=_named(outlets)),
        RankPart(name="freshness", value=rank.freshness * _halved(age, rank.half_life), fact=_aged(age)),
        RankPart(name="source", value=rank.source * weight, fact=f"weight {weight:g}"),
        RankPart(name="place", value=rank.place * 0.5 ** (place / HALF_PLACES), fact=f"place {place + 1} in its feed"),
        RankPart(name="picture", value=rank.picture * bool(head.image), fact="has a picture"),
        RankPart(name="teaser", value=rank.teaser * full_teaser(head.teaser), fact=f"{len(head.teaser)} characters"),
        *(RankPart(name="boost", value=by, fact=term.written) for term, by in boosts if term.matches(words)),
    ]
    rounded = [_rounded(part) for part in parts]
    if told:
        half = -FOLLOW_UP * sum(part.value for part in rounded)
        rounded.append(_rounded(RankPart(name="follow_up", value=half, fact="the story was told in the last issue")))
    return tuple(part for part in rounded if part.value)


def score_of(parts: Iterable[RankPart]) -> float:
    """The rank."""
    return round(sum(part.value for part in parts), _DIGITS)


def full_teaser(teaser: str) -> float:
    """0 without a teaser, 1 from two lines on; a character of Chinese, Japanese or Korean takes two columns."""
    columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in teaser[:FULL_TEASER])
    return min(1.0, columns / FULL_TEASER)


def _rounded(part: RankPart) -> RankPart:
    return RankPart(name=part.name, value=round(part.value, _DIGITS), fact=part.fact)


def _halved(age: timedelta | None, half_life: timedelta) -> float:
    return 0.0 if age is None else float(0.5 ** (age / half_life))


def _aged(age: timedelta | None) -> str:
    if age is None:
        return "no date"
    minutes = timedelta(minutes=age // timedelta(minutes=1))
    return f"newest article {say_duration(minutes)} old" if minutes else "newest article just out"


def _named(outlets: Sequence[str]) -> str:
    return f"{len(outlets)} outlets: {', '.join(outlets)}"
