"""Each reason that this version can give has a case here, with the fact it is shown with."""

from datetime import timedelta

import pytest

from digest.model import History, Reason, Section, Source
from digest.picker import by_reason, pick, sources_without, too_few

READING = (
    Reason.SOURCE_FAILED,
    Reason.SOURCE_OFF,
    Reason.NOT_DUE,
    Reason.QUARANTINED,
    Reason.NO_LINK,
    Reason.NO_HEADLINE,
    Reason.BAD_LINK,
    Reason.TOO_LARGE,
    Reason.UNDATED_FIRST_READING,
)
LATER = {
    Reason.LANGUAGE,
    Reason.PAYWALL,
    Reason.USED_ELSEWHERE,
    Reason.SAME_STORY_AS,
    Reason.FOLLOW_UP_NOT_NEWER,
    Reason.OUTLET_FULL,
    Reason.RENDER_REFUSED,
    Reason.FILLED_MINIMUM,
}


@pytest.fixture
def cases(article, newsletter, first, now):
    """For each reason: what pick() is given, and the fact of the one article `x` that it leaves out."""
    x, plain = article("x"), newsletter()
    excluding = Section(name="World", sources=("world",), exclude=("tag:puzzle",), line=71)
    including = Source(name="world", path="/w.xml", include=("flood", "kicker:Speed Read"), line=9)
    small = Section(name="World", sources=("world",), max=1)
    return {
        Reason.TOO_OLD: ([article("x", ago=49, entered=now - timedelta(hours=1))], plain, {}, "more than 2d before"),
        Reason.BEFORE_WINDOW: ([article("x", ago=25)], plain, {}, "the window begins 2026-02-17 06:30 UTC"),
        Reason.AFTER_CUTOFF: ([article("x", ago=0)], plain, {}, "the cut-off is 2026-02-18 06:30 UTC"),
        Reason.EXCLUDED: (
            [article("x", tags=("Puzzle",))],
            newsletter(excluding),
            {},
            "config.toml:71: exclude tag:puzzle",
        ),
        Reason.NOT_INCLUDED: (
            [x],
            newsletter(sources=(including,)),
            {},
            "config.toml:9: include flood, kicker:Speed Read",
        ),
        Reason.DUPLICATE_OF: (
            [article("x", keys=("k",)), article("y", ago=2, keys=("k",), headline="Rain")],
            plain,
            {},
            'the same as "Rain" of World (source world)',
        ),
        Reason.ALREADY_USED: (
            [article("x", keys=("k",))],
            plain,
            {"history": History(used=frozenset({"k"}))},
            "stood in an earlier issue of morning",
        ),
        Reason.UPDATED_ONLY: (
            [article("x", keys=("k",), updates=True)],
            plain,
            {"history": History(used=frozenset({"k"}))},
            "and has no newer update since",
        ),
        Reason.NO_SECTION: ([article("x", source="arts")], plain, {}, 'no section of morning names the source "arts"'),
        Reason.SECTION_FULL: ([article("y", ago=0.5), x], newsletter(small), {}, 'section "World" is full (1)'),
        Reason.ISSUE_FULL: ([article("y", ago=0.5), x], newsletter(limit=1), {}, "the issue is full (1)"),
        Reason.DROPPED_BY_EDITOR: ([x], plain, {"drops": ("x",)}, "dropped in the draft"),
        **{reason: ([article("x", refused=reason.value, fact="as read")], plain, {}, "as read") for reason in READING},
    }


CASES = [one for one in Reason if one not in LATER | {Reason.PINNED, Reason.RANKED}]


@pytest.mark.parametrize("reason", CASES)
def test_each_reason_is_given_with_its_fact(reason, cases, first, now):
    articles, newsletter, options, fact = cases[reason]
    picks = pick(articles, newsletter, **{"history": first, **options}, now=now)
    (out,) = picks.left_out
    assert (out.article.id, out.reason) == ("x", reason)
    assert fact in out.fact
    assert by_reason(picks) == {reason: (out,)}


def test_the_first_reason_in_the_order_of_the_list_is_the_one_given(article, newsletter, now):
    paper = newsletter(Section(name="World", sources=("world",), exclude=("flood",)))
    old = article("x", ago=50, headline="Flood", keys=("k",))
    late = article("x", ago=1, headline="Flood", keys=("k",))
    used = History(used=frozenset({"k"}))
    assert pick([old], paper, history=used, now=now).left_out[0].reason is Reason.TOO_OLD
    assert pick([late], paper, history=used, now=now).left_out[0].reason is Reason.EXCLUDED


def test_what_people_excluded_counts_as_offered_and_what_came_too_late_does_not(article, newsletter, first, now):
    paper = newsletter(Section(name="World", sources=("world",), exclude=("flood",)))
    articles = [article("a"), article("b", headline="The flood"), article("c", ago=60)]
    assert pick(articles, paper, history=first, now=now).offered == 2


def test_a_source_that_gave_nothing_is_named_with_why(article, newsletter, first, now):
    articles = [article("a"), article("b", source="home", ago=60), article("c", source="home", ago=30)]
    picks = pick(articles, newsletter(), history=first, now=now)
    assert sources_without(picks, newsletter()) == (
        "home: 2 read: 1 too_old, 1 before_window",
        "arts: no article was read",
    )


def test_less_than_the_minimum_is_said_and_nothing_else_changes(article, newsletter, first, now):
    picks = pick([article("a")], newsletter(), history=first, now=now)
    assert len(picks.chosen) == 1
    assert too_few(picks, newsletter(minimum=2))
    assert not too_few(picks, newsletter(minimum=1))


def test_the_window_after_an_issue_begins_at_its_cutoff(article, newsletter, now):
    history = History(since=now - timedelta(hours=3))
    articles = [article("at", ago=3), article("before", ago=3.001)]
    picks = pick(articles, newsletter(), history=history, now=now)
    assert [one.article.id for one in picks.chosen] == ["at"]


def test_an_article_seen_late_belongs_to_the_window_it_was_seen_in(article, newsletter, now):
    late = article("late", ago=5, entered=now + timedelta(seconds=1))
    assert pick([late], newsletter(), history=History(), now=now).left_out[0].reason is Reason.AFTER_CUTOFF
    tomorrow = now + timedelta(hours=24)
    assert pick([late], newsletter(), history=History(since=now), now=tomorrow).chosen


@pytest.mark.parametrize(
    ("updates", "hours", "reason"),
    [
        (True, 1, None),
        (True, 0, Reason.UPDATED_ONLY),
        (True, None, Reason.UPDATED_ONLY),
        (False, 1, Reason.ALREADY_USED),
    ],
)
def test_a_used_article_comes_back_only_with_a_newer_update_where_its_source_lets_it(
    article, newsletter, now, updates, hours, reason
):
    then = now - timedelta(days=1)
    updated = None if hours is None else then + timedelta(hours=hours)
    back = article("x", keys=("k",), updated=updated, updates=updates)
    history = History(used=frozenset({"k", "other"}), used_as_of={"k": then})
    picks = pick([back], newsletter(), history=history, now=now)
    assert [out.reason for out in picks.left_out] == ([reason] if reason else [])
