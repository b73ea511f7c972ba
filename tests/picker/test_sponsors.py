"""A sponsor's or house's word: never news, shown as long as it runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import Article, Newsletter, Section, Sender, Site, Source
from digest.picker import parted
from digest.times import Schedule

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def newsletter():
    return Newsletter(
        name="morning",
        title="The Morning Briefing",
        sender=Sender(name="Desk", address="desk@example.org"),
        lists=(),
        sections=(Section(name="World", sources=("house",)),),
        sources=(Source(name="house", path="/x"),),
        schedule=Schedule(words="daily 06:30"),
        timezone="UTC",
        theme="plain",
        site=Site(name="Desk", id="desk1", base_url="", postal_address="1 Road", timezone="UTC", language="en"),
    )


def article(name, *, sponsor="The Quay Bakery", published=NOW - 30 * DAY, **fields):
    told = {"id": name, "url": f"https://x.example/{name}", "headline": name, "outlet": "", "source": "house", **fields}
    return Article(**told, sponsor=sponsor, published=published)


def shown(articles, newsletter):
    word, news = parted(articles, newsletter, now=NOW)
    return word and word.id, [one.id for one in news]


def test_a_sponsored_article_is_shown_and_is_no_news(newsletter):
    assert shown([article("a"), article("b", sponsor="")], newsletter) == ("a", ["b"])


@pytest.mark.parametrize("order", [1, -1])
def test_the_one_published_last_is_shown(newsletter, order):
    words = [article("old", published=NOW - 9 * DAY), article("new", published=NOW - DAY)]
    assert shown(words[::order], newsletter) == ("new", [])


@pytest.mark.parametrize(
    "changed",
    [
        {"published": NOW + DAY},
        {"expires": NOW},
        {"source": "elsewhere"},
        {"refused": "no_link"},
    ],
)
def test_one_that_has_not_begun_has_ended_or_belongs_elsewhere_is_not_shown(newsletter, changed):
    assert shown([replace(article("a"), **changed)], newsletter) == (None, [])


def test_one_without_dates_runs_until_it_is_taken_away(newsletter):
    assert shown([article("a", published=None)], newsletter) == ("a", [])
    assert shown([article("a", expires=NOW + DAY)], newsletter) == ("a", [])
