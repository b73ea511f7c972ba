"""When a source is asked again: tables of what servers say, and the instants that follow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import Heard, SourceState
from digest.sources.feed import parse_feed
from digest.sources.polite import (
    after_answer,
    after_failure,
    back_off,
    heard,
    is_barred,
    is_due,
    next_try,
    retry_at,
    settled,
    ttl_of,
)

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
READ = SourceState(name="coast", last_try=NOW, last_success=NOW)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("headers", "minutes"),
    [
        ({}, 30),
        ({"cache-control": "max-age=60"}, 30),
        ({"cache-control": "public, max-age=3600"}, 60),
        ({"cache-control": "max-age=3600", "age": "600"}, 50),
        ({"cache-control": 'max-age="7200"'}, 120),
        ({"cache-control": "Max-Age=7200, must-revalidate"}, 120),
        ({"cache-control": "s-maxage=7200"}, 30),
        ({"cache-control": "no-cache, max-age=7200"}, 30),
        ({"cache-control": "no-store"}, 30),
        ({"cache-control": "max-age=31536000"}, 12 * 60),
        ({"cache-control": "max-age=99999999999999"}, 12 * 60),
        ({"cache-control": "max-age=-1"}, 30),
        ({"cache-control": "max-age=soon"}, 30),
    ],
)
def test_a_source_is_due_after_every_and_never_before_max_age(source, headers, minutes):
    state = after_answer(READ, heard(headers), ttl=0)
    assert next_try(source(), state) == NOW + minutes * MINUTE


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ({"minutes": "60"}, 3600),
        ({"minutes": " 15 "}, 900),
        ({"minutes": "soon"}, 0),
        ({"minutes": "-5"}, 0),
        ({"period": "hourly"}, 3600),
        ({"period": "Daily", "frequency": "4"}, 21_600),
        ({"period": "daily", "frequency": "0"}, 86_400),
        ({"period": "fortnightly"}, 0),
        ({}, 0),
    ],
)
def test_a_feed_says_how_often_it_wants_to_be_read(said, seconds):
    assert ttl_of(**said) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("<ttl>90</ttl>", 5400),
        ("<sy:updatePeriod> daily </sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", 43_200),
        ("", 0),
    ],
)
def test_what_a_feed_says_is_found_in_it(said, seconds):
    item = "<item><title>One</title><link>https://news.example/1</link></item>"
    names = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
    feed = f'<rss version="2.0" {names}><channel><title>News</title>{said}{item}</channel></rss>'
    assert parse_feed(feed.encode(), url="").ttl == seconds


def test_the_longer_of_ttl_and_max_age_counts_and_twelve_hours_at_most(source):
    assert next_try(source(), after_answer(READ, Heard(max_age=7200), ttl=3600)) == NOW + 2 * HOUR
    assert next_try(source(), after_answer(READ, Heard(), ttl=604_800)) == NOW + 12 * HOUR
    assert next_try(source(every=timedelta(hours=24)), after_answer(READ, Heard(), ttl=604_800)) == NOW + 24 * HOUR


@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [
        (429, {"retry-after": "120"}, timedelta(seconds=120)),
        (503, {"retry-after": "Mon, 23 Nov 2026 08:30:00 GMT"}, 2 * HOUR),
        (403, {"retry-after": "3600"}, HOUR),
        (503, {"retry-after": "Mon, 23 Nov 2026 09:30:00 GMT", "date": "Mon, 23 Nov 2026 08:30:00 GMT"}, HOUR),
        (429, {"retry-after": "999999999"}, 24 * HOUR),
        (429, {"retry-after": "9" * 30}, 24 * HOUR),
        (503, {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, 24 * HOUR),
        (503, {"retry-after": "Mon, 23 Nov 2020 06:30:00 GMT"}, timedelta(0)),
        (500, {"retry-after": "120"}, None),
        (429, {}, None),
        (429, {"retry-after": "in a while"}, None),
        (429, {"retry-after": "-1"}, None),
        (429, {"retry-after": "1e9"}, None),
    ],
)
def test_retry_after_is_honoured_as_seconds_or_date_for_a_day_at_most(status, headers, wait):
    assert retry_at(status, headers, now=NOW) == (None if wait is None else NOW + wait)


def test_nobody_asks_before_retry_after_and_everybody_may_after_it(source):
    state = replace(READ, streak=1, retry_after=NOW + 3 * HOUR)
    assert next_try(source(), state) == NOW + 3 * HOUR
    assert is_barred(state, now=NOW + 2 * HOUR)
    assert not is_due(source(), state, now=NOW + 2 * HOUR, before_slot=True)
    assert not is_barred(state, now=NOW + 3 * HOUR)
    assert is_due(source(), state, now=NOW + 3 * HOUR)


def test_a_clock_set_back_by_days_does_not_make_retry_after_last_for_days():
    assert not is_barred(replace(READ, retry_after=NOW + 3 * HOUR), now=NOW - timedelta(days=2))


def test_failures_are_further_and_further_apart_up_to_twelve_hours(source):
    waits = [next_try(source(), replace(READ, streak=streak)) - NOW for streak in range(1, 9)]
    usual = [0.5, 1, 2, 4, 8, 12, 12, 12]
    assert all(0.8 * hours * HOUR <= wait <= 1.2 * hours * HOUR for hours, wait in zip(usual, waits, strict=True))


@given(st.text(max_size=20), st.integers(min_value=1, max_value=10**6))
def test_a_back_off_is_the_same_each_time_it_is_asked_for(name, streak):
    assert back_off(name, streak) == back_off(name, streak)
    assert 24 * MINUTE <= back_off(name, streak) <= 14.4 * HOUR


def test_sources_that_failed_together_are_not_tried_together():
    assert len({back_off(f"source{n}", 1) for n in range(20)}) == 20


def test_before_a_slot_what_was_read_or_failed_lately_is_due_unless_its_answer_still_holds(source):
    soon = NOW + 5 * MINUTE
    assert not is_due(source(), READ, now=soon)
    assert is_due(source(), READ, now=soon, before_slot=True)
    assert is_due(source(), replace(READ, streak=3), now=soon, before_slot=True)
    assert not is_due(source(), replace(READ, max_age=3600), now=soon, before_slot=True)
    assert not is_due(source(), replace(READ, off=NOW), now=soon, before_slot=True)


def test_the_third_permanent_redirect_in_a_row_to_one_place_is_remembered():
    state, there = READ, Heard(moved_to="https://new.example/feed")
    seen = []
    for _ in range(3):
        state = after_answer(state, there, ttl=0)
        seen.append(state.moved)
    assert seen == ["", "", "https://new.example/feed"]
    assert after_answer(state, Heard(), ttl=0).moved == "https://new.example/feed"


@pytest.mark.parametrize("between", [Heard(), Heard(moved_to="https://other.example/")])
def test_an_answer_in_between_begins_the_counting_anew(between):
    state, there = READ, Heard(moved_to="https://new.example/feed")
    for said in (there, there, between, there, there):
        state = after_answer(state, said, ttl=0)
    assert state.moved == ""
    assert after_answer(state, there, ttl=0).moved == "https://new.example/feed"


@pytest.mark.parametrize(("status", "streak"), [(404, 1), (410, 1), (500, 3)])
def test_where_the_new_place_is_lost_the_configured_one_is_asked_again(status, streak):
    moved = replace(READ, moved="https://new.example/feed", streak=streak)
    after = after_failure(moved, status, None, now=NOW)
    assert (after.moved, after.off) == ("", None)


def test_410_turns_a_source_off():
    after = after_failure(replace(READ, streak=1), 410, None, now=NOW)
    assert after.off == NOW
    assert is_barred(after, now=NOW + timedelta(days=400))


def test_another_address_in_the_config_begins_anew_but_keeps_what_was_read(source):
    old = settled(source(), replace(READ, off=NOW, streak=4, moved="https://x.example/", first_reading=NOW))
    assert old.off == NOW
    new = settled(source(url="https://new.example/feed"), old)
    assert (new.off, new.streak, new.moved, new.first_reading) == (None, 0, "", NOW)
    assert new.about == "https://new.example/feed"


def test_the_date_of_an_answer_out_of_a_cache_is_brought_up_to_now():
    said = heard({"date": "Mon, 23 Nov 2026 05:30:00 GMT", "age": "3600"})
    assert said.date == NOW


@given(st.dictionaries(st.sampled_from(["date", "age", "cache-control", "retry-after"]), st.text(max_size=40)))
def test_no_header_is_odd_enough_to_fail(headers):
    said = heard(headers)
    assert said.max_age >= 0
    when = retry_at(429, headers, now=NOW)
    assert when is None or NOW <= when <= NOW + 24 * HOUR
