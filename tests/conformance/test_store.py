"""What every kind of store must do: the contracts of digest.protocols, run over each kind in STORES."""

import asyncio
import contextlib
import dataclasses
import itertools
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from digest.errors import StoreError
from digest.model import (
    MOVES,
    Consent,
    ConsentKind,
    DeliveryState,
    Intent,
    IssueState,
    LeftOut,
    Pick,
    Posted,
    Reason,
    SourceState,
    Validators,
)
from digest.store import Store
from digest.times import from_milliseconds, milliseconds
from tests.store.world import (
    HOUR,
    KEY,
    NOON,
    NOW,
    Clock,
    a_row,
    an_article,
    an_issue,
    answer,
    begin,
    compose,
    enter,
    freeze,
    hash_of,
    intend,
    owed,
    people,
    plan,
    states,
)

A_SECOND = timedelta(seconds=1)


class SQLite:
    """A store file, and a door beside the store's own for breaking things."""

    def __init__(self, folder):
        self.path = folder / "digest.db"
        self.url = f"sqlite:///{self.path}"

    @contextlib.contextmanager
    def door(self):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            connection.executescript("PRAGMA foreign_keys = ON; PRAGMA synchronous = OFF")
            yield connection.execute

    def execute(self, statement, *parameters):
        with self.door() as execute:
            return execute(statement, parameters).fetchall()


STORES = {"sqlite": SQLite}


@pytest.fixture(params=STORES)
def kind(request, tmp_path):
    return STORES[request.param](tmp_path)


@pytest.fixture
def run(kind):
    """Run an async function of the open store; `run.clock.now` sets the time."""
    clock = Clock()

    def run(act):
        async def within():
            store = await Store.open(kind.url, ledger_key=KEY, clock=clock)
            try:
                return await act(store)
            finally:
                await store.close()

        return asyncio.run(within())

    run.clock = clock
    return run


class TestArticles:
    def test_what_is_recorded_comes_back_equal_with_its_sources_state(self, run):
        state = SourceState(
            name="world",
            validators=Validators(etag='W/"x"', last_modified="Mon"),
            last_try=NOON,
            streak=2,
            error="gone",
        )
        articles = (an_article(1), an_article(2, image=None, published=None, refused="no_link", fact="x"))

        async def act(store):
            assert await store.articles.record(state, articles) == 2
            return await store.articles.states(), await store.articles.articles(["world"], since=NOON)

        found_states, found = run(act)
        assert found_states == {"world": state}
        assert found == articles

    def test_an_update_keeps_when_it_was_first_seen(self, run):
        later = NOON + timedelta(hours=1)
        update = an_article(1, headline="New", first_seen=later, entered=later, keys=("url:example.org/1", "guid:new"))

        async def act(store):
            await store.articles.record(SourceState(name="world"), [an_article(1)])
            assert await store.articles.record(SourceState(name="world"), [update]) == 0
            return await store.articles.articles(["world"], since=NOON)

        (found,) = run(act)
        assert (found.headline, found.id, found.first_seen, found.entered) == ("New", "guid:1", NOON, NOON)
        assert set(found.keys) == {"guid:1", "guid:new", "url:example.org/1"}

    @pytest.mark.parametrize(
        ("before", "after", "again"),
        [
            ({"refused": "quarantined"}, {}, True),
            ({"refused": "quarantined"}, {"refused": "quarantined"}, False),
            ({}, {"headline": "A comma, more"}, False),
            ({}, {"updated": NOON + 2 * A_SECOND}, False),
            ({}, {"updated": NOON + 2 * A_SECOND, "updates": True}, True),
            ({"updated": NOON}, {"updated": NOON, "updates": True}, False),
            ({}, {"updates": True}, False),
        ],
    )
    def test_what_is_let_out_of_quarantine_or_may_come_back_updated_enters_anew(self, run, before, after, again):
        later = NOON + timedelta(hours=1)

        async def act(store):
            await store.articles.record(SourceState(name="world"), [an_article(1, **before)])
            update = an_article(1, first_seen=later, entered=later, **after)
            await store.articles.record(SourceState(name="world"), [update])
            return await store.articles.articles(["world"], since=NOON)

        (found,) = run(act)
        assert (found.first_seen, found.entered) == (NOON, later if again else NOON)

    def test_history_knows_how_new_an_article_was_when_it_was_used(self, run):
        async def act(store):
            await compose(store)
            return await store.articles.history("morning")

        history = run(act)
        assert history.used_as_of.keys() == history.used
        assert set(history.used_as_of.values()) == {
            from_milliseconds(milliseconds(an_article(n).published)) for n in (1, 2)
        }

    def test_one_key_in_two_sources_is_two_articles(self, run):
        async def act(store):
            await store.articles.record(SourceState(name="world"), [an_article(1)])
            assert await store.articles.record(SourceState(name="other"), [an_article(1, source="other")]) == 1
            return await store.articles.articles(["world", "other"], since=NOON)

        assert len(run(act)) == 2

    def test_an_article_that_joins_two_stored_ones_makes_them_one(self, run):
        first = an_article(1, keys=("a",), first_seen=NOON - timedelta(hours=1))
        joining = an_article(3, keys=("a", "b"))

        async def act(store):
            await store.articles.record(SourceState(name="world"), [first, an_article(2, keys=("b", "c"))])
            assert await store.articles.record(SourceState(name="world"), [joining]) == 0
            assert await store.articles.record(SourceState(name="world"), [an_article(4, keys=("c",))]) == 0
            return await store.articles.articles(["world"], since=NOON - timedelta(days=9))

        (found,) = run(act)
        assert found.first_seen == first.first_seen
        assert set(found.keys) == {"a", "b", "c"}

    def test_an_article_given_twice_in_one_reading_is_one_and_the_first_counts(self, run):
        twice = (an_article(1, headline="First", keys=("a",)), an_article(2, headline="Second", keys=("a", "b")))

        async def act(store):
            assert await store.articles.record(SourceState(name="world"), twice) == 1
            return await store.articles.articles(["world"], since=NOON)

        (found,) = run(act)
        assert (found.headline, found.keys) == ("First", ("a", "b"))

    def test_only_the_latest_reading_and_what_entered_since_are_offered(self, run):
        old = an_article(1, entered=NOON - timedelta(days=3))
        recent = an_article(2, entered=NOON)
        latest = an_article(3, entered=NOON - timedelta(days=5))

        async def act(store):
            await store.articles.record(SourceState(name="world"), [old, recent])
            await store.articles.record(SourceState(name="world"), [latest])
            return await store.articles.articles(["world"], since=NOON), await store.articles.articles(
                ["x"], since=NOON
            )

        found, none = run(act)
        assert {article.id for article in found} == {latest.id, recent.id}
        assert none == ()

    def test_a_reading_without_articles_leaves_the_last_ones_in_place(self, run):
        async def act(store):
            await store.articles.record(SourceState(name="world"), [an_article(1, entered=NOON - timedelta(days=3))])
            assert await store.articles.record(SourceState(name="world", streak=1, error="503"), []) == 0
            return await store.articles.articles(["world"], since=NOON)

        assert len(run(act)) == 1


