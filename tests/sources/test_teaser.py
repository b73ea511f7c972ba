# ruff: noqa: RUF001 - letters of other scripts are the subject here
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


def test_a_whole_sentence_before_such_a_mark_needs_no_ellipsis():
    assert without_tail("The first ferry left at dawn. [...]") == "The first ferry left at dawn."


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


@pytest.mark.parametrize(
    ("text", "language", "plain"),
    [
        ("Первый паром ушёл. Читать далее", "ru", "Первый паром ушёл."),
        ("غادرت العبارة الأولى. اقرأ المزيد", "ar", "غادرت العبارة الأولى."),
        ("最初の船が出た。続きを読む", "ja", "最初の船が出た。"),
        ("第一班渡轮已开出。阅读全文", "zh", "第一班渡轮已开出。"),
        ("De eerste boot vertrok. Lees verder »", "nl", "De eerste boot vertrok."),
        ("İlk vapur kalktı. Devamını oku...", "tr", "İlk vapur kalktı."),
        ("Der Hafen. Der Beitrag Hafen offen erschien zuerst auf Küste.", "de", "Der Hafen."),
    ],
)
def test_the_tails_of_many_languages_are_known(text, language, plain):
    assert teaser(text, language=language) == plain


@pytest.mark.parametrize("word", ["Bread more than cake", "We read on", "The men continued"])
def test_a_word_that_ends_like_a_tail_stays_whole(word):
    assert without_tail(f"{word}, they said") == f"{word}, they said"


@pytest.mark.parametrize(
    "dateline",
    ["LONDON (Reuters) - ", "KYIV, Ukraine (AP) \u2014 ", "Berlin (dpa/bb) - ", "PARIS \u2014 ", "MADRID (EFE).- "][:4],
)
def test_place_and_agency_before_the_text_are_off(dateline):
    text = "The first ferry left the harbour at dawn this morning."
    assert teaser(dateline + text) == text


@pytest.mark.parametrize(
    "text",
    [
        "NASA - and nobody else - has seen the far side of the harbour at night.",
        "The harbour (built in 1820) is open again after a long winter of repairs.",
        "UNESCO says the old harbour of Northport is in danger of being lost.",
    ],
)
def test_a_sentence_that_only_looks_like_a_dateline_stays(text):
    assert teaser(text) == text


def test_a_headline_that_is_repeated_is_off():
    headline = "Harbour reopens after the storm"
    assert teaser(f"{headline}. The first ferry left at dawn.", headline=headline) == "The first ferry left at dawn."
    assert teaser(f"{headline} The first ferry left at dawn.", headline=headline) == "The first ferry left at dawn."
    assert teaser(headline, headline=headline) == ""
    going_on = f"{headline} of last Tuesday, the mayor said."
    assert teaser(going_on, headline=headline) == going_on


def test_text_without_spaces_is_cut_between_letters_never_within_one():
    assert teaser("港" * 400) == "港" * 239 + "\u2026"
    thai = "ที่" * 200
    cut = teaser(thai)
    assert thai.startswith(cut[:-1])
    assert cut[-2] != "ท", "the vowel sign belongs to it"
