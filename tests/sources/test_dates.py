# ruff: noqa: RUF001 - letters of other scripts are the subject here
"""One right answer for each way of writing a date."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.dates import date_in, habits_of, read_date


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("Tue, 17 Feb 2026 22:04:13 +0000", "2026-02-17T22:04:13"),
        ("Tue, 17 Feb 2026 22:04:13 GMT", "2026-02-17T22:04:13"),
        ("2026-02-18T07:04:13+09:00[Asia/Tokyo]", "2026-02-17T22:04:13"),
        ("2569-02-17 22:04:13", "2026-02-17T22:04:13"),
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
    ("raw", "language", "instant"),
    [
        ("2020/1/10 08:00", "zh", "2020-01-10T08:00"),
        ("2026.2.17", "", "2026-02-17T00:00"),
        ("2026-2-7 1:05", "", "2026-02-07T01:05"),
        ("17.02.2026 22:04", "de", "2026-02-17T22:04"),
        ("17-02-2026 22:04", "", "2026-02-17T22:04"),
        ("17/02/2026 22:04", "en-US", "2026-02-17T22:04"),
        ("02/17/2026 10:04:00 PM", "de", "2026-02-17T22:04"),
        ("2/3/2026", "en", "2026-02-03T00:00"),
        ("2/3/2026", "en-GB", "2026-03-02T00:00"),
        ("2/3/2026", "fr", "2026-03-02T00:00"),
        ("2026年02月17日 22:04", "zh", "2026-02-17T22:04"),
        ("2026년 2월 17일 오후 10:04", "ko", "2026-02-17T22:04"),
        ("火, 17 2月 2026 22:04:00 +0900", "", "2026-02-17T13:04"),
        ("1771365840", "", "2026-02-17T22:04"),
        ("1771365840000", "", "2026-02-17T22:04"),
        ("20260217220400", "", "2026-02-17T22:04"),
        ("17 février 2026 22:04", "fr", "2026-02-17T22:04"),
        ("mar. 17 févr. 2026 22:04:00 +0100", "", "2026-02-17T21:04"),
        ("Seg, 24 Set 2018 19:42:40 -0300", "", "2018-09-24T22:42:40"),
        ("17 de fevereiro de 2026 às 22:04", "pt", "2026-02-17T22:04"),
        ("17 de febrero de 2026, 22:04", "es", "2026-02-17T22:04"),
        ("17. Februar 2026, 22:04 Uhr", "de", "2026-02-17T22:04"),
        ("Do, 05 Mär 2026 14:00:00 +0100", "", "2026-03-05T13:00"),
        ("Вт, 17 фев 2026 22:04:00 +0300", "ru", "2026-02-17T19:04"),
        ("17 февраля 2026 г. 22:04", "ru", "2026-02-17T22:04"),
        ("Út, 17 Úno 2026 22:04:00 +0100", "cs", "2026-02-17T21:04"),
        ("17 Şubat 2026 22:04", "tr", "2026-02-17T22:04"),
        ("Τρί, 17 Φεβ 2026 22:04:00 +0200", "el", "2026-02-17T20:04"),
        ("17 فبراير 2026 22:04", "ar", "2026-02-17T22:04"),
        ("۱۷ فوریه ۲۰۲۶", "fa", "2026-02-17T00:00"),
        ("อ., 17 ก.พ. 2569 22:04:00 +0700", "th", "2026-02-17T15:04"),
        ("February 17, 2026 10:04 PM EST", "en", "2026-02-18T03:04"),
        ("Tuesday, February 17, 2026 - 22:04", "en", "2026-02-17T22:04"),
        ("Sept 17, 2026 at 3:05 p.m.", "en", "2026-09-17T15:05"),
        ("Tue Feb 17 22:04:13 EST 2026", "", "2026-02-18T03:04:13"),
        ("Tue, 17 Feb 2026 22:04:00 GMT+0100", "", "2026-02-17T21:04"),
        ("17 tháng 2, 2026 22:04", "vi", "2026-02-17T22:04"),
    ],
)
def test_a_date_in_numbers_or_words_is_read_as_its_language_means_it(raw, language, instant):
    assert read_date(raw, language=language, guess=utc("2001-01-01")) == utc(instant)


def test_the_other_dates_of_a_feed_prove_which_number_is_the_day():
    habits = habits_of(["01/02/2026 08:00", "25/02/2026 08:00"], language="en-US")
    assert date_in("01/02/2026 08:00", habits) == utc("2026-02-01T08:00")
    habits = habits_of(["01/02/2026 08:00", "02/25/2026 08:00"], language="de")
    assert date_in("01/02/2026 08:00", habits) == utc("2026-01-02T08:00")


def test_a_date_without_an_offset_is_at_the_offset_of_the_feeds_other_dates():
    habits = habits_of(["2026-02-17 08:00", "Tue, 17 Feb 2026 09:00:00 +0530", "2026-02-17T10:00:00+05:30"])
    assert date_in("2026-02-17 08:00", habits) == utc("2026-02-17T02:30")
    named = habits_of(["2026-02-17 08:00", "2026-02-17T10:00:00+05:30"], zone="Europe/Berlin")
    assert date_in("2026-02-17 08:00", named) == utc("2026-02-17T07:00")


@pytest.mark.parametrize("raw", ["yesterday", "3 hours ago", "May 2026", "Tuesday", "22:04", "2026", "17 Feb"])
def test_half_a_date_and_words_like_yesterday_are_refused(raw):
    assert read_date(raw, language="en") is None


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