class TestHistory:
    def test_there_is_none_before_the_first_issue(self, run):
        history = run(lambda store: store.articles.history("morning"))
        assert (history.since, history.used) == (None, frozenset())

    @pytest.mark.parametrize("last", ["composed", "sending", "paused", "cancelled"])
    def test_a_committed_issue_has_used_its_articles_whatever_comes_of_it(self, run, last):
        async def act(store):
            row = await compose(store)
            if last != "composed":
                await store.issues.move(row, IssueState(last))
            return await store.articles.history("morning"), await store.articles.history("best")

        mine, other = run(act)
        assert mine.since == NOON
        assert mine.used == {"guid:1", "guid:2", "url:example.org/1", "url:example.org/2"}
        assert other.used == frozenset()

    def test_what_stood_as_a_headline_alone_is_used_as_well(self, run):
        issue = an_issue()
        more = Pick(article=an_article(5), section="", n=1)
        shown = replace(issue, picks=replace(issue.picks, more=(more,)))

        async def act(store):
            await store.issues.freeze(await plan(store), shown, people(1), now=NOW, expires_at=None)
            return await store.articles.history("morning")

        assert {"guid:5", "url:example.org/5"} <= run(act).used

    def test_told_are_the_stories_of_the_last_issue_with_all_that_stood_behind_them(self, run):
        behind = LeftOut(article=an_article(3), reason=Reason.SAME_STORY_AS, fact="the same story as x")
        issue = an_issue()
        told = replace(issue, picks=replace(issue.picks, left_out=(*issue.picks.left_out, behind)))
        later = an_issue("2026-11-24", articles=[an_article(4)], cutoff=NOON + timedelta(hours=24))

        async def act(store):
            await store.issues.freeze(await plan(store), told, people(1), now=NOW, expires_at=None)
            first = await store.articles.history("morning")
            row = await plan(store, "2026-11-24")
            await store.issues.freeze(row, replace(later, number=2), people(1), now=NOW, expires_at=None)
            return first.told, (await store.articles.history("morning")).told

        first, second = run(act)
        assert [one.id for one in first] == ["guid:1", "guid:2", "guid:3"]
        assert [one.id for one in second] == ["guid:4"]

    def test_what_other_newsletters_used_is_known_with_their_names(self, run):
        async def act(store):
            await compose(store)
            return (
                await store.articles.history("best", others=("morning",)),
                await store.articles.history("best"),
            )

        never, again = run(act)
        assert never.elsewhere["guid:1"] == "morning"
        assert never.used == frozenset()
        assert again.elsewhere == {}

    def test_the_background_is_headlines_of_the_last_thirty_days_of_these_sources(self, run):
        def read(number, days, **fields):
            return an_article(number, entered=NOON - timedelta(days=days), headline=f"H{number}", **fields)

        async def act(store):
            world = [read(1, 2), read(2, 29), read(3, 32), read(4, 0)]
            await store.articles.record(SourceState(name="world"), world)
            await store.articles.record(SourceState(name="home"), [read(5, 2, source="home")])
            before = NOON - timedelta(days=1)
            return await store.articles.history("morning", sources=["world"], before=before)

        assert run(act).background == ("H1", "H2")

    def test_an_issue_that_ended_empty_has_used_nothing(self, run):
        async def act(store):
            await store.issues.move(await plan(store), IssueState.EMPTY, note="no news")
            return await store.articles.history("morning")

        assert run(act).since is None


