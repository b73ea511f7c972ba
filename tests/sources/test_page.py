"""What an article's own page says: one small invented page for each trap."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import SourceState
from digest.sources import make
from digest.sources.page import read_page
from digest.sources.page_headline import without_site
from digest.sources.page_names import names_in

PAGES = Path(__file__).resolve().parent.parent / "data" / "pages"
URL = "https://www.coast.example/news/1"


def only(name_or_html, **how):
    html = (PAGES / name_or_html).read_bytes() if name_or_html.endswith(".html") else name_or_html.encode()
    reading = read_page(html, **{"url": URL, **how})
    assert not reading.failure
    return reading.declared[0]


def test_a_whole_page_gives_every_field():
    page = only("whole.html")
    assert page.headline == "Harbour reopens after the storm"
    assert page.kicker == "Talking Point"
    assert page.authors == ("Ada Marsh", "Ben Oar")
    assert page.published.isoformat() == "2026-03-09T22:15:00-05:00"  # the day at its own desk
    assert page.updated == datetime(2026, 3, 11, 8, tzinfo=UTC)
    assert page.summary == "The first ferry left at dawn, three days late."
    assert (page.images[0].url, page.images[0].width) == ("https://www.coast.example/pictures/ferry-1200.jpg", 1200)
    assert (page.outlet, page.section, page.language) == ("The Coast Courier", "Harbours", "en-GB")
    assert page.url == "https://www.coast.example/2026/03/09/harbour-reopens"
    assert (page.paywall, page.words) == (True, 812)


def test_its_article_has_kicker_section_words_and_paywall_and_utc(source, now):
    reading = read_page((PAGES / "whole.html").read_bytes(), url=URL)
    (article,) = make(reading, source(kind="page"), SourceState(name="coast"), now=now)
    assert (article.kicker, article.section, article.words, article.paywall) == ("Talking Point", "Harbours", 812, True)
    assert article.published.isoformat() == "2026-03-10T03:15:00+00:00"
    assert article.byline == "Ada Marsh, Ben Oar"


def test_a_page_without_metadata_is_read_as_people_read_it():
    page = only("plain.html", zone="Europe/Berlin", url="http://wellenblog.example/?p=7")
    assert page.headline == "Ein Tag am Meer"
    assert page.authors == ("Jule Brandt",)
    assert page.published == datetime(2026, 3, 9, 17, 30, tzinfo=UTC)
    assert page.summary.startswith("Am Morgen lag der Hafen still")


def test_a_byline_ends_with_its_paragraph():
    page = only("<h1>Budget and cuts</h1><p>By Tom Reed and Sue Ng</p><p>Ministers met on Tuesday.</p>")
    assert page.authors == ("Tom Reed", "Sue Ng")


def test_several_names_in_one_node_of_json_ld_are_several_authors():
    data = '{"@type": "NewsArticle", "headline": "Crab and claw", "author": {"@type": "Person", "name": ["Ann Lee", "Bo Yu"]}}'
    page = only(f'<script type="application/ld+json">{data}</script><h1>Crab and claw</h1>')
    assert page.authors == ("Ann Lee", "Bo Yu")


def test_microdata_alone_gives_the_picture_but_not_the_publishers_logo():
    logo = '<div itemprop="publisher"><img itemprop="image" src="/logo.png"></div>'
    picture = '<img itemprop="image" src="/i/storm.jpg" width="800" height="500" alt="The quay">'
    (image,) = only(f"<body itemscope><h1>Storm closes harbour</h1>{logo}{picture}</body>").images
    assert (image.url, image.width, image.alt) == ("https://www.coast.example/i/storm.jpg", 800, "The quay")


def test_where_no_picture_is_declared_the_figure_of_the_article_is_it():
    figure = '<figure><img src="ferry.jpg"><figcaption>The <b>ferry</b></figcaption></figure>'
    (image,) = only(f"<img src='/banner.jpg'><article><h1>Storm closes harbour</h1>{figure}</article>").images
    assert (image.url, image.alt) == ("https://www.coast.example/news/ferry.jpg", "The ferry")
    declared = '<meta property="og:image" content="/og.jpg">'
    (image,) = only(f"{declared}<article><h1>Storm closes harbour</h1>{figure}</article>").images
    assert image.url == "https://www.coast.example/og.jpg"


@pytest.mark.parametrize("head", ["", '<meta charset="iso-8859-1">'])
@pytest.mark.parametrize("root", ["<html>", '<html lang="ru">'])
def test_row56_a_page_whose_charset_is_not_or_wrongly_named_is_seen_by_its_letters(head, root):
    title = "\u041f\u0440\u0430\u0432\u0438\u0442\u0435\u043b\u044c\u0441\u0442\u0432\u043e \u0443\u0442\u0432\u0435\u0440\u0434\u0438\u043b\u043e \u043d\u043e\u0432\u044b\u0439 \u0431\u044e\u0434\u0436\u0435\u0442"
    html = f"{root}<head>{head}</head><body><h1>{title}</h1><p>{title}</p></body></html>".encode("cp1251")
    assert read_page(html, url=URL).declared[0].headline == title


@pytest.mark.parametrize(
    ("name", "headline", "authors", "published"),
    [
        ("old_blog.html", "Ein Tag im Garten", ("gizzmo",), "2009-06-12T00:00:00+00:00"),
        ("blogger.html", "Kartoffelsuppe mit Speck", ("Creeny",), "2018-06-05T09:11:00+02:00"),
        ("joomla.html", "Sternfusion am Beschleuniger", ("Kathrin Göbel",), "2019-08-16T00:00:00+00:00"),
        ("french.html", "Le marché de Nordport rouvre", ("Anne Le Gall",), "2026-02-17T22:04:00+00:00"),
        ("town.html", "Reparaturcafé am 31. Januar", (), "2020-01-27T00:00:00+00:00"),  # the town is nobody's byline
    ],
)
def test_the_usual_systems_are_read(name, headline, authors, published):
    page = only(name)
    assert (page.headline, page.authors, page.published.isoformat()) == (headline, authors, published)


def test_broken_json_is_mended():
    page = only("broken_json.html")
    assert (page.authors, page.summary) == (("Cem Haven",), "Tickets cost a tenth more from May.")
    assert page.published == datetime(2026, 3, 8, 6, tzinfo=UTC)


def test_several_authors_keep_their_order_without_roles_and_addresses():
    assert only("many_names.html").authors == ("Ada Marsh", "Ben Oar", "Cem Haven")


def test_a_section_that_calls_itself_the_site_is_neither_headline_nor_outlet():
    page = only("section_name.html")
    assert (page.headline, page.outlet, page.section) == (
        "Porto reabre depois da tempestade",
        "Correio da Costa",
        "Política",
    )


def test_the_headline_people_see_wins_over_another_wording():
    assert only("other_wording.html").headline == "Why the harbour closed, and what that means for your fare"


def test_a_canonical_url_on_another_host_or_of_the_front_page_is_ignored():
    assert only("foreign_canonical.html").url == URL


def test_without_a_description_the_standfirst_is_the_teaser():
    assert only("no_description.html").summary == "After the storm the whole village sat down to mend its nets."


def test_the_time_of_a_change_is_never_the_time_of_publishing():
    page = only("late_date.html")
    assert page.published == datetime(2026, 3, 2, tzinfo=UTC)
    assert page.updated == datetime(2026, 3, 10, 10, tzinfo=UTC)


def test_a_date_in_the_url_is_the_last_resort_and_a_check():
    page = "<title>Harbour news of the day</title><h1>Harbour news of the day</h1>"
    assert only(page, url="https://c.example/2026/03/04/x").published == datetime(2026, 3, 4, tzinfo=UTC)
    dated = f'<meta property="article:published_time" content="2026-03-09T10:00:00Z">{page}'
    checked = only(dated, url="https://c.example/2026/03/04/x")
    assert checked.published == datetime(2026, 3, 9, 10, tzinfo=UTC)
    assert "2026-03-04 by its URL" in checked.notes[0]


def test_nothing_but_text_and_http_addresses_leave_a_hostile_page():
    page = only("hostile.html")
    assert page.headline == "Harbour reopens"
    assert page.authors == ("Ada Marsh",)
    assert (page.images, page.url) == ((), URL)


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Harbour reopens - Gala", "Harbour reopens"),
        ("Harbour reopens | Life | Gala.fr", "Harbour reopens"),
        ("Gala.fr: Harbour reopens", "Gala.fr: Harbour reopens"),
        ("Gala.fr | Harbour reopens", "Harbour reopens"),
        ("A gala dinner - the menu", "A gala dinner - the menu"),
        ("Chronik: Lotte ist tot", "Chronik: Lotte ist tot"),
    ],
)
def test_only_the_name_of_the_site_is_cut(title, plain):
    assert without_site(title, {"gala", "galafr"}) == plain


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By ADA MARSH", ["ADA MARSH"]),
        ("Von Ada Marsh und Ben Oar, Berlin", ["Ada Marsh", "Ben Oar", "Berlin"]),
        ("Par Martin U. (avec Ada Marsh et Ben Oar)", ["Martin U.", "Ada Marsh", "Ben Oar"]),
        ("Ada Marsh | March 18 at 3:15 PM", ["Ada Marsh"]),
        ("Written by Ada Marsh, Senior Political Correspondent", ["Ada Marsh"]),
        ("https://facebook.example/ada", []),
        ("admin", []),
        ("9 March 2026", []),
    ],
)
def test_names_in_a_byline(byline, names):
    assert names_in(byline) == names


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("9. März 2026", "2026-03-09"),
        ("le 9 mars 2026 à 18h30", "2026-03-09"),
        ("March 9, 2026 6:15 pm", "2026-03-09"),
        ("09/03/2026 10:15", "2026-09-03"),
        ("2026年3月9日", "2026-03-09"),
        ("09.03.2026, 22:15 Uhr", "2026-03-09"),
        ("9 de marzo de 2026", "2026-03-09"),
        ("25/03/2026", "2026-03-25"),
    ],
)
def test_dates_as_people_write_them(said, day):
    page = f'<html lang="en"><title>Harbour news</title><h1>Harbour news</h1><p class="date">{said}</p>'
    assert only(page).published.strftime("%Y-%m-%d") == day


def test_a_day_before_the_month_where_the_language_writes_so():
    page = '<html lang="fr"><title>Port rouvert</title><h1>Port rouvert</h1><p class="date">09/03/2026</p>'
    assert only(page).published == datetime(2026, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("html", "why"),
    [
        (b"", "empty"),
        (b"\0\0  \n", "empty"),
        (b"%PDF-1.7 binary", "not a web page"),
        (b"<html><body>nothing</body></html>", "no headline"),
    ],
)
def test_what_is_no_page_has_a_name(html, why):
    assert why in read_page(html, url=URL).failure


def test_a_title_of_a_megabyte_nul_bytes_and_windows_text_are_read():
    html = b"<html lang=de><title>" + b"x" * 1_000_000 + "</title><h1>H\0afen ge\xf6ffnet</h1>".encode("cp1252")
    assert read_page(html, url=URL).declared[0].headline == "Hafen geöffnet"


def test_text_is_refused():
    with pytest.raises(TypeError, match="bytes"):
        read_page("<html>", url=URL)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *"<>/\"'= ",
                "h1",
                "title",
                "meta ",
                "script type=application/ld+json",
                "{",
                "[",
                "\0",
                "time datetime=",
                "2026-03-09",
                "By Ada ",
                "&#x202e;",
                "class=author",
                "content=",
                "name=author",
                "\u202e",
            ]
        ),
        max_size=60,
    )
)
def test_no_soup_of_tags_breaks_it_or_smuggles_controls(pieces):
    reading = read_page("".join(pieces).encode(), url=URL)
    for page in reading.declared:
        for text in (page.headline, page.byline, page.summary, *page.tags):
            assert not set(text) & set("\0\u202e\n")


def test_the_extra_fills_gaps_alone():
    pytest.importorskip("trafilatura")
    page = only("plain.html", zone="Europe/Berlin", url="http://wellenblog.example/?p=7")
    assert page.authors == ("Jule Brandt",)
    assert page.notes == ()


@pytest.mark.parametrize(
    ("printed", "at"),
    [
        ("March 9, 2026 8:08 pm", "2026-03-09T20:08:00-04:00"),
        ("March 9, 2026", "2026-03-09T23:08:00-01:00"),
        ("March 10, 2026", "2026-03-10T00:08:00+00:00"),
        ("March 7, 2026", "2026-03-10T00:08:00+00:00"),
    ],
)
def test_an_instant_in_utc_is_told_as_the_day_that_the_page_prints(printed, at):
    page = '<html lang="en"><meta property="article:published_time" content="2026-03-10T00:08:00Z">'
    page += f'<title>Harbour news</title><h1>Harbour news</h1><p class="date">{printed}</p>'
    assert only(page).published.isoformat() == at


HEAD = "<h1>Council approves the budget</h1>"
BODY = "<p>The city council approved next year's budget on Tuesday after a very long sitting.</p>"


def json_ld(fields):
    return f'<script type="application/ld+json">{fields}</script>'


def test_somebody_whose_name_begins_like_a_month_is_named_whole():
    assert only(f"{HEAD}<p>By Ada Marsh</p>{BODY}").authors == ("Ada Marsh",)
    assert only(f"{HEAD}<p>By Theresa May</p>{BODY}").authors == ("Theresa May",)
    assert only(f"{HEAD}<p>By Ada Marsh March 12, 2024</p>{BODY}").authors == ("Ada Marsh",)


def test_a_newsroom_gives_way_to_the_person_printed():
    data = json_ld(
        '{"@type": "NewsArticle", "headline": "Council approves the budget", "author": {"name": "Redaktion"}}'
    )
    assert only(f'{data}{HEAD}<p class="author">Von Jonas Berg</p>').authors == ("Jonas Berg",)
    assert only(f"{data}{HEAD}{BODY}").authors == ("Redaktion",)


def test_one_name_written_twice_is_one_author():
    data = json_ld(
        '{"@type": "NewsArticle", "headline": "x", "author": [{"name": "Ada Marsh"}, {"name": "ADA MARSH"}]}'
    )
    assert only(f"{data}{HEAD}").authors == ("Ada Marsh",)


def test_the_author_of_a_block_that_is_no_json_is_saved():
    data = json_ld(
        '{"@type": "NewsArticle", "author": [{"name": "Ada Marsh"}, {"name": "Tom Reed"}], "text": "a "b" c"}'
    )
    assert only(f"{data}{HEAD}").authors == ("Ada Marsh", "Tom Reed")


def test_an_instant_in_utc_is_of_the_day_its_desk_prints():
    said = '<meta property="article:published_time" content="2024-03-12T03:10:00Z">'
    for printed in (
        '<time datetime="2024-03-11T23:10:00-04:00">yesterday</time>',
        '<time datetime="2024-03-12T03:10:00Z">11/03/2024 23h10</time>',
    ):
        at = only(f'<html lang="pt">{said}{HEAD}{printed}{BODY}').published
        assert (at.isoformat(), at) == ("2024-03-11T23:10:00-04:00", datetime(2024, 3, 12, 3, 10, tzinfo=UTC))


def test_the_day_of_a_change_is_not_the_day_at_the_desk():
    said = '<meta property="article:published_time" content="2015-06-02T11:12:13Z">'
    page = only(f'{said}{HEAD}<p class="update-time">Updated 1112 GMT June 3, 2015</p>')
    assert page.published == datetime(2015, 6, 2, 11, 12, 13, tzinfo=UTC)


def test_of_two_days_printed_the_one_of_publishing_counts():
    both = '<p><span class="updated">Updated: March 14, 2021</span> <span class="published">March 11, 2021</span></p>'
    assert only(f"{HEAD}{both}{BODY}").published == datetime(2021, 3, 11, tzinfo=UTC)


def test_a_day_of_another_article_beside_this_one_is_not_its_own():
    other = '<div class="related-stories"><article><time datetime="2025-01-01T00:00Z">1 Jan</time></article></div>'
    page = only(f'{HEAD}<p class="date">12 Mar 2024</p>{BODY}{other}')
    assert page.published == datetime(2024, 3, 12, tzinfo=UTC)


def test_a_script_tells_the_day_where_nothing_else_does():
    script = '<script>var page = {"publishDate": "2024-03-12T08:00:00Z"};</script>'
    assert only(f"{script}{HEAD}{BODY}").published == datetime(2024, 3, 12, 8, tzinfo=UTC)
    other = '<script>list([{"publishedAt": "2024-01-01"}])</script>'
    assert only(f"{script}{other}{HEAD}{BODY}").published is None


def test_a_heading_in_two_parts_is_joined_as_the_metadata_join_it():
    declared = '<meta property="og:title" content="Northport: Council approves the budget">'
    parts = "<span>Northport</span> <span>Council approves the budget</span>"
    assert only(f"{declared}<h2>{parts}</h2>").headline == "Northport: Council approves the budget"
    assert only(f"{declared}<h1><i>Northport</i>{parts[23:]}</h1>").headline == "Northport: Council approves the budget"


def test_a_badge_in_the_heading_is_no_part_of_the_headline():
    page = only(
        '<title>Live: Budget vote as it happens</title><h1><b class="badge">Live</b>Budget vote as it happens</h1>'
    )
    assert (page.headline, page.kicker) == ("Budget vote as it happens", "Live")


@pytest.mark.parametrize(
    ("language", "printed"),
    [
        ("hu", "2024. m\u00e1jus 17. 09:30"),
        ("lt", "2024 m. gegu\u017e\u0117s 17 d. 09:30"),
        ("th", "17 \u0e1e\u0e24\u0e29\u0e20\u0e32\u0e04\u0e21 2567 09:30"),
        ("ar", "\u0661\u0667 \u0645\u0627\u064a\u0648 \u0662\u0660\u0662\u0664"),
        ("ar", "17 \u0623\u064a\u0627\u0631/\u0645\u0627\u064a\u0648 2024"),
    ],
)
def test_a_date_is_read_as_its_language_prints_it(language, printed):
    page = only(f'<html lang="{language}">{HEAD}<span class="date">{printed}</span>{BODY}')
    assert page.published.date().isoformat() == "2024-05-17"


def test_a_bare_day_takes_its_time_from_an_element_beside_it():
    bare = '<meta name="sailthru.date" content="2014-06-30">'
    page = only(f'{bare}{HEAD}<time datetime="2014-06-29 20:08:00-0400">June 29</time>')
    assert page.published.isoformat() == "2014-06-29T20:08:00-04:00"


def test_an_author_in_the_title_is_no_name_of_the_site():
    title = "<title>Council approves the budget | Ada Marsh | The Coast</title>"
    page = only(f'{title}{HEAD}<a rel="author">Ada Marsh</a>{BODY}')
    assert (page.headline, page.authors) == ("Council approves the budget", ("Ada Marsh",))


def test_what_wordpress_once_wrote_before_its_titles_is_cut():
    page = only(f"<title>The Town Blog \u00bb Blog Archive \u00bb Budget night</title>{BODY}")
    assert page.headline == "Budget night"


def test_a_byline_behind_a_script_is_near_the_headline():
    script = f"<script>{'var x = 1; ' * 80}</script>"
    assert only(f"{HEAD}{script}<p>By Ada Marsh</p>{BODY}").authors == ("Ada Marsh",)


def test_an_authors_box_at_the_side_counts_where_nothing_else_does():
    box = '<div id="article_sidebar"><a rel="author" href="/p/1">Ada Marsh</a></div>'
    other = '<div class="related"><a rel="author" href="/p/2">Tom Reed</a></div>'
    assert only(f"{HEAD}{BODY}{other}{box}").authors == ("Ada Marsh",)
