"""What holds for any articles in any order."""

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import History, Reason, Section
from digest.picker import pick

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = (
    Section(name="One", sources=("world", "home"), max=2, min=2, exclude=("flood",), order="newest"),
    Section(name="Two", sources=("home",), max=3),
    Section(name="Three", sources=("world", "arts"), max=3, min=1),
)
# Articles with the same headline tell the same story; these share no word.
STORIES = ("Flood in Vinterhavn", "Sun over Orvany observatory", "Rain stops Dunmere final", "Tessara lowers rates")
FIELDS = st.fixed_dictionaries(
    {
        "ago": st.integers(-2, 60).map(lambda quarter: quarter / 2),
        "source": st.sampled_from(("world", "home", "arts", "unknown")),
        "outlet": st.sampled_from(("Courant", "Ledger", "Sextant", "")),
        "headline": st.sampled_from(("", "", *STORIES)),
        "keys": st.lists(st.sampled_from("abcdefghij"), max_size=1).map(tuple),
        "refused": st.sampled_from(("", "", "", "", "no_link", "undated_first_reading")),
        "place": st.integers(0, 30),
    }
)
ARTICLES = st.lists(FIELDS, max_size=25)
NAMES = st.lists(st.integers(0, 25).map("n{}".format), max_size=3)
USED = st.frozensets(st.sampled_from("abcdefghij"), max_size=2)
CAP = st.sampled_from((0, 0, 1, 2))
law = settings(deadline=None, max_examples=150)


@pytest.fixture(scope="session")
def paper(newsletter):
    return lambda cap=0: newsletter(*SECTIONS, limit=5, minimum=3, max_per_outlet=cap, more=4)


@pytest.fixture(scope="session")
def made(article):
    def articles(fields):
        return [article(f"n{n}", **{**one, "headline": one["headline"] or f"Lone{n}"}) for n, one in enumerate(fields)]

    return articles


@pytest.fixture(scope="session")
def past(article, now):
    """An issue eight hours ago that told of the flood."""
    return lambda used: History(
        since=now - timedelta(hours=8), used=used, told=(article("old", ago=10, headline=STORIES[0]),)
    )


@law
@given(ARTICLES, NAMES, NAMES, USED, CAP)
def test_every_article_is_chosen_or_left_out_once(made, paper, past, now, articles, pins, drops, used, cap):
    articles = made(articles)
    for history in (History(used=used), past(used)):
        picks = pick(articles, paper(cap), history=history, pins=pins, drops=drops, now=now)
        both = [one.article.id for one in (*picks.chosen, *picks.left_out)]
        assert sorted(both) == sorted(one.id for one in articles)
        assert all(out.fact for out in picks.left_out if not out.article.refused)


@law
@given(ARTICLES, NAMES, NAMES, USED, CAP, st.randoms(use_true_random=False))
def test_the_order_they_come_in_changes_nothing(made, paper, past, now, articles, pins, drops, used, cap, chance):
    articles = made(articles)
    shuffled = chance.sample(articles, len(articles))
    for history in (History(used=used), past(used)):
        one = pick(articles, paper(cap), history=history, pins=pins, drops=drops, now=now)
        assert one == pick(shuffled, paper(cap), history=history, pins=pins, drops=drops, now=now)


@law
@given(ARTICLES, NAMES, USED, CAP)
def test_max_min_and_limit_hold_and_no_key_stands_twice(made, paper, now, articles, pins, used, cap):
    picks = pick(made(articles), paper(cap), history=History(used=used), pins=pins, now=now)
    assert len(picks.chosen) <= 5
    for section in SECTIONS:
        here = [one for one in picks.chosen if one.section == section.name]
        ranked = [one for one in here if one.reason is Reason.RANKED]
        assert [one.n for one in here] == list(range(1, len(here) + 1))
        assert len(ranked) == len(here) or not ranked or len(here) <= section.max
        assert not here or len(here) >= section.min or any(one.reason is Reason.PINNED for one in here)
        newest = [(-one.article.published.timestamp(), one.article.id) for one in ranked]
        biggest = [(-one.score, *when) for one, when in zip(ranked, newest, strict=True)]
        assert (newest == sorted(newest)) if section.order == "newest" else (biggest == sorted(biggest))
    keys = [key for one in picks.chosen for key in {one.article.id, *one.article.keys}]
    assert len(keys) == len(set(keys))


