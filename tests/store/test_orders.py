"""Orders of an operator, in the store: what they do to which rows, and that each is written down."""

import sqlite3
from dataclasses import replace

import pytest

from digest.errors import StoreError
from digest.model import IssueState
from digest.store import Correction, Which, orders
from tests.store.world import (
    HOUR,
    NOW,
    a_row,
    an_issue,
    answer,
    begin,
    compose,
    enter,
    freeze,
    intend,
    owed,
    plan,
    states,
)

FIVE = ("sent", "failed", "in_doubt", "sending", "pending")


async def five(store, **planned):
    """An issue in state sending, a row in each of five states; named after them."""
    row = await plan(store, **planned)
    domains = {"failed": "else.example"}
    people = [a_row(name, domain=domains.get(name, "example.org")) for name in FIVE]
    row = (await freeze(store, row, people, replace(an_issue(), number=1))).row
    row = await store.issues.move(row, IssueState.SENDING)
    by_name = {one.subscriber: one for one in await owed(store, row)}
    await intend(store, *(by_name[name] for name in FIVE if name != "pending"))
    await enter(store, by_name["sent"], answer("sent"))
    await enter(store, by_name["failed"], answer("failed", 554, "blocked"))
    await enter(store, by_name["in_doubt"], answer("in_doubt", 0, "gone"))
    return row


async def verbs(store, row):
    return [order.verb for order in await store.orders.of(row)]


def a_correction(*, tell=False, **changes):
    issue = replace(an_issue(slot="2026-11-23.c1"), number=1, **changes)
    return Correction(
        issue=issue,
        doubt="once",
        now=NOW + 5,
        expires_at=NOW + HOUR,
        tell=tell,
        message_id=lambda subscriber: f"{subscriber}.c1@news.example.org",
    )


def test_cancel_skips_what_is_owed_and_lets_be_what_is_on_its_way(opened):
    async def act(store):
        row = await store.orders.cancel(await five(store))
        return row.state, await states(store, row), await verbs(store, row)

    state, found, said = opened(act)
    assert (state, said) == ("cancelled", ["cancel"])
    assert found == {name: name for name in FIVE} | {"pending": "skipped"}


def test_a_row_put_off_after_the_cancel_is_skipped_by_the_next_recovery(opened):
    async def act(store):
        row = await five(store)
        on_the_wire = next(one for one in await store.issues.deliveries(row) if one.subscriber == "sending")
        await store.orders.cancel(row)
        await enter(store, replace(on_the_wire, attempt=0), answer("deferred", 451, "later"))
        await store.ledger.recover(row, now=NOW, doubt_pause=0)
        return await states(store, row), await store.ledger.audit(row)

    found, audit = opened(act)
    assert (found["sending"], found["in_doubt"]) == ("skipped", "in_doubt")
    assert audit.broken == ()


@pytest.mark.parametrize("portion", [7, 10, 30, 31])
def test_a_long_list_is_skipped_in_portions_and_a_crash_between_them_is_mended(opened, monkeypatch, portion):
    monkeypatch.setattr(orders, "_SKIPPED_AT_ONCE", portion)

    async def act(store):
        row = await begin(store, 30)
        await store.orders.cancel(row)
        whole = await states(store, row)
        other = await begin(store, 30, slot="2026-11-24", due_at=NOW + HOUR)
        await store.issues.move(other, IssueState.CANCELLED)  # as if it had crashed behind the first step
        await store.ledger.recover(row, now=NOW, doubt_pause=0)
        return whole, await states(store, other)

    for found in opened(act):
        assert set(found.values()) == {"skipped"}


@pytest.mark.parametrize("meanwhile", [IssueState.CANCELLED, IssueState.SENDING], ids=str)
def test_a_pause_that_somebody_else_ended_meanwhile_is_not_ended_again(opened, meanwhile):
    async def act(store):
        paused = await store.issues.move(await begin(store), IssueState.PAUSED, note="blocked")
        await store.issues.move(paused, meanwhile)
        row = await store.orders.resume(paused)
        return row.state, await verbs(store, row)

    assert opened(act) == (meanwhile, [])


