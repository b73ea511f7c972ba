"""send(): everybody owed, through the first way out that takes them."""

import asyncio
from dataclasses import replace

import pytest

from digest.errors import StoreError, TransportError
from digest.model import DeliveryState, Outcome, OutcomeKind, Phase, Reply
from digest.sender import HeaderError, send, sending, sharing
from digest.sender.sending import PORTION
from digest.testing.fakes import MemoryCommitter, MemoryLedger, a_delivery, a_message

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind


class Plain:
    """A builder of small messages; rows in `unwritable` cannot be encoded."""

    def __init__(self, *unwritable):
        self.unwritable = unwritable

    def build(self, delivery):
        if delivery.id in self.unwritable:
            raise HeaderError("To: no such address")
        return a_message(delivery)


class Scripted:
    """A transport that gives every message the outcome `say(id)`, and closes once it has pulled `closes` of them."""

    def __init__(self, say=lambda _: SENT, *, closes=None, permanent=False, pause=""):
        self.say, self.closes, self.permanent, self.pause = say, closes, permanent, pause
        self.got = []

    async def deliver(self, next_message, intend, enter):
        while self.closes is None or len(self.got) < self.closes:
            message = await next_message()
            if message is None:
                return
            self.got.append(message.delivery.id)
            kind = self.say(message.delivery.id)
            if kind in {SENT, IN_DOUBT} and not await intend(message.delivery):
                continue
            enter(message.delivery, Outcome(kind=kind, reply=Reply(phase=Phase.DOT, text="said"), pause=self.pause))
        message = await next_message()
        if message is not None:
            enter(message.delivery, Outcome(kind=OWED, reply=Reply(phase=Phase.CONNECT)))
        raise TransportError("relay: closed", permanent=self.permanent)


def sent(make, ledger, *transports, builder=None, committer=None, **options):
    async def run():
        committed = committer or MemoryCommitter(ledger)
        result = await send(
            row=make.row,
            builder=builder or Plain(),
            transports=transports,
            ledger=ledger,
            committer=committed,
            now=lambda: 1000,
            **options,
        )
        await committed.close()
        return result

    return asyncio.run(run())


def states(ledger):
    return {number: str(row.state) for number, row in ledger.rows.items()}


def rows(count, **kwargs):
    return MemoryLedger([a_delivery(number) for number in range(1, count + 1)], **kwargs)


def test_everybody_owed_is_sent_once_over_more_than_one_portion(make):
    ledger, transport = rows(2 * PORTION + 7), Scripted()
    result = sent(make, ledger, transport)
    assert result.sent == len(transport.got) == len(set(transport.got)) == 2 * PORTION + 7
    assert set(states(ledger).values()) == {"sent"}


def test_sending_again_sends_nothing(make):
    ledger = rows(3)
    sent(make, ledger, Scripted())
    again = Scripted()
    assert sent(make, ledger, again).sent == 0
    assert again.got == []


def test_each_outcome_lands_on_its_row_with_the_attempt_it_belongs_to(make):
    ledger = rows(5, suppressed=[5])
    kinds = {1: SENT, 2: FAILED, 3: DEFERRED, 4: IN_DOUBT, 5: SENT}
    result = sent(make, ledger, Scripted(kinds.get))
    assert states(ledger) == {1: "sent", 2: "failed", 3: "deferred", 4: "in_doubt", 5: "skipped"}
    assert (result.sent, result.failed, result.deferred, result.in_doubt, result.skipped) == (1, 1, 1, 1, 1)
    assert {posted.delivery.id: posted.attempt for posted in ledger.outcomes} == {1: 1, 2: 0, 3: 0, 4: 1}


def test_rows_not_yet_due_wait(make):
    ledger = MemoryLedger([a_delivery(1), replace(a_delivery(2), state=DeliveryState.DEFERRED, next_at=5000)])
    transport = Scripted()
    sent(make, ledger, transport)
    assert transport.got == [1]


def test_a_closed_way_out_hands_the_rest_to_the_next_and_says_so(make):
    ledger, first, second = rows(5), Scripted(closes=2), Scripted()
    result = sent(make, ledger, first, second)
    assert (first.got, sorted(second.got)) == ([1, 2], [3, 4, 5])
    assert (result.sent, result.notes, result.pause) == (5, ("relay: closed",), "")


def test_the_second_way_out_is_not_bothered_when_nobody_is_left(make):
    second = Scripted()
    sent(make, rows(2), Scripted(), second)
    assert second.got == []


