"""Dates, times and numbers as people say them, by babel, in a language and a zone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_decimal

WORDS_PER_MINUTE = 230  # reading speed of our design notes; silent reading of news, adults
SIGNS_PER_MINUTE = 500  # for scripts without spaces
_WIDE = ("CJK", "HIRAGANA", "KATAKANA")
_BEFORE_NAME = {"ar": "، ", "fa": "، ", "ur": "، ", "ja": "、", "zh": "\uff0c"}
_AFTER_NAME = {"ja": "さん"}  # a bare name is rude
_NAME_LENGTH = 80


@cache
def locale_of(language: str) -> Locale:
    """The locale of a BCP 47 tag; of its first part, then English, where babel knows it not."""
    for tag in (language, language.partition("-")[0], "en"):
        try:
            return Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
    raise AssertionError("babel knows English")  # pragma: no cover


def direction(language: str) -> str:
    """`ltr` or `rtl`."""
    return str(locale_of(language).text_direction)


def direction_of_text(text: str) -> str:
    """`ltr`, `rtl`, or "" without a letter: by the first letter with a direction, as dir=auto does."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in {"L", "R", "AL"}:
            return "ltr" if kind == "L" else "rtl"
    return ""


def day(when: date, language: str) -> str:
    """`Monday, 23 November 2026`."""
    return _spaces(format_date(when, "full", locale=locale_of(language)))


def clock(when: datetime, language: str, zone: ZoneInfo) -> str:
    """`06:30`, `6:30 AM`."""
    return _spaces(format_time(when, "short", tzinfo=zone, locale=locale_of(language)))


def moment(when: datetime, language: str, zone: ZoneInfo, *, now: datetime) -> str:
    """When an article came out, as briefly as `now` allows: the time today, day and time to 48 h, then the day."""
    local, today = when.astimezone(zone), now.astimezone(zone)
    time = clock(when, language, zone)
    if local.date() == today.date():
        return time
    locale = locale_of(language)
    said = _spaces(format_skeleton("MMMEd", local, locale=locale))
    joined = str(get_datetime_format("medium", locale=locale)).format(time, said)
    return joined if abs(now - when) <= timedelta(hours=48) else said


def part_of_day(when: datetime, zone: ZoneInfo) -> str:
    """`morning` before 12, `afternoon` before 18, then `evening`, on the zone's clock."""
    hour = when.astimezone(zone).hour
    return "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"


def minutes(texts: Iterable[str]) -> int:
    """Whole minutes to read these texts, at least 1."""
    spent = 0.0
    for text in texts:
        signs = sum(1 for sign in text if ord(sign) > 0x2E80 and unicodedata.name(sign, "").startswith(_WIDE))
        spent += signs / SIGNS_PER_MINUTE if signs > len(text) / 3 else len(text.split()) / WORDS_PER_MINUTE
    return max(1, round(spent))


def plural(forms: dict[str, str], number: int, language: str) -> str:
    """`forms` holds a text per CLDR form (zero, one, two, few, many, other) with `{n}` for the number."""
    locale = locale_of(language)
    form = forms.get(locale.plural_form(number), forms["other"])
    return _spaces(form.format(n=format_decimal(number, locale=locale)))


def name_fill(name: str, language: str) -> str:
    """What the hole `name` is filled with: `, Ada`, or "" for nobody's name; the greeting reads well with both.

    Plain text, not escaped: one line, at most 80 characters of the name.
    """
    shown = name if name.isprintable() else "".join(sign if sign.isprintable() else " " for sign in name)
    tidy = " ".join(shown.split())[:_NAME_LENGTH].strip()
    speech = language.partition("-")[0]
    return _BEFORE_NAME.get(speech, ", ") + tidy + _AFTER_NAME.get(speech, "") if tidy else ""


def _spaces(text: str) -> str:
    return text.replace("\u202f", "\u00a0")  # a narrow no-break space is a box in older mail clients