def test_the_beginning_of_an_enhanced_code_is_whole_numbers(opened):
    async def act(store):
        row = await begin(store, 3)
        for delivery, text in zip(await owed(store, row), ("5.1.1", "5.10.1", "5.1"), strict=True):
            outcome = answer("failed", 550, "no")
            outcome = replace(outcome, reply=replace(outcome.reply, enhanced=text))
            await enter(store, delivery, outcome, intended=False)
        await store.orders.retry(row, Which(codes=("5.1",)))
        return await states(store, row)

    assert opened(act) == {"reader001": "pending", "reader002": "failed", "reader003": "pending"}


@pytest.mark.parametrize("before", ["done", "cancelled", "empty"])
def test_what_is_over_cannot_be_cancelled(opened, before):
    async def act(store):
        row = await plan(store) if before == "empty" else await begin(store, 0)
        row = await store.issues.move(row, IssueState(before))
        with pytest.raises(StoreError, match=f"is {before} already"):
            await store.orders.cancel(row)
        return await verbs(store, row)

    assert opened(act) == []


@pytest.mark.parametrize(
    ("which", "count"),
    [
        (Which(), 1),
        (Which(codes=("554",)), 1),
        (Which(codes=("5",)), 1),
        (Which(codes=("55",)), 1),
        (Which(codes=("550",)), 0),
        (Which(codes=("5.7",)), 1),
        (Which(codes=("5.7.1",)), 1),
        (Which(codes=("5.70",)), 0),
        (Which(codes=("4", "5.7")), 1),
        (Which(domains=("else.example",)), 1),
        (Which(domains=("example.org",)), 0),
        (Which(domains=("else.example",), codes=("550",)), 0),
        (Which(address_hashes=(a_row("failed").address_hash,)), 1),
        (Which(address_hashes=(a_row("sent").address_hash,)), 0),
    ],
)
def test_retry_is_about_failed_rows_that_are_meant_and_no_others(opened, which, count):
    async def act(store):
        row = await five(store)
        enhanced = next(one for one in await store.issues.deliveries(row) if one.subscriber == "failed")
        with sqlite3.connect(store.path) as direct:
            direct.execute("UPDATE deliveries SET enhanced = '5.7.1' WHERE id = ?", (enhanced.id,))
        assert await store.orders.count(row, enhanced.state, which) == count
        _, done = await store.orders.retry(row, which)
        return done, await states(store, row), await verbs(store, row)

    done, found, said = opened(act)
    assert (done, said) == (count, ["retry"] * count)
    assert found == {name: name for name in FIVE} | ({"failed": "pending"} if count else {})


def test_what_is_retried_comes_behind_the_others_and_ends_anew(opened, clock):
    async def act(store):
        row = await five(store)
        clock.now += 9
        await store.orders.retry(row, Which())
        waiting = await owed(store, row, now=clock())
        assert [one.subscriber for one in waiting] == ["pending", "failed"]
        await intend(store, waiting[1])
        await enter(store, waiting[1], answer("sent"))
        return await store.ledger.audit(row), (await store.issues.deliveries(row, states=["sent"]))[1]

    audit, again = opened(act)
    assert audit.broken == ()
    assert (again.attempt, again.done_at) == (2, clock())


def test_a_done_issue_sends_again_once_something_is_owed_and_a_paused_one_stays_paused(opened):
    async def act(store):
        row = await begin(store, 1)
        (one,) = await owed(store, row)
        await enter(store, one, answer("failed", 550, "no"), intended=False)
        paused, _ = await store.orders.retry(await store.issues.move(row, IssueState.PAUSED), Which())
        row = await store.orders.resume(paused)
        await enter(store, (await owed(store, row))[0], answer("failed", 550, "no"), intended=False)
        done = await store.issues.move(row, IssueState.DONE)
        nothing, _ = await store.orders.resend(done, Which())
        again, _ = await store.orders.retry(done, Which())
        return paused.state, nothing.state, again.state, await verbs(store, row)

    assert opened(act) == ("paused", "done", "sending", ["retry", "resume", "retry"])