def test_when_every_way_out_is_closed_for_now_people_stay_owed(make):
    ledger = rows(3)
    result = sent(make, ledger, Scripted(closes=0), Scripted(closes=0))
    assert set(states(ledger).values()) == {"pending"}
    assert (result.sent, result.pause) == (0, "")
    assert result.owed > 0


def test_when_every_way_out_needs_an_operator_the_issue_pauses(make):
    result = sent(make, rows(3), Scripted(closes=0, permanent=True))
    assert result.pause == "relay: closed"


class Choosy(Scripted):
    """Tries nothing."""

    async def deliver(self, next_message, _, enter):
        while (message := await next_message()) is not None:
            self.got.append(message.delivery.id)
            enter(message.delivery, Outcome(kind=OWED, reply=Reply(phase=Phase.CONNECT)))


@pytest.mark.parametrize("other", [lambda: Scripted(closes=0), Choosy], ids=["closed for now", "not closed"])
def test_where_one_way_out_may_yet_work_the_issue_does_not_pause(make, other):
    result = sent(make, rows(3), Scripted(closes=0, permanent=True), other())
    assert (result.pause, result.owed > 0) == ("", True)


def test_a_way_out_that_needs_an_operator_once_everybody_is_served_pauses_nothing(make):
    result = sent(make, rows(3), Scripted(closes=3, permanent=True))
    assert (result.sent, result.pause, result.notes) == (3, "", ("relay: closed",))


def test_whoever_was_refused_over_one_way_out_is_not_tried_over_the_next(make):
    second = Scripted()
    result = sent(make, rows(2), Scripted({1: SENT, 2: FAILED}.get), second)
    assert (result.sent, result.failed, result.owed, second.got) == (1, 1, 0, [])
    assert sent(make, rows(1), Scripted(lambda _: FAILED)).owed == 0, "what became of the last one is waited for"


def test_a_pause_stops_at_once_and_asks_no_other_way_out(make):
    ledger, second = rows(9), Scripted()
    result = sent(make, ledger, Scripted(lambda _: OWED, pause="sender refused"), second)
    assert result.pause == "sender refused"
    assert (second.got, set(states(ledger).values())) == ([], {"pending"})


def test_a_row_that_cannot_be_written_fails_alone_with_553(make):
    ledger = rows(3)
    sent(make, ledger, Scripted(), builder=Plain(2))
    assert states(ledger) == {1: "sent", 2: "failed", 3: "sent"}
    (posted,) = [posted for posted in ledger.outcomes if posted.delivery.id == 2]
    assert (posted.outcome.reply.code, posted.outcome.reply.enhanced) == (553, "5.6.7")


def test_more_than_20_failures_among_the_first_50_pause_the_issue(make):
    ledger = rows(200)
    result = sent(make, ledger, Scripted(lambda _: FAILED))
    assert result.failed == 21
    assert "21 of the first 21" in result.pause


def test_20_failures_among_the_first_50_do_not(make):
    result = sent(make, rows(200), Scripted(lambda number: FAILED if number <= 20 or number > 60 else SENT))
    assert (result.pause, result.failed) == ("", 160)


def test_a_stop_begins_nothing_more_and_loses_nobody(make):
    stop = asyncio.Event()

    def say(number):
        if number == 3:
            stop.set()
        return SENT

    ledger = rows(9)
    result = sent(make, ledger, Scripted(say), stop=stop)
    assert (result.sent, result.skipped) == (2, 0)
    assert list(states(ledger).values()) == ["sent"] * 2 + ["pending"] * 7


@pytest.mark.parametrize("where", ["while the intent is being committed", "while the body is on the wire"])
def test_an_end_waits_for_whoever_has_or_may_yet_have_an_intent(make, monkeypatch, where):
    monkeypatch.setattr(sending, "_FAREWELL", 0.01)
    stop, committing = asyncio.Event(), where.endswith("committed")

    class Slow(MemoryCommitter):
        async def intend(self, delivery):
            if committing:
                await self.late()
            return await super().intend(delivery)

        async def late(self):
            stop.set()
            await asyncio.sleep(0.1)  # ten farewells

    class One(Scripted):
        async def deliver(self, next_message, intend, enter):
            message = await next_message()
            assert await intend(message.delivery)
            if not committing:
                await committer.late()
            enter(message.delivery, Outcome(kind=SENT, reply=Reply(phase=Phase.DOT)))

    ledger = rows(2)
    committer = Slow(ledger)
    assert sent(make, ledger, One(), committer=committer, stop=stop).sent == 1
    assert states(ledger) == {1: "sent", 2: "pending"}


