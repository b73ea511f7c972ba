"""send(): everybody the ledger says is owed, through the first way out that takes them.

Running it again sends to whoever is still owed. Rows are streamed in the ledger's order and never held; the list
itself, and what became of it, is the ledger's (SENDING.md 1, 3).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from digest.errors import TransportError
from digest.model import Delivery, IssueRow, Message, Outcome, OutcomeKind, Phase, Posted
from digest.protocols import Ledger, Transport
from digest.sender.headers import HeaderError
from digest.sender.replies import classify_reply, read_reply

PORTION = 500  # rows asked of the ledger at once
_FAREWELL = 3.0  # seconds that envelopes and QUITs under way have at an end; the rows stay owed
_BRAKE_SPAN = 50  # among an issue's first 50 outcomes ...
_BRAKE = 20  # ... more failures than this pause it (SENDING.md 8.1)


class Builder(Protocol):
    """Makes the bytes of one message: sender.MessageBuilder."""

    def build(self, delivery: Delivery) -> Message:
        """Raises HeaderError when this one delivery cannot be written."""
        ...


class Committer(Protocol):
    """Intents and outcomes on their way to disk, in groups. Opened and closed by whoever calls send()."""

    async def intend(self, delivery: Delivery, now: int) -> bool:
        """Durable when it returns; False: refused. Raises StoreError when nothing can be written."""
        ...

    def enter(self, posted: Posted) -> None:
        """Returns at once; durable with the next group."""
        ...

    async def close(self) -> None:
        """Returns when everything entered is durable; idempotent. Raises StoreError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SendResult:
    """What this one call did. `owed` were handed to a transport and came back untried.

    `skipped`: intents the ledger refused. `pause`: why the issue must stop until an operator resumes it, else "".
    `notes` are lines for people: what each way out complained of.
    """

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    skipped: int = 0
    in_doubt: int = 0
    owed: int = 0
    pause: str = ""
    notes: tuple[str, ...] = ()


async def send(
    *,
    row: IssueRow,
    builder: Builder,
    transports: Sequence[Transport],
    ledger: Ledger,
    committer: Committer,
    now: Callable[[], int],
    stop: asyncio.Event | None = None,
    progress: Callable[[int], None] | None = None,
) -> SendResult:
    """Send this issue to whoever is owed now; `now` gives UTC milliseconds.

    `stop` set: no further message is begun, those under way are finished; a relay that says nothing is left after 3 s
    unless a body may be on the wire. `progress` is told how many are settled.
    Raises StoreError. A transport that is closed is a note, and the next one gets what is left.
    """
    run = _Run(row, builder, ledger, committer, now, stop or asyncio.Event(), progress)
    closed: list[TransportError] = []
    for transport in transports:
        try:
            await run.carried(transport.deliver(run.next_message, run.intend, run.enter))
        except TransportError as error:
            closed.append(error)
        if run.stopping or not await run.more():
            break
    return run.result(closed, everywhere=len(closed) == len(transports))


