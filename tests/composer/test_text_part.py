"""The text part: what a reader in a terminal, or with a braille line, gets."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer.layout import COLUMNS, columns, joined, wrap
from digest.model import CoveredBy, Picks
from tests.golden.cases import variant_of

THEMES = ["best-articles", "briefing", "good-news", "plain"]


@pytest.fixture
def lines(composed, theme, pick):
    """The lines of the text part of a long issue in a theme."""

    def build(name):
        long = "Forty words and more about the harbour, the ferries and the islands, " * 4
        also = [CoveredBy(outlet="Radio Marram", headline="Day nine", url="https://radio.example/9")]
        chosen = [pick("A lead of many words " * 8, lead=True, teaser=long, byline="Ines Calloway", kicker="Transport")]
        chosen += [pick(f"Headline {number} " * 9, section="World", teaser=long, also=also) for number in range(3)]
        chosen += [pick("Alone", section="Science", teaser="", published=None, outlet="")]
        (variant,) = composed(Picks(chosen=tuple(chosen)), by=theme(name)).variants
        return variant.text.shown().split("\n")

    return build


@pytest.mark.parametrize("name", THEMES)
def test_no_line_but_a_url_is_longer_than_76_columns(lines, name):
    assert [line for line in lines(name) if len(line) > 76 and not line.startswith("<")] == []


@pytest.mark.parametrize("name", THEMES)
def test_every_url_stands_alone_in_angle_brackets(lines, name):
    said = [line for line in lines(name) if "http" in line or ("[[" in line and "name" not in line)]
    assert len(said) >= 9
    assert all(re.fullmatch(r"<(https://\S+|mailto:\S+|\[\[\w+\]\])>", line) for line in said)


@pytest.mark.parametrize("name", THEMES)
def test_a_section_has_its_rule_and_the_footer_its_signature_line(lines, name):
    text = lines(name)
    assert "== Science ==" in text
    assert text.index("-- ") > text.index("== Science ==")
    assert "<[[unsubscribe_url]]>" in text[text.index("-- ") :]


def test_an_article_is_headline_meta_teaser_url(lines):
    text = lines("briefing")
    start = text.index("Transport · The Harbour Post · Ines Calloway · 4:00\xa0AM")
    assert text[start - 1] == "lead of many words"
    assert text[start + 1].startswith("Forty words")
    assert text[text.index("Alone") : text.index("Alone") + 2] == ["Alone", "<https://post.example/9>"]


def test_there_are_never_two_empty_lines_together(lines):
    for name in THEMES:
        assert "\n\n\n" not in "\n".join(lines(name))


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab -\u00a0é"), max_size=300))
def test_wrapping_loses_no_word_and_breaks_none(text):
    lines = wrap(text).split("\n")
    assert " ".join(lines).split() == text.split()
    assert all(len(line) <= COLUMNS or " " not in line.strip(" \u00a0") for line in lines)


def test_empty_parts_leave_no_separator():
    assert joined(["", "The Post", "", "06:30"]) == "The Post · 06:30"


def test_parts_of_the_other_direction_are_isolated_each_by_itself():
    assert joined(["Post", "", "4:50 م"], within="rtl") == "\u2068Post\u2069 · 4:50 م"
    assert joined(["Post", "4:50"], within="ltr") == "Post · 4:50"


JAPANESE = "長い交渉の末、三つの国がイセン川の条約に署名した。「雨はだれのものか」という三十年の議論が終わる。" * 3


def test_japanese_breaks_between_signs_but_never_before_a_stop():
    lines = wrap(JAPANESE).split("\n")
    assert "".join(lines) == JAPANESE
    assert len(lines) > 3
    assert all(columns(line) <= COLUMNS for line in lines)
    assert not any(line[0] in "、。」" or line[-1] == "「" for line in lines)


def test_a_list_of_long_lines_hangs_behind_its_numeral():
    assert wrap("1. " + "word " * 30, "   ").split("\n")[1].startswith("   word")


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("ab שלום \u2068\u2069本。"), max_size=300))
def test_isolates_are_opened_and_closed_on_every_line(text):
    even = "\u2068" * text.count("\u2069") + text.replace("\u2069", "") + "\u2069" * text.count("\u2069")
    even = even.replace("\u2068", "", max(0, even.count("\u2068") - even.count("\u2069")))
    for line in wrap(even, within="ltr").split("\n"):
        assert line.count("\u2068") == line.count("\u2069")


@pytest.mark.parametrize("name", THEMES)
def test_a_right_to_left_issue_isolates_each_line_of_the_other_direction(name, child):
    text = variant_of("rtl", name, child).text.shown()
    assert "\n\u2068From next month both town halls will strike noon together!\u2069\n" in text
    assert "\u2068The Meridian Courant\u2069" in text
    for line in text.split("\n"):
        assert line.count("\u2068") == line.count("\u2069")
        assert columns(line) <= COLUMNS or line.startswith("<")
