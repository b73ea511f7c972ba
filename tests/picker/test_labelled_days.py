"""How right the groups are on days whose stories people labelled: floors under what docs/why/stories.md reports."""

import json
import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.model import Article
from digest.picker import group_stories
from tests.picker.labelled import b_cubed, read_day

DAYS, HEADLINES, MOST = 12, 160, 8


def scored(articles, labels):
    return b_cubed([[one.id for one in story.articles] for story in group_stories(articles)], labels)


@pytest.mark.parametrize(("changed", "floor"), [({}, 0.88), ({"teaser": ""}, 0.86), ({"language": ""}, 0.85)])
def test_an_invented_day_full_of_traps(changed, floor):
    articles, labels = read_day()
    precision, recall = scored([replace(one, **changed) for one in articles], labels)
    assert precision >= floor
    assert recall >= 0.95


@pytest.mark.real_data
def test_days_drawn_from_a_public_set_of_headlines(real_data):
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
    chance = random.Random(3)
    results = [scored(*draw(stories, chance)) for _ in range(DAYS)]
    precision, recall = (sum(column) / DAYS for column in zip(*results, strict=True))
    assert precision >= 0.94
    assert recall >= 0.75


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