@law
@given(ARTICLES, NAMES, USED, CAP)
def test_no_story_stands_twice_and_no_other_outlet_does_under_it(made, paper, past, now, articles, pins, used, cap):
    picks = pick(made(articles), paper(cap), history=past(used), pins=pins, now=now)
    shown = [one for one in (*picks.chosen, *picks.more) if one.reason is not Reason.PINNED]
    told = Counter(one.article.headline for one in shown)
    assert not told or max(told.values()) == 1
    for one in picks.chosen:
        outlets = [one.article.outlet or one.article.source, *(other.outlet for other in one.also_covered_by)]
        assert len(outlets) == len(set(outlets)) <= 4


@law
@given(ARTICLES, NAMES, USED, CAP)
def test_a_rank_is_the_sum_of_its_parts(made, paper, past, now, articles, pins, used, cap):
    picks = pick(made(articles), paper(cap), history=past(used), pins=pins, now=now)
    for one in (*picks.chosen, *picks.left_out):
        assert one.score == pytest.approx(sum(part.value for part in one.parts), abs=1e-3)
        assert all(part.fact for part in one.parts)
    assert all(one.parts for one in picks.chosen)


@law
@given(ARTICLES, USED, st.sampled_from((1, 2)))
def test_no_outlet_has_more_than_its_share_but_to_reach_the_minimum(made, paper, now, articles, used, cap):
    picks = pick(made(articles), paper(cap), history=History(used=used), now=now)
    several = {section.name for section in SECTIONS if len(section.sources) > 1}
    within = [one for one in picks.chosen if one.section in several and one.reason is Reason.RANKED]
    shares = Counter(one.article.outlet or one.article.source for one in within)
    assert not shares or max(shares.values()) <= cap
    if any(one.reason is Reason.FILLED_MINIMUM for one in picks.chosen):
        assert len(picks.chosen) <= max(3, SECTIONS[0].min)


@law
@given(ARTICLES, NAMES, USED, CAP)
def test_more_headlines_are_of_those_left_out(made, paper, now, articles, pins, used, cap):
    picks = pick(made(articles), paper(cap), history=History(used=used), pins=pins, now=now)
    out = {one.article.id: one.reason for one in picks.left_out}
    assert [one.n for one in picks.more] == list(range(1, len(picks.more) + 1))
    assert len(picks.more) <= 4
    fitting = {Reason.NO_SECTION, Reason.SECTION_FULL, Reason.ISSUE_FULL}
    assert {out[one.article.id] for one in picks.more} <= fitting
    assert all(one.section == "" for one in picks.more)


@law
@given(ARTICLES, NAMES)
def test_places_are_left_empty_only_when_nothing_fits_them(made, paper, now, articles, pins):
    picks = pick(made(articles), paper(), history=History(), pins=pins, now=now)
    if any(out.reason is Reason.ISSUE_FULL and "needs" not in out.fact for out in picks.left_out):
        assert len(picks.chosen) == 5


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


PROGRAM = """
from digest.model import History
from digest.picker import pick
from tests.picker.conftest import NOW, make_article, make_newsletter
from tests.picker.test_laws import SECTIONS, STORIES
articles = [
    make_article(f"n{n}", ago=n % 9, source=("world", "home", "arts")[n % 3], place=n % 7, outlet="ABCDE"[n % 5],
                 headline=STORIES[n % 4] if n % 2 else f"Lone{n}", tags=("x", "y"))
    for n in range(40)
]
print(pick(articles, make_newsletter(*SECTIONS, limit=6, max_per_outlet=2), history=History(), now=NOW))
"""


def test_another_process_with_another_hash_seed_picks_the_same():
    said = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(said) == 1
    assert "also_covered_by=(CoveredBy" in said.pop()
