"""When a source may be asked again, and where. Pure: headers and instants in, instants out (SOURCES.md 2)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from digest.model import Heard, Source, SourceState

LONGEST_WAIT = timedelta(hours=12)  # whatever a source wants, and between two tries of one that fails
LONGEST_RETRY_AFTER = timedelta(hours=24)
FIRST_BACK_OFF = timedelta(minutes=30)
SPREAD = 0.2  # of a back-off, either way, so that sources which failed together are not tried together
MOVES = 3  # permanent redirects to one place in a row, before that is asked instead
GONE = 410
_SAYS_WHEN = frozenset({403, 429, 503})
_LOST = frozenset({404, GONE})
_SECONDS = re.compile(r"\d{1,50}", re.ASCII)
_AGES = 10**9  # seconds; more is the same
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.ASCII | re.IGNORECASE)
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def heard(headers: Mapping[str, str], *, moved_to: str = "") -> Heard:
    """What an answer's headers (lower-case names) say beside its body."""
    age = _seconds(headers.get("age", ""))
    date = _date(headers.get("date", ""))
    said = headers.get("cache-control", "")
    found = None if re.search(r"\bno-(?:cache|store)\b", said, re.IGNORECASE) else _MAX_AGE.search(said)
    return Heard(
        date=_later(date, age),  # a cache hands on the Date of long ago
        max_age=max(0, int(found[1]) - age) if found else 0,
        moved_to=moved_to,
    )


def ttl_of(*, minutes: str = "", period: str = "", frequency: str = "") -> int:
    """RSS ttl, or sy:updatePeriod and sy:updateFrequency, as seconds between two readings; 0 where neither says."""
    if _SECONDS.fullmatch(minutes.strip()):
        return min(_seconds(minutes) * 60, _AGES)
    return _PERIODS.get(period.strip().lower(), 0) // max(_seconds(frequency), 1)


def retry_at(status: int, headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """When Retry-After allows the next try, at most 24 h from `now`; None where it says nothing."""
    said = headers.get("retry-after", "").strip()
    if status not in _SAYS_WHEN or not said:
        return None
    if _SECONDS.fullmatch(said):
        wait = timedelta(seconds=_seconds(said))
    else:
        date = _date(said)
        if date is None:
            return None
        wait = date - (_date(headers.get("date", "")) or now)  # by the server's own clock
    return now + min(max(wait, timedelta(0)), LONGEST_RETRY_AFTER)


def back_off(name: str, streak: int) -> timedelta:
    """How long after the `streak`-th failure in a row: 30 min, doubled up to 12 h, spread by 20 % either way.

    The spread hangs on name and streak alone, so that asking twice gives one answer.
    """
    wait = min(FIRST_BACK_OFF * (1 << min(streak - 1, 10)), LONGEST_WAIT)
    place = zlib.crc32(f"{name} {streak}".encode()) / 0xFFFFFFFF  # 0 to 1
    return wait * (1 - SPREAD + 2 * SPREAD * place)


def fresh_until(state: SourceState) -> datetime | None:
    """Until when the last answer holds by its own words: max-age, ttl or updatePeriod, at most 12 h."""
    if state.last_success is None:
        return None
    return state.last_success + min(timedelta(seconds=max(state.max_age, state.ttl)), LONGEST_WAIT)


def next_try(source: Source, state: SourceState) -> datetime | None:
    """When the source is due again; None where it was never tried or is off. A file that failed is due at once."""
    if state.last_try is None or state.off:
        return None
    if state.streak and source.path is not None:
        return state.last_try
    if state.streak:
        wanted = state.last_try + back_off(source.name, state.streak)
    else:
        last = state.last_success or state.last_try
        wanted = max(last + source.every, fresh_until(state) or last)
    return max(wanted, state.retry_after or wanted)


def is_barred(state: SourceState, *, now: datetime) -> bool:
    """Whether the server said that nobody, not even an operator, should come: 410, or Retry-After still runs."""
    until = state.retry_after
    # More than a day ahead was never said: the clock was set back.
    return state.off is not None or (until is not None and now < until <= now + LONGEST_RETRY_AFTER)


def is_due(source: Source, state: SourceState, *, now: datetime, before_slot: bool = False) -> bool:
    """Whether the source's time has come.

    `before_slot`: an issue is near, so one that was read a while ago or that failed is due too, unless the server
    said how long its answer holds.
    """
    if is_barred(state, now=now):
        return False
    if state.last_try is None or now < state.last_try:  # the clock was set back
        return True
    when = fresh_until(state) if before_slot else next_try(source, state)
    return when is None or now >= when


def settled(source: Source, state: SourceState) -> SourceState:
    """The state as far as it is about the address in the config: another address is another server's affair."""
    address = source.url or source.path or ""
    if state.about in {"", address}:
        return replace(state, about=address)
    return SourceState(
        name=state.name,
        about=address,
        title=state.title,
        first_reading=state.first_reading,
        last_success=state.last_success,
        articles=state.articles,
    )


def after_answer(state: SourceState, said: Heard, *, ttl: int) -> SourceState:
    """What to remember of an answer: how long it holds, and the place it moved to, asked from the third time on."""
    moves = 0 if not said.moved_to else state.moves + 1 if said.moved_to == state.moving_to else 1
    return replace(
        state,
        max_age=said.max_age,
        ttl=ttl,
        retry_after=None,
        moving_to=said.moved_to,
        moves=moves,
        moved=said.moved_to if moves >= MOVES else state.moved,
    )


def after_failure(state: SourceState, status: int, retry_after: datetime | None, *, now: datetime) -> SourceState:
    """What to remember of a failure (`streak` counts it already): where the place it moved to is lost, ask the old."""
    if state.moved and (status in _LOST or state.streak >= MOVES):
        return replace(state, moved="", moving_to="", moves=0, retry_after=retry_after)
    return replace(state, retry_after=retry_after, off=now if status == GONE else state.off, moving_to="", moves=0)


def _seconds(text: str) -> int:
    return min(int(text), _AGES) if _SECONDS.fullmatch(text.strip()) else 0


def _later(date: datetime | None, seconds: int) -> datetime | None:
    try:
        return date + timedelta(seconds=seconds) if date else None
    except OverflowError:
        return None


def _date(text: str) -> datetime | None:
    """An HTTP date."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
