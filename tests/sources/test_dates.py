"""One right answer for each way of writing a date."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.dates import read_date


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Tue, 17 Feb 2026 22:04:13 +0000", "2026-02-17T22:04:13"),
        ("Tue, 17 Feb 2026 22:04:13 GMT", "2026-02-17T22:04:13"),
        ("Tue, 17 Feb 2026 22:04 EST", "2026-02-18T03:04"),
        ("Tue, 17 Feb 2026 22:04:13 PDT", "2026-02-18T05:04:13"),
        ("17 Feb 2026 22:04:13 CEST", "2026-02-17T20:04:13"),
        ("Tuesday, 17 February 2026 22:04:13 +01:00", "2026-02-17T21:04:13"),
        ("Tue, 17-Feb-26 22:04:13 UT", "2026-02-17T22:04:13"),
        ("Wed, 31 Dec 97 23:00:00 GMT", "1997-12-31T23:00"),
        ("Tue, 17 Feb 2026 10:04 PM", "2026-02-17T22:04"),
        ("Tue, 17 Feb 2026 12:04 am", "2026-02-17T00:04"),
        ("Tue, 17 Feb 2026 24:00:00 GMT", "2026-02-18T00:00"),
        ("Tue, 30 Jun 2026 23:59:60 GMT", "2026-06-30T23:59:59"),
        ("Tue, 17 Feb 2026", "2026-02-17T00:00"),
        ("Tue, 17 Feb 2026 22:04:13 -0330 (Newfoundland)", "2026-02-18T01:34:13"),
        ("2026-02-18T00:15:00Z", "2026-02-18T00:15"),
        ("2026-02-18T00:15:00.123456+05:30", "2026-02-17T18:45"),
        ("2026-02-18t00:15z", "2026-02-18T00:15"),
        ("2026-02-18 00:15:00", "2026-02-18T00:15"),
        ("2026-02-18", "2026-02-18T00:00"),
        ("20260218T001500Z", "2026-02-18T00:15"),
        ("2026-02-18T24:00:00Z", "2026-02-19T00:00"),
        ("  2026-02-18T00:15:00-08  ", "2026-02-18T08:15"),
    ],
)
def test_a_strict_form_is_read_from_the_raw_text(raw, instant):
    wrong = utc("2001-01-01")
    assert read_date(raw, guess=wrong) == utc(instant)


@pytest.mark.parametrize(
    ("raw", "zone", "instant"),
    [
        ("2026-07-01T08:00:00", "Europe/Berlin", "2026-07-01T06:00"),
        ("Wed, 01 Jul 2026 08:00:00", "America/New_York", "2026-07-01T12:00"),
        ("Wed, 01 Jul 2026 08:00:00 IST", "Asia/Kolkata", "2026-07-01T02:30"),
        ("Wed, 01 Jul 2026 08:00:00 IST", "", "2026-07-01T08:00"),
        ("2026-07-01", "Asia/Tokyo", "2026-06-30T15:00"),
        ("Wed, 01 Jul 2026 08:00:00 GMT", "Asia/Tokyo", "2026-07-01T08:00"),
    ],
)
def test_what_names_no_zone_is_in_the_sources_own(raw, zone, instant):
    assert read_date(raw, zone=zone) == utc(instant)


@pytest.mark.parametrize(
    "raw",
    ["", "soon", "31 Feb 2026 10:00:00 GMT", "2026-13-01", "Thu, 01 Jan 1970 00:00:00 GMT", "0001-01-01T00:00:00Z"],
)
def test_what_is_no_believable_date_is_none(raw):
    assert read_date(raw, guess=None) is None


def test_a_day_that_does_not_exist_is_not_guessed_at():
    assert read_date("2026-02-30", guess=utc("2026-03-02")) is None


NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "guess", "taken"),
    [
        ("24 Thermidor an 226, 19:42", NOW - timedelta(days=9), True),
        ("24 Thermidor an 226, 19:42", NOW + timedelta(days=3), False),
        ("24 Thermidor an 226, 19:42", datetime(1994, 5, 1, tzinfo=UTC), False),
        ("2020/1/10/14", datetime(2020, 11, 1, tzinfo=UTC), False),
        ("177136584012345", datetime(2020, 1, 1, tzinfo=UTC), False),
    ],
)
def test_the_parsers_guess_comes_last_and_only_where_it_may_be_believed(raw, guess, taken):
    assert read_date(raw, guess=guess, now=NOW) == (guess if taken else None)


@given(st.text(max_size=120))
@settings(deadline=None)
def test_no_text_is_too_odd(text):
    found = read_date(text, zone="Europe/London", now=NOW)
    assert found is None or found.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1995, 1, 2), max_value=datetime(2090, 1, 1)), st.integers(-14 * 4, 14 * 4))  # noqa: DTZ001
@settings(deadline=None)
def test_an_iso_date_is_read_back_as_written(naive, quarters):
    offset = timedelta(minutes=15 * quarters)
    sign, minutes = ("-" if quarters < 0 else "+"), abs(15 * quarters)
    raw = f"{naive:%Y-%m-%dT%H:%M:%S}{sign}{minutes // 60:02}:{minutes % 60:02}"
    assert read_date(raw) == naive.replace(microsecond=0, tzinfo=UTC) - offset