class TestIssues:
    def test_a_slot_has_one_row_whoever_asks(self, run):
        async def act(store):
            other = {"due_at": NOW + 1, "expires_at": None, "cutoff": NOW, "doubt": "hold"}
            return await plan(store), await store.issues.plan("morning", "2026-11-23", **other)

        first, (second, made) = run(act)
        assert not made
        assert first == second

    @pytest.mark.parametrize("ended", ["empty", "missed", "failed"])
    def test_a_slot_that_ended_without_sending_can_be_planned_anew(self, run, ended):
        async def act(store):
            row = await store.issues.move(await plan(store), IssueState(ended), note="why")
            anew = {"due_at": NOW + 1, "expires_at": None, "cutoff": NOW + 1, "doubt": "once"}
            kept, made = await store.issues.plan("morning", "2026-11-23", **anew)
            assert (kept, made) == (row, False)
            return await store.issues.plan("morning", "2026-11-23", **anew, reopen=True)

        row, made = run(act)
        assert made
        assert (row.state, row.note, row.cutoff) == ("planned", "", NOW + 1)

    def test_a_composed_slot_is_never_planned_anew(self, run):
        async def act(store):
            row = await compose(store)
            values = {"due_at": 1, "expires_at": None, "cutoff": 1, "doubt": "once", "reopen": True}
            assert await store.issues.plan("morning", "2026-11-23", **values) == (row, False)

        run(act)

    def test_a_frozen_issue_loads_exactly_as_it_was(self, run):
        async def act(store):
            return await store.issues.load(await compose(store))

        assert run(act) == an_issue()

    def test_freezing_writes_the_list_in_its_order_and_counts_it(self, run):
        async def act(store):
            row = await compose(store, 3)
            assert row == await store.issues.find("morning", "2026-11-23")
            return row, await owed(store, row)

        row, rows = run(act)
        assert (row.state, row.recipients, row.composed_at, row.number) == ("composed", 3, NOW, 1)
        assert [(one.id, one.subscriber, one.due_at) for one in rows] == [
            (1, "reader001", NOW),
            (2, "reader002", NOW),
            (3, "reader003", NOW),
        ]
        assert rows[0].holes == {"name": "Reader001"}

    def test_of_two_readers_with_one_mailbox_the_first_stays_and_both_are_named(self, run):
        many = people(1200)
        doubles = [a_row("again", address_hash=many[0].address_hash), a_row("twice", address_hash=hash_of("again"))]

        async def act(store):
            return await freeze(store, await plan(store), iter([*many, *doubles]))

        frozen = run(act)
        assert frozen.row.recipients == 1201
        assert frozen.dropped == (("reader001", "again"),)

    def test_one_name_for_two_mailboxes_is_refused(self, run):
        doubled = [*people(2), a_row("reader001", address_hash=hash_of("another"), message_id="another@x")]

        async def act(store):
            with pytest.raises(StoreError, match="two readers are called reader001"):
                await freeze(store, await plan(store), doubled)
            return await store.issues.find("morning", "2026-11-23")

        assert run(act).state == "planned"

    def test_a_reader_given_twice_is_one(self, run):
        async def act(store):
            return await freeze(store, await plan(store), [*people(2), *people(2)])

        assert run(act).row.recipients == 2

    def test_only_a_planned_issue_can_be_frozen(self, run):
        async def act(store):
            row = await compose(store)
            with pytest.raises(StoreError, match="not planned any more"):
                await freeze(store, row, people(1))
            return await store.issues.standing(row)

        assert run(act).owed == 3

    def test_a_list_that_breaks_off_leaves_nothing_of_the_freeze(self, run, kind):
        def broken():
            yield from people(700)
            raise OSError("the list cannot be read")

        async def act(store):
            with pytest.raises(StoreError, match="cannot be read"):
                await freeze(store, await plan(store), broken())
            return await store.issues.find("morning", "2026-11-23")

        assert run(act).state == "planned"
        assert kind.execute("SELECT (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM variants)") == [(0,)]
        assert kind.execute("SELECT count(*) FROM used") == [(0,)]

    def test_who_moves_second_gets_the_row_as_it_is(self, run):
        async def act(store):
            row = await compose(store)
            paused = await store.issues.move(row, IssueState.PAUSED, note="535 wrong password")
            assert await store.issues.move(row, IssueState.SENDING) == paused
            return await store.issues.move(paused, IssueState.SENDING)

        assert run(act).note == ""

    def test_an_issue_with_open_rows_is_never_done(self, run):
        async def act(store):
            with pytest.raises(StoreError, match=r"morning@2026-11-23 cannot go from sending to done.*still open"):
                await store.issues.move(await begin(store), IssueState.DONE)

        run(act)

    def test_an_issue_is_not_sent_while_a_delivery_is_missing(self, run, kind):
        async def act(store):
            row = await compose(store)
            kind.execute("DELETE FROM deliveries WHERE id = 2")
            with pytest.raises(StoreError, match="not as many"):
                await store.issues.move(row, IssueState.SENDING)
            return await store.ledger.audit(row)

        assert not run(act).ok

    def test_open_issues_are_found_the_oldest_first(self, run):
        async def act(store):
            assert await store.issues.open("morning") == ()
            old = await begin(store, 1)
            new = await begin(store, 1, slot="2026-11-24", due_at=NOW + 24 * HOUR)
            planned = await plan(store, "2026-11-25", due_at=NOW + 48 * HOUR)
            assert await store.issues.open("morning") == (old, new, planned)
            await finish(store, new)
            await store.issues.move(new, IssueState.DONE)
            assert await store.issues.open("morning") == (old, planned)
            assert await store.issues.open("best") == ()
            return [row.slot for row in await store.issues.list(2)], await store.issues.next_number("morning")

        assert run(act) == (["2026-11-25", "2026-11-24"], 3)


