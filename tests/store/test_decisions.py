"""What an outcome or an intent does to a row, without a database."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import MOVES, Delivery, DeliveryState, Intent, IssueState, OutcomeKind, Posted
from digest.store.decisions import Circumstances, Progress, ended, escaped, intended, wait_ms
from tests.store.world import NOW, answer

ALL = [pytest.param(state, kind, id=f"{state}-{kind}") for state, kind in itertools.product(DeliveryState, OutcomeKind)]
OWED = {DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.DEFERRED}


def a_row(state, *, attempt=1, doubts=0):
    return Progress(
        state=state,
        attempt=attempt,
        doubts=doubts,
        next_at=0,
        intent_at=NOW - 5,
        done_at=None,
        code=None,
        enhanced="",
        reply="",
    )


def a_delivery(attempt):
    return Delivery(
        issue_id=1,
        id=1,
        subscriber="ada",
        address="ada@example.org",
        message_id="x@y",
        variant="en",
        holes={},
        state=DeliveryState.PENDING,
        attempt=attempt,
        doubts=0,
        due_at=NOW,
    )


def posted(kind, *, attempt=1, intended=True, **more):
    return Posted(delivery=a_delivery(attempt - intended), attempt=attempt, outcome=answer(kind, **more))


def end(row, one, chance=0.5):
    return ended(row, one, now=NOW, chance=chance)


@pytest.mark.parametrize(("state", "kind"), ALL)
@pytest.mark.parametrize("intended", [True, False])
def test_no_outcome_makes_an_illegal_move(state, kind, intended):
    row = a_row(state)
    after, attempt = end(row, posted(kind, intended=intended))
    assert after.state == state or after.state in MOVES[state]
    if after == row:
        assert attempt is None


@pytest.mark.parametrize(("state", "kind"), ALL)
def test_an_outcome_of_another_attempt_changes_nothing(state, kind):
    row = a_row(state, attempt=2)
    for one in (posted(kind, attempt=1), posted(kind, attempt=3), posted(kind, attempt=1, intended=False)):
        assert end(row, one) == (row, None)


@pytest.mark.parametrize("kind", OutcomeKind)
@pytest.mark.parametrize("state", ["sent", "failed", "skipped"])
def test_an_end_is_an_end(state, kind):
    row = a_row(DeliveryState(state))
    assert end(row, posted(kind)) == (row, None)


@pytest.mark.parametrize("kind", OutcomeKind)
def test_a_body_on_the_wire_always_ends_in_what_the_outcome_says(kind):
    after, attempt = end(a_row(DeliveryState.SENDING), posted(kind, code=451))
    assert after.state == {"owed": "deferred"}.get(kind, kind)
    assert after.doubts == (kind == "in_doubt")
    assert (attempt is None) == (kind == "sent")
    assert (after.done_at == NOW) == (kind in {"sent", "failed"})


def test_a_refusal_before_the_body_counts_as_an_attempt():
    after, attempt = end(
        a_row(DeliveryState.PENDING, attempt=0), posted("deferred", attempt=0, intended=False, code=450)
    )
    assert (after.state, after.attempt, attempt.n, attempt.code) == ("deferred", 1, 1, 450)


@pytest.mark.parametrize("kind", ["sent", "in_doubt", "owed"])
def test_a_body_that_was_never_intended_cannot_have_been_sent(kind):
    row = a_row(DeliveryState.PENDING, attempt=0)
    assert end(row, posted(kind, attempt=0, intended=False)) == (row, None)


@settings(deadline=None)
@given(st.integers(1, 30), st.floats(0, 1))
def test_the_wait_doubles_from_five_minutes_to_4000_seconds_and_a_fifth_either_way(attempt, chance):
    middle = min(300_000 * 2 ** (attempt - 1), 4_000_000)
    assert 0.8 * middle - 1 <= wait_ms(answer("deferred"), attempt, chance) <= 1.2 * middle + 1


@pytest.mark.parametrize(("told", "waited"), [(0, 0), (60_000, 60_000), (-5, 0)])
def test_a_wait_that_was_told_is_the_wait(told, waited):
    after, _ = end(a_row(DeliveryState.SENDING), posted("deferred", retry_ms=told))
    assert after.next_at == NOW + waited


SENDABLE = Circumstances(issue=IssueState.SENDING, expires_at=NOW + 1, suppressed=False)


@pytest.mark.parametrize("state", DeliveryState)
@pytest.mark.parametrize("issue", IssueState)
@pytest.mark.parametrize("suppressed", [True, False])
@pytest.mark.parametrize("expires_at", [None, NOW, NOW + 1])
def test_an_intent_is_granted_only_when_nothing_speaks_against_it(state, issue, suppressed, expires_at):
    row = a_row(state, attempt=3)
    seen = Circumstances(issue=issue, expires_at=expires_at, suppressed=suppressed)
    after, granted = intended(row, Intent(delivery=a_delivery(3), now=NOW), seen)
    assert granted == (state in OWED and issue == "sending" and not suppressed and expires_at != NOW)
    assert granted == (after.state == "sending" != row.state)
    assert after.state == state or after.state in MOVES[state]
    assert (after.attempt, after.intent_at) == ((4, NOW) if granted else (3, NOW - 5))


def test_an_intent_for_a_row_that_moved_on_is_refused():
    row = a_row(DeliveryState.DEFERRED, attempt=2)
    assert intended(row, Intent(delivery=a_delivery(1), now=NOW), SENDABLE) == (row, False)


def test_an_expiry_says_when_a_doubt_came_before_it():
    seen = Circumstances(issue=IssueState.SENDING, expires_at=NOW, suppressed=False)
    row, _ = intended(a_row(DeliveryState.DEFERRED, doubts=1), Intent(delivery=a_delivery(1), now=NOW), seen)
    assert (row.state, row.reply) == ("failed", "expired; an earlier attempt is in doubt")


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=600))
def test_a_reply_shown_is_one_short_printable_line(text):
    shown = escaped(text)
    assert len(shown) <= 500
    assert shown.isprintable()
    shown.encode()
