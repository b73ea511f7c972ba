"""A story stands once, told by its head, with the others behind it; one told before returns only with news."""

from dataclasses import replace
from datetime import timedelta

import pytest

from digest.model import CoveredBy, History, Reason, Section, Source
from digest.picker import pick

ALL = ("world", "home", "arts", "wire", "east")
DAM = "Dam at Vinterhavn bursts"


@pytest.fixture
def paper(newsletter):
    """One section over five sources."""
    return lambda **fields: newsletter(Section(name="Top", sources=ALL, max=10), sources=ALL, **fields)


@pytest.fixture
def dam(article):
    """An article on the dam; the same words, so the same story."""
    return lambda name, **fields: article(name, headline=DAM, **fields)


def reasons(picks):
    return {out.article.id: out.reason for out in picks.left_out}


def test_a_story_told_by_many_comes_before_one_that_is_newer(article, dam, paper, first, now):
    articles = [article("new", ago=0.1), dam("a", ago=9), dam("b", ago=8, source="home")]
    picks = pick(articles, paper(), history=first, now=now)
    assert [one.article.id for one in picks.chosen] == ["a", "new"]
    assert reasons(picks) == {"b": Reason.SAME_STORY_AS}
    assert picks.left_out[0].fact == f'the same story as "{DAM}" of World'


def test_three_other_outlets_are_named_each_once_with_headline_and_link(dam, paper, first, now):
    articles = [dam(f"{source}{n}", ago=n - at / 10, source=source) for at, source in enumerate(ALL) for n in (1, 2)]
    (one,) = pick(articles, paper(), history=first, now=now).chosen
    assert one.article.outlet == "World"
    assert [other.outlet for other in one.also_covered_by] == ["Home", "Arts", "Wire"]
    assert one.also_covered_by[0] == CoveredBy(outlet="Home", headline=DAM, url="https://home.test/home2")


def test_one_outlet_that_tells_it_five_times_is_one_outlet(article, dam, paper, first, now):
    articles = [*(dam(f"d{n}", ago=n) for n in range(1, 6)), *(article(f"t{n}", source="home") for n in range(2))]
    picks = pick(articles, paper(), history=first, now=now)
    (told,) = [one for one in picks.chosen if one.article.headline == DAM]
    assert told.also_covered_by == ()
    assert "outlets" not in {part.name for part in told.parts}


def test_the_head_is_of_the_weightiest_source_then_fullest_then_nearest_then_earliest(
    article, dam, newsletter, first, now
):
    def head(articles, **weights):
        sources = tuple(Source(name=name, path="/x", weight=weights.get(name, 1.0)) for name in ALL)
        paper = newsletter(Section(name="Top", sources=ALL), sources=sources)
        return pick(articles, paper, history=first, now=now).chosen[0].article.id

    full = "The water stood three metres high in the streets below the dam at noon, the mayor of the town said."
    plain = [dam("a", ago=3), dam("b", ago=2, source="home")]
    assert head(plain) == "a"
    assert head(plain, home=2.0) == "b"
    assert head([dam("a", ago=3), dam("b", ago=2, source="home", teaser=full)]) == "b"
    aside = article("a", ago=3, headline=f"A photographer of Orvany who was there as the {DAM.lower()} remembers")
    assert head([aside, dam("b", ago=2, source="home"), dam("c", ago=1, source="arts")]) == "b"


def test_a_story_stands_under_the_section_where_most_outlets_tell_it(dam, article, newsletter, first, now):
    paper = newsletter(
        Section(name="Home", sources=("home",)), Section(name="World", sources=("world", "arts")), limit=20
    )
    articles = [dam("h", source="home"), dam("w"), dam("a", source="arts"), article("x", source="home")]
    picks = pick(articles, paper, history=first, now=now)
    assert [(one.section, one.article.id) for one in picks.chosen] == [("Home", "x"), ("World", "a")]