async def finish(store, row, kind="sent"):
    """Every row of this issue intended and ended in one way."""
    for delivery in await owed(store, row):
        assert not await intend(store, delivery)
        await enter(store, delivery, answer(kind))


class TestLedger:
    def test_a_message_goes_from_owed_over_its_intent_to_sent(self, run):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            assert await intend(store, delivery) == frozenset()
            assert await owed(store, row) == ()
            assert await states(store, row) == {"reader001": "sending"}
            await enter(store, delivery, answer("sent", text="queued as 4F2"))
            (sent,) = await store.issues.deliveries(row)
            assert await store.issues.attempts(sent) == ()
            done = await store.issues.move(row, IssueState.DONE)
            return sent, await store.issues.standing(done), await store.ledger.audit(done)

        sent, standing, audit = run(act)
        assert (sent.state, sent.attempt, sent.done_at, sent.code, sent.reply) == ("sent", 1, NOW, 250, "queued as 4F2")
        assert standing.settled
        assert standing.counts == {state: int(state == "sent") for state in DeliveryState}
        assert (audit.ok, audit.broken) == (True, ())

    def test_rows_come_in_order_and_in_portions(self, run):
        async def act(store):
            row = await begin(store, 5)
            rows = await owed(store, row)
            await enter(store, rows[1], answer("deferred", 450, retry_ms=10), intended=False)
            assert [one.id for one in await owed(store, row, NOW)] == [1, 3, 4, 5]
            first = await store.ledger.owed(row, now=NOW + 10, after=(-1, -1), limit=3)
            rest = await store.ledger.owed(row, now=NOW + 10, after=(first[-1].next_at, first[-1].id), limit=3)
            return [one.id for one in (*first, *rest)]

        assert run(act) == [1, 3, 4, 5, 2]

    def test_an_outcome_counts_once_and_only_for_its_attempt(self, run):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            await intend(store, delivery)
            deferred = answer("deferred", 451, retry_ms=0)
            await enter(store, delivery, deferred)
            (again,) = await owed(store, row)
            await enter(store, delivery, deferred)
            assert await owed(store, row) == (again,)
            await intend(store, again)
            await enter(store, delivery, answer("failed", 550))
            return await states(store, row), again.attempt

        assert run(act) == ({"reader001": "sending"}, 1)

    def test_an_intent_is_refused_to_whoever_comes_second(self, run):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            twice = [Intent(delivery=delivery, now=NOW), Intent(delivery=delivery, now=NOW)]
            await store.ledger.commit([], twice)
            (sending,) = await store.issues.deliveries(row)
            return await intend(store, delivery), sending.attempt

        assert run(act) == ({(1, 1)}, 1)

    @pytest.mark.parametrize("scope", ["*", "morning"])
    def test_a_no_said_before_the_intent_is_kept(self, run, scope):
        said = Consent(address_hash=hash_of("reader001"), scope=scope, kind=ConsentKind.LEFT, at=NOON)

        async def act(store):
            row = await begin(store, 2)
            rows = await owed(store, row)
            await store.consents.say(said)
            refused = await intend(store, *rows)
            (skipped,) = await store.issues.deliveries(row, states=("skipped",))
            return refused, await states(store, row), skipped.reply

        assert run(act) == ({(1, 1)}, {"reader001": "skipped", "reader002": "sending"}, "suppressed")

    def test_a_no_to_another_newsletter_changes_nothing(self, run):
        said = Consent(address_hash=hash_of("reader001"), scope="best", kind=ConsentKind.LEFT, at=NOON)

        async def act(store):
            row = await begin(store, 1)
            await store.consents.say(said)
            return await intend(store, *await owed(store, row))

        assert run(act) == frozenset()

    def test_an_expired_row_fails_instead_of_being_sent_late(self, run):
        async def act(store):
            row = await begin(store, 1, lasts=HOUR)
            (delivery,) = await owed(store, row)
            assert await intend(store, delivery, now=NOW + HOUR) == {(1, 1)}
            (failed,) = await store.issues.deliveries(row)
            return failed.state, failed.reply, failed.attempt, await store.ledger.audit(row)

        state, reply, attempt, audit = run(act)
        assert (state, reply, attempt) == ("failed", "expired", 0)
        assert audit.ok

    @pytest.mark.parametrize(("state", "then"), [("paused", "pending"), ("cancelled", "skipped")])
    def test_nothing_is_sent_of_an_issue_that_is_not_being_sent(self, run, state, then):
        async def act(store):
            row = await begin(store, 1)
            rows = await owed(store, row)
            await store.issues.move(row, IssueState(state))
            assert await intend(store, *rows) == {(1, 1)}
            return await states(store, row)

        assert run(act) == {"reader001": then}

    def test_a_deferred_row_waits_longer_each_time_and_fails_at_the_twelfth(self, run):
        async def act(store):
            row = await begin(store, 1, lasts=None)
            waits = []
            for _ in range(12):
                (delivery,) = await owed(store, row, run.clock.now)
                await enter(store, delivery, answer("deferred", 450), intended=False)
                (after,) = await store.issues.deliveries(row)
                waits.append((after.next_at - run.clock.now) / 1000)
                run.clock.now = max(after.next_at, run.clock.now)
            return waits, after, await store.issues.attempts(after), await store.ledger.audit(row)

        waits, after, attempts, audit = run(act)
        for number, wait in enumerate(waits[:11]):
            assert 0.8 <= wait / min(300 * 2**number, 4000) <= 1.2
        assert (after.state, after.attempt) == ("failed", 12)
        assert [str(one.outcome) for one in attempts] == ["deferred"] * 11 + ["failed"]
        assert audit.ok

    def test_a_row_whose_body_never_left_is_due_at_once(self, run):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            await intend(store, delivery)
            await enter(store, delivery, answer("owed", 0, "connection lost"))
            (again,) = await owed(store, row)
            return again.state, again.next_at, again.doubts

        assert run(act) == ("deferred", NOW, 0)

    def test_an_untouched_row_stays_as_it_is(self, run):
        async def act(store):
            row = await begin(store, 1)
            before = await owed(store, row)
            await enter(store, before[0], answer("owed", 0), intended=False)
            return before == await owed(store, row)

        assert run(act)

    def test_what_a_relay_said_is_kept_short_and_harmless(self, run):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            await enter(
                store, delivery, answer("failed", 550, "no\x1b[2J\r\n\u202e\udc80 \u2603" + "x" * 900), intended=False
            )
            (failed,) = await store.issues.deliveries(row)
            return failed.reply, await store.issues.attempts(failed)

        reply, (attempt,) = run(act)
        assert reply.startswith("no\\x1b[2J\\r\\n\\u202e\\udc80 \u2603xxx")
        assert len(reply) == 500
        assert attempt.reply == reply

    def test_outcomes_and_intents_of_one_group_are_one_commit(self, run):
        async def act(store):
            row = await begin(store, 2)
            first, second = await owed(store, row)
            await intend(store, first)
            posted = [Posted(delivery=first, attempt=1, outcome=answer("sent"))]
            refused = await store.ledger.commit(posted, [Intent(delivery=second, now=NOW)])
            return refused, await states(store, row)

        assert run(act) == (frozenset(), {"reader001": "sent", "reader002": "sending"})


