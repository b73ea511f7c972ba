"""The publishers' own files: what one real day offers, compared with what several parsers agree on."""

import html
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import Source, SourceState
from digest.sources import make
from digest.sources.feed import parse_feed
from digest.sources.urls import absolute_link, canonical

pytestmark = pytest.mark.real_data

NOW = datetime(2026, 2, 18, 6, 30, tzinfo=UTC)
OFFERED = {"theweek.xml": 18, "bbc_world.xml": 24, "aljazeera.xml": 25, "dw_en.rdf": 25, "nyt_world_2026.xml": 27}
OTHERS = (
    *("guardian_2018.xml", "lefigaro.xml", "golem_latin1.xml", "bbc_urdu.xml", "tagesschau.xml", "forum_gb18030.rss"),
    *("japantimes_nodates.xml", "uol_latin1.xml", "orf.rdf", "daringfireball.json"),
)


def plain(text):
    """As the expected texts are compared: tags off, entities twice, white space folded."""
    without = re.sub(r"<[^>]+>", "", html.unescape(html.unescape(text or "")))
    return " ".join(without.split())


@pytest.fixture
def expected(real_data):
    return json.loads((real_data / "feeds" / "_expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def read(real_data):
    """The Reading and the Articles of a file on its first reading."""

    def parse(name):
        reading = parse_feed((real_data / "feeds" / name).read_bytes(), url="", now=NOW)
        return reading, make(reading, Source(name=name, path=name), SourceState(name=name), now=NOW)

    return parse


def in_window(articles):
    return [one for one in articles if not one.refused and NOW - timedelta(hours=24) <= one.entered < NOW]


@pytest.mark.parametrize(("name", "count"), OFFERED.items())
def test_the_day_offers_what_was_published_in_it(read, name, count):
    assert len(in_window(read(name)[1])) == count


@pytest.mark.parametrize("name", OTHERS)
def test_nothing_of_another_year_or_without_a_date_is_offered(read, name):
    reading, articles = read(name)
    assert reading.failure == ""
    assert articles
    assert in_window(articles) == []


@pytest.mark.parametrize("name", OFFERED)
def test_every_headline_is_the_title_of_the_entry_with_that_link(read, expected, name):
    titles = {canonical(entry["link"]): plain(entry["title"]) for entry in expected[name]["entries"]}
    articles = in_window(read(name)[1])
    assert [one.headline for one in articles] == [titles[canonical(one.url)] for one in articles]


@pytest.mark.parametrize("name", OFFERED)
def test_no_article_comes_twice_and_no_link_is_tracked(read, name):
    articles = read(name)[1]
    keys = [key for one in articles for key in one.keys]
    assert len(keys) == len(set(keys))
    assert len({one.id for one in articles}) == len(articles)
    tracking = re.compile(r"[?&](utm_|at_|traffic_source|maca)")
    assert [one.url for one in articles if tracking.search(one.url) or absolute_link(one.url) != one.url] == []


def test_fields_differ_from_what_parsers_agree_on_in_no_more_than_15_of_1000(read, expected):
    compared = wrong = 0
    for name in expected:
        for declared, entry in zip(read(name)[0].declared, expected[name]["entries"], strict=False):
            published = f"{declared.published:%Y-%m-%dT%H:%M}" if declared.published else None
            pairs = [
                (entry["title"], plain(declared.headline), plain(entry["title"])),
                (entry["link"], declared.url, entry["link"]),
                (entry["published"], published, entry["published"]),
                (entry["author"], plain(declared.byline), plain(entry["author"])),
                (entry["summary"], plain(declared.summary)[:150], plain(entry["summary"])[:150]),
                (entry["image"], declared.images[0].url if declared.images else None, entry["image"]),
                (entry["tags"], set(declared.tags), set(plain(entry["tags"]).split("|"))),
            ]
            compared += sum(scored is not None for scored, _, _ in pairs)
            wrong += sum(scored is not None and ours != theirs for scored, ours, theirs in pairs)
    assert compared > 3_500
    assert wrong / compared <= 0.015


def test_the_second_picture_of_the_guardian_is_the_one_to_show(read):
    reading, articles = read("guardian_2018.xml")
    assert [image.width for image in reading.declared[0].images] == [140, 460]
    assert articles[0].image.width == 460


def test_the_week_is_clean(read):
    articles = read("theweek.xml")[1]
    assert "Culture & Life" in {tag for one in articles for tag in one.tags}
    assert not [one.byline for one in articles if "Week" in one.byline or "@" in one.byline]
    assert "Corruption: The spy sheikh and the president" in [one.headline for one in articles]
