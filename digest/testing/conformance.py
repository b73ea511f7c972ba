"""What every Transport must do, as checks a plugin's tests can run: `for check in TRANSPORT_CHECKS: await check(case)`.

A case is one fresh transport with its other end; every check wants a case of its own.

    TRANSPORT_CHECKS    every way out
    REFUSAL_CHECKS      the other end knows readers: it can refuse one, and addresses travel (not a folder)
    RELAY_CHECKS        the other end refuses a reader before it gets the message, so no intent is needed (SMTP)
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from digest.errors import StoreError, TransportError
from digest.model import Delivery, Outcome, OutcomeKind
from digest.protocols import Transport
from digest.testing.fakes import Recorder, a_delivery, a_message


class TransportCase(Protocol):
    """A transport and what its other end got."""

    transport: Transport

    def arrived(self) -> Sequence[bytes]:
        """Every message accepted, whole, in any order."""
        ...

    def answer(self, address: str, reply: str) -> None:
        """From now on the other end answers this recipient with `reply`, e.g. `550 5.1.1 unknown`."""
        ...

    async def close(self) -> None:
        """From now on the other end takes nothing."""
        ...


async def each_message_has_exactly_one_outcome(case: TransportCase) -> None:
    """Thirty messages: all sent, all arrived byte for byte, each entered once after its own intent."""
    messages = [a_message(a_delivery(number), body=f"Number {number}") for number in range(1, 31)]
    seen = Recorder(messages)
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == dict.fromkeys(range(1, 31), OutcomeKind.SENT)
    assert sorted(seen.intended) == list(range(1, 31))
    assert sorted(case.arrived()) == sorted(message.data for message in messages)


async def a_refused_intent_writes_nothing(case: TransportCase) -> None:
    """Not a byte of the body leaves, no outcome is entered, the others go."""

    def refuse(delivery: Delivery) -> bool:
        return delivery.id == 2

    seen = Recorder([a_message(a_delivery(number), body=f"Number {number}") for number in (1, 2, 3)], refuse=refuse)
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 3: OutcomeKind.SENT}
    assert not [data for data in case.arrived() if b"Number 2" in data]


async def nothing_owed_is_nothing_done(case: TransportCase) -> None:
    """No message, no outcome, no error, even when the other end is closed."""
    await case.close()
    seen = Recorder([])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert not seen.outcomes


async def a_closed_way_out_says_so(case: TransportCase) -> None:
    """TransportError; nothing is sent, and whatever was pulled is entered once, as owed or deferred."""
    await case.close()
    seen = Recorder([a_message(a_delivery(1)), a_message(a_delivery(2))])
    said = ""
    try:
        await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    except TransportError as error:
        said = str(error)
    assert said, "a closed way out must raise TransportError"
    assert "\n" not in said, said
    assert set(seen.kinds()) == set(seen.pulled)
    assert set(seen.kinds().values()) <= {OutcomeKind.OWED, OutcomeKind.DEFERRED}


async def nothing_is_called_sent_before_it_arrived(case: TransportCase) -> None:
    """When an outcome `sent` is entered, the other end has that message."""
    messages = [a_message(a_delivery(number), body=f"Number {number}") for number in range(1, 11)]
    early: list[int] = []

    class Watching(Recorder):
        def enter(self, delivery: Delivery, outcome: Outcome) -> None:
            if outcome.kind is OutcomeKind.SENT and messages[delivery.id - 1].data not in case.arrived():
                early.append(delivery.id)
            super().enter(delivery, outcome)

    seen = Watching(messages)
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert not early, early
    assert set(seen.kinds().values()) == {OutcomeKind.SENT}


async def an_intent_that_cannot_be_stored_sends_nothing(case: TransportCase) -> None:
    """A StoreError of `intend` comes out of deliver(); not a message of one that was not stored has left."""
    messages = [a_message(a_delivery(number), body=f"Number {number}") for number in range(1, 11)]

    class Full(Recorder):
        async def intend(self, delivery: Delivery) -> bool:
            if len(self.intended) >= 3:
                raise StoreError("the disk is full")
            return await super().intend(delivery)

    seen = Full(messages)
    raised = ""
    try:
        await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    except StoreError as error:
        raised = str(error)
    assert raised == "the disk is full"
    stored = {messages[number - 1].data for number in seen.intended}
    assert set(case.arrived()) <= stored
    assert set(seen.intended) <= set(seen.kinds())


async def a_cancelled_call_leaves_nobody_without_an_outcome(case: TransportCase) -> None:
    """Cancelled in the middle: every row that was intended is entered once, and what is called sent arrived."""
    messages = [a_message(a_delivery(number), body=f"Number {number}") for number in range(1, 201)]
    enough = asyncio.Event()

    class Counting(Recorder):
        async def intend(self, delivery: Delivery) -> bool:
            if len(self.intended) >= 5:
                enough.set()
            return await super().intend(delivery)

    seen = Counting(messages)
    delivering = asyncio.create_task(case.transport.deliver(seen.next_message, seen.intend, seen.enter))
    await enough.wait()
    delivering.cancel()
    await asyncio.wait({delivering})
    assert delivering.cancelled(), "a cancelled call must end cancelled"
    kinds = seen.kinds()
    assert set(seen.intended) <= set(kinds)
    sent = {messages[number - 1].data for number, kind in kinds.items() if kind is OutcomeKind.SENT}
    assert sent <= set(case.arrived())


async def a_refusal_for_good_fails_that_row_alone(case: TransportCase) -> None:
    """One reader is unknown to the other end: failed; the others are sent."""
    case.answer("reader2@example.org", "550 5.1.1 no such user")
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 2: OutcomeKind.FAILED, 3: OutcomeKind.SENT}


async def a_refusal_for_now_defers_that_row_alone(case: TransportCase) -> None:
    """One reader is to be tried later: deferred; the others are sent."""
    case.answer("reader2@example.org", "450 4.2.0 greylisted")
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 2: OutcomeKind.DEFERRED, 3: OutcomeKind.SENT}


async def no_address_is_more_than_one_reader(case: TransportCase) -> None:
    """An address that could be read as two, as a command or as an option reaches nobody but itself."""
    hostile = (
        "reader2@example.org, other@example.org",
        "reader2@example.org>\r\nRCPT TO:<other@example.org",
        "reader2@example.org other@example.org",
        "<reader2@example.org>",
        "",
    )
    messages = [a_message(a_delivery(1)), a_message(a_delivery(9))]
    wrong = [replace(a_delivery(2 + place), address=address) for place, address in enumerate(hostile)]
    messages[1:1] = [a_message(delivery) for delivery in wrong]
    seen = Recorder(messages)
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    kinds = seen.kinds()
    assert (kinds[1], kinds[9]) == (OutcomeKind.SENT, OutcomeKind.SENT)
    assert {kinds[delivery.id] for delivery in wrong} == {OutcomeKind.FAILED}
    assert sorted(case.arrived()) == sorted([messages[0].data, messages[-1].data])


async def a_refusal_at_rcpt_needs_no_intent(case: TransportCase) -> None:
    """5xx at RCPT: failed, without an intent; the others are sent."""
    case.answer("reader2@example.org", "550 5.1.1 no such user")
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 2: OutcomeKind.FAILED, 3: OutcomeKind.SENT}
    assert sorted(seen.intended) == [1, 3]


async def a_refusal_at_rcpt_for_now_needs_no_intent(case: TransportCase) -> None:
    """4xx at RCPT: deferred, without an intent; the others are sent."""
    case.answer("reader2@example.org", "450 4.2.0 greylisted")
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 2: OutcomeKind.DEFERRED, 3: OutcomeKind.SENT}
    assert sorted(seen.intended) == [1, 3]


TRANSPORT_CHECKS = (
    each_message_has_exactly_one_outcome,
    a_refused_intent_writes_nothing,
    nothing_owed_is_nothing_done,
    a_closed_way_out_says_so,
    nothing_is_called_sent_before_it_arrived,
    an_intent_that_cannot_be_stored_sends_nothing,
    a_cancelled_call_leaves_nobody_without_an_outcome,
)
REFUSAL_CHECKS = (
    a_refusal_for_good_fails_that_row_alone,
    a_refusal_for_now_defers_that_row_alone,
    no_address_is_more_than_one_reader,
)
RELAY_CHECKS = (a_refusal_at_rcpt_needs_no_intent, a_refusal_at_rcpt_for_now_needs_no_intent)