class TestRecovery:
    def recover(self, run, doubt, *, pauses, doubts=0, state="sending"):
        """One row left at `state` with an intent at NOW, then a recovery after each of these pauses."""

        async def act(store):
            row = await begin(store, 1, doubt=doubt)
            (delivery,) = await owed(store, row)
            for _ in range(doubts):
                await intend(store, delivery)
                await store.ledger.recover(row, now=NOW, doubt_pause=0)
                (delivery,) = await owed(store, row)
            await intend(store, delivery)
            if state == "in_doubt":
                await enter(store, delivery, answer("in_doubt", 0))
            moved = [await store.ledger.recover(row, now=NOW + pause, doubt_pause=600_000) for pause in pauses]
            (after,) = await store.issues.deliveries(row)
            return moved, after, await store.issues.standing(row), await store.ledger.audit(row)

        return run(act)

    def test_a_row_left_on_the_wire_is_in_doubt_until_the_pause_is_over(self, run):
        moved, after, standing, audit = self.recover(run, "once", pauses=[599_999])
        assert (moved, after.state, after.doubts) == ([1], "in_doubt", 1)
        assert (standing.settled, standing.doubt_since, standing.owed) == (False, NOW, 0)
        assert (audit.ok, audit.in_doubt) == (True, ("reader001",))

    def test_once_sends_it_again_at_the_end_of_the_order(self, run):
        moved, after, standing, audit = self.recover(run, "once", pauses=[0, 600_000, 600_001])
        assert (moved, after.state, after.next_at) == ([1, 1, 0], "deferred", NOW + 600_000)
        assert (standing.owed, standing.owed_next) == (1, NOW + 600_000)
        assert audit.ok

    def test_once_never_sends_a_third_copy(self, run):
        moved, after, standing, _ = self.recover(run, "once", pauses=[0, 6_000_000], doubts=1)
        assert (moved, after.state, after.doubts, after.attempt) == ([1, 0], "in_doubt", 2, 2)
        assert standing.settled

    def test_hold_never_sends_it_again(self, run):
        moved, after, standing, audit = self.recover(run, "hold", pauses=[0, 6_000_000])
        assert (moved, after.state) == ([1, 0], "in_doubt")
        assert standing.settled
        assert audit.ok

    def test_a_doubt_that_the_sender_named_waits_the_same_pause(self, run):
        moved, after, *_ = self.recover(run, "once", pauses=[0, 600_000], state="in_doubt")
        assert (moved, after.state) == ([0, 1], "deferred")

    @pytest.mark.parametrize("recovered", ["in_doubt", "deferred"])
    def test_a_late_250_ends_the_doubt(self, run, recovered):
        async def act(store):
            row = await begin(store, 1)
            (delivery,) = await owed(store, row)
            await intend(store, delivery)
            await store.ledger.recover(row, now=NOW, doubt_pause=0 if recovered == "deferred" else 1)
            assert await states(store, row) == {"reader001": recovered}
            await enter(store, delivery, answer("sent"))
            (after,) = await store.issues.deliveries(row)
            return after, await store.issues.attempts(after), await store.ledger.audit(row)

        after, (attempt,), audit = run(act)
        assert (after.state, attempt.outcome, audit.ok) == ("sent", "sent", True)

    def test_what_has_expired_is_given_up_and_the_issue_owes_nobody(self, run):
        async def act(store):
            row = await begin(store, 2, lasts=HOUR)
            first, _ = await owed(store, row)
            await intend(store, first)
            assert await store.ledger.recover(row, now=NOW + HOUR, doubt_pause=0) == 4
            rows = await store.issues.deliveries(row)
            return [one.reply for one in rows], await store.issues.standing(row), await store.ledger.audit(row)

        replies, standing, audit = run(act)
        assert replies == ["expired; an earlier attempt is in doubt", "expired"]
        assert standing.settled
        assert audit.ok

    def test_rows_of_a_paused_issue_stay_as_they_are(self, run):
        async def act(store):
            row = await begin(store, 1, lasts=HOUR)
            await store.issues.move(row, IssueState.PAUSED)
            return await store.ledger.recover(row, now=NOW + 9 * HOUR, doubt_pause=0)

        assert run(act) == 0


