"""kill -9 inside the freeze, and any order of things at all: the promises hold."""

import asyncio
import signal
import subprocess
import sys
import tempfile

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from digest.model import Consent, ConsentKind, Intent, IssueState, OutcomeKind, Posted
from digest.store import Store
from digest.store.deliveries import Deliveries
from tests.store.world import DIE, KEY, NOON, NOW, Clock, answer, begin, compose, hash_of, owed


def test_a_process_killed_inside_the_freeze_leaves_nothing_of_it(url, root, opened):
    done = subprocess.run([sys.executable, "-c", DIE, url, "3000"], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL

    async def act(store):
        row = await store.issues.find("morning", "2026-11-23")
        assert (row.state, row.recipients, row.composed_at) == ("planned", 0, None)
        assert await owed(store, row) == ()
        assert (await store.articles.history("morning")).used == frozenset()
        return await compose(store, 3000)

    assert opened(act).recipients == 3000


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("intend"), st.integers(0, 5)),
        st.tuples(st.just("outcome"), st.integers(0, 5), st.sampled_from(OutcomeKind)),
        st.tuples(st.just("outcome again"), st.integers(0, 5), st.sampled_from(OutcomeKind)),
        st.tuples(st.just("leave"), st.integers(1, 5)),
        st.tuples(st.just("recover"), st.sampled_from([0, 60_000])),
        st.tuples(st.just("wait"), st.sampled_from([1_000, 600_000, 5_000_000])),
        st.tuples(st.just("move"), st.sampled_from(["paused", "sending", "cancelled", "done"])),
    ),
    max_size=30,
)


class Walk:
    """A sender that does anything in any order, and remembers what it put on the wire."""

    def __init__(self, store, clock, row):
        self.store, self.clock, self.row = store, clock, row
        self.known, self.open, self.copies = {}, {}, {}

    async def step(self, what, *how):
        for one in await owed(self.store, self.row, self.clock.now):
            self.known[one.id] = one
        await getattr(self, what.replace(" ", "_"))(*how)

    async def intend(self, number):
        delivery = self.known.get(number)
        if delivery is not None:
            refused = await self.store.ledger.commit([], [Intent(delivery=delivery, now=self.clock.now)])
            if not refused:
                assert number not in self.open
                self.open[number] = delivery
                self.copies[number] = self.copies.get(number, 0) + 1

    async def outcome(self, number, kind):
        delivery = self.open.pop(number, None)
        if delivery is not None:
            await self.post(delivery, delivery.attempt + 1, kind)
            if kind in {"deferred", "owed", "failed"}:  # then the relay has no copy
                self.copies[number] -= 1

    async def outcome_again(self, number, kind):
        """A stale or early outcome: it must not break anything, whatever it says."""
        delivery = self.known.get(number)
        if delivery is not None and number not in self.open:
            await self.post(delivery, delivery.attempt, kind)

    async def post(self, delivery, attempt, kind):
        await self.store.ledger.commit([Posted(delivery=delivery, attempt=attempt, outcome=answer(kind))], [])

    async def leave(self, number):
        said = Consent(address_hash=hash_of(f"reader{number:03}"), scope="*", kind=ConsentKind.LEFT, at=NOON)
        await self.store.consents.say(said)

    async def recover(self, pause):
        """The process died and another one began."""
        self.open.clear()
        await self.store.ledger.recover(self.row, now=self.clock.now, doubt_pause=pause)

    async def wait(self, span):
        self.clock.now += span

    async def move(self, state):
        now = await self.store.issues.find("morning", "2026-11-23")
        standing = await self.store.issues.standing(now)
        legal = {"sending": {"paused", "cancelled"}, "paused": {"sending", "cancelled"}}
        if state in legal.get(now.state, ()) or (state == "done" and now.state == "sending" and standing.settled):
            await self.store.issues.move(now, IssueState(state))


@settings(deadline=None, max_examples=25)
@given(STEPS)
def test_whatever_happens_in_whatever_order_the_audit_holds_and_nobody_gets_three_copies(steps):
    clock = Clock()

    async def act():
        with tempfile.TemporaryDirectory() as folder:
            store = await Store.open(f"sqlite:///{folder}/digest.db", ledger_key=KEY, clock=clock)
            walk = Walk(store, clock, await begin(store, 5))
            for step in steps:
                await walk.step(*step)
            await walk.recover(0)
            audit = await store.ledger.audit(walk.row)
            await store.close()
            return audit, walk.copies

    audit, copies = asyncio.run(act())
    assert audit.broken == ()
    assert sum(audit.counts.values()) == audit.recipients == 5
    assert max(copies.values(), default=0) <= 2


def test_the_hot_questions_go_to_the_small_indexes(opened):
    asked = []

    def remember(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    async def act(store):
        row = await begin(store, 2)
        engines = (store._database._reading, store._database._writing)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", remember)
        await owed(store, row)
        await store.ledger.recover(row, now=NOW, doubt_pause=0)
        for engine in engines:
            event.remove(engine, "before_cursor_execute", remember)
        plans = {}
        for statement, parameters in asked:
            how = await store._database.read(
                lambda connection, s=statement, p=parameters: connection.exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {s}", p
                ).all()
            )
            plans[" ".join(statement.split()[:2])] = plans.get(" ".join(statement.split()[:2]), "") + str(how)
        return plans

    plans = opened(act)
    assert "deliveries_owed (issue_id=? AND (next_at,id)>(?,?)" in plans["SELECT deliveries.issue_id,"]
    assert "deliveries_owner" in plans["INSERT INTO"]
    assert "deliveries_owner" in plans["UPDATE deliveries"]
    assert "TEMP B-TREE" not in "".join(plans.values())


def test_a_broken_promise_is_said_in_words(opened):
    breaking = "UPDATE deliveries SET doubts = 3, attempt = 2 WHERE id = 1"

    async def act(store):
        row = await begin(store, 2)
        await store._database.write(lambda connection: connection.exec_driver_sql(breaking))
        (_, second) = await owed(store, row)
        assert isinstance(store.ledger, Deliveries)
        await store.ledger.commit([], [Intent(delivery=second, now=NOW)])
        return await store.ledger.audit(row)

    audit = opened(act)
    assert not audit.ok
    assert audit.broken == (
        "doubted more often than tried: 1",
        "doubted more than twice: 1",
    )
