# ruff: noqa: RUF001 - letters of other scripts are the subject here
"""parse_feed: what a feed says, whatever shape it comes in, and what is no feed."""

import subprocess
import sys
from datetime import UTC, datetime

import pytest

from digest.sources.feed import MAX_ARTICLES, parse_feed

URL = "https://feeds.example/dir/feed.xml"


@pytest.fixture
def read(feed, now):
    """An invented feed by name, or bytes, parsed."""

    def parse(name, **options):
        data = name if isinstance(name, bytes) else feed(name)
        return parse_feed(data, **{"url": URL, "now": now, **options})

    return parse


def headlines(reading):
    return [declared.headline for declared in reading.declared]


@pytest.mark.parametrize("text", ["/etc/passwd", "http://127.0.0.1/", "<rss/>", None, bytearray(b"<rss/>")])
def test_anything_but_bytes_is_a_type_error(text):
    with pytest.raises(TypeError, match="takes bytes"):
        parse_feed(text, url=URL)


def test_bytes_that_name_a_file_are_not_opened(feed_path):
    assert parse_feed(feed_path("rss2.xml").encode(), url=URL).failure == "this is not a feed"


def test_rss_2_gives_every_field(read):
    reading = read("rss2.xml")
    assert (reading.title, reading.language, reading.link) == (
        "The Coast Gazette - All news",
        "en-gb",
        "https://coast.example/",
    )
    first, second = reading.declared
    assert first.headline == "Harbour reopens after the storm"
    assert (first.url, first.guid) == ("https://coast.example/harbour", "harbour")
    assert first.published == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert (first.byline, first.authors) == ("Ada Marsh", ("Ada Marsh",))
    assert first.summary == "The first ferry left at dawn."
    assert first.tags == ("World", "Sea & Shore")
    assert second.published == datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


def test_rss_0_91_is_read_in_its_declared_charset(read):
    assert headlines(read("rss091.xml")) == ["Café opens on the summit"]


def test_rdf_is_read_with_its_dublin_core(read):
    reading = read("rdf.xml")
    (article,) = reading.declared
    assert (article.headline, article.tags, article.language) == ("Old mill turns again", ("Culture",), "en")
    assert article.published == datetime(2026, 11, 23, 4, 15, tzinfo=UTC)
    assert article.updated is None


def test_atom_tells_published_from_updated_and_text_from_html(read):
    text, html = read("atom.xml").declared
    assert text.headline == "How to write <b> and <i>x</i>"
    assert text.published == datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    assert text.updated == datetime(2026, 11, 23, 5, 30, tzinfo=UTC)
    assert text.byline == "Bo Lind"
    assert html.headline == "The Heron sails & returns"
    assert html.published == datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
    assert html.summary == "Two masts. One crew."


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("latin1_undeclared.xml", "Señor Muñoz dîne au café"),
        ("utf8_undeclared.xml", "Naïve “quotes” – café"),
        ("utf16.xml", "Ünïcode ferry"),
    ],
)
def test_row56_a_missing_or_odd_charset_gives_readable_text(read, name, headline):
    assert headlines(read(name)) == [headline]


def test_row56_undeclared_utf8_is_right_in_attributes_too(read, feed):
    tag = '<category term="Zażółć"/></entry>'.encode()
    data = feed("atom.xml").partition(b"?>")[2].replace(b"</entry>", tag)
    assert read(data).declared[0].tags == ("Zażółć",)


def test_row56_one_article_encoded_twice_is_mended_alone(read):
    twice = "<item><title>Fukushima patientsâ€™ futures</title><link>https://coast.example/1</link></item>"
    good = "<item><title>Café “open”</title><link>https://coast.example/2</link></item>"
    assert headlines(read(f"<rss><channel>{twice}{good}</channel></rss>".encode())) == [
        "Fukushima patients’ futures",
        "Café “open”",
    ]


def test_html_escaped_once_too_often_is_still_html(read):
    text = "&amp;lt;p&amp;gt;Fish &amp;amp;amp; chips&amp;lt;/p&amp;gt;"
    assert read(many(1, description=text)).declared[0].summary == "Fish & chips"


def test_pictures_of_a_text_count_from_its_own_base(read):
    item = "<item xml:base='https://base.example/d/'><title>B</title><link>x</link><description>&lt;img src='p.jpg'&gt;"
    (one,) = read(f"<rss><channel>{item}</description></item></channel></rss>".encode()).declared
    assert [picture.url for picture in one.pictures] == ["https://base.example/d/p.jpg"]


def test_pictures_of_atoms_content_count_from_the_contents_base(read):
    content = '<content type="html" xml:base="https://cdn.example/">&lt;img src="b.jpg"&gt;</content>'
    entry = f'<entry><title>B</title><id>urn:1</id><link href="x"/>{content}</entry>'
    data = f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example/">{entry}</feed>'
    assert [picture.url for picture in read(data.encode()).declared[0].pictures] == ["https://cdn.example/b.jpg"]