def test_a_story_takes_the_first_section_when_the_better_one_may_be_full(dam, article, newsletter, first, now):
    paper = newsletter(
        Section(name="Home", sources=("home",)), Section(name="World", sources=("world", "arts"), max=1), limit=20
    )
    flood = [
        article(f"f{n}", source=source, headline="Tessara lowers rates") for n, source in enumerate(("world", "arts"))
    ]
    third = article("f3", source="world", outlet="Wire", headline="Tessara lowers rates")
    articles = [dam("h", source="home"), dam("w"), *flood, third]
    picks = pick(articles, paper, history=first, now=now)
    assert [(one.section, one.article.headline) for one in picks.chosen] == [
        ("Home", DAM),
        ("World", "Tessara lowers rates"),
    ]


def test_what_a_filter_keeps_out_still_tells_how_big_a_story_is(dam, newsletter, first, now):
    sections = (Section(name="Read", sources=("world", "home", "arts"), include=("kicker:Speed Read",)),)
    paper = newsletter(*sections, sources=("world", "home", Source(name="arts", path="/a", exclude=("paywall",))))
    articles = [
        dam("a", kicker="Speed Read"),
        dam("b", source="home"),
        dam("c", source="arts", paywall=True),
    ]
    picks = pick(articles, paper, history=first, now=now)
    (one,) = picks.chosen
    assert next(part.fact for part in one.parts if part.name == "outlets") == "3 outlets: World, Home, Arts"
    assert [other.outlet for other in one.also_covered_by] == ["Home"]
    assert reasons(picks) == {"b": Reason.NOT_INCLUDED, "c": Reason.PAYWALL}


def told_at(now, *articles, hours=8):
    return History(since=now - timedelta(hours=hours), told=articles)


def test_a_story_told_in_the_last_issue_does_not_return_without_news(dam, paper, now):
    history = told_at(now, dam("old", ago=12))
    late = dam("late", ago=10, entered=now - timedelta(hours=1), source="home")
    picks = pick([late], paper(), history=history, now=now)
    assert reasons(picks) == {"late": Reason.FOLLOW_UP_NOT_NEWER}
    assert DAM in picks.left_out[0].fact


def test_with_news_it_returns_led_by_the_news_at_half_its_rank(dam, article, paper, now):
    news = dam("news", ago=2, source="home")
    late = dam("late", ago=10, entered=now - timedelta(hours=1))
    articles = [news, late, article("x", ago=2, source="home")]
    alone = pick(articles, paper(), history=told_at(now), now=now)
    again = pick(articles, paper(), history=told_at(now, dam("old", ago=12)), now=now)
    assert {one.article.id for one in again.chosen} == {"news", "x"}
    assert reasons(again) == {"late": Reason.SAME_STORY_AS}
    before, after = (next(one for one in picks.chosen if one.article.headline == DAM) for picks in (alone, again))
    assert after.score == pytest.approx(before.score / 2, abs=1e-3)
    assert after.fact.startswith("follow_up, told in the issue of 2026-02-17 22:30 UTC")
    assert after.parts[-1].name == "follow_up"


def test_a_sample_is_a_new_day_every_day(dam, newsletter, now):
    sample = Source(name="world", path="/x", newest_is_now=True)
    paper = newsletter(Section(name="Top", sources=("world",)), sources=(sample,))
    picks = pick(
        [dam("a@2", ago=9, entered=now - timedelta(hours=1))], paper, history=told_at(now, dam("a@1")), now=now
    )
    assert [one.fact for one in picks.chosen] == [""]


def test_a_pin_leads_its_story_and_two_pins_of_one_story_both_stand(dam, paper, first, now):
    articles = [dam(f"d{n}", source=source) for n, source in enumerate(("world", "home", "arts"))]
    one = pick(articles, paper(), history=first, pins=("d2",), now=now)
    assert [(pin.article.id, pin.reason) for pin in one.chosen] == [("d2", Reason.PINNED)]
    assert {other.outlet for other in one.chosen[0].also_covered_by} == {"World", "Home"}
    two = pick(articles, paper(), history=first, pins=("d2", "d1"), now=now)
    assert [pin.article.id for pin in two.chosen] == ["d2", "d1"]
    assert reasons(two) == {"d0": Reason.SAME_STORY_AS}


