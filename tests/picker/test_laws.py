"""What holds for any articles in any order."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import History, Reason, Section
from digest.picker import pick

SECTIONS = (
    Section(name="One", sources=("world", "home"), max=2, min=2, exclude=("flood",)),
    Section(name="Two", sources=("home",), max=3),
    Section(name="Three", sources=("world",), max=2, min=1),
)
FIELDS = st.fixed_dictionaries(
    {
        "ago": st.integers(-2, 60).map(lambda quarter: quarter / 2),
        "source": st.sampled_from(("world", "home", "arts", "unknown")),
        "headline": st.sampled_from(("Flood", "Sun", "Rain at noon")),
        "keys": st.lists(st.sampled_from("abcdefghij"), max_size=2).map(tuple),
        "refused": st.sampled_from(("", "", "", "", "no_link", "undated_first_reading")),
    }
)
ARTICLES = st.lists(FIELDS, max_size=25)
NAMES = st.lists(st.integers(0, 25).map("n{}".format), max_size=4)
USED = st.frozensets(st.sampled_from("abcdefghij"), max_size=2)
law = settings(deadline=None, max_examples=150)


@pytest.fixture(scope="session")
def paper(newsletter):
    return newsletter(*SECTIONS, limit=5)


@pytest.fixture(scope="session")
def made(article):
    return lambda fields: [article(f"n{n}", **one) for n, one in enumerate(fields)]


@law
@given(ARTICLES, NAMES, NAMES, USED)
def test_every_article_is_chosen_or_left_out_once(made, paper, now, articles, pins, drops, used):
    articles = made(articles)
    picks = pick(articles, paper, history=History(used=used), pins=pins, drops=drops, now=now)
    both = [one.article.id for one in (*picks.chosen, *picks.left_out)]
    assert sorted(both) == sorted(one.id for one in articles)
    assert all(out.fact for out in picks.left_out if not out.article.refused)


@law
@given(ARTICLES, NAMES, NAMES, USED, st.randoms(use_true_random=False))
def test_the_order_they_come_in_changes_nothing(made, paper, now, articles, pins, drops, used, chance):
    articles = made(articles)
    shuffled = chance.sample(articles, len(articles))
    history = History(used=used)
    assert pick(articles, paper, history=history, pins=pins, drops=drops, now=now) == pick(
        shuffled, paper, history=history, pins=pins, drops=drops, now=now
    )


@law
@given(ARTICLES, NAMES, USED)
def test_max_min_and_limit_hold_and_no_key_stands_twice(made, paper, now, articles, pins, used):
    articles = made(articles)
    picks = pick(articles, paper, history=History(used=used), pins=pins, now=now)
    assert len(picks.chosen) <= paper.limit
    for section in paper.sections:
        here = [one for one in picks.chosen if one.section == section.name]
        ranked = [one for one in here if one.reason is Reason.RANKED]
        assert [one.n for one in here] == list(range(1, len(here) + 1))
        assert not ranked or len(here) <= section.max
        assert not here or len(here) >= section.min or len(ranked) < len(here)
        assert ranked == sorted(ranked, key=lambda one: (-one.article.published.timestamp(), one.article.id))
    keys = [key for one in picks.chosen for key in {one.article.id, *one.article.keys}]
    assert len(keys) == len(set(keys))


@law
@given(ARTICLES, NAMES)
def test_places_are_left_empty_only_when_nothing_fits_them(made, paper, now, articles, pins):
    articles = made(articles)
    picks = pick(articles, paper, history=History(), pins=pins, now=now)
    if any(out.reason is Reason.ISSUE_FULL and "needs" not in out.fact for out in picks.left_out):
        assert len(picks.chosen) == paper.limit


@law
@given(st.integers(0, 600), st.lists(st.integers(1, 200), min_size=1, max_size=12))
def test_every_article_enters_exactly_one_window(article, newsletter, now, minute, gaps):
    paper = newsletter(max_age=timedelta(days=30))
    begin = now - timedelta(minutes=100)
    one = article("a", published=begin + timedelta(minutes=minute))
    cutoffs = [begin + timedelta(minutes=sum(gaps[: n + 1])) for n in range(len(gaps))]
    windows = list(zip([begin, *cutoffs], cutoffs, strict=False))
    hits = [end for since, end in windows if pick([one], paper, history=History(since=since), now=end).chosen]
    assert len(hits) == (1 if minute < sum(gaps) else 0)
