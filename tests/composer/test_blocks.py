"""What stands beside the articles: the contents, an editor's blocks, the questions at the end."""

import re
from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from digest.composer import sample_issue
from digest.composer.extras import read_extras
from digest.errors import TemplateError
from digest.model import Aside, Audience, Extras, Image, Number, Picks, Quote, Section
from tests.golden.cases import THEMES, variant_of

EXTRAS = Extras(
    number=Number(value="61", text="schools took part", url="https://x.example/61", outlet="The Post"),
    quote=Quote(text="The ice remembers", who="a glaciologist"),
    missed=(Aside(headline="A long read", url="https://x.example/long"),),
    joys=(Aside(headline="An otter came back"),),
)
WORDS = ["schools took part", "The ice remembers", "a glaciologist", "A long read", "An otter came back"]


@pytest.mark.parametrize("name", THEMES)
def test_every_theme_shows_every_block_in_both_parts(composed, picks, theme, name):
    (variant,) = composed(replace(picks, extras=EXTRAS), by=theme(name)).variants
    for part in (variant.html.shown(), variant.text.shown()):
        assert [word for word in [*WORDS, "https://x.example/61", "https://x.example/long"] if word not in part] == []


@pytest.mark.parametrize("name", THEMES)
def test_without_an_editor_the_blocks_are_not_there(composed, theme, name):
    (variant,) = composed(by=theme(name)).variants
    for part in (variant.html.shown(), variant.text.shown()):
        assert not re.search("Number of the day|made us smile|In their words|missed it|Small joys|More headlines", part)
        assert "How was this issue?" not in part


@pytest.mark.parametrize("name", THEMES)
def test_more_headlines_and_the_sponsor_stand_in_both_parts(composed, pick, picks, theme, name):
    more = (pick("A small thing", section=""),)
    sponsor = pick("Buy violins", section="", sponsor="Bellandi").article
    (variant,) = composed(replace(picks, more=more, sponsor=sponsor), by=theme(name)).variants
    for part in (variant.html.shown(), variant.text.shown()):
        assert "More headlines" in part
        assert "A small thing" in part
        assert more[0].article.url in part
        assert "From our sponsor, Bellandi" in part
        assert sponsor.url in part


def contents(variant):
    return re.findall(r"^\d\. (.+)$", variant.text.shown(), re.MULTILINE)


def test_the_contents_name_the_lead_and_then_each_section_by_turns(composed, pick):
    chosen = [pick("Lead", lead=True), *(pick(f"World {n}") for n in range(4)), pick("Atoms", section="Science")]
    (variant,) = composed(Picks(chosen=tuple(chosen))).variants
    assert contents(variant) == ["Lead", "World 0", "World 1", "World 2", "Atoms"]


def test_a_short_issue_has_no_contents_and_what_is_in_brief_is_not_listed(composed, newsletter, pick):
    short = Picks(chosen=(pick("Lead", lead=True), pick("Two"), pick("Three")))
    assert contents(composed(short).variants[0]) == []
    brief = replace(
        newsletter, sections=(Section(name="World", sources=()), Section(name="B", sources=(), style="brief"))
    )
    chosen = Picks(chosen=(pick("L", lead=True), *(pick(f"W{n}") for n in range(3)), pick("Tiny", section="B")))
    assert contents(composed(chosen, news=brief).variants[0]) == ["L", "W0", "W1", "W2"]


@pytest.mark.parametrize("style", ["rows", "numbered", "cards", "brief"])
@pytest.mark.parametrize("name", THEMES)
def test_a_section_stands_in_the_style_it_asks_for(composed, newsletter, pick, theme, name, style):
    styled = replace(newsletter, sections=(Section(name="World", sources=(), style=style, sub="A line below"),))
    picture = Image(url="https://p.example/x.jpg", width=900, height=500)
    chosen = Picks(chosen=(pick("L", lead=True), pick("A", image=picture), pick("B", image=picture)))
    (variant,) = composed(chosen, news=styled, by=theme(name)).variants
    page = variant.html.shown()
    assert ("<li" in page) is (style == "brief")
    assert ('aria-hidden="true"' in page) is (style == "numbered")
    assert ('class="cl"' in page) is (style == "cards" and name != "plain")
    assert ("\n1. A\n" in variant.text.shown()) is (style == "numbered")
    assert "A line below" in page
    assert "A line below" in variant.text.shown()


def test_an_odd_card_takes_the_whole_width(composed, newsletter, pick, theme):
    styled = replace(newsletter, sections=(Section(name="World", sources=(), style="cards"),))
    picture = Image(url="https://p.example/x.jpg", width=900, height=500)
    chosen = Picks(chosen=(pick("L", lead=True), *(pick(f"C{n}", image=picture) for n in range(3))))
    (variant,) = composed(chosen, news=styled, by=theme("best-articles")).variants
    assert re.findall(r'<img[^>]* width="(\d+)"', variant.html.shown()) == ["264", "264", "552"]


