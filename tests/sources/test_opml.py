"""OPML in and out: nothing lost, nothing twice, no entity, any nesting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import DigestError
from digest.sources.opml import Subscription, name_from, named, read_opml, write_opml
from digest.sources.sanitize import literal_text

NESTED = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="News"><outline text="Coast">
  <outline type="rss" text="Caf\xe9 &amp; Harbour" xmlUrl="https://cafe.example/feed?a=1&amp;utm_source=opml" htmlUrl="https://cafe.example/"/>
</outline>
<outline text="Caf\xe9 &amp; Harbour" xmlUrl="http://other.example/rss"/></outline>
<outline text="No section" xmlURL="https://third.example/atom.xml"/>
<outline text="The same again" xmlUrl="http://www.cafe.example/feed?a=1"/>
<outline text="Nothing" xmlUrl="javascript:alert(1)"/><outline text="Empty"/>
</body></opml>"""


def test_nested_outlines_become_sections_and_each_feed_comes_once():
    first, second, third = read_opml(NESTED)
    assert (first.title, first.section, first.site) == ("Café & Harbour", "News / Coast", "https://cafe.example/")
    assert first.url == "https://cafe.example/feed?a=1&utm_source=opml"
    assert (second.name, second.section) == ("cafe-harbour-2", "News")
    assert (third.name, third.section) == ("no-section", "")


TEXT = st.text(st.characters(exclude_categories=["C"]), max_size=30).map(lambda text: " ".join(text.split()))
FEEDS = st.lists(
    st.builds(
        Subscription,
        name=st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True),
        title=TEXT.map(literal_text),
        url=st.integers(0, 10**6).map(lambda number: f"https://feeds.example/{number}?id=a&b=%22"),
        site=st.sampled_from(["", "https://feeds.example/"]),
        section=st.sampled_from(["", "World", "Art & <Books>", 'The "Big" one']),
    ),
    unique_by=(lambda one: one.name, lambda one: one.url),
    max_size=20,
)


@given(FEEDS)
def test_what_is_written_reads_back_the_same(feeds):
    feeds.sort(key=lambda one: one.section)
    assert read_opml(write_opml(feeds, title="Desk & <Co>").encode()) == tuple(feeds)


def test_a_thousand_outlines_have_a_thousand_names_that_stay():
    lines = "".join(f'<outline text="Feed" xmlUrl="https://f.example/{n}"/>' for n in range(1000))
    data = f"<opml><body>{lines}</body></opml>".encode()
    feeds = read_opml(data)
    assert len({one.name for one in feeds}) == 1000
    assert feeds == read_opml(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>', "DOCTYPE"),
        ('<?xml version="1.0" encoding="utf-16"?><!DOCTYPE opml><opml/>'.encode("utf-16"), "DOCTYPE"),
        (b"<rss><channel/></rss>", "not OPML"),
        (b"<opml><body>", "line 1: not XML"),
        (b"", "not XML"),
        (b"<opml>" + b"<outline text='x'>" * 60_000, "deep"),
        (
            b"<opml>" + b"".join(b"<outline xmlUrl='https://f.example/%d'/>" % n for n in range(5001)) + b"</opml>",
            "more than",
        ),
    ],
)
def test_what_is_refused_has_a_reason(data, why):
    with pytest.raises(DigestError, match=why):
        read_opml(data)


def test_names_come_from_titles_and_avoid_those_taken():
    assert name_from("Süddeutsche Zeitung | Politik") == "suddeutsche-zeitung-politik"
    assert name_from("https://www.example.org/feed.xml") == "example-org-feed-xml"
    assert name_from("日本経済新聞") == "source"
    (one,) = named([Subscription(title="World", url="https://w.example/")], taken=["world"])
    assert one.name == "world-2"
