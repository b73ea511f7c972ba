"""What themes are promised is what they get, and the built-in ones keep the rules."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from digest.model import HOLES, Audience, CoveredBy, Image, Part, Picks

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(path for path in (ROOT / "templates" / "email").rglob("*.*") if path.suffix in {".mjml", ".txt"})


class Listening:
    """A theme that keeps what it is given."""

    name = "listening"

    def render(self, context):
        self.heard = context
        part = Part(literals=("x",))
        return part, part, ""

    def line(self, template, context):  # noqa: ARG002 - the Protocol's names
        return "A subject"


def names(value, prefix=""):
    """Every key below a context, dotted."""
    for key, inner in value.items():
        yield key
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, dict):
                yield from names(one)


def test_every_key_a_theme_gets_is_documented(composed, pick):
    theme = Listening()
    also = [CoveredBy(outlet="o", headline="h", url="https://o.example")]
    image = Image(url="https://p.example/x.jpg")
    composed(Picks(chosen=(pick("A", lead=True, image=image, also=also), pick("B"))), by=theme)
    page = (ROOT / "docs" / "reference" / "theme-context.md").read_text("utf-8")
    words = set(re.findall(r"\w+", page))
    assert set(names(theme.heard)) - words == set()
    assert {f"holes.{name}" for name in HOLES} <= set(re.findall(r"`(holes\.\w+)`", page))


def test_a_context_holds_plain_values_only(composed):
    theme = Listening()
    composed(by=theme, audiences=[Audience(language="de")])

    def plain(value):
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(inner) for key, inner in value.items())
        return all(map(plain, value)) if isinstance(value, list) else isinstance(value, str | int | None)

    assert plain(theme.heard)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_built_in_template_switches_escaping_off(path):
    assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text("utf-8"))


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
def test_a_built_in_theme_speaks_german_without_a_word_of_english_of_its_own(composed, theme, pick, name):
    chosen = Picks(chosen=(pick("Fähren", lead=True, teaser="", outlet="Post"), pick("Fluss", teaser="", outlet="")))
    german = Audience(language="de")
    (variant,) = composed(chosen, by=theme(name), audiences=[german], language="de", title="Morgen").variants
    assert not re.search(r"\b(Read|Good|Here|You|Unsubscribe|Also|By|story|stories|minute)\b", variant.text.shown())


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
def test_headings_go_down_one_step_at_a_time(composed, theme, name):
    (variant,) = composed(by=theme(name)).variants
    levels = [int(level) for level in re.findall(r"<h([1-6])", variant.html.shown())]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
def test_an_empty_block_vanishes_whole(composed, theme, pick, name):
    bare = pick("Alone", lead=True, teaser="", outlet="", published=None)
    (variant,) = composed(Picks(chosen=(bare,)), by=theme(name)).variants
    page = variant.html.shown().partition("<body")[2]
    assert "<img" not in page
    assert "Also covered" not in page
    assert "<h3" not in page
    assert not re.search(r"<(p|h\d|a)\b[^>]*>\s*</\1>", page.replace("font-size:1px", ""))
