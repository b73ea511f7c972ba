"""The documented formula, part by part, and the orders made of it."""

import math
from datetime import timedelta

import pytest

from digest.model import History, Image, Rank, Reason, Section, Source
from digest.picker import pick
from digest.picker.tastes import tone_of

PICTURE = Image(url="https://x.test/a.jpg")
ALL = ("world", "home", "arts")


@pytest.fixture
def ranked(newsletter, first, now):
    """The picks of one section over three sources, with this order and these weights."""

    def picks(articles, order="biggest", *, sources=ALL, rank=None, history=first, **fields):
        section = Section(name="Top", sources=ALL, order=order, max=20, line=42)
        paper = newsletter(section, sources=sources, rank=rank or Rank(), limit=20, **fields)
        return pick(articles, paper, history=history, now=now)

    return picks


def ids(picks):
    return [one.article.id for one in picks.chosen]


def parts(one):
    return {part.name: part.value for part in one.parts}


def test_each_part_is_worth_what_the_formula_says(article, ranked):
    full = article("a", ago=8, headline="Dam bursts", image=PICTURE, teaser="x" * 160, place=10)
    other = article("b", ago=9, headline="Dam bursts", source="home", place=12)
    (one,) = ranked([full, other], sources=(Source(name="world", path="/x", weight=1.5), "home", "arts")).chosen
    assert parts(one) == {
        "outlets": pytest.approx(3 * math.log(2), abs=1e-4),
        "freshness": 0.5,
        "source": 1.5,
        "place": 0.25,
        "picture": 0.3,
        "teaser": 0.2,
    }
    assert one.score == pytest.approx(sum(parts(one).values()))


def test_the_weights_are_the_newsletters(article, ranked):
    rank = Rank(outlets=0, freshness=4, half_life=timedelta(days=3), source=0, place=0, picture=2, teaser=0)
    (one,) = ranked([article("a", ago=72, entered=None, published=None, image=PICTURE)], rank=rank).chosen or [None]
    assert one is None or parts(one) == {"picture": 2}
    (dated,) = ranked([article("b", ago=12, image=PICTURE)], rank=rank).chosen
    assert parts(dated) == {"freshness": pytest.approx(4 * 0.5 ** (12 / 72), abs=1e-4), "picture": 2}


def test_a_character_of_han_counts_two_columns(article, ranked):
    (one,) = ranked([article("a", teaser="\u6771" * 80)]).chosen
    assert parts(one)["teaser"] == 0.2


def test_a_boost_changes_the_rank_and_lets_nothing_in(article, ranked):
    articles = [article("a", ago=2, tags=("Climate",)), article("b", ago=1), article("c", ago=30, tags=("Climate",))]
    rank = Rank(boosts=(("tag:climate", 1.0), ("/newsb/", -0.5)))
    picks = ranked(articles, rank=rank)
    assert ids(ranked(articles)) == ["b", "a"]
    assert ids(picks) == ["a", "b"]
    assert parts(picks.chosen[0])["boost"] == 1.0
    assert picks.chosen[1].parts[-1].fact == "/newsb/"


def test_equal_ranks_stand_newest_first_then_by_id(article, ranked):
    rank = Rank(freshness=0)
    articles = [article("b", ago=2), article("c", ago=1), article("a", ago=2)]
    assert ids(ranked(articles, rank=rank)) == ["c", "a", "b"]


def test_newest_does_not_care_who_else_tells_it(article, ranked):
    big = [article(f"d{n}", ago=4 + n, source=name, headline="Dam bursts") for n, name in enumerate(ALL)]
    assert ids(ranked([*big, article("x", ago=1)], "newest"))[0] == "x"
    assert ids(ranked([*big, article("x", ago=1)], "biggest"))[0] != "x"


def test_features_takes_long_reads_by_kicker_tag_and_length_longest_first(article, ranked):
    articles = [
        article("kicker", kicker="Long read"),
        article("tag", tags=("Interview",), words=2400),
        article("words", words=1300),
        article("short", words=300),
        article("plain"),
    ]
    picks = ranked(articles, "features")
    assert ids(picks) == ["tag", "kicker", "words"]
    assert [one.fact for one in picks.chosen] == [
        "feature: Interview, 2400 words",
        "feature: Long read",
        "feature: 1300 words",
    ]
    assert {out.reason for out in picks.left_out} == {Reason.NOT_INCLUDED}
    assert all(out.fact.startswith("config.toml:42: features takes long reads") for out in picks.left_out)


