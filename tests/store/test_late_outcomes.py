"""What comes too late, or a second time, or about a row that has moved on: the ledger takes what is true and no more."""

import pytest

from digest.store import Which
from tests.store.world import HOUR, NOW, answer, begin, enter, intend, owed, states

SENT, LATER, NEVER, LOST = (
    answer("sent"),
    answer("deferred", 450, "4.2.0 later", retry_ms=0),
    answer("failed", 550, "5.1.1 no such user"),
    answer("in_doubt", 0, "the relay closed the connection"),
)


async def only(store, row):
    """The one delivery."""
    (delivery,) = await store.issues.deliveries(row)
    return delivery


async def sending(store):
    """An issue with one reader, whose first attempt is on the wire: (its row, the delivery as it was before)."""
    row = await begin(store, 1)
    (delivery,) = await owed(store, row)
    assert not await intend(store, delivery)
    return row, delivery


@pytest.mark.parametrize(
    ("first", "after"),
    [(SENT, "sent"), (LATER, "sent"), (NEVER, "failed"), (LOST, "sent")],
    ids=["sent", "deferred", "failed", "in doubt"],
)
def test_a_late_2xx_of_the_same_attempt_counts_unless_it_was_refused_for_good(opened, first, after):
    async def act(store):
        row, delivery = await sending(store)
        await enter(store, delivery, first)
        await enter(store, delivery, SENT)
        return str((await only(store, row)).state), (await store.ledger.audit(row)).broken

    assert opened(act) == (after, ())


def test_a_late_2xx_of_an_attempt_that_is_over_says_nothing_of_the_one_on_the_wire(opened, clock):
    async def act(store):
        row, delivery = await sending(store)
        await enter(store, delivery, LATER)
        (again,) = await owed(store, row)
        assert not await intend(store, again)
        await enter(store, delivery, SENT)
        return await only(store, row)

    found = opened(act)
    assert (str(found.state), found.attempt) == ("sending", 2)


def test_an_outcome_of_a_row_that_was_retried_meanwhile_changes_nothing(opened):
    async def act(store):
        row, delivery = await sending(store)
        await enter(store, delivery, NEVER)
        await store.orders.retry(row, Which())
        for late in (SENT, LOST):
            await enter(store, delivery, late)
        return await states(store, row)

    assert opened(act) == {"reader001": "pending"}


def test_a_row_is_doubted_once_for_one_attempt_however_often_it_is_said(opened):
    async def act(store):
        row, delivery = await sending(store)
        await store.ledger.recover(row, now=NOW, doubt_pause=HOUR)  # somebody took us for gone
        for _ in range(2):
            await enter(store, delivery, LOST)
            await enter(store, delivery, answer("owed", 0, "ended by us"))
        return await only(store, row)

    found = opened(act)
    assert (str(found.state), found.doubts) == ("in_doubt", 1)


def test_an_intent_for_a_row_that_has_moved_on_since_it_was_read_is_refused(opened):
    async def act(store):
        row = await begin(store, 1)
        (read,) = await owed(store, row)
        await enter(store, read, LATER, intended=False)
        refused = await intend(store, read)
        return refused, await only(store, row)

    refused, found = opened(act)
    assert refused == {(1, 1)}
    assert (str(found.state), found.attempt) == ("deferred", 1)


def test_a_doubt_counts_from_the_intent_of_its_own_attempt(opened, clock):
    async def act(store):
        row, delivery = await sending(store)
        await enter(store, delivery, LATER)
        clock.now += HOUR
        (again,) = await owed(store, row, now=clock())
        await intend(store, again, now=clock())
        await store.ledger.recover(row, now=clock() + HOUR // 2, doubt_pause=HOUR)
        return (await only(store, row)).intent_at, await states(store, row)

    assert opened(act) == (NOW + HOUR, {"reader001": "in_doubt"})