def test_the_name_of_an_atom_feed_that_is_text_means_what_it_says(read):
    data = '<feed xmlns="http://www.w3.org/2005/Atom"><title type="text">Tags &lt;b&gt;</title><entry><id>urn:1</id></entry></feed>'
    assert read(data.encode()).title == "Tags <b>"


WHOLE = "&lt;p&gt;" + "The harbour lay still. " * 60 + "&lt;/p&gt;"  # 240 words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"description": "A short word about it.", "content:encoded": WHOLE}, 240),
        ({"description": "A short word about it.", "content:encoded": WHOLE + " The post B appeared first on C."}, 240),
        ({"description": "A short word about it.", "content:encoded": WHOLE + " [&amp;#8230;]"}, 0),
        ({"description": "A short word about it.", "content:encoded": WHOLE + " Read more"}, 0),
        ({"description": WHOLE, "content:encoded": WHOLE + " A little more."}, 0),  # which of them is whole?
        ({"description": WHOLE}, 0),  # may be a long teaser
        ({"description": WHOLE * 2}, 480),
        ({"description": "A short word about it.", "content:encoded": "Another short word about it."}, 0),
    ],
)
def test_words_are_counted_where_a_feed_clearly_brings_the_whole_article(read, fields, words):
    inner = "".join(f"<{name}>{text}</{name}>" for name, text in fields.items())
    data = f'<rss xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item><title>B</title>{inner}</item></channel></rss>'
    (one,) = read(data.encode()).declared
    assert (one.words, one.paywall) == (words, False)


def test_row56_a_charset_that_http_names_is_used(read, feed):
    data = feed("latin1_undeclared.xml").decode("latin-1").replace("Señor Muñoz", "Мост").encode("cp1251", "replace")
    assert headlines(read(data, charset="windows-1251"))[0].startswith("Мост")


def test_row56_controls_nul_and_bidi_are_gone_and_joiners_that_are_needed_stay(read):
    assert headlines(read("controls.xml")) == [
        "Harbour reopens",
        "Hello world !",
        "می\u200cخواهم \U0001f468\u200d\U0001f469\u200d\U0001f467",
    ]


def test_double_entities_are_decoded_and_what_is_about_markup_stays(read):
    assert headlines(read("double_entities.xml")) == [
        "Culture & Life",
        "AT&T buys a buoy",
        "Prices of <b> rise",
        "AT&T <b> is literal",
        "It's the captain’s ship",
        "Fish ?a=1&copy=2",
    ]


def test_markup_leaves_headlines_and_summaries_as_plain_text(read):
    (article,) = read("markup.xml").declared
    assert article.headline == "The Heron sails at noon"
    assert article.summary == "One. Two links . Continue reading..."  # a space for each tag, as other parsers have it
    assert article.prose == "One. Two links. Continue reading..."


@pytest.mark.parametrize(
    ("name", "failure"),
    [
        ("empty.xml", "the answer is empty"),
        ("page.html", "this is a web page, not a feed"),
        ("not_a_feed.txt", "this is not a feed"),
        ("no_articles.xml", "a feed without articles"),
        ("feed.json", "a feed without articles"),
    ],
)
def test_row55_what_gives_no_article_is_a_failure_with_its_own_name(read, name, failure):
    reading = read(name)
    assert (reading.failure, reading.declared) == (failure, ())


@pytest.mark.parametrize(
    "data", [b"", b"\0\0", b"\xff\xfe", b"{}", b"[1]", b"<", b"\x89PNG\r\n", b"<rss>", b"<!--", b"<?xml"]
)
def test_row55_odd_bytes_are_a_failure_never_an_exception(read, data):
    assert read(data).failure


@pytest.mark.parametrize("name", ["torn_headline.xml", "torn_text.xml"])
def test_row55_a_torn_feed_gives_its_whole_articles_and_not_the_torn_one(read, name):
    reading = read(name)
    assert headlines(reading) == ["Whole one", "Whole two"]
    assert reading.notes == ("cut off: the last article is left out",)


def test_row55_a_feed_torn_in_its_first_article_gives_none(read, feed):
    data = feed("torn_headline.xml")
    assert "cut off" in read(data[: data.index(b"<item>") + 20]).failure


@pytest.mark.parametrize("name", ["entity_bomb.xml", "external_entity.xml"])
def test_a_feed_that_declares_entities_is_refused_unparsed(read, name):
    assert "DOCTYPE with ENTITY" in read(name).failure


def test_entities_are_seen_in_utf16_too(read, feed):
    data = feed("external_entity.xml").decode().replace("UTF-8", "UTF-16").encode("utf-16")
    assert "ENTITY" in read(data).failure


def test_a_doctype_without_entities_is_harmless(read):
    assert headlines(read("plain_doctype.xml")) == ["An old doctype"]