@pytest.mark.parametrize(
    "fields",
    [
        {"kicker": "Speed Read"},
        {"tags": ("Breaking news",)},
        {"headline": "Live: the count goes on"},
        {"headline": "EILMELDUNG: Damm gebrochen"},
        {"headline": "Harbour fire live updates"},
    ],
)
def test_features_takes_no_breaking_news_however_long(article, ranked, fields):
    (out,) = ranked([article("x", words=5000, **fields)], "features").left_out
    assert out.reason is Reason.EXCLUDED
    assert "features takes no breaking news" in out.fact


@pytest.mark.parametrize(
    ("headline", "teaser", "language", "word"),
    [
        ("Volunteers rescue a stranded whale calf", "It recovered and swam out.", "en", "volunteers"),
        ("Forscher feiern Durchbruch gegen Malaria", "Ein Impfstoff hilft.", "de", "feiern"),
        ("Un village sauve sa librairie", "Des b\u00e9n\u00e9voles et un succ\u00e8s.", "fr", "sauve"),
        ("Voluntarios salvan a una ballena", "Un rescate feliz.", "es", "voluntarios"),
        ("Volontari salvano la biblioteca, un successo", "Tutti felici.", "it", "volontari"),
        ("Volunt\u00e1rios resgatam baleia", "Um sucesso feliz.", "pt", "voluntarios"),
        ("Vrijwilligers redden egels", "Een groot succes, iedereen is blij.", "nl", "vrijwilligers"),
        ("Wolontariusze uratowali bociana", "Rado\u015b\u0107 we wsi.", "pl", "wolontariusze"),
    ],
)
def test_good_takes_glad_words_of_each_language_and_shows_them(article, ranked, headline, teaser, language, word):
    (one,) = ranked([article("x", headline=headline, teaser=teaser, language=language)], "good").chosen
    assert one.fact.startswith("tone +")
    assert word in one.fact


@pytest.mark.parametrize(
    ("headline", "language", "word"),
    [
        ("Volunteers rescue whale, two dead", "en", "dead"),
        ("Retter feiern Erfolg nach Mordserie", "de", "mordserie"),
        ("Succ\u00e8s de sauvetage apr\u00e8s la guerre", "fr", "guerre"),
        ("Voluntarios celebran pese al asesinato", "es", "asesinato"),
        ("Volontari felici, un omicidio in paese", "it", "omicidio"),
        ("Volunt\u00e1rios felizes ap\u00f3s homic\u00eddio", "pt", "homicidio"),
        ("Vrijwilligers blij ondanks oorlog", "nl", "oorlog"),
        ("Wolontariusze uratowali wie\u015b w czasie wojny", "pl", "wojny"),
    ],
)
def test_deaths_wars_and_crimes_veto_even_what_is_labelled_good(article, ranked, headline, language, word):
    (out,) = ranked([article("x", headline=headline, language=language, kicker="Good news")], "good").left_out
    assert (out.reason, out.fact) == (
        Reason.EXCLUDED,
        f'config.toml:42: good takes no deaths, wars and crimes ("{word}")',
    )


def test_no_turns_a_glad_word_and_fewer_turns_a_grim_one(article):
    assert tone_of(article(headline="No breakthrough, no celebration"), language="en").points < 0
    fewer = tone_of(article(headline="Malaria deaths fall after vaccine breakthrough"), language="en")
    assert not fewer.veto
    assert fewer.words[0] == "fall deaths"
    assert tone_of(article(headline="He fell: the cave has more deaths"), language="en").veto == "deaths"


def test_a_section_a_kicker_or_a_tag_that_says_good_news_is_a_hint(article, ranked):
    plain = [article("plain"), article("kicker", kicker="Good news"), article("tag", tags=("Gute Nachrichten",))]
    picks = ranked(plain, "good")
    assert set(ids(picks)) == {"kicker", "tag"}
    (out,) = picks.left_out
    assert out.fact == "config.toml:42: good takes glad news: tone +0"
    source = Source(name="home", path="/x", section="Good news")
    assert ids(ranked([article("x", source="home")], "good", sources=("world", source, "arts"))) == ["x"]


def test_an_unknown_language_is_judged_by_hints_alone(article):
    assert tone_of(article(headline="Volunteers rescue whale", language="fi")).points == 0
    assert tone_of(article(headline="kuollut", kicker="Good news", language="fi")).points == 3


def test_a_follow_up_of_a_big_story_still_comes_before_small_news(article, ranked, now):
    big = [article(f"d{n}", ago=2, source=name, headline="Dam bursts") for n, name in enumerate(ALL)]
    told = History(since=now - timedelta(hours=8), told=(article("old", ago=12, headline="Dam bursts"),))
    picks = ranked([*big, article("x", ago=1)], history=told)
    assert picks.chosen[0].article.headline == "Dam bursts"
