"""XML made fit for the parser: what is mended, what is cut, what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.feed import parse_feed
from digest.sources.feed_notes import TOO_DEEP, TOO_MUCH
from digest.sources.wellformed import MAX_ARTICLES, expands_entities, prepare, survey_of

URL = "https://coast.example/feed.xml"


def item(title, body=""):
    return f"<item><title>{title}</title><link>https://coast.example/{len(title)}</link>{body}</item>"


def rss(items, attributes=""):
    return f"<rss version='2.0'{attributes}><channel><title>Coast</title>{items}</channel></rss>"


def headlines(text):
    return [one.headline for one in parse_feed(text.encode(), url=URL).declared]


@pytest.mark.parametrize(
    ("broken", "headline"),
    [
        (rss(item("Fish & chips")), "Fish & chips"),
        (rss(item("Fish &amp; chips & peas")), "Fish & chips & peas"),
        (rss(item("Caf&eacute;&nbsp;opens")), "Café opens"),
        (rss(item("A &unknown; thing")), "A &unknown; thing"),
        (rss(item("Bell\x07 rings\x00")), "Bell rings"),
        (rss(item("Bell&#7; rings&#x0;")), "Bell rings"),
        (rss(item("<![CDATA[<![CDATA[Twice wrapped]]>]]>")), "Twice wrapped"),
        (rss(item("<![CDATA[Fish &amp; <b>chips</b>]]>")), "Fish & chips"),
        ("\n\n<br />Warning: line 3\n<?xml version='1.0'?>" + rss(item("After junk")), "After junk"),
        ("  \ufeff<?xml version='1.0'?>" + rss(item("After a mark")), "After a mark"),
        (rss(item("Undeclared", "<media:thumbnail url='https://i.example/a.jpg'/>")), "Undeclared"),
        (rss(item("A bold<br> tag")), "A bold tag"),
    ],
)
def test_row55_a_known_fault_is_mended(broken, headline):
    assert headlines(broken) == [headline]


def test_a_prefix_without_its_namespace_still_gives_the_picture():
    text = rss(item("Undeclared", "<media:thumbnail url='https://i.example/a.jpg' width='400'/>"))
    (one,) = parse_feed(text.encode(), url=URL).declared
    assert [image.width for image in one.images] == [400]


def test_a_well_formed_feed_goes_to_the_parser_as_it_is():
    text = rss(item("One"))
    prepared = prepare(text)
    assert (prepared.data, prepared.mended, prepared.error, prepared.root) == (text.encode(), False, "", "rss")


@pytest.mark.parametrize("cut", range(10, 60, 7))
def test_row55_a_torn_feed_gives_what_is_whole(cut):
    text = rss(item("Whole one") + item("Whole two") + item("Torn three", "<description>x</description>" * 4))
    reading = parse_feed(text[: len(text) - cut - 20].encode(), url=URL)
    assert [one.headline for one in reading.declared] == ["Whole one", "Whole two"]
    assert "cut off" in reading.notes[0]


def test_an_article_within_an_article_is_no_article_of_the_feed():
    inner = "<x:conflict xmlns:x='urn:x'>" + item("Another version") + "</x:conflict>"
    assert headlines(rss(item("One", inner) + item("Two"))) == ["One", "Two"]


def test_related_links_within_an_article_are_not_its_link():
    related = "<x:related xmlns:x='urn:x'><link url='https://coast.example/other'>See</link></x:related>"
    (one,) = parse_feed(rss(item("One", related)).encode(), url=URL).declared
    assert one.url == "https://coast.example/3"


def test_row60_an_article_that_nests_too_deep_is_left_out_and_said():
    deep = item("Deep", "<description>" + "<div>" * 60_000 + "</div>" * 60_000 + "</description>")
    reading = parse_feed(rss(item("One") + deep + item("Two")).encode(), url=URL)
    assert [one.headline for one in reading.declared] == ["One", "Two"]
    assert reading.notes == ("1 articles left out: their markup nests too deep",)


@pytest.mark.parametrize(
    "text", ["<a>" * 60_000, rss("<a>" * 60_000), rss(item("One", "<div>" * 60_000)), "<rss>" + "<a>" * 60_000]
)
def test_row60_nesting_around_articles_or_never_closed_is_refused_by_name(text):
    assert parse_feed(text.encode(), url=URL).failure == TOO_DEEP


@pytest.mark.parametrize(
    "text",
    [
        "<rss " + "a='1' " * 20_000 + "/>",
        rss(item("&" * 400_000)),
        rss(item("One", "<b/>" * 150_000)),
        rss("<item>" + "<b>x</i>" * 30_000 + "</item>"),
    ],
)
def test_more_markup_than_a_feed_has_is_refused_by_name(text):
    assert parse_feed(text.encode(), url=URL).failure == TOO_MUCH


def test_row53_of_fifty_thousand_articles_the_first_500_are_kept_and_all_are_counted():
    prepared = prepare(rss("".join(item(f"Story {n}") for n in range(50_000))))
    assert prepared.count == 50_000
    assert len(survey_of(prepared.data).articles) == MAX_ARTICLES


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaa">]>',
        '<!DOCTYPE r [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        '<!DOCTYPE r [<!ELEMENT r ANY><!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!-- x --><!DOCTYPE r [\n<!ENTITY a "b">]>',
    ],
)
def test_t06_a_doctype_that_declares_entities_is_refused(doctype):
    assert "DOCTYPE with ENTITY" in parse_feed((doctype + rss(item("One"))).encode(), url=URL).failure


def test_t06_the_expat_of_this_machine_stops_a_bomb():
    assert not expands_entities()


def test_t06_an_external_dtd_is_not_read():
    text = '<!DOCTYPE rss SYSTEM "file:///etc/passwd">' + rss(item("One"))
    assert headlines(text) == ["One"]


@given(st.text(alphabet="<>/&;=!-[]?'\" \n\0aitem:xCDAT]", max_size=300))
@settings(deadline=None)
def test_no_markup_is_too_odd(text):
    reading = parse_feed(rss(item("One") + text).encode(), url=URL)
    assert reading.failure or reading.declared is not None