class TestConsents:
    def test_what_a_mailbox_was_sent_is_listed_newest_first(self, run):
        async def act(store):
            row = await begin(store, 2)
            await finish(store, row)
            later = await begin(store, 1, slot="2026-11-24", due_at=NOW + 24 * HOUR)
            return (
                later,
                await store.issues.messages_to(hash_of("reader001")),
                await store.issues.messages_to(b"x" * 16),
            )

        _, messages, none = run(act)
        assert messages == (("morning@2026-11-24", "pending", None), ("morning@2026-11-23", "sent", NOW))
        assert none == ()

    def test_a_no_stands_for_its_scope_and_is_remembered(self, run):
        left = Consent(
            address_hash=hash_of("ada"), scope="morning", kind=ConsentKind.LEFT, at=NOON, origin="link", proof="x"
        )
        everything = dataclasses.replace(left, address_hash=hash_of("bob"), scope="*")

        async def act(store):
            await store.consents.say(left)
            await store.consents.say(everything)
            said = await store.consents.said(hash_of("ada"))
            return said, await store.consents.suppressed("morning"), await store.consents.suppressed("best")

        assert run(act) == ((left,), {hash_of("ada"), hash_of("bob")}, {hash_of("bob")})

    def test_saying_it_again_changes_nothing(self, run):
        left = Consent(address_hash=hash_of("ada"), scope="*", kind=ConsentKind.LEFT, at=NOON, origin="link")

        async def act(store):
            await store.consents.say(left)
            await store.consents.say(dataclasses.replace(left, at=NOON + timedelta(hours=1)))
            await store.consents.say(dataclasses.replace(left, kind=ConsentKind.CONFIRMED))
            return await store.consents.said(hash_of("ada")), await store.consents.suppressed("morning")

        said, suppressed = run(act)
        assert [one.kind for one in said] == ["left", "confirmed"]
        assert suppressed == {hash_of("ada")}

    @pytest.mark.parametrize("kind_of_no", ["bounced", "complained", "erased"])
    def test_what_a_mailbox_says_is_for_every_newsletter(self, run, kind_of_no):
        said = Consent(address_hash=hash_of("ada"), scope="morning", kind=ConsentKind(kind_of_no), at=NOON)

        async def act(store):
            await store.consents.say(said)
            return await store.consents.suppressed("best")

        assert run(act) == {hash_of("ada")}

    def test_preferences_and_a_yes_suppress_nobody(self, run):
        async def act(store):
            for kind in (ConsentKind.CONFIRMED, ConsentKind.PREFERENCES):
                await store.consents.say(Consent(address_hash=hash_of("ada"), scope="*", kind=kind, at=NOON))
            return await store.consents.suppressed("morning")

        assert run(act) == frozenset()

    def test_a_link_leads_to_the_mailbox_of_its_delivery(self, run):
        async def act(store):
            await compose(store)
            find = store.consents.leave_by_delivery
            return await find("morning", "2026-11-23", "reader002"), await find("morning", "2026-11-22", "reader002")

        assert run(act) == (hash_of("reader002"), None)