def test_resend_owes_what_is_in_doubt_under_the_same_message_id(opened):
    async def act(store):
        row = await five(store, doubt="hold")
        before = (await store.issues.deliveries(row, states=["in_doubt"]))[0]
        row, count = await store.orders.resend(row, Which())
        return count, before, (await store.issues.deliveries(row, states=["deferred"]))[0]

    count, before, after = opened(act)
    assert count == 1
    assert (after.message_id, after.holes, after.variant) == (before.message_id, before.holes, before.variant)
    assert (after.doubts, after.next_at) == (1, NOW)


@pytest.mark.parametrize(
    ("tell", "told"), [(False, {"sending", "pending"}), (True, {"sent", "in_doubt", "sending", "pending"})]
)
def test_a_correction_is_for_those_skipped_and_those_told(opened, tell, told):
    async def act(store):
        row = await five(store)
        first = {one.subscriber: one.message_id for one in await store.issues.deliveries(row)}
        frozen = await store.orders.correct(row, a_correction(tell=tell))
        new = {one.subscriber: one for one in await store.issues.deliveries(frozen.row)}
        old = await store.issues.find("morning", "2026-11-23")
        return first, frozen.row, new, old, await states(store, old), await verbs(store, old)

    first, row, new, old, found, said = opened(act)
    assert set(new) == told
    assert (old.state, found["pending"], said) == ("cancelled", "skipped", ["cancel", "correct"])
    assert (row.state, row.corrects, row.number, row.recipients) == ("composed", old.id, old.number, len(told))
    assert (row.cutoff, row.due_at, row.expires_at) == (old.cutoff, NOW + 5, NOW + HOUR)
    had = {name: {"in_reply_to": first[name]} for name in told - {"pending"}}
    assert {name: dict(one.holes) for name, one in new.items()} == {
        name: {"name": name.title(), **had.get(name, {})} for name in told
    }
    assert {one.message_id for one in new.values()} == {f"{name}.c1@news.example.org" for name in told}


def test_a_correction_that_fails_changes_nothing(opened):
    async def act(store):
        row = await five(store)
        unknown = tuple(replace(one, audience=replace(one.audience, language="xx")) for one in an_issue().variants[:1])
        with pytest.raises(StoreError):
            await store.orders.correct(row, a_correction(variants=unknown))
        done = await begin(store, 0, slot="2026-11-24", due_at=NOW + HOUR)
        with pytest.raises(StoreError, match="nobody is left"):
            await store.orders.correct(done, replace(a_correction(), issue=an_issue(slot="2026-11-24.c1")))
        rows = await store.issues.list()
        return [one.state for one in rows], await states(store, row), await verbs(store, row)

    found, kept, said = opened(act)
    assert found == ["sending", "sending"]
    assert (kept, said) == ({name: name for name in FIVE}, [])


def test_of_two_corrections_at_once_one_is_made(opened):
    async def act(store):
        row = await five(store)
        await store.orders.correct(row, a_correction())
        with pytest.raises(StoreError):
            await store.orders.correct(row, a_correction())
        return (await store.orders.corrected_by(row)).slot, len(await store.issues.list())

    assert opened(act) == ("2026-11-23.c1", 2)


def test_the_next_issue_begins_where_the_corrected_one_ended(opened):
    async def act(store):
        row = await compose(store)
        before = await store.articles.history("morning", others=(), sources=["world"], before=an_issue().cutoff)
        await store.orders.correct(row, a_correction())
        after = await store.articles.history("morning", others=(), sources=["world"], before=an_issue().cutoff)
        return before, after, await store.issues.next_number("morning")

    before, after, number = opened(act)
    assert (after.since, after.used, number) == (before.since, before.used, 2)
    assert after.used


def test_the_pace_counts_what_ended_in_the_last_half_minute_or_since_it_began(opened, clock):
    async def act(store):
        row = await five(store)
        return [await store.issues.pace(row, now=NOW + ms) for ms in (1, 4_000, 29_999, 30_000)]

    assert opened(act) == [2, 0.5, pytest.approx(2 / 30, rel=0.001), 0]


def test_portions_give_every_delivery_once_in_order(opened):
    async def act(store):
        row = await begin(store, 7)
        return [[one.id for one in some] async for some in store.issues.portions(row, size=3)]

    assert opened(act) == [[1, 2, 3], [4, 5, 6], [7]]
