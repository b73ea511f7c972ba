"""The golden cases: each theme over a normal day and the days that break designs.

`normal` is the theme's own sample.toml, `no-pictures`, `one-article` and `long-headlines` are made of it; the others are
folders here with an issue.toml of the same shape.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from digest.composer import FolderTheme, sample_issue, theme_names, theme_roots
from digest.model import Site

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
THEMES = theme_names(theme_roots(ROOT))
LONG = 200  # characters of a headline


def _sample(theme):
    told = tomllib.loads((ROOT / "templates" / "email" / theme / "sample.toml").read_text("utf-8"))
    return {"language": "en-GB", **told}


def _no_pictures(theme):
    told = _sample(theme)
    for article in told["articles"]:
        article.pop("image", None)
    return told


def _one_article(theme):
    """One article and nothing else: no picture, no outlet, no public pages."""
    lead = _sample(theme)["articles"][0]
    bare = {key: lead[key] for key in ("lead", "section", "headline", "url", "teaser")}
    return {"title": "The Morning Briefing", "language": "en-GB", "base_url": "", "articles": [bare]}


def _long_headlines(theme):
    told = _sample(theme)
    for article in told["articles"]:
        words = (article["headline"] + " ") * LONG
        article["headline"] = words[:LONG].rstrip()
    return told


MADE = {
    "normal": _sample,
    "no-pictures": _no_pictures,
    "one-article": _one_article,
    "long-headlines": _long_headlines,
}
CASES = sorted({*MADE, *(path.parent.name for path in HERE.glob("*/issue.toml"))})


def variant_of(case, theme, child):
    """The one variant of a case in a theme."""
    made = MADE.get(case, lambda _: tomllib.loads((HERE / case / "issue.toml").read_text("utf-8")))
    told = made(theme)
    desk = told.get("site", {})
    site = Site(
        name=desk.get("name", "The Morning Desk"),
        id="morningdesk",
        base_url=told.get("base_url", "https://news.example.org"),
        postal_address=desk.get("postal_address", "The Morning Desk, 12 Lantern Row, Port Ellary PE1 4AA"),
        timezone="Europe/London",
        language=told["language"],
        pages=("preferences", "archive"),
    )
    (variant,) = sample_issue(FolderTheme(theme, base=ROOT, child=child), site, told).variants
    return variant
