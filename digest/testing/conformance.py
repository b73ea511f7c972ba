"""What every Transport must do, as checks a plugin's tests can run: `for check in TRANSPORT_CHECKS: await check(case)`.

A case is one fresh transport with its other end. Checks that ask the other end for refusals are in RELAY_CHECKS: a
folder cannot refuse one reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from digest.errors import TransportError
from digest.model import Delivery, OutcomeKind
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


async def one_refusal_for_good_fails_that_row_alone(case: TransportCase) -> None:
    """5xx at RCPT: failed, without an intent; the others are sent."""
    case.answer("reader2@example.org", "550 5.1.1 no such user")
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    await case.transport.deliver(seen.next_message, seen.intend, seen.enter)
    assert seen.kinds() == {1: OutcomeKind.SENT, 2: OutcomeKind.FAILED, 3: OutcomeKind.SENT}
    assert sorted(seen.intended) == [1, 3]


async def one_refusal_for_now_defers_that_row(case: TransportCase) -> None:
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
)
RELAY_CHECKS = (one_refusal_for_good_fails_that_row_alone, one_refusal_for_now_defers_that_row)
