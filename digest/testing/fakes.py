"""Fakes behind the protocols, for tests of what stands above them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from digest.model import (
    Audit,
    Delivery,
    DeliveryState,
    Envelope,
    Intent,
    IssueRow,
    Message,
    Outcome,
    OutcomeKind,
    Posted,
)

_OWED = frozenset({DeliveryState.PENDING, DeliveryState.DEFERRED})
_FIRST_WAIT = 300_000


def a_delivery(number: int, *, address: str = "", name: str = "", next_at: int = 0) -> Delivery:
    """Row `number` of issue 1, pending."""
    return Delivery(
        issue_id=1,
        id=number,
        subscriber=f"reader-{number}",
        address=address or f"reader{number}@example.org",
        message_id=f"message{number}@news.example.org",
        variant="en",
        holes={"name": name} if name else {},
        state=DeliveryState.PENDING,
        attempt=0,
        doubts=0,
        due_at=0,
        next_at=next_at,
    )


def a_message(delivery: Delivery, *, body: str = "Good morning.", sender: str = "bounces@news.example.org") -> Message:
    """A small whole message for this delivery; `body` is ASCII without a leading dot."""
    lines = (f"Message-ID: <{delivery.message_id}>", "Subject: News", "", *body.splitlines(), "")
    return Message(
        delivery=delivery,
        envelope=Envelope(sender=sender, recipient=delivery.address),
        pieces=("\r\n".join(lines).encode("ascii"),),
    )


class Recorder:
    """The three functions a transport gets, remembering what it does with them."""

    def __init__(self, messages: Iterable[Message], *, refuse: Callable[[Delivery], bool] = lambda _: False) -> None:
        """`refuse` says whose intent is refused."""
        self._messages = iter(messages)
        self._refuse = refuse
        self.pulled: list[int] = []
        self.intended: list[int] = []
        self.refused: list[int] = []
        self.outcomes: dict[int, list[Outcome]] = {}

    async def next_message(self) -> Message | None:
        """One after the other."""
        message = next(self._messages, None)
        if message is not None:
            self.pulled.append(message.delivery.id)
        return message

    async def intend(self, delivery: Delivery) -> bool:
        """Durable at once."""
        await asyncio.sleep(0)
        (self.refused if self._refuse(delivery) else self.intended).append(delivery.id)
        return not self._refuse(delivery)

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """Keep it."""
        self.outcomes.setdefault(delivery.id, []).append(outcome)

    def kinds(self) -> dict[int, OutcomeKind]:
        """The one outcome of each row; fails when a row has two."""
        assert all(len(found) == 1 for found in self.outcomes.values()), self.outcomes
        return {number: found[0].kind for number, found in self.outcomes.items()}


class MemoryLedger:
    """A Ledger for one issue that forgets everything with the process."""

    def __init__(self, deliveries: Iterable[Delivery], *, suppressed: Iterable[int] = ()) -> None:
        """`suppressed` are ids whose intent is refused."""
        self.rows = {delivery.id: delivery for delivery in deliveries}
        self.outcomes: list[Posted] = []
        self._suppressed = frozenset(suppressed)

    async def owed(self, row: IssueRow, *, now: int, after: tuple[int, int], limit: int) -> tuple[Delivery, ...]:
        """As Ledger.owed."""
        del row
        due = (one for one in self.rows.values() if one.state in _OWED and one.next_at <= now)
        found = sorted((one for one in due if (one.next_at, one.id) > after), key=lambda one: (one.next_at, one.id))
        return tuple(found[:limit])

    async def commit(self, posted: Sequence[Posted], intents: Sequence[Intent]) -> frozenset[tuple[int, int]]:
        """As Ledger.commit."""
        for one in posted:
            self._enter(one)
        return frozenset((1, intent.delivery.id) for intent in intents if not self._intend(intent))

    async def recover(self, row: IssueRow, *, now: int, doubt_pause: int) -> int:  # noqa: ARG002 - it knows one issue
        """As Ledger.recover, policy `once`."""
        moved = 0
        for number, one in self.rows.items():
            if one.state is DeliveryState.SENDING:
                self.rows[number] = replace(one, state=DeliveryState.IN_DOUBT, doubts=one.doubts + 1)
                moved += 1
            elif one.state is DeliveryState.IN_DOUBT and one.doubts == 1:
                self.rows[number] = replace(one, state=DeliveryState.DEFERRED, next_at=now + doubt_pause)
                moved += 1
        return moved

    async def audit(self, row: IssueRow) -> Audit:
        """As Ledger.audit."""
        counts = {str(state): sum(one.state is state for one in self.rows.values()) for state in DeliveryState}
        doubtful = tuple(one.subscriber for one in self.rows.values() if one.state is DeliveryState.IN_DOUBT)
        opened = ("an intent is open",) if counts["sending"] else ()
        return Audit(key=row.key, recipients=len(self.rows), counts=counts, in_doubt=doubtful, broken=opened)

    def _intend(self, intent: Intent) -> bool:
        one = self.rows[intent.delivery.id]
        if one.state not in _OWED:
            return False
        if one.id in self._suppressed:
            self.rows[one.id] = replace(one, state=DeliveryState.SKIPPED)
            return False
        self.rows[one.id] = replace(one, state=DeliveryState.SENDING, attempt=one.attempt + 1)
        return True

    def _enter(self, posted: Posted) -> None:
        one = self.rows[posted.delivery.id]
        assert posted.attempt == one.attempt, "an outcome of another attempt"
        self.outcomes.append(posted)
        state = DeliveryState(posted.outcome.kind)
        wait = _FIRST_WAIT if posted.outcome.retry_ms is None else posted.outcome.retry_ms
        next_at = one.next_at + wait if state is DeliveryState.DEFERRED else one.next_at
        self.rows[one.id] = replace(one, state=state, next_at=next_at)


class MemoryCommitter:
    """A Committer over a ledger, without groups: each intent is one commit, outcomes go with the next."""

    def __init__(self, ledger: MemoryLedger) -> None:
        """Nothing waits yet."""
        self._ledger = ledger
        self._waiting: list[Posted] = []

    async def intend(self, delivery: Delivery) -> bool:
        """Durable as far as memory is."""
        waiting, self._waiting = self._waiting, []
        return not await self._ledger.commit(waiting, [Intent(delivery=delivery, now=0)])

    def ask(self, delivery: Delivery, told: Callable[[Delivery, bool | None], None]) -> asyncio.Future[bool]:
        """As intend(), told at once as well."""

        async def answer() -> bool:
            granted: bool | None = None
            try:
                granted = await self.intend(delivery)
            finally:
                told(delivery, granted)
            return granted

        return asyncio.ensure_future(answer())

    def enter(self, posted: Posted) -> None:
        """With the next commit."""
        self._waiting.append(posted)

    async def settled(self) -> None:
        """Commit what waits."""
        await self.close()

    async def close(self) -> None:
        """Commit what waits."""
        waiting, self._waiting = self._waiting, []
        await self._ledger.commit(waiting, [])
