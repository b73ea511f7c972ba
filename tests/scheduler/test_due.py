"""Which slot is due, as a table and through the calendar of real zones."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest import times
from digest.model import IssueRow, IssueState, Newsletter, Sender, Site
from digest.scheduler.due import Act, Due, due, latest

SLOT = "2026-03-10"
INSTANT = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
SITE = Site(name="Desk", id="desk1", base_url="", postal_address="1 Road", timezone="UTC", language="en")
MORNING = Newsletter(
    name="morning",
    title="Morning",
    sender=Sender(name="Desk", address="desk@example.org"),
    lists=("readers",),
    sections=(),
    sources=(),
    schedule=times.parse_schedule("daily 06:30"),
    timezone="UTC",
    theme="briefing",
    late_within=timedelta(hours=6),
    site=SITE,
)


def scheduled(words, zone):
    return replace(MORNING, schedule=times.parse_schedule(words), timezone=zone)


def row(state):
    return IssueRow(id=1, newsletter="morning", slot=SLOT, state=state)


def decided(newsletter, at, *rows):
    known = {one.slot: one for one in rows}
    newest = latest(newsletter, at)
    return due(newsletter, known.get(newest[0]) if newest else None, newest, at)


@pytest.mark.parametrize(
    ("late", "act"),
    [
        (timedelta(0), Act.SEND),
        (timedelta(seconds=1), Act.SEND),
        (timedelta(hours=2), Act.SEND),
        (timedelta(hours=6), Act.SEND),
        (timedelta(hours=6, milliseconds=1), Act.MISS),
        (timedelta(hours=23, minutes=59), Act.MISS),
    ],
)
@pytest.mark.parametrize("rows", [(), (row(IssueState.PLANNED),)], ids=["no row", "planned before a crash"])
def test_an_unfilled_slot_is_sent_within_late_within_and_missed_beyond(late, act, rows):
    assert decided(MORNING, INSTANT + late, *rows) == Due(slot=SLOT, instant=INSTANT, act=act)


@pytest.mark.parametrize("state", [state for state in IssueState if state is not IssueState.PLANNED])
@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=9)])
def test_a_slot_that_was_dealt_with_asks_for_nothing(state, late):
    assert decided(MORNING, INSTANT + late, row(state)) is None


def test_a_slot_that_has_not_come_asks_for_nothing():
    assert (
        decided(MORNING, INSTANT - timedelta(milliseconds=1), replace(row(IssueState.DONE), slot="2026-03-09")) is None
    )
    assert due(MORNING, None, None, INSTANT) is None


def test_only_the_latest_of_several_slots_counts():
    after_three_days = INSTANT + timedelta(days=3, hours=1)
    assert decided(MORNING, after_three_days).slot == "2026-03-13"


def test_a_day_the_schedule_does_not_name_asks_for_the_one_before():
    weekly = scheduled("mondays 06:30", "UTC")
    assert decided(weekly, INSTANT).slot == "2026-03-09"
    assert decided(weekly, INSTANT).act is Act.MISS


def test_the_hour_that_comes_twice_is_one_slot():
    london = scheduled("daily 01:30", "Europe/London")
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert decided(london, first) == Due(slot="2026-10-25", instant=first, act=Act.SEND)
    sent = replace(row(IssueState.DONE), slot="2026-10-25")
    assert decided(london, second, sent) is None


@pytest.mark.parametrize(
    ("zone", "words", "slot", "first"),
    [
        ("Europe/London", "daily 01:30", "2026-03-29", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("America/New_York", "daily 02:30", "2026-03-08", datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/Santiago", "daily 00:00", "2026-09-06", datetime(2026, 9, 6, 4, tzinfo=UTC)),
    ],
)
def test_a_time_that_is_left_out_is_due_at_the_first_instant_after_the_gap(zone, words, slot, first):
    newsletter = scheduled(words, zone)
    assert decided(newsletter, first) == Due(slot=slot, instant=first, act=Act.SEND)
    assert decided(newsletter, first - timedelta(seconds=1)).slot < slot


@settings(deadline=None, max_examples=60)
@given(
    zone=st.sampled_from(
        ["Europe/London", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran"]
    ),
    start=st.integers(0, 15 * 365).map(lambda days: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=days)),
    minute=st.integers(0, 24 * 60 - 1),
    step=st.integers(5, 45),
)
def test_looking_again_and_again_for_four_days_fills_each_slot_once(zone, start, minute, step):
    newsletter = scheduled(f"daily {minute // 60:02}:{minute % 60:02}", zone)
    filled = []
    for tick in range(4 * 24 * 60 // step):
        at = start + timedelta(minutes=tick * step)
        what = decided(newsletter, at, *(replace(row(IssueState.DONE), slot=slot) for slot in filled))
        filled += [what.slot] if what else []
    assert filled == sorted(set(filled))
    expected = {slot for slot, _ in times.slots(newsletter.schedule, zone, start, at)}
    assert expected <= set(filled)
