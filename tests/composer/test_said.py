"""Dates, times, numbers, names: in a language and a zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from digest.composer import name_fill
from digest.composer.said import direction, direction_of_text, minutes, moment, part_of_day, plural

LONDON, NEW_YORK = ZoneInfo("Europe/London"), ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "language", "zone", "words"),
    [
        (timedelta(minutes=30), "en-GB", LONDON, "06:00"),
        (timedelta(minutes=30), "en-US", NEW_YORK, "1:00\xa0AM"),
        (timedelta(hours=10), "en-GB", LONDON, "Sun 22 Nov, 20:30"),
        (timedelta(hours=10), "de", LONDON, "So., 22. Nov., 20:30"),
        (timedelta(days=5), "en-GB", LONDON, "Wed 18 Nov"),
        (timedelta(minutes=30), "xx-nonsense", LONDON, "6:00\xa0AM"),
    ],
)
def test_a_moment_is_said_as_briefly_as_now_allows(ago, language, zone, words):
    assert moment(NOW - ago, language, zone, now=NOW) == words


def test_the_day_changes_in_the_newsletters_zone():
    before_midnight_there = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert moment(before_midnight_there, "en-US", NEW_YORK, now=NOW) == "Sun, Nov 22, 11:00\xa0PM"


@pytest.mark.parametrize(("hour", "part"), [(0, "morning"), (11, "morning"), (12, "afternoon"), (18, "evening")])
def test_the_greeting_follows_the_clock_of_the_zone(hour, part):
    assert part_of_day(datetime(2026, 11, 23, hour, tzinfo=UTC), LONDON) == part


def test_minutes_count_words_or_signs():
    assert minutes([]) == 1
    assert minutes(["word " * 690]) == 3
    assert minutes(["日本語" * 500]) == 3


def test_plural_forms_are_the_languages_own():
    forms = {"one": "{n} Artikel", "few": "{n} few", "other": "{n} other"}
    assert [plural(forms, number, "pl") for number in (1, 3, 5)] == ["1 Artikel", "3 few", "5 other"]
    assert plural({"other": "{n} x"}, 1, "en") == "1 x"


@pytest.mark.parametrize(
    ("name", "language", "fill"),
    [
        ("Ada", "en", ", Ada"),
        ("", "en", ""),
        (" \r\n\t", "en", ""),
        ("Ada\r\nBcc: x", "en", ", Ada Bcc: x"),
        ("علي", "ar-EG", "، علي"),
        ("花子", "ja", "、花子さん"),
        ("x" * 200, "en", ", " + "x" * 80),
    ],
)
def test_a_name_is_filled_with_its_comma_or_not_at_all(name, language, fill):
    assert name_fill(name, language) == fill


def test_directions():
    assert (direction("ar"), direction("he-IL"), direction("en"), direction("??")) == ("rtl", "rtl", "ltr", "ltr")
    assert [direction_of_text(text) for text in ("1 שלום", "3 ways", "123")] == ["rtl", "ltr", ""]
