"""No message is cut off by a mail program: an issue that is too long is made shorter, in a fixed order, and says so."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer.budget import LONGEST, fit, shortened, size_of, steps_of
from digest.errors import TemplateError
from digest.model import Budget, Image, Part, Picks

SENTENCES = "The first trains may run in spring, says the council. Work on the coast road goes on until summer."


@pytest.fixture
def long_day(pick):
    """`long_day(n)`: so many articles in two sections, all with a picture and two sentences."""

    def build(count):
        image = Image(url="https://p.example/one.jpg", width=1200, height=675, alt="A quiet harbour at dawn")
        return Picks(
            chosen=tuple(
                pick(
                    f"Headline number {n} of a long day at the harbour",
                    lead=n == 0,
                    section="World" if n % 3 else "Science",
                    image=image,
                    teaser=SENTENCES,
                )
                for n in range(count)
            )
        )

    return build


def size(issue):
    return size_of(issue.variants[0].html)


def headlines_missing(issue):
    page, text = issue.variants[0].html.shown(), " ".join(issue.variants[0].text.shown().split())
    return [
        one.article.headline
        for one in issue.picks.chosen
        if one.article.headline not in page or one.article.headline not in text
    ]


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
def test_forty_articles_fit_with_every_headline(composed, theme, long_day, name):
    issue = composed(long_day(40), by=theme(name))
    assert size(issue) <= 87_000
    assert headlines_missing(issue) == []


def test_nine_articles_need_no_shortening(composed, long_day):
    issue = composed(long_day(9))
    assert size(issue) <= 51_200
    assert issue.picks.fitted == ()


def test_an_issue_is_shortened_step_by_step_in_the_fixed_order(composed, long_day):
    day = long_day(14)
    whole = size(composed(day))
    kinds = []
    for share in (0.97, 0.83, 0.75, 0.6):
        (note,) = composed(day, budget=Budget(soft=int(whole * share), hard=whole)).picks.fitted
        kinds.append([word for word in ("pictures", "teaser", "more headlines", "lead's") if word in note])
    assert kinds[0] == ["pictures"]
    assert kinds[-1][:3] == ["pictures", "teaser", "more headlines"]
    assert all(set(less) <= set(more) for less, more in pairwise(kinds))


def test_no_more_steps_are_taken_than_needed(composed, long_day):
    day = long_day(14)
    whole = size(composed(day))
    issue = composed(day, budget=Budget(soft=whole - 1, hard=whole))
    assert issue.picks.fitted[0].endswith("the picture of 1 row left out")
    (told,) = [one for one in issue.picks.chosen if one.fact]
    assert told.fact == "without its picture (the message was too long)"
    last = [one for one in day.chosen if one.section == "World" and not one.lead]  # where World is the last section
    assert told == replace(
        last[-1] if day.chosen[1].section != "World" else [o for o in day.chosen if o.section == "Science"][-1],
        fact=told.fact,
    )


def test_moved_rows_keep_headline_and_link_and_are_told_of(composed, long_day):
    day = long_day(14)
    issue = composed(day, budget=Budget(soft=22_000, hard=60_000))
    text = issue.variants[0].text.shown()
    moved = [one for one in issue.picks.chosen if "as a headline and a link" in one.fact]
    assert moved
    more = text.partition("== More headlines ==")[2]
    for one in moved:
        assert one.article.headline in " ".join(more.split())
        assert f"<{one.article.url}>" in more
        assert one.article.url in issue.variants[0].html.shown()
    assert headlines_missing(issue) == []
    # The largest section gives first, and none its last row.
    kept = {one.section for one in issue.picks.chosen if one not in moved and not one.lead}
    assert kept == {"World", "Science"}


def test_an_issue_that_stays_too_long_is_refused(composed, long_day):
    with pytest.raises(TemplateError, match=r"the HTML has \d+ bytes, more than the 20 that are sent whole"):
        composed(long_day(3), budget=Budget(soft=10, hard=20))


def test_only_for_the_hard_limit_headlines_are_cut_and_the_web_issue_is_linked(composed, long_day):
    day = long_day(40)
    least = size(composed(day, budget=Budget(soft=10, hard=100_000)))
    issue = composed(day, budget=Budget(soft=10, hard=least - 1000))
    assert re.search(r"\d+ more headlines cut", issue.picks.fitted[0])
    assert len(headlines_missing(issue)) > 0
    assert issue.variants[0].mjml.count("[[view_url]]") > composed(day).variants[0].mjml.count("[[view_url]]")


def test_a_variant_that_is_short_by_itself_keeps_its_pictures(composed, long_day):
    from digest.model import Audience

    day = long_day(14)
    whole = size(composed(day))
    issue = composed(day, audiences=[Audience(topics=("Science",))], budget=Budget(soft=whole - 1, hard=whole))
    assert len(issue.picks.fitted) == 1
    assert issue.variants[1].mjml.count("<img") == sum(one.section == "Science" for one in day.chosen)


def test_the_size_is_measured_with_every_hole_at_its_longest():
    part = Part(literals=("é", "b", ""), holes=("name", "view_url"))
    assert size_of(part) == 3 + LONGEST["name"] + LONGEST["view_url"]


# The law, over made-up pages: each story costs what its parts cost.

stories = st.builds(
    lambda image, sentences: {
        "image": image and {"url": "x"},
        "teaser": "A sentence that says quite a lot of things. " * sentences,
    },
    st.booleans(),
    st.integers(0, 3),
)
pages = st.builds(
    lambda lead, sections, extras: {
        "lead": {**lead, "section": "S0", "n": 0},
        "sections": [
            {"name": f"S{s}", "stories": [{**one, "section": f"S{s}", "n": n} for n, one in enumerate(rows, 1)]}
            for s, rows in enumerate(sections)
        ],
        "more": [],
        "more_cut": 0,
        "contents": ["x"] * extras,
        "quote": {"text": "x"} if extras else None,
    },
    stories,
    st.lists(st.lists(stories, min_size=1, max_size=9), max_size=4),
    st.integers(0, 3),
)


def priced(context):
    cost = 500 + 40 * len(context["more"]) + 30 * len(context["contents"]) + 80 * bool(context["quote"])
    for story in (context["lead"], *(one for section in context["sections"] for one in section["stories"])):
        cost += 100 + 50 * bool(story["image"]) + len(story["teaser"])
    part = Part(literals=("x" * cost,))
    return part, part, ""


@settings(deadline=None)
@given(pages, st.integers(300, 6000))
def test_the_fewest_steps_are_taken_and_nobody_is_lost(context, soft):
    steps = list(steps_of(context))
    made = fit(context, priced, Budget(soft=soft, hard=1 << 20))
    sizes = [size_of(priced(shortened(context, steps[:count]))[0]) for count in range(len(steps) + 1)]
    assert sizes == sorted(sizes, reverse=True)
    assert size_of(made.rendered[0]) == next((one for one in sizes if one <= soft), sizes[-1])
    last = shortened(context, steps)
    count = sum(len(section["stories"]) for section in context["sections"])
    assert sum(len(section["stories"]) for section in last["sections"]) + len(last["more"]) == count
    assert all(section["stories"] for section in last["sections"])
