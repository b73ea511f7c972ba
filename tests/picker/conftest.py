"""A newsletter of two sections over three sources, and articles made in one line."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.model import Article, History, Newsletter, Section, Sender, Site, Source
from digest.times import Schedule

NOW = datetime(2026, 2, 18, 6, 30, tzinfo=UTC)
SITE = Site(name="Desk", id="desk1", base_url="", postal_address="1 Road", timezone="UTC", language="en")


def make_article(name="a", *, ago=1.0, source="world", headline="", **fields):
    """An article published and entered `ago` hours before the cut-off."""
    when = fields.pop("published", NOW - timedelta(hours=ago))
    return Article(
        id=name,
        url=f"https://{source}.test/{name}",
        headline=headline or f"News{name}",  # one word of its own: two such articles are two stories
        published=when,
        source=source,
        **{"entered": when, "outlet": source.title(), **fields},
    )


def make_newsletter(*sections, sources=("world", "home", "arts"), **fields):
    sections = sections or (Section(name="World", sources=("world",)), Section(name="Home", sources=("home",)))
    given = tuple(one if isinstance(one, Source) else Source(name=one, path=f"/{one}.xml") for one in sources)
    return Newsletter(
        **{
            "name": "morning",
            "title": "Morning",
            "sender": Sender(name="Desk", address="desk@example.org"),
            "lists": ("readers",),
            "sections": tuple(sections),
            "sources": given,
            "schedule": Schedule(words="daily 06:30"),
            "timezone": "UTC",
            "theme": "briefing",
            "site": SITE,
            **fields,
        }
    )


@pytest.fixture(scope="session")
def now():
    return NOW


@pytest.fixture(scope="session")
def article():
    return make_article


@pytest.fixture(scope="session")
def newsletter():
    return make_newsletter


@pytest.fixture(scope="session")
def first():
    """No issue was sent before."""
    return History()
