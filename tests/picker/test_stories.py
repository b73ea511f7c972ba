"""Articles on one event are grouped, and nothing else."""

import random

from digest.picker import group_stories


def told(stories):
    return sorted(sorted(one.id for one in story.articles) for story in stories)


def news(article):
    return [
        article("a1", source="world", headline="Marsel ferry sinks off Calder Bay with 40 aboard"),
        article("a2", source="home", headline="Ferry sinks in Calder Bay, 40 were aboard"),
        article("a3", source="arts", headline="Forty aboard as ferry sinks in Calder Bay"),
        article("b1", source="world", headline="Novarra parliament passes budget after all-night sitting"),
        article("b2", source="home", headline="Budget passed by Novarra parliament at dawn"),
        article("c1", source="arts", headline="Painter Ilse Brandt wins the Orlo prize"),
    ]


def test_articles_on_one_event_are_one_story(article):
    assert told(group_stories(news(article))) == [["a1", "a2", "a3"], ["b1", "b2"], ["c1"]]


def test_the_order_they_come_in_and_twins_change_nothing(article):
    articles = news(article)
    expected = group_stories(articles)
    for seed in range(20):
        shuffled = random.Random(seed).sample(articles * 2, 2 * len(articles))
        assert group_stories(shuffled) == expected


def test_the_head_is_of_the_heaviest_source_then_the_fullest_then_the_earliest(article):
    articles = news(article)
    assert group_stories(articles, weights={"home": 2.0})[0].head.id == "a2"
    fuller = [*articles[:2], article("a3", source="arts", headline=articles[2].headline, teaser="More.", ago=0.5)]
    assert group_stories(fuller)[0].head.id == "a3"
    earlier = [*articles[:2], article("a3", source="arts", headline=articles[2].headline, ago=2)]
    assert group_stories(earlier)[0].head.id == "a3"


def test_outlets_are_named_once_each_and_the_widest_story_comes_first(article):
    first = group_stories(news(article))[0]
    assert sorted(first.outlets) == ["Arts", "Home", "World"]


def test_nothing_makes_no_story():
    assert group_stories([]) == ()
