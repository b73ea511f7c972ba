"""What was chosen and why."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.articles import Article
from digest.model.extras import NO_EXTRAS, Extras


class Reason(enum.StrEnum):
    """Why an article is in an issue or not: the closed list of SOURCES.md 10, in order of precedence."""

    SOURCE_FAILED = "source_failed"
    SOURCE_OFF = "source_off"
    NOT_DUE = "not_due"
    QUARANTINED = "quarantined"
    NO_LINK = "no_link"
    NO_HEADLINE = "no_headline"
    BAD_LINK = "bad_link"
    TOO_LARGE = "too_large"
    TOO_OLD = "too_old"
    BEFORE_WINDOW = "before_window"
    AFTER_CUTOFF = "after_cutoff"
    UNDATED_FIRST_READING = "undated_first_reading"
    EXCLUDED = "excluded"
    NOT_INCLUDED = "not_included"
    LANGUAGE = "language"
    PAYWALL = "paywall"
    DUPLICATE_OF = "duplicate_of"
    ALREADY_USED = "already_used"
    UPDATED_ONLY = "updated_only"
    USED_ELSEWHERE = "used_elsewhere"
    SAME_STORY_AS = "same_story_as"
    FOLLOW_UP_NOT_NEWER = "follow_up_not_newer"
    NO_SECTION = "no_section"
    SECTION_FULL = "section_full"
    OUTLET_FULL = "outlet_full"
    ISSUE_FULL = "issue_full"
    DROPPED_BY_EDITOR = "dropped_by_editor"
    RENDER_REFUSED = "render_refused"
    PINNED = "pinned"
    RANKED = "ranked"
    FILLED_MINIMUM = "filled_minimum"


NOT_OFFERED = frozenset(list(Reason)[: list(Reason).index(Reason.EXCLUDED)])


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the picker must know of the past of one newsletter.

    `since`: cut-off of the last committed issue, None before the first. `used`: identity keys of the articles
    that stood in a committed issue; `used_as_of`: how new they were then (`updated`, else `published`). `elsewhere`: such keys of the newsletters it never repeats, with the newsletter's
    name. `told`: the articles of the stories in the last issue. `background`: headlines of the last weeks.
    """

    since: datetime | None = None
    used: frozenset[str] = frozenset()
    used_as_of: Mapping[str, datetime] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    told: tuple[Article, ...] = ()
    background: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RankPart:
    """One part of a rank: its name (docs/reference/ranking.md), what it adds, and the facts behind it in words."""

    name: str
    value: float
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveredBy:
    """Another outlet's article on the same story."""

    outlet: str
    headline: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A chosen article with its place: `section` by name, `n` from 1 in it; `lead` for the first of the issue.

    `score` is its rank, the sum of its `parts`. `fact` says what is odd about it in words (a pin from outside the
    window, a story told before), "" otherwise.
    """

    article: Article
    section: str
    n: int
    lead: bool = False
    score: float = 0.0
    reason: Reason = Reason.RANKED
    also_covered_by: tuple[CoveredBy, ...] = ()
    fact: str = ""
    parts: tuple[RankPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An article that was not chosen, its one reason, and the facts behind it in words.

    `score` and `parts` as in Pick, for one that came as far as being ranked.
    """

    article: Article
    reason: Reason
    fact: str = ""
    score: float = 0.0
    parts: tuple[RankPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """What pick() decided: `chosen` in reading order, `left_out` with one reason each; together all handed in.

    `more` are those of the left out that stand as a headline and a link under "more headlines": section "", n from 1.
    `sponsor` is the sponsor's or house's word of the day, outside rank and count. `fitted` says, once composed, what was
    made shorter so that the message is not cut off.
    `intro`, `subject` and `extras` are an editor's.
    """

    chosen: tuple[Pick, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    more: tuple[Pick, ...] = ()
    sponsor: Article | None = None
    intro: str = ""
    subject: str = ""
    extras: Extras = NO_EXTRAS
    fitted: tuple[str, ...] = ()

    @property
    def offered(self) -> int:
        """Articles read and not refused by a reason before the third bar of SOURCES.md 10."""
        return len(self.chosen) + sum(1 for out in self.left_out if out.reason not in NOT_OFFERED)
