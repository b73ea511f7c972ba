"""Sections fill in the order written, newest first, within max, min and the issue's limit."""

from digest.model import History, Reason, Section
from digest.picker import pick

WORLD = Section(name="World", sources=("world",))


def chosen(picks):
    return [(one.section, one.n, one.article.id) for one in picks.chosen]


def test_sections_stand_in_the_order_written_and_newest_first(article, newsletter, first, now):
    articles = [article("a", ago=3), article("b", ago=1), article("c", ago=0.5, source="home")]
    picks = pick(articles, newsletter(), history=first, now=now)
    assert chosen(picks) == [("World", 1, "b"), ("World", 2, "a"), ("Home", 1, "c")]
    assert [one.lead for one in picks.chosen] == [True, False, False]
    assert {one.reason for one in picks.chosen} == {Reason.RANKED}


def test_an_article_stands_in_the_first_section_that_takes_it_and_has_room(article, newsletter, first, now):
    paper = newsletter(
        Section(name="Top", sources=("world",), max=1),
        Section(name="Floods", sources=("world",), include=("flood",)),
        Section(name="Rest", sources=("world",)),
    )
    articles = [article("a", ago=1), article("b", ago=2, headline="A flood"), article("c", ago=3)]
    picks = pick(articles, paper, history=first, now=now)
    assert chosen(picks) == [("Top", 1, "a"), ("Floods", 1, "b"), ("Rest", 1, "c")]


def test_a_section_below_its_min_is_left_out_and_its_articles_go_on(article, newsletter, first, now):
    paper = newsletter(Section(name="Two", sources=("world",), min=2), Section(name="Rest", sources=("world",)))
    picks = pick([article("a")], paper, history=first, now=now)
    assert chosen(picks) == [("Rest", 1, "a")]
    assert picks.chosen[0].lead


def test_an_article_whose_only_section_is_left_out_says_so(article, newsletter, first, now):
    paper = newsletter(Section(name="Two", sources=("world",), min=2))
    (out,) = pick([article("a")], paper, history=first, now=now).left_out
    assert (out.reason, out.fact) == (Reason.NO_SECTION, 'section "Two" had 1 of at least 2 and was left out')


def test_a_section_that_the_limit_leaves_too_few_places_says_so(article, newsletter, first, now):
    paper = newsletter(WORLD, Section(name="Home", sources=("home",), min=2), limit=2)
    articles = [article("a"), article("b", source="home"), article("c", source="home")]
    picks = pick(articles, paper, history=first, now=now)
    assert chosen(picks) == [("World", 1, "a")]
    assert {(out.reason, out.fact) for out in picks.left_out} == {
        (Reason.ISSUE_FULL, 'section "Home" needs 2 places, 1 were left')
    }


def test_a_pin_comes_first_though_old_used_and_excluded_and_says_so(article, newsletter, now, first):
    paper = newsletter(Section(name="World", sources=("world",), exclude=("flood",), max=1))
    old = article("p", ago=100, headline="Flood")
    picks = pick([article("a"), old], paper, history=first, pins=("p",), now=now)
    (pinned,) = picks.chosen
    assert (pinned.article.id, pinned.reason, pinned.lead) == ("p", Reason.PINNED, True)
    assert "published 2026-02-14" in pinned.fact


def test_pins_stand_in_their_order_and_never_over_the_limit(article, newsletter, first, now):
    articles = [article(f"p{n}", ago=n + 1) for n in range(4)]
    pins = ("p3", "https://world.test/p0", "p2", "p1")
    picks = pick(articles, newsletter(limit=3), history=first, pins=pins, now=now)
    assert [one.article.id for one in picks.chosen] == ["p3", "p0", "p2"]
    assert [(out.article.id, out.reason) for out in picks.left_out] == [("p1", Reason.ISSUE_FULL)]


def test_a_pin_without_a_link_cannot_be_shown(article, newsletter, first, now):
    broken = article("p", refused="no_link", fact="the feed gives none")
    assert pick([broken], newsletter(), history=first, pins=("p",), now=now).left_out[0].reason is Reason.NO_LINK


def test_a_pin_that_is_dropped_as_well_is_dropped(article, newsletter, first, now):
    picks = pick([article("p")], newsletter(), history=first, pins=("p",), drops=("p",), now=now)
    assert picks.left_out[0].reason is Reason.DROPPED_BY_EDITOR


def test_of_twins_the_earlier_published_stays_and_may_stand_where_the_other_might(article, newsletter, first, now):
    paper = newsletter(Section(name="Top", sources=("top",)), WORLD, sources=("top", "world"))
    twins = [article("t", ago=2, source="top", keys=("k",)), article("w", ago=3, keys=("k",))]
    picks = pick(twins, paper, history=first, now=now)
    assert chosen(picks) == [("Top", 1, "w")]
    assert [(out.article.id, out.reason) for out in picks.left_out] == [("t", Reason.DUPLICATE_OF)]


def test_an_article_that_is_refused_itself_does_not_take_its_twin_with_it(article, newsletter, first, now):
    paper = newsletter(
        Section(name="World", sources=("world",), include=("kicker:Opinion",)), *newsletter().sections[1:]
    )
    twins = [article("w", ago=3, keys=("k",)), article("h", ago=2, source="home", keys=("k",))]
    assert chosen(pick(twins, paper, history=first, now=now)) == [("Home", 1, "h")]


def test_twins_of_twins_are_twins(article, newsletter, first, now):
    chain = [article("a", ago=3, keys=("1",)), article("b", ago=2, keys=("1", "2")), article("c", ago=1, keys=("2",))]
    picks = pick(chain, newsletter(), history=first, now=now)
    assert chosen(picks) == [("World", 1, "a")]
    assert all('"Newsa"' in out.fact for out in picks.left_out)


def test_of_twins_one_that_no_section_takes_does_not_stay(article, newsletter, first, now):
    twins = [article("x", ago=3, source="arts", keys=("k",)), article("w", ago=2, keys=("k",))]
    assert chosen(pick(twins, newsletter(), history=first, now=now)) == [("World", 1, "w")]


def test_a_pin_that_stood_in_an_earlier_issue_stands_again_and_says_so(article, newsletter, now):
    used = History(used=frozenset({"p"}))
    (pinned,) = pick([article("p")], newsletter(), history=used, pins=("p",), now=now).chosen
    assert pinned.fact == "stood in an earlier issue"


def test_refused_by_every_section_gives_the_first_reason_of_the_list(article, newsletter, first, now):
    paper = newsletter(
        Section(name="One", sources=("world",), include=("sun",), line=5),
        Section(name="Two", sources=("world",), exclude=("flood",), line=8),
    )
    (out,) = pick([article("a", headline="Flood")], paper, history=first, now=now).left_out
    assert (out.reason, out.fact) == (Reason.EXCLUDED, "config.toml:8: exclude flood")
