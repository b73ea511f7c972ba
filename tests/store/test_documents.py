"""Any dataclass of the model comes back equal from its JSON."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.model import Article, CoveredBy, Image, Issue, LeftOut, Pick, Picks, Reason, SourceState
from digest.store.documents import dumps, loads
from tests.store.world import an_article, an_issue

TEXT = st.text(max_size=20)
WHEN = st.datetimes(timezones=st.just(UTC))
ARTICLES = st.builds(
    Article,
    id=TEXT,
    url=TEXT,
    headline=TEXT,
    outlet=TEXT,
    published=st.none() | WHEN,
    image=st.none() | st.builds(Image, url=TEXT, width=st.integers(), height=st.integers(), alt=TEXT),
    tags=st.lists(TEXT, max_size=3).map(tuple),
    entered=st.none() | WHEN,
    paywall=st.booleans(),
    keys=st.lists(TEXT, max_size=3).map(tuple),
)
PICKS = st.builds(
    Picks,
    chosen=st.lists(
        st.builds(
            Pick,
            article=ARTICLES,
            section=TEXT,
            n=st.integers(),
            lead=st.booleans(),
            score=st.floats(allow_nan=False),
            reason=st.sampled_from(Reason),
            also_covered_by=st.lists(st.builds(CoveredBy, outlet=TEXT, headline=TEXT, url=TEXT), max_size=2).map(tuple),
        ),
        max_size=3,
    ).map(tuple),
    left_out=st.lists(st.builds(LeftOut, article=ARTICLES, reason=st.sampled_from(Reason), fact=TEXT), max_size=3).map(
        tuple
    ),
    intro=TEXT,
)


@settings(deadline=None, max_examples=60)
@given(PICKS)
def test_whatever_was_picked_comes_back_equal(picks):
    text = dumps(picks)
    assert text.isascii()
    assert loads(Picks, text) == picks


def test_an_issue_comes_back_equal_and_with_the_same_types():
    issue = an_issue()
    again = loads(Issue, dumps(issue).encode())
    assert again == issue
    assert isinstance(again.picks.chosen[0].reason, Reason)
    assert again.variants[0].html.joined({"name": "Ada", "unsubscribe_url": "x"}) == "<p>Hello Ada!\r\nx"


def test_what_is_empty_by_default_takes_no_room_and_what_is_not_is_kept():
    state = SourceState(name="world")
    assert json.loads(dumps(state)) == {"name": "world", "validators": {}}
    pick = Pick(article=an_article(), section="", n=0)
    assert json.loads(dumps(pick))["reason"] == "ranked"
    assert loads(Pick, dumps(replace(pick, reason=Reason.PINNED))).reason is Reason.PINNED


def test_a_field_that_is_gone_is_passed_over():
    assert loads(SourceState, '{"name": "world", "mood": "fine"}') == SourceState(name="world")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"name": 1, "last_try": "soon"}', '{"title": "no name"}'])
def test_what_cannot_be_read_is_one_line(text):
    with pytest.raises(StoreError, match="a stored SourceState cannot be read"):
        loads(SourceState, text)


def test_an_instant_keeps_its_microseconds():
    when = datetime(2026, 11, 23, 6, 30, 0, 123456, tzinfo=UTC)
    assert loads(SourceState, dumps(SourceState(name="x", last_try=when))).last_try == when