PAIRS = list(itertools.permutations(DeliveryState, 2))
PATHS = {
    "pending": (),
    "claimed": ("claimed",),
    "sending": ("sending",),
    "sent": ("sending", "sent"),
    "deferred": ("deferred",),
    "failed": ("failed",),
    "skipped": ("skipped",),
    "in_doubt": ("sending", "in_doubt"),
}
ISSUE_MOVES = {
    "planned": "held composed empty missed failed cancelled",
    "held": "planned composed empty missed failed cancelled",
    "composed": "sending paused cancelled",
    "sending": "done paused cancelled",
    "paused": "composed sending cancelled",
    "done": "sending",
}


class TestTheDatabaseItself:
    """What holds even for somebody who writes SQL by hand."""

    def test_there_are_56_pairs_and_23_legal_moves(self):
        assert len(PAIRS) == 56
        assert sum(map(len, MOVES.values())) == 23

    def test_of_all_56_moves_of_a_delivery_exactly_the_legal_ones_are_possible(self, run, kind):
        run(lambda store: begin(store, len(PAIRS)))
        done = set()
        with kind.door() as execute:
            for number, (old, new) in enumerate(PAIRS, 1):
                for step in PATHS[old]:
                    execute("UPDATE deliveries SET state = ? WHERE id = ?", (step, number))
                with contextlib.suppress(sqlite3.IntegrityError):
                    execute("UPDATE deliveries SET state = ? WHERE id = ?", (new.value, number))
                    done.add((old, new))
        assert done == {(old, new) for old, targets in MOVES.items() for new in targets}

    def test_of_all_moves_of_an_issue_exactly_the_legal_ones_are_possible(self, run, kind):
        run(plan)
        done = set()
        with kind.door() as execute:
            for number, (old, new) in enumerate(itertools.permutations(IssueState, 2), 100):
                values = (number, f"slot{number}", old.value)
                execute(
                    "INSERT INTO issues (id, newsletter, slot, state, doubt, due_at, cutoff)"
                    " VALUES (?, 'x', ?, ?, 'once', 0, 0)",
                    values,
                )
                with contextlib.suppress(sqlite3.IntegrityError):
                    execute("UPDATE issues SET state = ? WHERE id = ?", (new.value, number))
                    done.add((old, new))
        assert done == {(old, new) for old, targets in ISSUE_MOVES.items() for new in targets.split()}

    @pytest.mark.parametrize(
        "change",
        [
            "subscriber = 'x'",
            "address_hash = zeroblob(16)",
            "message_id = 'x'",
            "issue_id = 2",
            "id = 9",
            "address = 'x'",
            "address = NULL",
        ],
    )
    def test_who_a_delivery_is_for_never_changes(self, run, kind, change):
        run(lambda store: compose(store, 1))
        with pytest.raises(sqlite3.IntegrityError, match="never changes"):
            kind.execute(f"UPDATE deliveries SET {change}")

    def test_an_address_can_be_erased_once_its_delivery_has_ended(self, run, kind):
        run(lambda store: compose(store, 1))
        kind.execute("UPDATE deliveries SET state = 'skipped'")
        kind.execute("UPDATE deliveries SET address = NULL")
        assert kind.execute("SELECT address FROM deliveries") == [(None,)]

    @pytest.mark.parametrize("state", ["sent", "pending", "nonsense"])
    def test_a_column_takes_only_what_it_is_for(self, run, kind, state):
        run(plan)
        with pytest.raises(sqlite3.IntegrityError):
            kind.execute("UPDATE issues SET state = ?", state)
        with pytest.raises(sqlite3.IntegrityError):
            kind.execute("UPDATE issues SET cutoff = 'soon'")


