"""What composer tests share: an invented newsletter, its articles, a theme, and one MJML child for all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.composer import FolderTheme, compose, mjml_child
from digest.model import Article, Audience, Image, Newsletter, Pick, Picks, Section, Sender, Site
from digest.times import Schedule

ROOT = Path(__file__).resolve().parents[2]
CUTOFF = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
EVERYBODY = (Audience(),)

# The least a theme can be: a test breaks one line of it.
MJML = """<mjml lang="{{ language }}" dir="{{ dir }}">
<mj-body>
<mj-section>
<mj-column>
<mj-text><h1>{{ newsletter.title }}</h1></mj-text>
{% for story in [lead] + sections | map(attribute="stories") | sum(start=[]) %}
<mj-text><h2><a href="{{ story.url }}">{{ story.headline }}</a></h2></mj-text>
<mj-text><p>{{ story.teaser }}</p></mj-text>
{% endfor %}
<mj-text><a href="{{ holes.unsubscribe_url }}">{{ labels.unsubscribe }}</a></mj-text>
<mj-text>{% for link in (holes.preferences_url, holes.view_url) if link %}<a href="{{ link }}">{{ newsletter.title }} {{ loop.index }}</a>{% endfor %}</mj-text>{% for line in more %}<mj-text><a href="{{ line.url }}">{{ line.headline }}</a></mj-text>{% endfor %}
<mj-text>{{ site.postal_address }}</mj-text>
</mj-column>
</mj-section>
</mj-body>
</mjml>
"""
TEXT = """{{ newsletter.title }}
{% for story in [lead] + sections | map(attribute="stories") | sum(start=[]) %}
{{ story.headline }}
<{{ story.url }}>
{% endfor %}
{% for line in more %}
{{ line.headline }}
<{{ line.url }}>
{% endfor %}
<{{ holes.unsubscribe_url }}>
{% for link in (holes.preferences_url, holes.view_url) if link %}
<{{ link }}>
{% endfor %}
{{ site.postal_address }}
"""


@pytest.fixture(scope="session")
def child():
    child = mjml_child()
    yield child
    child.close()


@pytest.fixture
def site():
    return Site(
        name="The Marram Desk",
        id="marram",
        base_url="https://news.marram.example",
        postal_address="The Marram Desk, 12 Quay Street, Harbourtown",
        timezone="Europe/London",
        language="en",
        pages=("preferences", "archive"),
    )


@pytest.fixture
def newsletter(site):
    return Newsletter(
        name="morning",
        title="The Morning Briefing",
        sender=Sender(name="The Marram Desk", address="desk@marram.example"),
        lists=("readers",),
        sections=(Section(name="World", sources=("a",)), Section(name="Science", sources=("b",))),
        sources=(),
        schedule=Schedule(words="weekdays 06:30"),
        timezone="Europe/London",
        theme="briefing",
        site=site,
        line=31,
    )


@pytest.fixture
def pick():
    """A chosen article: `pick("headline", section="World", lead=True, teaser=...)`."""
    made = []

    def build(headline, *, section="World", lead=False, also=(), **fields):
        number = len(made) + 1
        article = Article(
            **{
                "id": f"a{number}",
                "url": f"https://post.example/{number}",
                "headline": headline,
                "outlet": "The Harbour Post",
                "published": CUTOFF - timedelta(minutes=30 * number),
                "teaser": f"Teaser {number}: the talks go on until noon, and the islands wait for their freight.",
                **fields,
            }
        )
        made.append(article)
        return Pick(article=article, section=section, n=number, lead=lead, also_covered_by=tuple(also))

    return build


@pytest.fixture
def picks(pick):
    """Four articles in two sections, the first one the lead."""
    return Picks(
        chosen=(
            pick("Ferry unions return to the table", lead=True, kicker="Transport", byline="Ines Calloway"),
            pick("A river wins legal rights", image=Image(url="https://p.example/river.jpg", alt="A slow river")),
            pick("Schools that banned phones report calmer halls"),
            pick("Olive oil falls for a third month", section="Science"),
        )
    )


@pytest.fixture
def theme(child):
    """A built-in theme by name."""
    return lambda name="briefing": FolderTheme(name, base=ROOT, child=child)


@pytest.fixture
def own_theme(tmp_path, child):
    """A theme `mine` in a folder of its own; `own_theme(mjml=..., text=..., **files)` with built-in _parts behind it."""

    def build(*, mjml=MJML, text=TEXT, **files):
        folder = tmp_path / "templates" / "email" / "mine"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "issue.mjml").write_text(mjml, "utf-8")
        (folder / "issue.txt").write_text(text, "utf-8")
        builtin = ROOT / "templates" / "email" / "plain"
        for name in ("theme.toml", "sample.toml"):
            (folder / name).write_text((builtin / name).read_text("utf-8"), "utf-8")
        for name, content in files.items():
            (folder / name.replace("__", ".")).write_text(content, "utf-8")
        return FolderTheme("mine", base=tmp_path, child=child, seconds=0.5)  # a render takes 0.02

    return build


@pytest.fixture
def composed(newsletter, picks, theme):
    """compose() with everything given; say only what the test is about."""

    def build(chosen=picks, *, by=None, news=newsletter, audiences=EVERYBODY, now=CUTOFF, **changes):
        return compose(
            chosen,
            replace(news, **changes),
            by or theme(),
            slot="2026-11-23",
            number=7,
            audiences=audiences,
            now=now,
        )

    return build
