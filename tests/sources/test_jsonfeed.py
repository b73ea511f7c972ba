"""JSON Feed 1.0 and 1.1: read by its own reader, with what is wrong named."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.feed import parse_feed
from digest.sources.feed_notes import BROKEN_JSON, NO_ARTICLES, NOT_A_FEED, TOO_LARGE

URL = "https://coast.example/feed.json"
VERSION = "https://jsonfeed.org/version/1.1"


def read(*items, **feed):
    whole = {"version": VERSION, "title": "The Coast", "home_page_url": "https://coast.example/", **feed}
    return parse_feed(json.dumps({**whole, "items": list(items)}).encode(), url=URL)


def one(**item):
    (declared,) = read({"id": "1", "url": "https://coast.example/1", "title": "Harbour reopens", **item}).declared
    return declared


def test_every_field_is_read():
    declared = one(
        date_published="2026-11-23T05:00:00+01:00",
        date_modified="2026-11-23T06:00:00Z",
        summary="The first <em>ferry</em> left.",
        content_html="<p>Long.</p>",
        image="/a.jpg",
        attachments=[
            {"url": "https://i.example/b.jpg", "mime_type": "image/jpeg"},
            {"url": "https://i.example/c.mp3", "mime_type": "audio/mpeg"},
        ],
        tags=["World", "World", "Sea &amp; Shore"],
        authors=[{"name": "Ada Marsh"}, {"name": "Bo Lind"}],
        language="en",
    )
    assert declared.published == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert declared.updated == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert (declared.summary, declared.authors) == ("The first ferry left.", ("Ada Marsh", "Bo Lind"))
    assert [image.url for image in declared.images] == ["https://coast.example/a.jpg", "https://i.example/b.jpg"]
    assert (declared.tags, declared.language) == (("World", "Sea & Shore"), "en")


def test_the_feed_tells_its_title_language_and_authors_for_all():
    reading = read({"id": "1", "title": "One"}, language="de", author={"name": "Ada Marsh"})
    assert (reading.title, reading.language, reading.link) == ("The Coast", "de", "https://coast.example/")
    assert reading.declared[0].byline == "Ada Marsh"


def test_an_item_without_a_url_is_known_by_its_external_one_or_its_id():
    assert one(url=None, external_url="https://other.example/x").url == "https://other.example/x"
    assert one(url=None, id="https://coast.example/id").url == "https://coast.example/id"
    assert one(url=None, id="17").url == ""
    assert one(url=None, id=17).guid == "17"


def test_text_that_says_it_is_text_keeps_its_tags():
    assert one(content_text="Write <b>, not &lt;b&gt;").summary == "Write <b>, not &lt;b&gt;"


def test_pictures_of_the_text_come_after_the_declared_ones():
    declared = one(content_html='<img src="/t.jpg" width="800" height="500" alt="The quay">')
    assert declared.images == ()
    assert [(image.url, image.width, image.alt) for image in declared.pictures] == [
        ("https://coast.example/t.jpg", 800, "The quay")
    ]


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b'{"version": "https://jsonfeed.org/version/1", "items": [', BROKEN_JSON),
        (b'{"items":' + b"[" * 200_000, BROKEN_JSON),
        (b'{"a": 1}', NOT_A_FEED),
        (b"[1, 2]", NOT_A_FEED),
        (b"[" * 200_000, NOT_A_FEED),
        (b'{"items": {}}', NOT_A_FEED),
        (b'{"items": [1, null, "x"]}', NO_ARTICLES),
    ],
)
def test_row55_json_that_is_no_feed_is_a_failure_with_its_own_name(data, failure):
    assert parse_feed(data, url=URL).failure == failure


def test_row53_more_than_500_items_are_counted_and_cut():
    reading = read(*({"id": str(n), "title": f"Story {n}"} for n in range(520)))
    assert len(reading.declared) == 500
    assert "520 articles" in reading.notes[0]


def test_a_title_of_a_megabyte_is_named():
    assert one(title="x" * 1_000_000).notes == (TOO_LARGE,)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(
    [
        "id",
        "url",
        "title",
        "summary",
        "content_html",
        "authors",
        "author",
        "tags",
        "image",
        "attachments",
        "date_published",
    ]
)


@given(st.lists(st.dictionaries(keys, values, max_size=6), max_size=3))
@settings(deadline=None)
def test_no_item_is_too_odd(items):
    reading = read(*items)
    assert len(reading.declared) == len(items)
