"""send(): everybody owed, through the first way out that takes them."""

import asyncio
from dataclasses import replace

import pytest

from digest.errors import StoreError, TransportError
from digest.model import DeliveryState, Outcome, OutcomeKind, Phase, Reply
from digest.sender import HeaderError, send
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
    result = sent(make, rows(3), Scripted(closes=0, permanent=True), Scripted(closes=0))
    assert result.pause == ""


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


def test_progress_counts_what_is_settled(make):
    told = []
    sent(make, rows(3), Scripted(), progress=told.append)
    assert told == [1, 2, 3]
