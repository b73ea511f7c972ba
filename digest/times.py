"""Zones, durations, schedule words and cron lines, slots. Pure: `now` is always an argument.

A slot is the local date an issue fills, `2026-11-23`, or with a label `2026-11-23.pm`. A schedule names at most one
wall-clock time on a date, so that a date is a slot. Instants are aware and in UTC; a zone is a tzinfo or its IANA name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from digest.errors import did_you_mean

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
FORMS = '"daily 17:00", "weekdays 06:30", "sundays 08:00", "mondays and thursdays 07:00" or "first monday 09:00"'

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DAY = timedelta(days=1)
_YEARS = range(1970, 3000)  # what --as-of and --slot may say: wide for people, far from datetime's own ends
_NEVER = 9 * 366  # days; 29 February can be eight years away (2096 to 2104)
_GROUPS = {"daily": range(7), "weekdays": range(5), "weekends": range(5, 7)}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}
_SLOT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.[a-z0-9-]{1,16})?", re.ASCII)
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,8})d)?(?:(\d{1,8})h)?(?:(\d{1,8})m)?(?:(\d{1,8})s)?", re.ASCII)
_LONGEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a newsletter goes out, in its own zone's wall clock: at `at` on each date that names() holds for.

    `words` are as the owner wrote them. `weekdays` count from 0 = Monday; `ordinals` are which of them in the month
    (1 the first, -1 the last; empty: each); `monthdays` and `months` count from 1 (empty: each).
    """

    words: str
    at: time = time(0, 0)
    weekdays: frozenset[int] = frozenset(range(7))
    ordinals: frozenset[int] = frozenset()
    monthdays: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()

    def names(self, day: date) -> bool:
        """Whether an issue goes out on this local date."""
        place = {(day.day - 1) // 7 + 1, -1 if (day + _DAY * 7).month != day.month else 0}
        return (
            day.weekday() in self.weekdays
            and not (self.ordinals and place.isdisjoint(self.ordinals))
            and (not self.monthdays or day.day in self.monthdays)
            and (not self.months or day.month in self.months)
        )

    @property
    def weekly_or_rarer(self) -> bool:
        """Never two dates within the same seven days, as far as the words tell."""
        if self.monthdays:
            ordered = sorted(self.monthdays)
            # 28: the last of one month and the first of the next are nearest in February.
            gaps = [b - a for a, b in zip(ordered, [*ordered[1:], ordered[0] + 28], strict=True)]
            return min(gaps) >= 7
        return len(self.weekdays) == 1


def parse_schedule(words: str) -> Schedule:
    """`weekdays 06:30` -> Schedule. Raises ValueError, with a mend, for words it does not know (see FORMS)."""
    *days, clock = re.findall(r"[^\s,]+", words.casefold()) or [""]
    at = _CLOCK.fullmatch(clock)
    if at is None:
        raise ValueError(f'no time of day at the end of "{words}"; write {FORMS}')
    ordinals = frozenset(_ORDINALS[word] for word in days if word in _ORDINALS)
    named = [word for word in days if word not in _ORDINALS and word != "and"]
    if not named:
        raise ValueError(f'no days in "{words}"; write {FORMS}')
    if ordinals and any(word in _GROUPS for word in named):
        raise ValueError(f'"first", "last" and the like go with a weekday\'s name, not in "{words}"; write {FORMS}')
    weekdays = frozenset(number for word in named for number in _days(word, words))
    return Schedule(words=words, at=time(int(at[1]), int(at[2])), weekdays=weekdays, ordinals=ordinals)


def _days(word: str, words: str) -> range | tuple[int, ...]:
    if word in _GROUPS:
        return _GROUPS[word]
    for number, name in enumerate(WEEKDAYS):
        if word == name + "s" or (len(word) >= 3 and name.startswith(word)):
            return (number,)
    near = did_you_mean(word, [*_GROUPS, *(name + "s" for name in WEEKDAYS), *WEEKDAYS, *_ORDINALS])
    raise ValueError(f'"{word}" in "{words}" is no day; {near or "write " + FORMS}')


def parse_cron(line: str) -> Schedule:
    """`30 6 * * mon-fri` -> Schedule. Minute and hour are one number each, weekdays are names.

    Raises ValueError, with a mend, for anything that would mean more than one instant a day, none ever, or
    different dates from tool to tool.
    """
    fields = line.casefold().split()
    if len(fields) != 5:
        raise ValueError(
            f'a cron line has five fields, minute hour day month weekday, "{line}" has {len(fields)}; '
            'write for example "30 6 * * mon-fri"'
        )
    minute, hour, monthday, month, weekday = fields
    at = time(_single(hour, "hour", 24), _single(minute, "minute", 60))
    monthdays = _numbers(monthday, "day of the month", range(1, 32), ())
    months = _numbers(month, "month", range(1, 13), MONTHS)
    if re.search(r"\d", weekday.partition("/")[0]):
        raise ValueError(
            f'weekdays are written by name, not "{weekday}", because 1 is Monday in one tool and Tuesday in another; '
            f'write "{_named(weekday)}" if 1 is meant to be Monday'
        )
    weekdays = _numbers(weekday, "weekday", range(7), tuple(name[:3] for name in WEEKDAYS))
    if monthdays and weekdays:
        raise ValueError(
            "a day of the month and a weekday together mean one thing in one tool and another in the next; "
            'write * for one of them, or words such as "first monday 09:00"'
        )
    if monthdays and not any(_exists(m, d) for m in months or range(1, 13) for d in monthdays):
        raise ValueError(f'no month of "{line}" has such a day; change the day or the month')
    return Schedule(words=line, at=at, weekdays=weekdays or frozenset(range(7)), monthdays=monthdays, months=months)


def _single(field: str, what: str, below: int) -> int:
    if re.fullmatch(r"\d{1,2}", field, re.ASCII) and int(field) < below:
        return int(field)
    if re.fullmatch(r"[\d*,/-]+", field, re.ASCII) and not field.isdecimal():
        raise ValueError(
            f'{what} "{field}" means more than one instant a day, and a newsletter has one issue a date; '
            f"write one number from 0 to {below - 1}"
        )
    raise ValueError(f'{what} "{field}" is none; write one number from 0 to {below - 1}')


def _numbers(field: str, what: str, allowed: range, names: tuple[str, ...]) -> frozenset[int]:
    """A cron field as numbers, empty for `*`. `names` are the words for `allowed`, in order."""
    if field == "*":
        return frozenset()
    found: set[int] = set()
    for item in field.split(","):
        span, _, step = item.partition("/")
        first, dash, last = span.partition("-")
        if (step and not re.fullmatch(r"[1-9]\d?", step, re.ASCII)) or (item.endswith("/")):
            raise ValueError(f'{what} "{item}": the step behind / is a number from 1')
        if span == "*":
            found.update(allowed[:: int(step or 1)])
            continue
        start = _number(first, what, allowed, names)
        end = _number(last, what, allowed, names) if dash else (allowed[-1] if step else start)
        # fri-mon goes round the week's end; so do months and days.
        circle = [*allowed, *allowed][allowed.index(start) :]
        found.update(circle[: circle.index(end) + 1 : int(step or 1)])
    return frozenset(found)


def _number(text: str, what: str, allowed: range, names: tuple[str, ...]) -> int:
    if text[:3] in names and text in {*names, *WEEKDAYS}:
        return allowed[names.index(text[:3])]
    if text.isascii() and text.isdecimal() and len(text) <= 2 and int(text) in allowed:
        return int(text)
    near = did_you_mean(text, names)
    known = f"{names[0]} to {names[-1]}" if names else f"{allowed[0]} to {allowed[-1]}"
    raise ValueError(f'"{text}" is no {what}; {near or f"write {known}"}')


def _named(weekday: str) -> str:
    return re.sub(r"\d", lambda digit: WEEKDAYS[(int(digit[0]) + 6) % 7][:3], weekday.partition("/")[0])


def _exists(month: int, day: int) -> bool:
    return day <= (29 if month == 2 else 30 if month in {4, 6, 9, 11} else 31)


def zone(name: str) -> ZoneInfo:
    """The IANA zone of that name. Raises ValueError with a did-you-mean."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        known = available_timezones()
        wanted = re.sub(r"\s+", "_", name.casefold())
        same = sorted(full for full in known if full.casefold().rpartition("/")[2] == wanted.rpartition("/")[2])
        near = f'did you mean "{same[0]}"?' if same else did_you_mean(name, known)
        if not known:
            near = "this machine has no zone files: install tzdata"
        raise ValueError(f'no zone called "{name}"; {near or "write for example Europe/London"}') from None


def _tz(where: tzinfo | str) -> tzinfo:
    return zone(where) if isinstance(where, str) else where


def slot_of(instant: datetime, zone: tzinfo | str) -> str:
    """The slot an instant falls in: its local date, `2026-11-23`."""
    return instant.astimezone(_tz(zone)).date().isoformat()


def valid_slot(text: str) -> bool:
    """Whether `text` is a real date of 1970 to 2999, with or without a label."""
    match = _SLOT.fullmatch(text)
    try:
        return match is not None and date.fromisoformat(match[1]).year in _YEARS
    except ValueError:
        return False


def slot_date(slot: str) -> date:
    """The local date of a slot. Raises ValueError, with a mend, when it is none."""
    if not valid_slot(slot):
        raise ValueError(f'"{slot}" is no slot; write a date such as 2026-11-23, or with a label 2026-11-23.pm')
    return date.fromisoformat(slot[:10])


def slot_instant(slot: str, schedule: Schedule, zone: tzinfo | str) -> datetime:
    """The instant, in UTC, at which the schedule's wall clock shows its time on the slot's date.

    A time shown twice (fold) is the first of them; a time never shown (gap) becomes the first valid instant after
    it. Raises ValueError when `slot` is none. SENDING.md 9.
    """
    return _instant(datetime.combine(slot_date(slot), schedule.at), _tz(zone))


def _instant(wall: datetime, where: tzinfo) -> datetime:
    """The first instant at which a clock in `where` shows `wall` or later."""
    late = wall.replace(tzinfo=where, fold=0).astimezone(UTC)
    if _wall(late, where) == wall:
        return late
    # In a gap fold=0 reckons with the offset before the jump and lands behind it, fold=1 lands before it (PEP 495);
    # the jump itself is the one place between them where the local clock leaps over `wall`.
    early = wall.replace(tzinfo=where, fold=1).astimezone(UTC)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=int((late - early).total_seconds()) // 2)
        if _wall(middle, where) >= wall:
            late = middle
        else:
            early = middle
    return late


def _wall(instant: datetime, where: tzinfo) -> datetime:
    return instant.astimezone(where).replace(tzinfo=None, fold=0)


def _on(day: date, schedule: Schedule, where: tzinfo) -> tuple[str, datetime] | None:
    """The slot of a date, None where the schedule does not name it or the zone never had it (Apia, 2011-12-30)."""
    if not schedule.names(day) or _wall(_instant(datetime.combine(day, time()), where), where).date() != day:
        return None
    return day.isoformat(), _instant(datetime.combine(day, schedule.at), where)


def slots(schedule: Schedule, zone: tzinfo | str, start: datetime, end: datetime) -> Iterator[tuple[str, datetime]]:
    """Each (slot, instant in UTC) with start < instant <= end, in order."""
    where = _tz(zone)
    # A gap may push the last minutes of a date into the next one (Nuuk, 23:30), so one date more on both sides.
    day, last = _wall(start, where).date() - _DAY, _wall(end, where).date() + _DAY
    while day <= last:
        found = _on(day, schedule, where)
        if found is not None and start < found[1] <= end:
            yield found
        day += _DAY


def next_slot(schedule: Schedule, zone: tzinfo | str, after: datetime) -> tuple[str, datetime]:
    """The first (slot, instant in UTC) later than `after`. Raises ValueError for a schedule that names no date."""
    found = next(slots(schedule, zone, after, after + _DAY * _NEVER), None)
    if found is None:
        raise ValueError(f'"{schedule.words}" names no date')
    return found


def latest_slot(schedule: Schedule, zone: tzinfo | str, at: datetime) -> tuple[str, datetime] | None:
    """The last (slot, instant in UTC) not later than `at`; None when there was none in nine years."""
    where = _tz(zone)
    day = _wall(at, where).date() + _DAY
    for _ in range(_NEVER):
        found = _on(day, schedule, where)
        if found is not None and found[1] <= at:
            return found
        day -= _DAY
    return None


def parse_duration(text: str) -> timedelta:
    """`90s`, `45m`, `24h`, `7d`, `1h30m` -> timedelta, at most ten years. Raises ValueError with a mend."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError(f'"{text}" is no duration; write for example "90s", "45m", "24h", "7d" or "1h30m"')
    days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    if duration > _LONGEST:
        raise ValueError(f'"{text}" is longer than ten years; write at most "{_LONGEST.days}d"')
    return duration


def say_duration(duration: timedelta) -> str:
    """`1h30m`; whole seconds, the rest cut off. What it says parse_duration() reads back; 36h stays hours."""
    seconds = int(duration.total_seconds())
    if seconds and seconds % 86_400 == 0 and seconds > 86_400:
        return f"{seconds // 86_400}d"
    amounts = ((seconds // 3600, "h"), (seconds // 60 % 60, "m"), (seconds % 60, "s"))
    return "".join(f"{amount}{unit}" for amount, unit in amounts if amount) or "0s"


def parse_instant(text: str) -> datetime:
    """`2026-02-18T06:30Z`, or with an offset -> aware UTC. Raises ValueError, with a mend, for a naive one."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no instant; write for example 2026-02-18T06:30Z') from None
    if instant.utcoffset() is None:
        mend = f"{text}Z" if "T" in text or " " in text else f"{text}T00:00Z"
        raise ValueError(f'"{text}" does not say in which zone; write {mend} for UTC, or an offset such as +01:00')
    if instant.year not in _YEARS:
        raise ValueError(f'"{text}" is outside the years 1970 to 2999')
    return instant.astimezone(UTC)


def milliseconds(instant: datetime) -> int:
    """UTC milliseconds since 1970, cut off downwards; `instant` must be aware (else TypeError)."""
    return in_milliseconds(instant - _EPOCH)


def in_milliseconds(duration: timedelta) -> int:
    """A duration in whole milliseconds."""
    return duration // _MILLISECOND


def from_milliseconds(ms: int) -> datetime:
    """The aware UTC datetime of milliseconds(); OverflowError beyond the year 9999."""
    return _EPOCH + timedelta(milliseconds=ms)
