"""Dates as feeds write them: RFC 822 and ISO 8601 strictly on the raw text, the parser's guess last. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before that nobody wrote a feed: a default value, not a date
LATEST_AHEAD = timedelta(days=2)

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
    660: "aedt",
    720: "nzst",
    780: "nzdt",
}
_ZONES = {name: minutes for minutes, names in _NAMES.items() for name in names.split()}
# Forms that the feed parser reads wrongly (feedparser 6.0.14: 2020/1/10 becomes the first of November).
_MISREAD = re.compile(r"\d{1,4}\s*[/.\u5e74]|\d{9,}")

_RFC822 = re.compile(
    rf"(?:(?:{_DAYS})[a-z]{{0,6}}\.?,?\s+)?(\d{{1,2}})[\s-]+([a-z]{{3}})[a-z]{{0,6}}\.?[\s-]+(\d{{4}}|\d{{2}})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?\s*(am|pm)?\s*([+-]\d{2}:?\d{2}|[a-z]{1,5})?(?:\s*\([^)]{0,40}\))?)?",
    re.IGNORECASE,
)
_ISO8601 = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})"
    r"(?:[T\s]\s*(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d{1,9})?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE,
)


def read_date(
    raw: str, *, zone: str = "", guess: datetime | None = None, now: datetime | None = None
) -> datetime | None:
    """The instant a date text means, in UTC; None where nobody can tell.

    `zone` (IANA name, "" for UTC) is used for text without an offset. `guess` is what the feed parser made of the
    same text; it is taken only when the text is of neither form, and only between 1995 and two days after `now`.
    """
    text = raw.strip()[:100]
    own: tzinfo = ZoneInfo(zone) if zone else UTC
    try:
        strict = _rfc822(text, own) or _iso8601(text, own)
        found = strict.astimezone(UTC) if strict else None
    except (ValueError, OverflowError):
        return None  # of a strict form, but no such day: the guess would be worse
    if found is None and guess is not None and not _MISREAD.match(text):
        found = guess if now is None or guess <= now + LATEST_AHEAD else None
    return found if found is not None and found >= EARLIEST else None


def _rfc822(text: str, own: tzinfo) -> datetime | None:
    match = _RFC822.fullmatch(text)
    if match is None or match[2].lower() not in _MONTHS:
        return None
    year = int(match[3])
    if len(match[3]) == 2:
        year += 1900 if year >= 70 else 2000
    hour = int(match[4] or 0)
    if match[7]:
        hour = hour % 12 + (12 if match[7].lower() == "pm" else 0)
    day = (year, _MONTHS[match[2].lower()], int(match[1]))
    return _instant(day, (hour, int(match[5] or 0), match[6]), _zone(match[8], own))


def _iso8601(text: str, own: tzinfo) -> datetime | None:
    match = _ISO8601.fullmatch(text)
    if match is None:
        return None
    day = (int(match[1]), int(match[2]), int(match[3]))
    return _instant(day, (int(match[4] or 0), int(match[5] or 0), match[6]), _zone(match[7], own))


def _instant(day: tuple[int, int, int], clock: tuple[int, int, str | None], zone: tzinfo) -> datetime:
    hour, minute, seconds = clock[0], clock[1], int(clock[2] or 0)
    late = hour == 24 and minute == seconds == 0  # midnight at the end of the day
    at = datetime(*day, 0 if late else hour, minute, min(seconds, 59), tzinfo=zone)  # 60 is a leap second
    return at + timedelta(days=1) if late else at


def _zone(text: str | None, own: tzinfo) -> tzinfo:
    if text and text[0] in "+-":
        digits = text[1:].replace(":", "").ljust(4, "0")
        minutes = int(digits[:2]) * 60 + int(digits[2:])
        return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
    minutes_named = _ZONES.get((text or "").lower())
    return own if minutes_named is None else timezone(timedelta(minutes=minutes_named))
