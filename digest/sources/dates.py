"""Dates as feeds write them: strict forms on the raw text first, libraries' guesses last. Pure.

Order: RFC 822, ISO 8601, numbers (2026/2/17, 17.2.2026, 2026年2月17日), seconds since 1970, month names of any language,
then what dateparser and last the feed parser make of it, within bounds.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from importlib import import_module
from zoneinfo import ZoneInfo

from digest.sources.months import TWO_NAMES, day_first, half_day, month_of

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before that nobody wrote a feed: a default value, not a date
LATEST_AHEAD = timedelta(days=2)
_MAX_LENGTH = 100

_MONTHS = {name: n for n, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}  # noqa: SIM905
_DAYS = "mon|tue|wed|thu|fri|sat|sun"

# RFC 822 5.1 and the names met in feeds, by minutes east of UTC. A name that is missing or means several zones (IST)
# counts as none: the source's own zone decides.
_NAMES = {
    -600: "hst",
    -540: "akst",
    -480: "pst akdt",
    -420: "mst pdt",
    -360: "cst mdt",
    -300: "est cdt",
    -240: "edt ast",
    -210: "nst",
    -180: "adt brt art",
    -150: "ndt",
    0: "ut utc gmt z wet",
    60: "bst cet met mez west wat",
    120: "cest mest mesz eet sast cat",
    180: "eest msk trt eat",
    240: "gst",
    300: "pkt",
    420: "wib ict",
    480: "hkt sgt awst",
    540: "kst jst",
    570: "acst",
    600: "aest",
    630: "acdt",
    660: "aedt",
    720: "nzst",
    780: "nzdt",
}
_ZONES = {name: minutes for minutes, names in _NAMES.items() for name in names.split()}
# Forms that the feed parser reads wrongly (feedparser 6.0.14: 2020/1/10 becomes the first of November).
_MISREAD = re.compile(r"\d{1,4}\s*[/.\u5e74\ub144-]|\d{9,}")

_OFFSET = r"(?:gmt|utc)?\s?[+\u2212-]\d{1,2}:?\d{2}|(?:gmt|utc)\s?[+-]\d{1,2}|[a-z]{1,5}"
_RFC822 = re.compile(
    rf"(?:(?:{_DAYS})[a-z]{{0,6}}\.?,?\s+)?(\d{{1,2}})[\s-]+([a-z]{{3}})[a-z]{{0,6}}\.?[\s-]+(\d{{4}}|\d{{2}})"
    rf"(?:,?\s+(\d{{1,2}}):(\d{{1,2}})(?::(\d{{1,2}})(?:\.\d{{1,9}})?)?\s*(am|pm)?\s*({_OFFSET})?(?:\s*\([^)]{{0,40}}\))?)?",
    re.IGNORECASE,
)
_ISO8601 = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:(?:T|\s|(?<=\d{8}))\s*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,:]\d{1,9})?)?\s*(Z|UTC|GMT|[+\u2212-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d{1,6})?")
_CLOCK = r"(?:[,T\s\u3000-]{0,3}(?P<before>[^\W\d_.:]{1,10}\.?\s?){0,2}?(?P<hour>\d{1,2})\s?[:.h\u6642\u65f6\uc2dc]\s?(?P<minute>\d{2})?\s?[\u5206\ubd84]?(?::(?P<second>\d{2})(?:\.\d{1,9})?)?(?P<rest>.{0,40}))?"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})\s?[/.\u5e74\ub144-]\s?(?P<first>\d{1,2})\s?[/.\u6708\uc6d4-]\s?(?P<second_>\d{1,2})\s?[\u65e5\uc77c]?\.?"
    + _CLOCK,
    re.IGNORECASE,
)
_YEAR_LAST = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s)?(?P<first>\d{1,2})\s?(?P<sign>[/.-])\s?(?P<second_>\d{1,2})\s?[/.-]\s?(?P<year>\d{4}|\d{2})"
    + _CLOCK,
    re.IGNORECASE,
)
# Not \w: the vowel signs of Indic and Thai words are no letters to it. Dots stand within "\u0e01.\u0e1e." too.
_LETTER = r"[^\s\d_,/:()-]"
_WORD = rf"(?:(?:de|of|d['\u2019])\s?)?(?P<month>\d{{1,2}}[\u6708\uc6d4]|{_LETTER}{{2,24}}(?:\s(?!del?\b){_LETTER}{{2,12}})?)"
_NAMED = re.compile(
    r"(?:[^\W\d_][^\d,]{0,24}?[.,]{0,2}\s)??(?P<day>\d{1,2})(?:st|nd|rd|th|er|\.|\xba|\u02da|-?\u0433\u043e)?[\s-]"
    + _WORD
    + r"[\s,-]{1,2}(?:del?\s)?(?P<year>\d{4})(?:\s?\u0433\.?)?"
    + _CLOCK,
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?:[^\W\d_]{2,12}\.?,?\s)?(?P<month>[^\W\d_]{2,20})\.?\s(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<year>\d{4})"
    + _CLOCK,
    re.IGNORECASE,
)
_ASCTIME = re.compile(
    rf"(?:{_DAYS})\s([a-z]{{3}})\s+(\d{{1,2}})\s(\d{{2}}):(\d{{2}}):(\d{{2}})\s(?:([a-z]{{3,5}})\s)?(\d{{4}})",
    re.IGNORECASE,
)
_SLASHED = re.compile(r"(?:[^\W\d_]{2,12}\.?,?\s)?(\d{1,2})\s?/\s?(\d{1,2})\s?/\s?(?:\d{4}|\d{2})\b")
_ZONE_NAMED = re.compile(r"(?<=[\dZ])\[[A-Za-z_/+-]{2,40}\]$")  # as Java writes it, behind the offset
_ENDS_IN_OFFSET = re.compile(
    r"\d:\d{2}(?::\d{2}(?:\.\d{1,9})?)?\s?(?:[ap]m\s?)?(?P<zone>[+-]\d{2}:?\d{2}|[a-z]{1,4})$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How one feed writes its dates. `zone` for those that name none, `language` of its words, day before month."""

    zone: tzinfo = UTC
    language: str = ""
    day_first: bool = False
    now: datetime | None = None


