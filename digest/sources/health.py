"""How a source is: streaks of failures, when somebody is told, and why it gives nothing. Pure (SOURCES.md 6).

Somebody is told once when an episode begins to matter and once when it is over. An alert is a line for people: the
daemon logs it, `sources fetch` prints it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Reason, Source, SourceState
from digest.sources.polite import LONGEST_RETRY_AFTER, after_failure, next_try

ERRORS = 5  # in a row, before somebody is told
LONG = timedelta(hours=24)  # of failures, however few tries there were


def failed(
    state: SourceState, why: str, *, now: datetime, status: int = 0, retry_after: datetime | None = None
) -> tuple[SourceState, str]:
    """The state after one more failure, and an alert or ""."""
    streak, since = state.streak + 1, state.streak_since or now
    after = replace(state, last_try=now, streak=streak, streak_since=since, error=why)
    after = after_failure(after, status, retry_after, now=now)
    if after.off and not state.off:
        said = (
            f"is off since its server says it is gone for good ({why}); digest sources accept {state.name} asks again"
        )
        return replace(after, told=True), said
    if state.told:
        return after, ""
    if streak >= ERRORS or (streak > 1 and now - since >= LONG):
        return replace(after, told=True), f"has failed {streak} times in a row since {_shown(since)}: {why}"
    return after, ""


def recovered(state: SourceState, *, now: datetime) -> tuple[SourceState, str]:
    """The state after a success, and an alert where somebody was told of the failures before."""
    said = f"works again after {state.streak} failures since {_shown(state.streak_since or now)}" if state.told else ""
    after = replace(state, last_try=now, last_success=now, streak=0, streak_since=None, told=False, error="", off=None)
    return after, said


def reason_of(source: Source, state: SourceState, *, now: datetime) -> tuple[str, str]:
    """Why a source that is not asked now gives nothing (of SOURCES.md 10), and that in words."""
    if state.off:
        return Reason.SOURCE_OFF, f"{state.error}; off since {_shown(state.off)}"
    again = next_try(source, state)
    when = f"next try {_shown(max(again, now))}" if again else "not read yet"
    if state.quarantine:
        return Reason.QUARANTINED, f"{state.quarantine.fact}; {how_to_free(state)}"
    if state.streak:
        since = _shown(state.streak_since or now)
        return (
            Reason.SOURCE_FAILED,
            f"{state.error}; failing since {since}, {when} (or: digest sources fetch {state.name})",
        )
    read = f"read {_shown(state.last_success)}, " if state.last_success else ""
    return Reason.NOT_DUE, f"{read}{when}"


def how_to_free(state: SourceState) -> str:
    """What ends a quarantine."""
    return f"digest sources accept {state.name} offers it all the same"


def health(state: SourceState, *, now: datetime) -> str:
    """One word, or two: off, quarantined, failing (3), waiting, not read yet, ok."""
    if state.off:
        return "off"
    if state.quarantine:
        return "quarantined"
    if state.streak:
        return f"failing ({state.streak})"
    if state.retry_after and now < state.retry_after <= now + LONGEST_RETRY_AFTER:
        return "waiting"
    return "ok" if state.last_try else "not read yet"


def _shown(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
