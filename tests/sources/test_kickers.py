# ruff: noqa: RUF001 - dashes and letters of other scripts are the subject here
"""The kicker: from a source's rule or the well-known set, never guessed."""

import pytest

from digest.model import Source
from digest.sources.kickers import kicker_of


@pytest.fixture
def kicker(declared):
    def find(headline, text="", *, language="en", tags=(), kickers=()):
        one = declared(headline=headline, summary=text, tags=tags)
        return kicker_of(one, Source(name="x", kickers=kickers), headline=headline, text=text, language=language)

    return find


@pytest.mark.parametrize(
    ("headline", "language", "found", "rest"),
    [
        ("Opinion | The sea is rising", "en", "Opinion", "The sea is rising"),
        ("Analysis: What the storm changed", "en", "Analysis", "What the storm changed"),
        ("OBITUARY - A keeper of lights", "en", "Obituary", "A keeper of lights"),
        ("[Video] A boat comes home", "en", "Video", "A boat comes home"),
        ("Kommentar: Wem gehört der Hafen?", "de", "Kommentar", "Wem gehört der Hafen?"),
        ("VIDÉO – Le port se réveille", "fr", "Vidéo", "Le port se réveille"),
        ("Opinión | El mar sube", "es", "Opinión", "El mar sube"),
        ("【社説】港の未来を考える", "ja", "社説", "港の未来を考える"),
    ],
)
def test_a_well_known_word_before_a_mark_is_the_kicker(kicker, headline, language, found, rest):
    assert kicker(headline, language=language)[:2] == (found, rest)


@pytest.mark.parametrize(
    "headline",
    [
        "Corruption: The spy sheikh and the president",
        "Libya: A year after the flood",
        "Boom du vinyle: «On vend dix disques par jour»",
        "Reviewing the past: a museum reopens",
        "Live and let live",
        "Harbour | Ada Marsh",
    ],
)
def test_no_headline_loses_a_word_by_guessing(kicker, headline):
    assert kicker(headline) == ("", headline, "")


def test_the_start_of_the_text_may_name_it(kicker):
    found = kicker("Un port se réveille", "INTERVIEW - Le capitaine parle. Il dit tout.", language="fr")
    assert found == ("Interview", "Un port se réveille", "Le capitaine parle. Il dit tout.")


def test_a_word_of_another_language_is_none(kicker):
    assert kicker("Kommentar: Harbour", language="en")[0] == ""
    assert kicker("Kommentar: Hafen", language="")[0] == "Kommentar"


def test_a_category_is_the_kicker_and_leaves_the_headline(kicker):
    assert kicker("Opinion | The sea", tags=("Sea", "Opinion"))[:2] == ("Opinion", "The sea")


def test_what_the_source_names_comes_first(kicker):
    assert kicker("The sea", tags=("Opinion", "Tide Table"), kickers=("tide table",))[0] == "Tide Table"
    assert kicker("Tide table // The sea", kickers=("Tide table",))[:2] == ("Tide table", "The sea")