def test_links_count_from_xml_base_then_the_channel_then_the_feed(read, feed):
    urls = {one.headline: one.url for one in read("relative.xml").declared}
    assert urls["With a base"] == "https://base.example/news/one.html"
    assert urls["From the channel"] == "https://coast.example/two.html"
    assert urls["Origin wins"] == "https://proxy.example/x"
    assert {one.headline: one.origin for one in read("relative.xml").declared if one.origin} == {
        "Origin wins": "https://coast.example/origin"
    }
    assert urls["Permalink"] == "https://coast.example/perma"
    assert urls["No link at all"] == ""
    assert urls["Script"] == "javascript:alert(1)"  # as it is: make() refuses it by name
    homeless = feed("relative.xml").replace(b"<link>https://coast.example/</link>", b"").replace(b"xml:base", b"x")
    assert {one.url for one in read(homeless).declared} >= {
        "https://feeds.example/two.html",
        "https://feeds.example/dir/one.html",
    }


def test_a_guid_that_is_no_url_is_never_made_a_link(read, feed):
    data = feed("relative.xml").replace(b"xml:base", b"x")
    assert {one.headline: one.url for one in read(data).declared}["Random GUID"] == ""


def test_tracking_stays_in_what_the_source_says(read):
    assert read("tracking.xml").declared[0].url.endswith("?id=7&utm_source=rss&at_medium=RSS&fbclid=x#top")


def test_pictures_come_in_order_with_sizes_and_the_text_beside_them(read):
    several, _, _, unknown, film = read("pictures.xml").declared
    assert [(image.width, image.alt) for image in several.images] == [
        (width, "The quay at dawn") for width in (140, 1600, 700)
    ]
    assert [(image.url, image.width) for image in unknown.images] == [("https://img.example/unknown.jpg", 0)]
    assert film.images == ()


def test_a_byline_is_whole_and_names_come_without_the_addresses_around_them(read):
    declared = read("bylines.xml").declared
    assert declared[0].authors == ("Ada Marsh, The Coast Gazette UK",)
    assert [one.byline for one in declared] == [
        "desk@coast.example (Ada Marsh, The Coast Gazette UK)",
        "By Bo Lind and Cy Moss",
        "desk@coast.example",
        "A One, B Two, C Three, D Four",
    ]


def test_dates_before_1995_are_no_dates(read):
    assert [one.published is None for one in read("future.xml").declared] == [False, False, True]


def test_dates_without_an_offset_are_the_sources_own(read, feed):
    data = feed("rss2.xml").replace(b"05:00:00 GMT", b"05:00:00")
    assert read(data, zone="Europe/Berlin").declared[0].published == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def many(count, **fields):
    tags = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    items = "".join(
        f"<item><title>Story {n}</title><link>https://coast.example/{n}</link>{tags}</item>" for n in range(count)
    )
    return f"<rss version='2.0'><channel><title>Coast</title>{items}</channel></rss>".encode()


def test_row53_no_more_than_the_first_500_articles_are_read(read):
    reading = read(many(520))
    assert len(reading.declared) == MAX_ARTICLES
    assert headlines(reading)[-1] == "Story 499"
    assert "520 articles" in reading.notes[0]


def test_a_field_is_cut_at_64_kb_and_a_headline_of_that_size_is_named(read):
    long, huge = read(many(1, description="y " * 40_000)).declared[0], read(many(1, guid="z" * 70_000)).declared[0]
    assert 60_000 < len(long.summary) <= 65_536
    assert "larger than 64 kB" in huge.notes[0]
    assert (huge.headline, huge.url) == ("", "")


def test_deeply_nested_markup_is_no_trouble(read):
    (article,) = read(many(1, description="&lt;div&gt;" * 6_000 + "deep")).declared
    assert article.headline == "Story 0"


MEDIA = "http://search.yahoo.com/mrss/"


def one(fields):
    rss = f'<rss version="2.0" xmlns:media="{MEDIA}"><channel><title>Paper</title><item>{fields}</item></channel></rss>'
    return parse_feed(rss.encode(), url=URL).declared[0]


def test_a_caption_that_stands_before_the_description_is_not_the_summary():
    picture = (
        '<media:content url="https://i.example/1.jpg"><media:description>The quay</media:description></media:content>'
    )
    text = "<title>Storm</title><link>https://p.example/1</link><description>The harbour is closed.</description>"
    for article in (one(picture + text), one(text + picture)):
        assert (article.summary, article.images[0].alt) == ("The harbour is closed.", "The quay")


def test_an_emoji_written_as_two_halves_is_one_character():
    for halves in ("&#55357;&#56832;", "&#xD83D;&#xDE00;", "&amp;#55357;&amp;#56832;"):
        assert (
            one(f"<title>Good {halves} news</title><link>https://p.example/1</link>").headline == "Good \U0001f600 news"
        )
    assert one("<title>Half &#55357; news</title><link>https://p.example/1</link>").headline == "Half news"


def test_the_picture_of_an_image_element_within_an_article_is_its_own():
    image = "<image><url>https://i.example/1.jpg</url></image>"
    article = one(f"<title>Storm</title><link>https://p.example/1</link>{image}")
    assert [picture.url for picture in article.images] == ["https://i.example/1.jpg"]


def test_the_child_that_parses_starts_without_the_http_client():
    asked = "import sys, digest.sources.feed; print([one for one in ('httpx2', 'httpcore2') if one in sys.modules])"
    said = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
