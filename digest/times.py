"""Zones, durations, schedule words and cron lines, slots. Pure: `now` is always an argument."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a newsletter goes out, in its own zone's wall clock."""

    words: str
