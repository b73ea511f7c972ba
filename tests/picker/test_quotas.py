"""At most so many per outlet, more headlines, and what each section has to have."""

from digest.model import Reason, Section
from digest.picker import pick

BOTH = Section(name="Both", sources=("world", "home"), max=6)


def reasons(picks):
    return {out.article.id: out.reason for out in picks.left_out}


def test_one_outlet_with_nine_tenths_of_the_articles_gets_its_share_alone(article, newsletter, first, now):
    articles = [*(article(f"w{n}", ago=(n + 1) / 10) for n in range(9)), article("h", ago=20, source="home")]
    picks = pick(articles, newsletter(BOTH, max_per_outlet=3), history=first, now=now)
    assert [one.article.id for one in picks.chosen] == ["w0", "w1", "w2", "h"]
    assert set(reasons(picks).values()) == {Reason.OUTLET_FULL}
    assert picks.left_out[0].fact == "World has 3 articles already (max_per_outlet)"


def test_the_share_is_passed_over_only_as_far_as_the_minimum_needs_and_says_so(article, newsletter, first, now):
    articles = [*(article(f"w{n}", ago=(n + 1) / 10) for n in range(9)), article("h", ago=20, source="home")]
    paper = newsletter(BOTH, max_per_outlet=2, minimum=5)
    picks = pick(articles, paper, history=first, now=now)
    assert [(one.article.id, one.reason) for one in picks.chosen] == [
        ("w0", Reason.RANKED),
        ("w1", Reason.RANKED),
        ("h", Reason.RANKED),
        ("w2", Reason.FILLED_MINIMUM),
        ("w3", Reason.FILLED_MINIMUM),
    ]
    assert picks.chosen[-1].fact == "World has 2 articles already (max_per_outlet); taken to reach the minimum"


def test_a_section_of_one_source_knows_no_share(article, newsletter, first, now):
    paper = newsletter(Section(name="World", sources=("world",)), BOTH, max_per_outlet=1)
    articles = [*(article(f"w{n}", ago=(n + 1) / 10) for n in range(8)), article("h", source="home")]
    picks = pick(articles, paper, history=first, now=now)
    assert [(one.section, one.article.id) for one in picks.chosen] == [
        *(("World", f"w{n}") for n in range(5)),
        ("Both", "w5"),
        ("Both", "h"),
    ]


def test_two_feeds_of_one_outlet_share_its_share(article, newsletter, first, now):
    articles = [article("w", outlet="Times"), article("h", source="home", outlet="TIMES"), article("x", source="home")]
    picks = pick(articles, newsletter(BOTH, max_per_outlet=1), history=first, now=now)
    assert len(picks.chosen) == 2
    assert list(reasons(picks).values()) == [Reason.OUTLET_FULL]


def test_a_story_is_told_by_another_outlet_where_the_first_has_its_share(article, newsletter, first, now):
    dam = [article(f"d{source}", source=source, headline="Dam bursts") for source in ("home", "world")]
    articles = [*dam, *(article(f"r{source}", source=source, headline="Rates fall") for source in ("home", "world"))]
    picks = pick(articles, newsletter(BOTH, max_per_outlet=1), history=first, now=now)
    assert sorted(one.article.source for one in picks.chosen) == ["home", "world"]


def test_a_pin_counts_in_its_outlets_share(article, newsletter, first, now):
    articles = [article("p"), article("w"), article("h", source="home")]
    picks = pick(articles, newsletter(BOTH, max_per_outlet=1), history=first, pins=("p",), now=now)
    assert [one.article.id for one in picks.chosen] == ["p", "h"]


def test_what_ranked_next_stands_as_a_headline_best_first_and_says_why_it_is_no_more(article, newsletter, first, now):
    paper = newsletter(Section(name="World", sources=("world",), max=1), more=2)
    picks = pick([article(f"w{n}", ago=n + 1) for n in range(5)], paper, history=first, now=now)
    assert [(one.section, one.n, one.article.id) for one in picks.more] == [("", 1, "w1"), ("", 2, "w2")]
    assert reasons(picks) == dict.fromkeys(("w1", "w2", "w3", "w4"), Reason.SECTION_FULL)
    assert picks.offered == 5


def test_the_articles_of_a_section_left_out_are_the_first_of_more_headlines(article, newsletter, first, now):
    paper = newsletter(Section(name="Home", sources=("home",), min=2), Section(name="World", sources=("world",), max=1))
    articles = [article("h", ago=20, source="home"), article("w0"), article("w1", ago=2)]
    picks = pick(articles, paper, history=first, now=now)
    assert [one.article.id for one in picks.more] == ["h", "w1"]
    assert reasons(picks) == {"h": Reason.NO_SECTION, "w1": Reason.SECTION_FULL}


def test_no_more_headlines_where_the_owner_wants_none(article, newsletter, first, now):
    picks = pick([article(f"w{n}") for n in range(9)], newsletter(more=0), history=first, now=now)
    assert picks.more == ()