@pytest.mark.parametrize(("suppressed", "after"), [((), "pending"), ((1,), "skipped")], ids=["unasked", "refused"])
def test_an_end_waits_for_nobody_who_has_no_intent(make, monkeypatch, suppressed, after):
    monkeypatch.setattr(sending, "_FAREWELL", 0.01)
    stop = asyncio.Event()

    class Silent(Scripted):
        async def deliver(self, next_message, intend, _):
            message = await next_message()
            assert not suppressed or not await intend(message.delivery)
            stop.set()
            async with asyncio.timeout(5):
                await asyncio.Event().wait()

    ledger = rows(2, suppressed=suppressed)
    result = sent(make, ledger, Silent(), stop=stop)
    assert (result.sent, states(ledger)) == (0, {1: after, 2: "pending"})


def test_owed_after_an_intent_is_due_again_at_once(make):
    class Late(Scripted):
        async def deliver(self, next_message, intend, enter):
            message = await next_message()
            assert await intend(message.delivery)
            enter(message.delivery, Outcome(kind=OWED, reply=Reply(phase=Phase.DATA, code=503)))

    ledger = rows(1)
    assert sent(make, ledger, Late()).deferred == 1
    assert (ledger.rows[1].state, ledger.rows[1].next_at) == (DeliveryState.DEFERRED, 0)


def test_a_ledger_that_cannot_be_written_ends_the_sending(make):
    class Broken(MemoryCommitter):
        async def intend(self, *_):
            raise StoreError("disk full")

    ledger = rows(3)
    with pytest.raises(StoreError):
        sent(make, ledger, Scripted(), Scripted(), committer=Broken(ledger))
    assert set(states(ledger).values()) == {"pending"}


def test_refusals_running_make_it_ask_the_ledger_anew_what_is_owed(make):
    """A cancelled issue's rows that were read before must not be tried one after the other."""
    ledger = rows(PORTION)

    class Cancelled(MemoryCommitter):
        async def intend(self, delivery):
            if delivery.id > 3:
                for number in range(4, PORTION + 1):
                    ledger.rows[number] = replace(ledger.rows[number], state=DeliveryState.SKIPPED)
            return await super().intend(delivery)

    transport = Scripted()
    result = sent(make, ledger, transport, committer=Cancelled(ledger))
    assert (result.sent, result.skipped, transport.got) == (3, 2, [1, 2, 3, 4, 5])


def test_asking_anew_loses_nobody_and_tries_nobody_twice(make):
    class Some(MemoryCommitter):
        async def intend(self, delivery):
            return delivery.id % 7 not in {0, 1} and await super().intend(delivery)

    ledger = rows(PORTION + 20)
    sent(make, ledger, Scripted(), committer=Some(ledger))
    found = states(ledger)
    assert {number for number, state in found.items() if state == "sent"} == {
        number for number in found if number % 7 not in {0, 1}
    }


def test_progress_counts_what_is_settled(make):
    told = []
    sent(make, rows(3), Scripted(), progress=told.append)
    assert told == [1, 2, 3]


def test_ways_out_with_a_weight_share_the_load_by_it(make):
    class Eager(Scripted):
        async def deliver(self, next_message, intend, enter):
            while (message := await next_message()) is not None:
                self.got.append(message.delivery.id)
                assert await intend(message.delivery)
                enter(message.delivery, Outcome(kind=SENT, reply=Reply(phase=Phase.DOT)))

    ledger, three, one, spare = rows(400), Eager(), Eager(), Eager()
    result = sent(make, ledger, three, spare, one, weights=[3, None, 1])
    assert result.sent == len(set(three.got + one.got)) == 400
    assert spare.got == []
    assert 270 <= len(three.got) <= 330


def test_nobody_is_given_to_two_that_share_the_load_though_the_ledger_takes_its_time(make):
    class Slow(MemoryLedger):
        async def owed(self, row, **which):
            await asyncio.sleep(0)
            return await super().owed(row, **which)

    ledger = Slow([a_delivery(number) for number in range(1, 41)])
    one, other = Scripted(), Scripted()
    assert sent(make, ledger, one, other, weights=[1, 1]).sent == 40
    assert sorted(one.got + other.got) == list(range(1, 41))


