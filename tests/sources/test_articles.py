"""Reading -> Articles: dates and windows, identity, kickers, bylines, outlets, pictures, refusals."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import Image, Reading, Reason, SourceState
from digest.sources.articles import DATED_AHEAD, NO_DATE, make, needs_settling, settle
from digest.sources.feed import parse_feed

NEW = SourceState(name="coast")


@pytest.fixture
def made(feed, source, now):
    """The articles of an invented feed."""

    def parse(name, state=NEW, **options):
        reading = parse_feed(feed(name), url="https://feeds.example/feed.xml", now=now)
        return make(reading, source(**options), state, now=now)

    return parse


@pytest.fixture
def one(declared, source, now):
    """The one article of a Declared."""

    def build(state=NEW, title="The Coast Gazette - All news", options=None, **changes):
        reading = Reading(declared=(declared(**changes),), title=title, language="en")
        (article,) = make(reading, source(**(options or {})), state, now=now)
        return article

    return build


def test_an_article_carries_what_its_source_says(one, now):
    article = one(options={"section": "World", "kickers": ()}, tags=("Sea",), authors=("Ada Marsh",))
    assert article.headline == "Harbour reopens after the storm"
    assert article.teaser == "The first ferry left at dawn. Fishermen followed."
    assert (article.byline, article.outlet) == ("Ada Marsh", "The Coast Gazette")
    assert (article.section, article.language, article.tags) == ("World", "en", ("Sea",))
    assert (article.source, article.place, article.first_seen) == ("coast", 0, now)
    assert (article.refused, article.fact) == ("", "")


# ---------------------------------------------------------------- dates and windows


def test_on_the_first_reading_an_article_enters_when_it_was_published(one, now):
    article = one(published=now - timedelta(days=3))
    assert article.entered == article.published == now - timedelta(days=3)


def test_later_an_article_enters_when_it_is_first_seen(one, seen, now):
    article = one(seen, published=now - timedelta(days=3))
    assert (article.published, article.entered) == (now - timedelta(days=3), now)


def test_row57_without_a_date_the_first_reading_offers_nothing(made):
    articles = made("undated.xml")
    assert {article.refused for article in articles} == {Reason.UNDATED_FIRST_READING}
    assert {article.fact for article in articles} == {"no date"}


def test_row57_undated_articles_seen_later_keep_the_order_of_their_source(made, seen, now):
    articles = made("undated.xml", seen)
    assert [article.published for article in articles] == [now - timedelta(seconds=n) for n in range(5)]
    assert {article.entered for article in articles} == {now}
    assert {(article.refused, article.fact) for article in articles} == {("", NO_DATE)}


def test_row57_a_date_ahead_is_refused_first_and_clamped_later(made, seen, now):
    first, later = made("future.xml"), made("future.xml", seen)
    assert [article.refused for article in first] == [Reason.UNDATED_FIRST_READING, "", Reason.UNDATED_FIRST_READING]
    assert "2026-11-24 09:00 UTC, which is ahead" in first[0].fact
    assert [article.published for article in later] == [now, now + timedelta(minutes=10), now - timedelta(seconds=2)]
    assert [article.fact for article in later] == [DATED_AHEAD, "", NO_DATE]


@pytest.mark.parametrize(("ahead", "refused"), [(15, ""), (16, Reason.UNDATED_FIRST_READING)])
def test_a_quarter_of_an_hour_is_a_clock_that_differs(one, now, ahead, refused):
    assert one(published=now + timedelta(minutes=ahead)).refused == refused


def test_a_sample_is_taken_as_written_whatever_its_date(one, now, seen):
    sample = {"options": {"newest_is_now": True, "url": None, "path": "/x"}}
    ahead = one(seen, published=now + timedelta(days=400), **sample)
    assert (ahead.published, ahead.entered, ahead.refused) == (ahead.published, ahead.published, "")
    assert one(seen, published=None, **sample).refused == Reason.UNDATED_FIRST_READING


def test_an_assumed_date_stays_what_it_was_at_first(made, seen, now):
    before = made("undated.xml", seen)
    later = [replace(article, published=now + timedelta(hours=5)) for article in before]
    assert needs_settling(later)
    assert [one.published for one in settle(later, before)] == [one.published for one in before]


def test_what_the_first_reading_refused_does_not_come_in_with_the_second(made, seen):
    first, second = made("undated.xml"), made("undated.xml", seen)
    assert {article.refused for article in settle(second, first)} == {Reason.UNDATED_FIRST_READING}


def test_a_real_date_is_never_settled_away(one, seen, now):
    article = one(seen, published=now - timedelta(hours=1))
    assert not needs_settling([article])
    assert settle([article], [replace(article, published=now - timedelta(days=9))]) == (article,)


# ------------------------------------------------------------------------- refusals


def test_each_refusal_has_its_reason(made):
    refused = {
        article.headline: (article.refused, article.url) for article in made("relative.xml", SourceState(name="x"))
    }
    assert refused["No link at all"] == (Reason.NO_LINK, "")
    assert refused["Script"] == (Reason.BAD_LINK, "")
    assert refused[""] == (Reason.NO_HEADLINE, "https://coast.example/nothing")


def test_a_bad_link_is_shown_as_a_fact_never_as_a_link(made):
    (bad,) = (article for article in made("relative.xml") if article.refused == Reason.BAD_LINK)
    assert bad.fact == "the link is 'javascript:alert(1)'"


def test_a_headline_that_is_missing_is_the_first_sentence(made):
    assert "A first sentence stands in." in [article.headline for article in made("relative.xml")]


def test_what_is_too_large_is_refused_by_that_name(one):
    article = one(headline="", url="", notes=("headline, link or identifier larger than 64 kB",))
    assert article.refused == Reason.TOO_LARGE


def test_a_long_headline_is_cut_at_a_word(one):
    headline = one(headline="word " * 100).headline
    assert headline.endswith("word\u2026")
    assert len(headline) <= 300


# ------------------------------------------------------------------------- identity


def test_two_articles_that_share_only_a_guid_are_two(made):
    one, other = made("shared_guid.xml")
    assert set(one.keys).isdisjoint(other.keys)
    assert one.id != other.id


def test_the_same_article_twice_in_a_feed_is_the_first_one_and_the_other_is_refused(made):
    articles = made("tracking.xml")
    assert [article.headline for article in articles] == ["Tracked", "Tracked again", "Another id"]
    assert articles[0].refused == ""
    assert articles[1].refused == "undated_first_reading", "which comes before duplicate_of"
    assert set(articles[0].keys).isdisjoint(articles[1].keys)
    assert articles[0].url == "https://www.coast.example/story?id=7#top"


def test_an_article_keeps_its_id_when_it_is_mended(one):
    before = one(guid="https://coast.example/x#0", url="https://news.example/x?utm_source=a")
    after = one(guid="https://coast.example/x#1", url="http://www.news.example/x/", headline="Mended", summary="New.")
    assert before.id == after.id
    assert not set(before.keys).isdisjoint(after.keys)


def test_a_guids_revision_is_the_same_article(one):
    before = one(guid="https://coast.example/x#0", url="https://news.example/a", summary="")
    after = one(guid="https://coast.example/x#1", url="https://news.example/b", summary="")
    assert not set(before.keys).isdisjoint(after.keys)


def test_a_number_at_the_end_of_a_guid_that_is_no_url_belongs_to_it(one):
    first = one(guid="item#1", url="https://news.example/a", summary="")
    second = one(guid="item#2", url="https://news.example/b", summary="")
    assert set(first.keys).isdisjoint(second.keys)


def test_a_guid_holds_two_links_of_one_headline_together(one):
    before, after = one(url="https://news.example/draft-title"), one(url="https://news.example/final-title")
    assert f"guid:coast:harbour-1:{before.keys[1].rpartition(':')[2]}" in set(before.keys) & set(after.keys)


def test_a_copy_on_another_host_is_known_for_half_a_week_and_not_after_one(one, now):
    def copy(host, age):
        return set(one(url=f"https://{host}.example/a", guid=host, published=now - timedelta(days=age)).keys)

    assert all(copy("a", start) & copy("b", start + 3.4) for start in range(8))
    assert not any(copy("a", start) & copy("b", start + 7.1) for start in range(8))


def test_the_same_headline_without_a_teaser_is_no_copy(one):
    first, second = (
        one(url="https://news.example/1", guid="1", summary=""),
        one(url="https://news.example/2", guid="2", summary=""),
    )
    assert set(first.keys).isdisjoint(second.keys)


def test_ids_of_two_sources_differ_though_the_link_is_one(one):
    first, second = one(), one(options={"name": "hills"})
    assert first.id != second.id
    assert first.keys[0] == second.keys[0] == "url://news.example/harbour"


# --------------------------------------------------------- the words around a headline


def test_kickers_come_from_tags_and_known_prefixes_only(made):
    said = [(article.kicker, article.headline) for article in made("kickers.xml", kickers=("Kitchen table",))]
    assert said == [
        ("Opinion", "The sea gives and takes"),
        ("", "Corruption: The spy sheikh"),
        ("Speed Read", "A new lighthouse"),
        ("Kitchen Table", "The price of bread"),
        ("", "Ways to win | A week on the coast"),
    ]


def test_a_kicker_that_the_source_names_is_taken_out_of_the_headline(made):
    article = made("kickers.xml", kickers=("ways to win",))[-1]
    assert (article.kicker, article.headline) == ("Ways to win", "A week on the coast")


@pytest.mark.parametrize("bar", ["America is ours | Theodore Roosevelt", "Opinion |", "| Opinion", "Opinion|x"])
def test_no_headline_loses_a_word_by_guessing(one, bar):
    assert one(headline=bar).headline == bar


def test_bylines_lose_addresses_by_and_the_outlet(made):
    assert [article.byline for article in made("bylines.xml")] == [
        "Ada Marsh",
        "Bo Lind, Cy Moss",
        "",
        "A One, B Two, C Three and others",
    ]


@pytest.mark.parametrize(
    ("author", "byline"),
    [
        ("Von Anna Berg", "Anna Berg"),
        ("Par Jean Dupont", "Jean Dupont"),
        ("https://coast.example/ada", ""),
        ("17 February 2026", ""),
        ("ada@coast.example (Ada Marsh)", "Ada Marsh"),
        ("Ada Marsh <ada@coast.example>", "Ada Marsh"),
        ("Byron Deacon", "Byron Deacon"),
        ("news", ""),
        ("Sunita Coastal", "Sunita Coastal"),
    ],
)
def test_a_byline_is_a_name(one, author, byline):
    assert one(authors=(author,)).byline == byline


@pytest.mark.parametrize(
    ("title", "options", "declared_outlet", "outlet"),
    [
        ("The Coast Gazette - All news", {}, "", "The Coast Gazette"),
        ("NYT > World News", {}, "", "NYT"),
        ("Hill Post | Latest", {}, "", "Hill Post"),
        ("Vale \u2013 Breaking News", {}, "", "Vale"),
        ("TheWeek feed", {}, "", "TheWeek"),
        ("", {}, "", "news.example"),
        ("A planet", {}, "Hill Post", "Hill Post"),
        ("A planet", {"outlet": "Ours"}, "Hill Post", "Ours"),
    ],
)
def test_the_outlet_is_configured_declared_titled_or_the_host(one, title, options, declared_outlet, outlet):
    assert one(title=title, options=options, outlet=declared_outlet).outlet == outlet


def test_the_language_is_the_articles_then_the_feeds_then_the_configured(one, declared, source, now):
    assert one(language="fr").language == "fr"
    assert one(options={"language": "de"}).language == "en"
    (article,) = make(Reading(declared=(declared(),)), source(language="de"), NEW, now=now)
    assert article.language == "de"


# --------------------------------------------------------------------------- pictures


def test_the_picture_is_the_narrowest_wide_enough_else_the_widest(made):
    chosen = [article.image.url if article.image else None for article in made("pictures.xml")]
    assert chosen == [
        "https://img.example/700.jpg",
        "https://img.example/460.jpg",
        None,
        "https://img.example/unknown.jpg",
        None,
    ]
    assert made("pictures.xml")[0].image == Image(url="https://img.example/700.jpg", width=700, alt="The quay at dawn")


@pytest.mark.parametrize(
    "image",
    [
        Image(url="https://t.example/p.gif", width=1, height=1),
        Image(url="https://t.example/icon.png", width=119, height=119),
        Image(url="https://t.example/flat.png", width=300, height=79),
        Image(url="https://t.example/tall.png", width=200, height=601),
        Image(url="javascript:alert(1)", width=800),
    ],
)
def test_counters_icons_and_banners_are_no_pictures(one, image):
    assert one(images=(image,)).image is None


def test_unknown_width_counts_as_400(one):
    unknown, narrow = Image(url="https://i.example/u.jpg"), Image(url="https://i.example/n.jpg", width=399)
    assert one(images=(narrow, unknown)).image == unknown
    assert one(images=(replace(narrow, width=401), unknown)).image.width == 401


# ------------------------------------------------------------- what the Article makes of it


def test_the_link_behind_a_feed_service_is_the_one_shown(one):
    article = one(url="https://proxy.example/~r/1", origin="https://news.example/harbour?utm_source=x")
    assert article.url == "https://news.example/harbour"


def test_the_teaser_reads_on_where_a_tag_stood(one):
    assert one(summary="Last week , we sailed.", prose="Last week, we sailed.").teaser == "Last week, we sailed."


def test_the_outlet_behind_a_headline_is_off_and_another_word_is_not(one):
    assert one(headline="Harbour reopens after the storm - Example Times", outlet="Example Times").headline == (
        "Harbour reopens after the storm"
    )
    assert one(headline="Harbour reopens - again", outlet="Example Times").headline == "Harbour reopens - again"


def test_names_are_turned_round_only_where_the_source_says_so(one):
    options = {"byline": "last-first"}
    assert one(authors=("Marsh, Ada",)).byline == "Marsh, Ada"
    assert one(authors=("Marsh, Ada", "Lind, Bo"), options=options).byline == "Ada Marsh, Bo Lind"
    assert one(authors=("Ada Marsh, Bo Lind, Cy Moss",), options=options).byline == "Ada Marsh, Bo Lind, Cy Moss"


def test_two_names_around_an_and_count_as_two(one):
    many = one(authors=("Ada Marsh, Bo Lind, Cy Moss and Di Nunn",)).byline
    assert many == "Ada Marsh, Bo Lind, Cy Moss and others"
    assert one(authors=("Simon and Schuster",)).byline == "Simon and Schuster"


def test_a_picture_of_the_text_is_shown_where_none_is_declared(one):
    picture = Image(url="https://img.example/a.jpg", width=640, height=400, alt="The quay")
    assert one(pictures=(picture,)).image == picture
