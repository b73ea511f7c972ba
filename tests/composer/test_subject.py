"""The standfirst, and cutting lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer.subject import cut, one_line, standfirst

WORDS = "The ferry talks begin again at ten this morning after nine days."


def test_the_leads_first_sentences_continue_the_subject(pick):
    lead = pick(
        "Ferries", lead=True, teaser=WORDS + " Freight to eleven islands fell by two thirds, and shops feel it."
    )
    assert standfirst("Ferries", [lead, pick("Another")], fallback="x") == WORDS


def test_a_standfirst_never_repeats_the_subject(pick):
    lead = pick("Ferries", lead=True, teaser=WORDS)
    rest = [pick("A river wins legal rights"), pick("Olive oil falls for a third month")]
    line = standfirst(WORDS.rstrip(".").upper(), [lead, *rest], fallback="x")
    assert line == "A river wins legal rights; Olive oil falls for a third month"


def test_a_long_sentence_is_cut_between_words(pick):
    lead = pick("Ferries", lead=True, teaser="mediators " * 40)
    line = standfirst("Ferries", [lead], fallback="x")
    assert len(line) <= 110
    assert line.endswith("mediators…")


def test_without_anything_to_say_the_fallback_stands_there(pick):
    assert (
        standfirst("Ferries", [pick("Ferries", teaser="")], fallback="The Briefing, Monday") == "The Briefing, Monday"
    )


@settings(deadline=None)
@given(st.text(), st.integers(min_value=2, max_value=60))
def test_a_cut_line_is_never_longer_than_its_limit(text, limit):
    assert len(cut(text, limit)) <= limit


@settings(deadline=None)
@given(st.text())
def test_one_line_has_no_control_and_no_line_break(text):
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert not any(ord(sign) < 32 or 0x7F <= ord(sign) < 0xA0 or 0xD800 <= ord(sign) < 0xE000 for sign in line)


@pytest.mark.parametrize("kept", ["می‌خواهم", "👩‍🚀", "İstanbul", "日本　東京".replace("\u3000", " ")])
def test_joiners_of_scripts_and_emoji_survive(kept):
    assert one_line(kept) == kept