class _Run:
    """One call of send(): the three functions a transport gets, and the counting."""

    def __init__(
        self,
        row: IssueRow,
        builder: Builder,
        ledger: Ledger,
        committer: Committer,
        now: Callable[[], int],
        stop: asyncio.Event,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._builder = builder
        self._committer = committer
        self._now = now
        self._stop = stop
        self._progress = progress
        self._rows = _owed(ledger, row, now())
        self._one_at_a_time = asyncio.Lock()
        self._back: deque[Delivery] = deque()
        self._intended: set[tuple[int, int]] = set()
        self._counts: Counter[OutcomeKind] = Counter()
        self._skipped = 0
        self._pause = ""

    @property
    def stopping(self) -> bool:
        """Whether no further message may be begun."""
        return bool(self._pause) or self._stop.is_set()

    async def carried(self, delivering: Coroutine[None, None, None]) -> None:
        """Deliver to the end; once stopped, only as long as a body may be on the wire."""
        acting, stopped = asyncio.create_task(delivering), asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait({acting, stopped}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({acting}, timeout=_FAREWELL)
            while self._intended and not acting.done():
                await asyncio.wait({acting}, timeout=_FAREWELL)
        finally:
            acting.cancel()
            stopped.cancel()
            await asyncio.gather(acting, stopped, return_exceptions=True)
        if not acting.cancelled():
            acting.result()

    async def more(self) -> bool:
        """Whether somebody is left for the next way out."""
        if not self._back and (delivery := await self._next_row()) is not None:
            self._back.append(delivery)
        return bool(self._back)

    async def next_message(self) -> Message | None:
        """The next message owed; what cannot be written is failed here."""
        while not self.stopping:
            delivery = self._back.popleft() if self._back else await self._next_row()
            if delivery is None:
                return None
            try:
                return self._builder.build(delivery)
            except HeaderError as error:
                refused = read_reply(Phase.LOCAL, 553, f"5.6.7 {error}")
                self.enter(delivery, classify_reply(Phase.LOCAL, refused))
        return None

    async def intend(self, delivery: Delivery) -> bool:
        """Ask the ledger, unless we are stopping."""
        if self.stopping:
            self._back.append(delivery)
            return False
        self._intended.add(_key(delivery))  # before it is on disk: an end must wait for it
        durable = False
        try:
            durable = await self._committer.intend(delivery, self._now())
        finally:
            if not durable:
                self._intended.discard(_key(delivery))
        self._skipped += not durable
        return durable

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """Post an outcome; a row that was not touched goes to the next way out."""
        intended = _key(delivery) in self._intended
        self._intended.discard(_key(delivery))
        self._pause = self._pause or outcome.pause
        if outcome.kind is OutcomeKind.OWED:
            if not intended:
                self._back.append(delivery)
                return
            outcome = replace(outcome, kind=OutcomeKind.DEFERRED, retry_ms=0)
        attempt = delivery.attempt + 1 if intended else delivery.attempt
        self._committer.enter(Posted(delivery=delivery, attempt=attempt, outcome=outcome))
        self._counts[outcome.kind] += 1
        self._brake(outcome)
        if self._progress is not None:
            self._progress(self._counts.total() + self._skipped)

    def result(self, closed: Sequence[TransportError], *, everywhere: bool) -> SendResult:
        """What was done. Ways out that all need an operator are a reason to pause."""
        notes = tuple(str(error) for error in closed)
        hopeless = everywhere and bool(self._back) and all(error.permanent for error in closed)
        return SendResult(
            sent=self._counts[OutcomeKind.SENT],
            failed=self._counts[OutcomeKind.FAILED],
            deferred=self._counts[OutcomeKind.DEFERRED],
            skipped=self._skipped,
            in_doubt=self._counts[OutcomeKind.IN_DOUBT],
            owed=len(self._back),
            pause=self._pause or ("; ".join(notes) if hopeless else ""),
            notes=notes,
        )

    async def _next_row(self) -> Delivery | None:
        async with self._one_at_a_time:
            return await anext(self._rows, None)

    def _brake(self, last: Outcome) -> None:
        failed = self._counts[OutcomeKind.FAILED]
        if last.kind is OutcomeKind.FAILED and failed > _BRAKE and self._counts.total() <= _BRAKE_SPAN:
            why = f"{failed} of the first {self._counts.total()} messages were refused for good"
            self._pause = self._pause or f"{why}, the last with {last.reply.code} {last.reply.text}"


async def _owed(ledger: Ledger, row: IssueRow, now: int) -> AsyncIterator[Delivery]:
    """Every row owed at `now`, by keyset, so that a row deferred meanwhile does not come round again."""
    after = (-1, -1)
    while portion := await ledger.owed(row, now=now, after=after, limit=PORTION):
        for delivery in portion:
            yield delivery
        after = (portion[-1].next_at, portion[-1].id)


def _key(delivery: Delivery) -> tuple[int, int]:
    return delivery.issue_id, delivery.id
