"""Which slot of a newsletter is due, and what is to be done about it. Pure.

The clock only wakes us; these rules and UNIQUE(newsletter, slot) decide (SENDING.md 9). Only the latest due slot counts,
so two issues of one newsletter are never caught up together.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from digest import times
from digest.model import IssueRow, IssueState, Newsletter


class Act(enum.StrEnum):
    """What a look at a slot asks for."""

    SEND = "send"
    MISS = "miss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A slot that asks for something, and its scheduled instant in UTC."""

    slot: str
    instant: datetime
    act: Act


def latest(newsletter: Newsletter, now: datetime) -> tuple[str, datetime] | None:
    """The newest slot whose instant has come, with that instant."""
    return times.latest_slot(newsletter.schedule, times.zone(newsletter.timezone), now)


def due(newsletter: Newsletter, row: IssueRow | None, latest: tuple[str, datetime] | None, now: datetime) -> Due | None:
    """What the latest slot asks for, given its row; None when nothing.

    No row, or only planned before a crash: send while it is at most `late_within` late, else it is missed.
    """
    if latest is None or (row is not None and row.state is not IssueState.PLANNED):
        return None
    slot, instant = latest
    in_time = now - instant <= newsletter.late_within
    return Due(slot=slot, instant=instant, act=Act.SEND if in_time else Act.MISS)
