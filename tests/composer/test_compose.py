"""compose(): one issue, its variants, its two inbox lines."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.composer import fingerprint
from digest.errors import ConfigError, TemplateError
from digest.model import Audience, Part, Picks, Variant


def only(issue):
    (variant,) = issue.variants
    return variant


def second(issue):
    """The variant beside the newsletter's own."""
    _, variant = issue.variants
    return variant


def test_equal_input_gives_equal_bytes(composed):
    first, second = composed(), composed()
    assert first == second
    assert first.fingerprint == second.fingerprint


def test_the_issue_carries_what_it_was_made_from(composed, picks):
    issue = composed()
    assert (issue.key, issue.number, issue.theme) == ("morning@2026-11-23", 7, "briefing")
    assert issue.picks == picks
    assert len(issue.fingerprint) == 32


def variant(literals, holes):
    part = Part(literals=literals, holes=holes)
    return Variant(audience=Audience(), html=part, text=part, mjml="")


def test_the_fingerprint_sees_a_literal_a_hole_and_where_the_cut_is():
    prints = {
        fingerprint([variant(literals, holes)])
        for literals, holes in (
            (("ab", "c"), ("name",)),
            (("a", "bc"), ("name",)),
            (("ab", "c"), ("view_url",)),
            (("abname", "c"), ("",)),
            (("abc",), ()),
        )
    }
    assert len(prints) == 5


def test_holes_of_public_pages_exist_only_with_public_pages(composed, newsletter):
    public = only(composed())
    private = only(composed(site=replace(newsletter.site, base_url="")))
    assert set(public.html.holes) == {"name", "unsubscribe_url", "preferences_url", "view_url"}
    assert set(public.text.holes) == set(public.html.holes)
    assert set(private.html.holes) == {"name", "unsubscribe_url"}
    assert set(private.text.holes) == {"name", "unsubscribe_url"}


def test_the_mjml_shows_holes_by_name(composed):
    assert 'href="[[unsubscribe_url]]"' in only(composed()).mjml


def test_the_greeting_reads_well_with_and_without_a_name(composed):
    text = only(composed()).text
    links = dict.fromkeys(("unsubscribe_url", "preferences_url", "view_url"), "https://x.example")
    assert "\nGood morning, Ada.\n" in text.joined({"name": ", Ada", **links})
    assert "\nGood morning.\n" in text.joined({"name": "", **links})


# Audiences.


def test_each_audience_is_one_variant_behind_the_newsletters_own(composed):
    audiences = [Audience(language="fr"), Audience(language="de"), Audience(language="en"), Audience(language="fr")]
    assert [made.audience.key for made in composed(audiences=audiences).variants] == ["en", "de", "fr"]


def test_without_audiences_there_is_a_variant_in_the_newsletters_language(composed):
    assert only(composed(audiences=(), language="de")).audience == Audience(language="de")


def test_topics_keep_the_lead_and_choose_among_the_sections(composed):
    text = second(composed(audiences=[Audience(topics=("Science",))])).text.shown()
    assert "Ferry unions return" in text
    assert "Olive oil falls" in text
    assert "A river wins" not in text


def test_topics_that_name_no_section_choose_nothing(composed):
    assert "A river wins" in second(composed(audiences=[Audience(topics=("Gardening",))])).text.shown()


def test_a_language_has_its_own_words_and_dates(composed):
    text = second(composed(audiences=[Audience(language="de")])).text.shown()
    assert "Montag, 23. November 2026 · 4 Artikel" in text
    assert "Guten Morgen" in text


def test_british_english_has_english_words_and_british_dates(composed):
    text = only(composed(audiences=(), language="en-GB")).text.shown()
    assert "Monday, 23 November 2026 · 4 stories" in text
    assert "The Harbour Post · Ines Calloway · 06:00" in text