def habits_of(texts: Iterable[str], *, zone: str = "", language: str = "", now: datetime | None = None) -> Habits:
    """What the dates of one feed say about each other.

    A naive date is in `zone` (IANA name), else at the offset that most other dates of the feed name. Day before month
    where a number over 12 proves it, else as the language writes.
    """
    seen = [_folded(text) for text in texts]
    own: tzinfo = ZoneInfo(zone) if zone else _usual_offset(seen)
    pairs = [(int(match[1]), int(match[2])) for text in seen if (match := _SLASHED.match(text))]
    firsts, seconds = any(first > 12 for first, _ in pairs), any(second > 12 for _, second in pairs)
    return Habits(
        zone=own,
        language=language,
        day_first=firsts if firsts != seconds else bool(pairs) and day_first(language),
        now=now,
    )


def read_date(
    raw: str, *, zone: str = "", guess: datetime | None = None, now: datetime | None = None, language: str = ""
) -> datetime | None:
    """The instant a date text means, in UTC; None where nobody can tell.

    `zone` (IANA name, "" for UTC) is used for text without an offset, `language` for words and the order of day and
    month. `guess` is what the feed parser made of the same text; it is taken only when nothing else reads the text,
    and only between 1995 and two days after `now`.
    """
    return date_in(raw, habits_of((raw,), zone=zone, language=language, now=now), guess=guess)


def date_in(raw: str, habits: Habits, *, guess: datetime | None = None) -> datetime | None:
    """read_date() for one date of a feed whose habits are known."""
    text = _folded(raw)
    try:
        found = _strict(text, habits)
        found = found.astimezone(UTC) if found else None
    except (ValueError, OverflowError):
        return None  # of a known form, but no such day: a guess would be worse
    if found is None:
        found = _guessed(text, habits, guess)
    return found if found is not None and found >= EARLIEST else None


def _folded(raw: str) -> str:
    """White space single, digits of any script as 0 to 9, marks that only direct the writing off."""
    text = _ZONE_NAMED.sub("", " ".join(raw[: _MAX_LENGTH * 2].split())[:_MAX_LENGTH])
    if text.isascii():
        return text
    digits = (str(unicodedata.digit(letter, letter)) if letter.isdigit() else letter for letter in text)
    return TWO_NAMES.sub(r"\1", "".join(digits)).replace("\u200e", "").replace("\u200f", "").replace("\u202f", " ")


def _strict(text: str, habits: Habits) -> datetime | None:
    return (
        _rfc822(text, habits.zone)
        or _iso8601(text, habits.zone)
        or _asctime(text, habits.zone)
        or _epoch(text)
        or _by_numbers(text, habits)
        or _by_name(text, habits)
    )


def _guessed(text: str, habits: Habits, guess: datetime | None) -> datetime | None:
    latest = habits.now + LATEST_AHEAD if habits.now else None
    if any(letter.isdigit() for letter in text) and len(text) > 5:
        # Loaded only when nothing else reads a date: it costs a fifth of a second.
        said: datetime | None = import_module("digest.sources.dates_said").read(text, habits)
        if said is not None and (latest is None or said <= latest):
            return said.astimezone(UTC)
    if guess is None or _MISREAD.match(text):
        return None
    return guess if latest is None or guess <= latest else None


