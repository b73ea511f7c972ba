"""The words around the articles, in every language we speak."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from digest.composer import sample_issue
from digest.composer.said import direction_of_text, locale_of, plural

PARTS = Path(__file__).resolve().parents[2] / "templates" / "email" / "_parts"
LANGUAGES = ["ar", "de", "en", "es", "fr", "he", "it", "ja", "nl", "pl", "pt", "uk"]
COUNTED = ("stories", "outlets", "minutes")
THEMES = ["best-articles", "briefing", "good-news", "plain"]
# What English says that no other of these languages says in the same way.
ENGLISH = re.compile(r"\b(the|this|you|your|read|story|stories|newsrooms?|min|good morning|with|from)\b", re.IGNORECASE)


def labels(language):
    return tomllib.loads((PARTS / f"labels.{language}.toml").read_text("utf-8"))


def flat(words):
    for key, value in words.items():
        if isinstance(value, dict):
            yield from ((f"{key}.{inner}", text) for inner, text in value.items())
        else:
            yield key, value


def test_these_and_no_others_are_there():
    assert sorted(path.name.split(".")[1] for path in PARTS.glob("labels.*.toml")) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_every_word_with_the_same_places_to_fill(language):
    def places(words):
        counted = {f"{table}.{form}" for table in COUNTED for form in words[table]}
        return {key: set(re.findall(r"\{\w*\}", text)) for key, text in flat(words) if key not in counted}

    assert places(labels(language)) == places(labels("en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_plural_forms_it_needs_and_no_others(language):
    forms = {*locale_of(language).plural_form.tags, "other"}
    for table in COUNTED:
        assert set(labels(language)[table]) == forms, table


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_whole_and_without_blanks_at_their_ends(language):
    for key, text in flat(labels(language)):
        assert text, key
        assert text == text.strip() or key in {"comma", "colon"}, key


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 1, "1 story"),
        ("en", 1200, "1,200 stories"),
        ("fr", 0, "0 article"),
        ("de", 1200, "1.200 Artikel"),
        ("pl", 1, "1 artykuł"),
        ("pl", 3, "3 artykuły"),
        ("pl", 12, "12 artykułów"),
        ("pl", 22, "22 artykuły"),
        ("uk", 21, "21 стаття"),
        ("uk", 24, "24 статті"),
        ("uk", 25, "25 статей"),
        ("ar", 1, "مقال واحد"),
        ("ar", 2, "مقالان"),
        ("ar", 3, "3 مقالات"),
        ("ar", 11, "11 مقالًا"),
        ("ar", 100, "100 مقال"),
        ("he", 2, "שתי כתבות"),
        ("ja", 7, "7本の記事"),
    ],
)
def test_numbers_take_the_form_their_language_gives_them(language, number, said):
    assert plural(labels(language)["stories"], number, language) == said


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_no_theme_has_an_english_word_of_its_own(theme, site, language):
    """The sample's own texts are replaced: whatever English is left was written by us."""
    told = {
        "title": "X",
        "language": language,
        "feedback": "a@b.example",
        "number": {"value": "1", "text": "X"},
        "quote": {"text": "X", "who": "X", "url": "https://x.example/q"},
        "missed": [{"headline": "X", "url": "https://x.example/m"}],
        "joys": [{"headline": "X", "url": "https://x.example/j"}],
        "more": [{"headline": "X", "url": "https://x.example/h"}],
        "sponsor": {"headline": "X", "url": "https://x.example/s", "sponsor": "X"},
        "articles": [
            {
                "headline": f"X{n}",
                "url": f"https://x.example/{n}",
                "section": "X",
                "n": n,
                "lead": n == 1,
                "outlet": "X" if n % 2 else "",
                "also_covered_by": [{"outlet": "X", "headline": "X", "url": f"https://x.example/o{n}"}],
            }
            for n in range(1, 6)
        ],
    }
    for name in THEMES:
        nobody = replace(site, name="X", postal_address="X", language=language)
        (variant,) = sample_issue(theme(name), nobody, told).variants
        text = re.sub(r"<[^>]*>|\[\[\w+\]\]", " ", variant.text.shown())
        assert ENGLISH.findall(text) == [], (name, text)
        page = re.sub(r"(?s)<head>.*?</head>|<!--.*?-->|<[^>]*>|\[\[\w+\]\]", " ", variant.html.shown())
        assert ENGLISH.findall(page) == [], (name, page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotation_marks_take_no_side_in_a_text_of_the_other_direction(language):
    """A mark with a direction of its own, as the Hebrew gershayim, would turn an English quote around."""
    assert direction_of_text(labels(language)["quoted"].format(text="")) == ""
