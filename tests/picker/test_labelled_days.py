"""How right the groups are on days whose stories people labelled: floors under what docs/why/stories.md reports."""

import json
import random
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import Article, History, Section
from digest.picker import group_stories, pick
from tests.picker.labelled import b_cubed, read_day

DAYS, HEADLINES, MOST = 12, 160, 8


def scored(articles, labels):
    return b_cubed([[one.id for one in story.articles] for story in group_stories(articles)], labels)


@pytest.mark.parametrize(("changed", "floor"), [({}, 0.89), ({"teaser": ""}, 0.88), ({"language": ""}, 0.89)])
def test_an_invented_day_full_of_traps(changed, floor):
    articles, labels = read_day()
    precision, recall = scored([replace(one, **changed) for one in articles], labels)
    assert precision >= floor
    assert recall >= 0.95


@pytest.mark.real_data
def test_days_drawn_from_a_public_set_of_headlines(real_data):
    stories = read_stories(real_data)
    chance = random.Random(3)
    results = [scored(*draw(stories, chance)) for _ in range(DAYS)]
    precision, recall = (sum(column) / DAYS for column in zip(*results, strict=True))
    assert precision >= 0.945
    assert recall >= 0.77


def read_stories(real_data):
    """Headlines with outlet and time, by the name of their story."""
    told = json.loads((real_data / "stories" / "uci_news_aggregator_dev.json").read_text(encoding="utf-8"))
    stories = defaultdict(list)
    for one in told:
        stories[one["story"]].append(
            Article(
                id=one["id"],
                url=f"https://news.test/{one['id']}",
                headline=one["title"],
                outlet=one["source"],
                published=datetime.fromtimestamp(one["published"], UTC),
            )
        )
    return stories


@pytest.mark.real_data
def test_an_issue_of_a_day_of_25_outlets_has_the_big_stories(real_data, newsletter):
    """24 hours of 25 outlets, at most two articles of each on a story; big is what most outlets tell."""
    label = {one: name for name, articles in read_stories(real_data).items() for one in articles}
    end = sorted(one.published for one in label)[int(len(label) * 0.8)]
    day = [one for one in label if end - timedelta(hours=24) <= one.published < end]
    most = [name for name, _ in Counter(one.outlet for one in day).most_common(90)]
    outlets = random.Random(5).sample(sorted(most), 25)
    taken, places = Counter(), Counter()
    articles, told_by = {}, defaultdict(set)
    for one in sorted(day, key=lambda one: (one.published, one.id), reverse=True):
        story = label[one]
        if one.outlet not in outlets or taken[one.outlet, story] == 2:
            continue
        taken[one.outlet, story] += 1
        source = f"s{outlets.index(one.outlet)}"
        articles[replace(one, source=source, entered=one.published, place=places[source])] = story
        places[source] += 1
        told_by[story].add(one.outlet)
    big = sorted(told_by, key=lambda story: (-len(told_by[story]), story))[:11]
    names = tuple(f"s{n}" for n in range(25))
    paper = newsletter(Section(name="All", sources=names, max=15), sources=names, limit=15)
    picks = pick(list(articles), paper, history=History(), now=end)
    shown = [articles[one.article] for one in picks.chosen]
    assert len(set(big) & set(shown)) >= 10
    assert set(big[:5]) <= set(shown[:10])
    assert len(shown) - len(set(shown)) <= 1  # a label may be two events


def draw(stories, chance):
    """One digest-like day: 1 to MOST headlines of each story, about HEADLINES in all."""
    articles, labels = [], {}
    for name in chance.sample(sorted(stories), len(stories)):
        picked = chance.sample(stories[name], min(chance.randint(1, MOST), len(stories[name])))
        articles += picked
        labels |= {one.id: name for one in picked}
        if len(articles) >= HEADLINES:
            break
    return articles, labels