def test_a_kicker_that_a_whole_section_carries_is_left_out(composed, pick):
    same = [pick(f"Short news {n}", kicker="Speed Read") for n in (1, 2)]
    alone = pick("A library that never closes", section="Science", kicker="Good news")
    text = only(composed(Picks(chosen=(pick("The lead", lead=True), *same, alone)))).text.shown()
    assert "Speed Read" not in text
    assert "Good news · The Harbour Post" in text


def test_more_than_200_variants_are_a_mistake_that_names_the_sections(composed):
    audiences = [Audience(language=f"en-{number:03}") for number in range(200)]
    with pytest.raises(ConfigError) as caught:
        composed(audiences=audiences)
    (mistake,) = caught.value.mistakes
    assert (mistake.file, mistake.line) == ("config.toml", 31)
    assert "World, Science" in mistake.why
    assert "201 variants" in mistake.why


def test_the_sponsors_word_is_labelled_and_outside_the_count(composed, picks, pick):
    word = replace(pick("Fresh bread before dawn").article, sponsor="The Quay Bakery", url="https://bakery.example/")
    without, issue = composed(), composed(replace(picks, sponsor=word))
    text, page = only(issue).text.shown(), only(issue).html.shown()
    for part in (text, page):
        assert "From our sponsor, The Quay Bakery" in part
        assert "Fresh bread before dawn" in part
        assert "https://bakery.example/" in part
    assert "4 stories" in text
    assert "sponsor" not in only(without).text.shown()
    assert issue.picks.chosen == without.picks.chosen


def test_an_issue_without_articles_is_refused(composed):
    with pytest.raises(TemplateError, match="no article"):
        composed(Picks())


def test_dates_and_times_are_those_of_the_newsletters_zone(composed):
    late = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    text = only(composed(now=late, timezone="Asia/Tokyo")).text.shown()
    assert "Tuesday, November 24, 2026" in text
    assert "Good morning" in text


# The subject.


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("{{ lead.headline }}", "Ferry unions return to the table"),
        ("AT&T <b> & {{ newsletter.title }}", "AT&T <b> & The Morning Briefing"),
        ("  {{ stories }} stories\n\tat\x0b {{ part_of_day }} ", "4 stories at morning"),
        ("{{ 'word ' * 80 }}", "word " * 38 + "word word…"),
    ],
)
def test_the_subject_is_one_plain_line(composed, template, line):
    subject = composed(subject=template).subject
    assert subject == line
    assert len(subject) <= 200


def test_a_headline_is_never_run_as_a_subject_template(composed, pick):
    chosen = Picks(chosen=(pick("{{ 7*7 }} & <b> {% raw %}", lead=True),))
    assert composed(chosen).subject == "{{ 7*7 }} & <b> {% raw %}"


@pytest.mark.parametrize(
    ("headline", "subject"),
    [
        ("Re: Fwd: the ferry talks", "the ferry talks"),
        ("AW: Neues vom Hafen", "Neues vom Hafen"),
        ("FERRY TALKS BEGIN", "Ferry talks begin"),
        ("NASA", "NASA"),
        ("Re:", "Re:"),
        ("Report: a river wins", "Report: a river wins"),
        ("港の鉄道が再開される見通しになった", "港の鉄道が再開される見通しになった"),
    ],
)
def test_a_headline_makes_an_honest_subject(composed, pick, headline, subject):
    assert composed(Picks(chosen=(pick(headline, lead=True),))).subject == subject


def test_the_editors_subject_wins_and_is_no_template(composed, picks):
    assert composed(replace(picks, subject="Ours: {{ 7*7 }}")).subject == "Ours: {{ 7*7 }}"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ led.headline }}", '"led"'),
        ("{{ lead.headlin }}", '"headlin"'),
        ("{% if %}", "xpected"),
        ("{{ '' }}", "empty"),
    ],
)
def test_a_broken_subject_is_one_line_about_config_toml(composed, template, why):
    with pytest.raises(TemplateError) as caught:
        composed(subject=template)
    assert str(caught.value).startswith("config.toml:31: [newsletters.morning] subject: ")
    assert why in str(caught.value)