def _rfc822(text: str, own: tzinfo) -> datetime | None:
    match = _RFC822.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    hour = _of_twelve(int(match[4] or 0), (match[7] or "").lower())
    day = (_year(match[3]), _MONTHS[match[2].lower()], int(match[1]))
    return _instant(day, (hour, int(match[5] or 0), match[6]), _zone(match[8], own))


def _iso8601(text: str, own: tzinfo) -> datetime | None:
    match = _ISO8601.fullmatch(text)
    if match is None:
        return None
    day = (int(match[1]), int(match[2]), int(match[3]))
    return _instant(day, (int(match[4] or 0), int(match[5] or 0), match[6]), _zone(match[7], own))


def _asctime(text: str, own: tzinfo) -> datetime | None:
    match = _ASCTIME.fullmatch(text)
    if match is None or match[1].lower() not in _MONTHS:
        return None
    day = (int(match[7]), _MONTHS[match[1].lower()], int(match[2]))
    return _instant(day, (int(match[3]), int(match[4]), match[5]), _zone(match[6], own))


def _epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _by_numbers(text: str, habits: Habits) -> datetime | None:
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        day = (int(match["year"]), int(match["first"]), int(match["second_"]))
    else:
        match = _YEAR_LAST.fullmatch(text)
        if match is None:
            return None
        first, second = int(match["first"]), int(match["second_"])
        # Nobody writes month.day.year; with hyphens or slashes a number over 12 can only be a day.
        swapped = match["sign"] == "." or first > 12 or (habits.day_first and second <= 12)
        day = (_year(match["year"]), second, first) if swapped else (_year(match["year"]), first, second)
    return _with_clock(day, match, habits)


def _by_name(text: str, habits: Habits) -> datetime | None:
    for match in (_NAMED.fullmatch(text), _MONTH_FIRST.fullmatch(text)):
        month = month_of(match["month"], habits.language) if match else 0
        if match and month:
            return _with_clock((int(match["year"]), month, int(match["day"])), match, habits)
    return None


def _with_clock(day: tuple[int, int, int], match: re.Match[str], habits: Habits) -> datetime | None:
    words = [match["before"] or "", *re.split(r"[\s()]+", (match["rest"] or "").strip(" ,."))]
    halves = [half for word in words if (half := half_day(word, habits.language))]
    hour = _of_twelve(int(match["hour"] or 0), halves[0] if halves else "")
    zones = [word for word in words if word and (word[0] in "+-\u2212" or word.lower() in _ZONES)]
    zone = _zone(zones[-1] if zones else None, habits.zone)
    return _instant(day, (hour, int(match["minute"] or 0), match["second"]), zone)


def _of_twelve(hour: int, half: str) -> int:
    return hour % 12 + (12 if half == "pm" else 0) if half and hour <= 12 else hour


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) > 2 else year + (1900 if year >= 70 else 2000)


def _instant(day: tuple[int, int, int], clock: tuple[int, int, str | None], zone: tzinfo) -> datetime:
    hour, minute, seconds = clock[0], clock[1], int(clock[2] or 0)
    late = hour == 24 and minute == seconds == 0  # midnight at the end of the day
    year = day[0] - 543 if 2400 < day[0] < 2700 else day[0]  # the Buddhist era of Thai dates
    at = datetime(year, *day[1:], 0 if late else hour, minute, min(seconds, 59), tzinfo=zone)  # 60 is a leap second
    return at + timedelta(days=1) if late else at


def _zone(text: str | None, own: tzinfo) -> tzinfo:
    said = (text or "").lower().replace("\u2212", "-")
    if said[:3] in {"gmt", "utc"} and said[3:].strip():
        said = said[3:].strip()
    if said and said[0] in "+-":
        digits = said[1:].replace(":", "")
        digits = f"{digits[:-2]:0>2}{digits[-2:]}" if len(digits) > 2 else f"{digits:0>2}00"
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return timezone(timedelta(minutes=-minutes if said[0] == "-" else minutes))
    minutes_named = _ZONES.get(said)
    return own if minutes_named is None else timezone(timedelta(minutes=minutes_named))


def _usual_offset(texts: list[str]) -> tzinfo:
    """The offset most dates of a feed name; UTC where none does."""
    named = Counter(match["zone"].lower() for text in texts if (match := _ENDS_IN_OFFSET.search(text)))
    for name, _ in named.most_common():
        with contextlib.suppress(ValueError):  # "+24:00" is no offset
            if name[0] in "+-" or name in _ZONES:
                return _zone(name, UTC)
    return UTC
