"""Articles on one event are grouped, and nothing else."""

import itertools
import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.picker import group_stories

NAMES = [
    "Orsini",
    "Velasco",
    "Trenholm",
    "Okafor",
    "Lindqvist",
    "Harrow",
    "Belisario",
    "Quimby",
    "Tarkov",
    "Umbra",
    "Zelaya",
    "Pintado",
]


def own_words(n):
    """Two words that stand in no other headline of the day."""
    return " ".join(f"{chr(97 + n // 26)}{chr(97 + n % 26)}{ending}" for ending in ("okarix", "umbel"))


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


def test_a_likes_b_and_b_likes_c_does_not_bring_a_and_c_together(article):
    chain = [
        article("a", source="world", headline="Orsini wins Velasco poetry medal"),
        article("b", source="home", headline="Orsini medal ceremony delayed by Trenholm strike"),
        article("c", source="arts", headline="Trenholm strike enters second month"),
    ]
    assert all(len(story.articles) < 3 for story in group_stories(chain))
    pairs = itertools.pairwise(NAMES)
    long = [article(f"n{n}", source=f"s{n}", headline=f"{one} {other}") for n, (one, other) in enumerate(pairs)]
    assert all(len(story.articles) < 3 for story in group_stories(long))


def test_an_unrelated_article_changes_no_group(article):
    stories = told(group_stories(news(article)))
    for ago in (0.5, 30):
        other = article("z", source="home", headline="Giraffe born at Wendover zoo", ago=ago)
        assert told(group_stories([*news(article), other])) == sorted([*stories, ["z"]])


def test_what_lies_three_days_apart_is_two_stories(article):
    one = article("a", source="world", headline="Fire destroys Altenrode warehouse")
    for ago, same in ((13, True), (75, False)):
        other = article("b", source="home", headline="Altenrode warehouse destroyed by fire", ago=ago)
        assert (len(group_stories([one, other])) == 1) is same


def test_articles_in_two_languages_are_two_stories_unless_they_share_an_address(article):
    german = article("a", source="world", headline="Altenrode: Feuer in der Lagerhalle", language="de")
    english = article("b", source="home", headline="Altenrode: fire in Lagerhalle warehouse", language="en-GB")
    assert len(group_stories([german, english])) == 2
    same = article("c", source="home", headline=english.headline, language="en", published=english.published)
    assert len(group_stories([german, replace(same, url=german.url)])) == 1


def test_an_address_that_a_whole_feed_shares_makes_no_story(article):
    headlines = (
        "Giraffe born",
        "Budget passed",
        "Ferry sinks",
        "Prize for Brandt",
        "Snow in Pell",
        "Bridge opens",
        "Rain",
    )
    articles = [replace(article(f"n{n}", headline=text), url="https://world.test/") for n, text in enumerate(headlines)]
    assert len(group_stories(articles)) == len(articles)


def test_an_outlets_name_and_a_label_are_no_words_of_the_headline(article):
    one = article("a", source="calder", headline="LIVE: Budget vote - Calder")
    other = article("b", source="calder", headline="Giraffe born at zoo - Calder")
    assert len(group_stories([one, other])) == 2


def test_a_country_and_its_people_two_verbs_for_one_event_and_two_spellings_are_one_word(article):
    pairs = [
        ("Libyan tanker escapes", "Ship flees Libya"),
        ("Orsini sues Velasco", "Velasco faces lawsuit"),
        ("Harbour wardens quarrel", "Quarrel of harbor wardens"),
        ("The #SaveOkapi choir", "Singing to save the okapi"),
    ]
    for one, other in pairs:
        two = [article("a", source="world", headline=one), article("b", source="home", headline=other)]
        assert len(group_stories(two)) == 1, (one, other)


def test_background_tells_a_name_that_is_always_in_the_news_from_a_rare_one(article):
    articles = [
        article("a", source="world", headline="Velasco opens school in Pell"),
        article("b", source="home", headline="Velasco opens Harrow bridge"),
    ]
    usual = [f"Velasco opens the {name} exhibition" for name in NAMES] * 40
    assert len(group_stories(articles, background=usual)) == 2


def test_a_group_too_large_for_one_event_is_cut_once_more_and_wire_copy_stays_whole(article):
    def loose(outlets):
        return [
            article(f"n{n:02}", source=f"outlet{n}", headline=f"Velasco Trenholm {own_words(n)}")
            for n in range(outlets)
        ]

    assert len(group_stories(loose(12))) == 1
    assert len(group_stories(loose(13))) > 1
    same = [article(f"m{n}", source=f"outlet{n}", headline="Velasco trial opens in Harrow") for n in range(30)]
    assert [len(story.articles) for story in group_stories(same)] == [30]


def test_two_stories_on_one_person_stay_two(article):
    subjects = ("wins silver spoon", "opens stone bridge")
    day = [article(f"n{n}", source=f"outlet{n}", headline=f"Velasco {subjects[n % 2]}") for n in range(8)]
    assert [len(story.articles) for story in group_stories(day)] == [4, 4]


def test_undated_articles_and_empty_headlines_are_taken(article):
    odd = [
        article("a", headline="Ferry sinks off Calder Bay", published=None, entered=None),
        article("b", source="home", headline="Ferry sinks in Calder Bay"),
        article("c", source="home", headline="..."),
        article("d", source="home", headline="1 2 3 !"),
    ]
    assert told(group_stories(odd)) == [["a", "b"], ["c"], ["d"]]


WORDS = st.sampled_from([*NAMES, "ferry", "sinks", "budget", "vote", "the", "of", "2026", "40", "地震", "北浜"])
DAY = st.lists(
    st.fixed_dictionaries(
        {
            "headline": st.lists(WORDS, min_size=1, max_size=6).map(" ".join),
            "ago": st.integers(0, 90),
            "source": st.sampled_from(("world", "home", "arts")),
            "language": st.sampled_from(("", "en", "de", "ja")),
        }
    ),
    max_size=16,
)


@settings(deadline=None, max_examples=100)
@given(DAY, st.randoms(use_true_random=False))
def test_every_article_is_in_one_story_whatever_the_order(article, fields, chance):
    articles = [article(f"n{n:02}", **one) for n, one in enumerate(fields)]
    stories = group_stories(articles)
    assert sorted(one.id for story in stories for one in story.articles) == [one.id for one in articles]
    assert group_stories(chance.sample(articles, len(articles))) == stories
    stranger = article("zz", headline="Ünique Xylophone Quagmire", source="zoo")
    assert told(group_stories([*articles, stranger])) == sorted([*told(stories), ["zz"]])
