"""Teasers: whole sentences, no tails, never cut within a word."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.teaser import LENGTH, first_sentence, shorten, teaser, without_tail

FILLER = (
    "And so the long day went on beside the quiet sea until the lamps were lit along the whole of the harbour wall. "
)


def test_a_short_summary_is_the_teaser():
    assert teaser("The first ferry left at dawn.") == "The first ferry left at dawn."


def test_a_long_summary_ends_with_a_sentence():
    text = "The first ferry left at dawn. Fishermen followed it out of the bay. " + FILLER * 3
    assert teaser(text) == ("The first ferry left at dawn. Fishermen followed it out of the bay. " + FILLER.strip())


@pytest.mark.parametrize(
    ("start", "language"),
    [
        ("The keeper Ms. Kahn has left the lighthouse", "en"),
        ("Der 20. Bundestag hat den neuen Hafen beschlossen", "de"),
        ("Hier soir M. Macron a quitté le port de Calais", "fr"),
        ("The book by J. R. Tolk was found in the harbour", "en"),
    ],
)
def test_an_abbreviation_ends_no_sentence(start, language):
    words = start + " after a very long and windy night " * 5
    assert teaser(f"{words.strip()}. {FILLER}", language=language) == words.strip() + "."
    assert first_sentence(f"{start}. {FILLER}", language=language, length=300) == start + "."


def test_a_single_endless_sentence_is_cut_at_a_word():
    cut = teaser("word " * 200)
    assert cut.endswith("word\u2026")
    assert LENGTH - 6 < len(cut) <= LENGTH


def test_a_first_sentence_that_says_nothing_is_not_the_whole_teaser():
    assert len(teaser("Live. " + "word " * 200)) > 40


@pytest.mark.parametrize(
    "tail",
    [
        *(
            " Read more",
            " Read more...",
            " Continue reading\u2026",
            " Continue reading...",
            " [Read more]",
            " (Read more)",
        ),
        *(
            " Read the full story \u00bb",
            " Weiterlesen",
            " [mehr]",
            " Lire la suite",
            " Leer m\u00e1s",
            " Leia mais",
            "",
        ),
        *(" The post Harbour reopens appeared first on The Coast.", " Read more \u2192"),
    ],
)
def test_what_a_publishing_system_adds_is_taken_off(tail):
    assert without_tail("The first ferry left at dawn." + tail) == "The first ferry left at dawn."


@pytest.mark.parametrize("mark", ["[...]", "[\u2026]", "...", "\u2026", " (...)"])
def test_a_summary_cut_by_its_source_ends_in_an_ellipsis(mark):
    assert without_tail("The first ferry left at " + mark) == "The first ferry left at\u2026"


def test_words_that_only_look_like_a_tail_stay():
    assert without_tail("They would rather continue reading books.") == "They would rather continue reading books."


@given(st.text(max_size=700), st.sampled_from(["", "en", "de-AT", "zh", "xx", "\x00"]))
@settings(deadline=None)
def test_a_teaser_is_never_longer_than_its_room(text, language):
    assert len(teaser(" ".join(text.split()), language=language)) <= LENGTH


@given(st.text(alphabet="ab. ", max_size=400), st.integers(2, 50))
@settings(deadline=None)
def test_shortening_keeps_what_fits(text, length):
    out = shorten(text, length)
    assert len(out) <= length
    assert out == text or out.endswith("\u2026")