def test_whoever_was_refused_over_one_that_closes_is_not_tried_over_those_that_stay(make):
    class Closing(Scripted):
        async def deliver(self, next_message, _, enter):
            message = await next_message()
            self.got.append(message.delivery.id)
            while len(staying.got) < 9:  # noqa: ASYNC110 - a turn of the loop, not a time
                await asyncio.sleep(0)
            enter(message.delivery, Outcome(kind=FAILED, reply=Reply(phase=Phase.RCPT, code=550)))
            raise TransportError("relay: closed")

    ledger, closing, staying = rows(10), Closing(), Scripted()
    result = sent(make, ledger, closing, staying, weights=[1, 1])
    assert (result.sent, result.failed) == (9, 1)
    assert not set(closing.got) & set(staying.got)


def test_when_one_that_shares_the_load_closes_the_other_takes_what_is_left(make):
    ledger, closing, staying = rows(300), Scripted(closes=20), Scripted()
    result = sent(make, ledger, closing, staying, weights=[1, 1])
    assert result.sent == 300
    assert len(closing.got) == 20
    assert not set(closing.got) & set(staying.got)
    assert result.notes == ("relay: closed",)


def test_one_that_takes_nothing_does_not_hold_the_others_back(make, monkeypatch):
    monkeypatch.setattr(sharing, "_PATIENCE", 0.01)

    class Stuck(Scripted):
        async def deliver(self, next_message, intend, enter):
            while len(quick.got) < 299:  # noqa: ASYNC110 - a turn of the loop, not a time
                await asyncio.sleep(0)
            await super().deliver(next_message, intend, enter)

    ledger, quick = rows(300), Scripted()
    sent(make, ledger, Stuck(), quick, weights=[1, 1])
    assert set(states(ledger).values()) == {"sent"}


def test_behind_those_that_share_the_load_comes_the_next_in_order(make):
    ledger, last = rows(30), Scripted()
    result = sent(make, ledger, Scripted(closes=3), Scripted(closes=4), last, weights=[2, 1, None])
    assert (result.sent, len(last.got)) == (30, 23)


def test_what_one_way_out_would_not_try_goes_to_the_next_one_and_never_round_and_round(make):
    ledger, choosy, second = rows(40), Choosy(), Scripted()
    assert sent(make, ledger, choosy, second).sent == 40
    assert len(choosy.got) == 40
    ledger = rows(40)
    result = sent(make, ledger, Choosy())
    assert (result.owed, set(states(ledger).values())) == (40, {"pending"})


def about_us(number):
    return Outcome(kind=FAILED, reply=Reply(phase=Phase.RCPT, code=550, enhanced="5.7.1", text=f"blocked {number}"))


class Refusing(Scripted):
    """5.7.1 for everybody but those in `spared`."""

    def __init__(self, *spared):
        super().__init__()
        self.spared = spared

    async def deliver(self, next_message, intend, enter):
        while (message := await next_message()) is not None:
            number = message.delivery.id
            if number in self.spared:
                assert await intend(message.delivery)
                enter(message.delivery, Outcome(kind=SENT, reply=Reply(phase=Phase.DOT)))
            else:
                enter(message.delivery, about_us(number))


def test_more_than_ten_refusals_about_us_running_pause_the_issue(make):
    result = sent(make, rows(200), Refusing(*range(1, 101)))
    assert (result.sent, result.failed) == (100, 11)
    assert "11 refusals running are about us" in result.pause
    assert "5.7.1" in result.pause or "blocked 111" in result.pause


def test_a_success_between_refusals_about_us_begins_the_count_anew(make):
    result = sent(make, rows(200), Refusing(*range(1, 51), *range(55, 201, 5)))
    assert (result.pause, result.failed) == ("", 120)


def test_a_refusal_about_somebody_else_between_those_about_us_begins_the_count_anew(make):
    class Mixed(Refusing):
        async def deliver(self, next_message, intend, enter):
            def told(delivery, outcome):
                unknown = replace(outcome.reply, enhanced="5.1.1")
                enter(delivery, replace(outcome, reply=unknown) if delivery.id % 6 == 0 else outcome)

            await super().deliver(next_message, intend, told)

    result = sent(make, rows(200), Mixed(*range(1, 101)))
    assert (result.pause, result.sent, result.failed) == ("", 100, 100)
