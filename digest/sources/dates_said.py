"""The last resort for dates: dateparser, held to whole absolute dates. Loaded by digest.sources.dates when needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import dateparser

if TYPE_CHECKING:
    from digest.sources.dates import Habits


def read(text: str, habits: Habits) -> datetime | None:
    """An aware instant, or None. "yesterday", "May" and half dates are refused (unrestricted it reads them all)."""
    language = habits.language.replace("_", "-").partition("-")[0].lower()
    settings = {
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month", "year"],
        "RETURN_AS_TIMEZONE_AWARE": True,
        "DATE_ORDER": "DMY" if habits.day_first else "MDY",
    }
    try:
        found: datetime | None = dateparser.parse(
            text, languages=list(dict.fromkeys((language or "en", "en"))), settings=settings
        )
    except (ValueError, TypeError, OverflowError, KeyError):  # a language it does not know, or its own slip
        return None
    if found is None:
        return None
    naive = found.replace(tzinfo=habits.zone)
    return (
        naive
        if found.utcoffset() == timedelta(0) and not text.rstrip().endswith(("Z", "0000", "UTC", "GMT"))
        else found
    )