def test_dropping_an_article_takes_its_story_out_unless_another_of_it_is_pinned(dam, paper, first, now):
    articles = [dam("a"), dam("b", source="home")]
    dropped = pick(articles, paper(), history=first, drops=("a",), now=now)
    assert dropped.chosen == ()
    assert reasons(dropped) == {"a": Reason.DROPPED_BY_EDITOR, "b": Reason.SAME_STORY_AS}
    kept = pick(articles, paper(), history=first, drops=("a",), pins=("b",), now=now)
    assert [(one.article.id, one.also_covered_by) for one in kept.chosen] == [("b", ())]


def test_a_used_article_returns_once_it_is_updated_where_its_source_allows_that(dam, newsletter, now):
    then, lately = now - timedelta(hours=20), now - timedelta(hours=1)
    history = History(
        since=now - timedelta(hours=8), used=frozenset({"a"}), used_as_of={"a": then}, told=(dam("a", ago=20),)
    )
    updated = dam("a", ago=20, updated=lately, entered=lately)  # as the store lets it enter anew

    def picks(one, *, updates):
        source = Source(name="world", path="/x", updates=updates)
        paper = newsletter(Section(name="Top", sources=("world",)), sources=(source,))
        return pick([one], paper, history=history, now=now)

    (again,) = picks(updated, updates=True).chosen
    assert "updated 2026-02-18 05:30 UTC since it stood in an earlier issue" in again.fact
    assert again.parts[-1].name == "follow_up"
    assert reasons(picks(updated, updates=False)) == {"a": Reason.UPDATED_ONLY}
    assert reasons(picks(dam("a", ago=20), updates=True)) == {"a": Reason.BEFORE_WINDOW}
    not_since = dam("a", ago=20, updated=then, entered=lately)
    assert reasons(picks(not_since, updates=True)) == {"a": Reason.ALREADY_USED}


@pytest.mark.parametrize(
    ("published", "updated", "read"),
    [
        (20, 8.2, 7.5),  # written before the last issue's cut-off, read after it
        (90, 3, 2),  # published days ago
        (20, -1, 1),  # a clock that is ahead
    ],
)
def test_an_update_counts_whenever_it_was_written(dam, newsletter, now, published, updated, read):
    history = History(
        since=now - timedelta(hours=8),
        used=frozenset({"a"}),
        used_as_of={"a": now - timedelta(hours=published)},
        told=(dam("a", ago=published),),
    )
    again = dam(
        "a", ago=published, updated=now - timedelta(hours=updated), entered=now - timedelta(hours=read), updates=True
    )
    source = Source(name="world", path="/x", updates=True)
    paper = newsletter(Section(name="Top", sources=("world",)), sources=(source,))
    picks = pick([again], paper, history=history, now=now)
    assert [one.article.id for one in picks.chosen] == ["a"], picks.left_out
    too_late = pick([again], replace(paper, max_age=timedelta(hours=1)), history=history, now=now)
    assert reasons(too_late) == ({} if updated < 1 else {"a": Reason.TOO_OLD})


def test_what_stood_in_a_newsletter_it_never_repeats_is_out(article, paper, now):
    history = History(elsewhere={"a": "best"})
    picks = pick([article("a"), article("b")], paper(), history=history, now=now)
    assert reasons(picks) == {"a": Reason.USED_ELSEWHERE}
    assert picks.left_out[0].fact == "stood in an issue of best"
    pinned = pick([article("a")], paper(), history=history, pins=("a",), now=now)
    assert pinned.chosen[0].fact == "stood in an issue of best"