def test_feedback_is_mail_to_the_editors_or_a_page_of_theirs(composed, picks):
    (variant,) = composed(picks, feedback="desk+f@marram.example").variants
    links = re.findall(r"<(mailto:desk\S+)>", variant.text.shown())
    subjects = [parse_qs(urlsplit(link).query)["subject"][0] for link in links]
    assert subjects == [f"The Morning Briefing, 2026-11-23: {answer}" for answer in ("good", "fair", "poor")]
    (variant,) = composed(picks, feedback="https://x.example/f?a={answer}&d={slot}").variants
    assert "<https://x.example/f?a=poor&d=2026-11-23>" in variant.text.shown()
    assert 'href="https://x.example/f?a=poor&amp;d=2026-11-23"' in variant.html.shown()


def test_passing_it_on_opens_a_mail_to_nobody_with_a_link(composed, picks):
    (variant,) = composed(picks, title="Tea & toast?").variants
    link = next(link for link in re.findall(r"<(mailto:\?\S+)>", variant.text.shown()))
    said = parse_qs(urlsplit(link).query)
    assert said["subject"] == ["Tea & toast?, Monday, November 23, 2026"]
    assert unquote(said["body"][0]) == "https://news.marram.example/archive/morning/2026-11-23"


def test_an_editors_words_say_their_language_to_a_reader_of_another(composed, picks):
    told = replace(picks, extras=EXTRAS)
    variants = composed(told, audiences=[Audience(language="fr")]).variants
    (variant,) = [variant for variant in variants if variant.audience.language == "fr"]
    assert 'lang="en" dir="auto">schools took part' in variant.html.shown()


def test_blocks_are_read_from_plain_tables():
    told = {
        "number": {"value": 61, "text": "schools"},
        "quote": {"text": "Ice", "who": "A"},
        "joys": [{"headline": "Otter"}],
        "articles": [],
    }
    read = read_extras(told)
    assert (read.number.value, read.quote.who, read.joys, read.missed) == ("61", "A", (Aside(headline="Otter"),), ())
    for spoilt in (
        {"number": {"value": ""}},
        {"number": {"value": " ", "text": "x"}},
        {"quote": {"text": "x", "by": "y"}},
    ):
        with pytest.raises((KeyError, TypeError, ValueError)):
            read_extras(spoilt)


def test_a_spoilt_block_in_a_sample_is_named(theme, site):
    told = {
        "title": "X",
        "articles": [{"headline": "A", "url": "https://a.example/", "section": "S"}],
        "quote": {"who": "x"},
    }
    with pytest.raises(TemplateError, match="text"):
        sample_issue(theme("plain"), site, told)


@pytest.mark.parametrize("name", THEMES)
def test_forty_stories_stay_far_below_what_gmail_cuts(child, name):
    variant = variant_of("forty-articles", name, child)
    html = variant.html.shown()
    assert len(re.findall("<h[123]", html)) >= 45
    assert len(html.encode()) <= 75_000


def test_nine_stories_of_a_briefing_are_light(composed, pick):
    picture = Image(url=f"https://pictures.example/{'x' * 90}.jpg", width=1200, height=675, alt="A quiet harbour " * 5)
    long = "Mediators meet both sides at ten this morning after a stoppage that has cut freight by two thirds. " * 2
    chosen = [
        pick(f"A headline of the usual length, number {n}", lead=not n, image=picture, teaser=long, kicker="Transport")
        for n in range(9)
    ]
    (variant,) = composed(Picks(chosen=tuple(chosen), extras=EXTRAS)).variants
    assert len(variant.html.shown().encode()) <= 51_200


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("style", ["rows", "numbered", "cards", "brief"])
def test_a_note_without_a_page_of_its_own_is_told_without_a_link(composed, theme, newsletter, picks, pick, name, style):
    image = Image(url="https://p.example/desk.jpg", alt="The desk", width=1200, height=675)
    notes = [pick(f"We are open on Saturday, note {n}", url="", image=image, lead=n == 0) for n in range(3)]
    word = replace(pick("Fresh bread before dawn").article, sponsor="The Quay Bakery", url="")
    issue = composed(
        replace(picks, chosen=tuple(notes), sponsor=word, more=(pick("We are closed on Sunday", url=""),)),
        by=theme(name),
        sections=tuple(replace(section, style=style) for section in newsletter.sections),
    )
    html, text = issue.variants[-1].html.shown(), issue.variants[-1].text.shown()
    for part in (html, text):
        assert all(f"note {n}" in part for n in range(3))
        assert "Fresh bread before dawn" in part
        assert "We are closed on Sunday" in part
    assert 'href=""' not in html
    assert "<>" not in text