class TestRaces:
    """What another process may do between the picking and C1."""

    def test_an_issue_picked_before_another_was_composed_is_refused(self, run):
        async def act(store):
            stale = await plan(store, "2026-11-23.pm")
            await compose(store)
            with pytest.raises(StoreError, match="another issue of morning was composed meanwhile"):
                await store.issues.freeze(stale, an_issue("2026-11-23.pm"), people(1), now=NOW, expires_at=None)
            return await store.issues.find("morning", "2026-11-23.pm")

        assert run(act).state is IssueState.PLANNED

    def test_an_article_recorded_after_the_picking_enters_the_next_window(self, run):
        late = an_article(7, first_seen=NOON - A_SECOND, entered=NOON - A_SECOND)

        async def act(store):
            await store.articles.record(SourceState(name=late.source), [late])
            await compose(store)
            (kept,) = await store.articles.articles([late.source], since=NOON)
            return kept.entered, (await store.articles.history("morning")).since

        assert run(act) == (NOON, NOON)

    def test_an_article_seen_before_an_issue_but_recorded_after_it_enters_at_its_cutoff(self, run):
        late = an_article(7, first_seen=NOON - A_SECOND, entered=NOON - A_SECOND)
        dated = an_article(8, entered=NOON - timedelta(hours=3))

        async def act(store):
            await compose(store)
            await store.articles.record(SourceState(name=late.source), [late, dated])
            return {one.id: one.entered for one in await store.articles.articles([late.source], since=NOON)}

        assert run(act) == {late.id: NOON, dated.id: NOON - timedelta(hours=3)}

    def test_only_this_issue_is_tried_again_or_expired_by_its_recovery(self, run):
        async def act(store):
            other = await begin(store, 2, newsletter="best", lasts=HOUR)
            mine = await begin(store, 1)
            (first, _) = await owed(store, other)
            await intend(store, first)
            await store.ledger.recover(mine, now=NOW + 2 * HOUR, doubt_pause=0)
            return await states(store, other), await states(store, mine)

        assert run(act) == ({"reader001": "in_doubt", "reader002": "pending"}, {"reader001": "pending"})
