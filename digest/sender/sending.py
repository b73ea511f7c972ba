"""send(): everybody the ledger says is owed, through the first way out that takes them.

Running it again sends to whoever is still owed. Rows are streamed in the ledger's order and never held; the list
itself, and what became of it, is the ledger's (SENDING.md 1, 3).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from digest.errors import TransportError
from digest.model import Delivery, IssueRow, Message, Outcome, OutcomeKind, Phase, Posted
from digest.protocols import Ledger, Transport
from digest.sender.headers import HeaderError
from digest.sender.replies import classify_reply, read_reply
from digest.sender.sharing import Shares

PORTION = 500  # rows asked of the ledger at once
_FAREWELL = 3.0  # seconds that envelopes and QUITs under way have at an end; the rows stay owed
_BEGINNING = (-1, -1)  # before every (next_at, id)
_STREAK = 10  # refusals running that are about us (5.7.x); more of them pause the issue
_BRAKE_SPAN = 50  # among an issue's first 50 outcomes ...
_BRAKE = 20  # ... more failures than this pause it (SENDING.md 8.1)


class Builder(Protocol):
    """Makes the bytes of one message: sender.MessageBuilder."""

    def build(self, delivery: Delivery) -> Message:
        """Raises HeaderError when this one delivery cannot be written."""
        ...


class Committer(Protocol):
    """Intents and outcomes on their way to disk, in groups. Opened and closed by whoever calls send()."""

    def ask(self, delivery: Delivery, told: Callable[[Delivery, bool | None], None]) -> asyncio.Future[bool]:
        """True once its intent is durable, False: refused; StoreError when nothing can be written.

        `told` hears it too, at once and exactly once; None where there is none, or whoever asked was cancelled.
        """
        ...

    def enter(self, posted: Posted) -> None:
        """Returns at once; durable with the next group."""
        ...

    async def settled(self) -> None:
        """Returns when what was entered so far is durable, or nothing can be written any more."""
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
    weights: Sequence[int | None] = (),
    stop: asyncio.Event | None = None,
    progress: Callable[[int], None] | None = None,
) -> SendResult:
    """Send this issue to whoever is owed now; `now` gives UTC milliseconds.

    Transports are tried in their order; those with a weight share the load, in the place of the first of them.
    `stop` set: no further message is begun, those under way are finished; a relay that says nothing is left after 3 s
    unless a body may be on the wire. `progress` is told how many are settled.
    Raises StoreError. A transport that is closed is a note, and the next one gets what is left.
    """
    run = _Run(row, builder, ledger, committer, now, stop or asyncio.Event(), progress)
    closed: list[TransportError] = []
    for stage in _stages(transports, weights or [None] * len(transports)):
        closed += await run.through(stage)
        if run.stopping or not await run.more():
            break
    return run.result(closed, everywhere=len(closed) == len(transports))


@dataclass(frozen=True, slots=True)
class _Way:
    """One way out and its share of its stage's load."""

    transport: Transport
    weight: int


def _stages(transports: Sequence[Transport], weights: Sequence[int | None]) -> list[list[_Way]]:
    """The ways out that work at one time, stage after stage."""
    ways = list(zip(transports, weights, strict=True))
    shared = [_Way(transport, weight) for transport, weight in ways if weight is not None]
    stages = [[_Way(transport, 1)] if weight is None else [] for transport, weight in ways]
    first = next((place for place, (_, weight) in enumerate(ways) if weight is not None), None)
    if first is not None:
        stages[first] = shared
    return [stage for stage in stages if stage]


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
        self._row = row
        self._builder = builder
        self._ledger = ledger
        self._committer = committer
        self._started = now()
        self._stop = stop
        self._progress = progress
        self._rows = _Rows(ledger, row, self._started)
        self._intended: set[int] = set()  # deliveries of this issue, by their ids
        self._sent = 0
        self._counts: Counter[OutcomeKind] = Counter()  # of the other kinds
        self._settled = 0  # the sum of all
        self._skipped = 0
        self._refused = 0  # intents running
        self._untried = 0
        self._about_us = 0
        self._pause = ""

    @property
    def stopping(self) -> bool:
        """Whether no further message may be begun."""
        return bool(self._pause) or self._stop.is_set()

    async def through(self, stage: Sequence[_Way]) -> list[TransportError]:
        """Everybody owed, through these side by side, again while one of them closes and another is left.

        What a closed one leaves untouched is owed as before: the next walk over the ledger meets it.
        """
        left, closed = list(stage), list[TransportError]()
        while left and not self.stopping:
            await self._committer.settled()
            self._rows, self._untried = _Rows(self._ledger, self._row, self._started), 0
            shares = Shares({number: way.weight for number, way in enumerate(left)})
            ended = await asyncio.gather(
                *(self._along(number, way, shares) for number, way in enumerate(left)), return_exceptions=True
            )
            failed = [error for error in ended if error is not None and not isinstance(error, TransportError)]
            if failed:
                raise failed[0]
            closed += [error for error in ended if isinstance(error, TransportError)]
            if not any(ended):
                break
            left = [way for way, error in zip(left, ended, strict=True) if error is None]
        return closed

    async def _along(self, number: int, way: _Way, shares: Shares) -> None:
        async def next_message() -> Message | None:
            await shares.turn(number)
            return await self.next_message()

        pull = next_message if shares.shared else self.next_message
        try:
            await self.carried(way.transport.deliver(pull, self.intend, self.enter))
        finally:
            shares.leave(number)

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
        await self._committer.settled()
        owed = await self._ledger.owed(self._row, now=self._started, after=_BEGINNING, limit=1)
        self._untried = max(self._untried, len(owed))
        return bool(owed)

    async def next_message(self) -> Message | None:
        """The next message owed; what cannot be written is failed here."""
        while not self.stopping:
            delivery = self._rows.at_hand() or await self._rows.next()
            if delivery is None:
                return None
            try:
                return self._builder.build(delivery)
            except HeaderError as error:
                refused = read_reply(Phase.LOCAL, 553, f"5.6.7 {error}")
                self.enter(delivery, classify_reply(Phase.LOCAL, refused))
        return None

    def intend(self, delivery: Delivery) -> asyncio.Future[bool]:
        """Ask the ledger, unless we are stopping."""
        if self.stopping:
            self._untried += 1
            refused: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            refused.set_result(False)
            return refused
        answer = self._committer.ask(delivery, self._told)
        self._intended.add(delivery.id)  # before it is on disk: an end must wait for it
        return answer

    def _told(self, delivery: Delivery, granted: bool | None) -> None:  # noqa: FBT001 - the committer calls it
        if granted:
            self._refused = 0
            return
        self._intended.discard(delivery.id)
        if granted is None:
            return
        self._skipped += 1
        self._refused += 1
        if self._refused > 1:  # the issue may have been cancelled: what is at hand was read before
            self._rows.forget()

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """Post an outcome; a row that was not touched stays owed, for the next way out."""
        intended = delivery.id in self._intended
        self._intended.discard(delivery.id)
        if outcome.kind is OutcomeKind.SENT:
            self._sent += 1
            self._about_us = 0
        else:
            self._pause = self._pause or outcome.pause
            if outcome.kind is OutcomeKind.OWED:
                if not intended:
                    self._untried += 1
                    return
                outcome = replace(outcome, kind=OutcomeKind.DEFERRED, retry_ms=0)
            self._counts[outcome.kind] += 1
            self._brake(outcome)
        attempt = delivery.attempt + 1 if intended else delivery.attempt
        self._committer.enter(Posted(delivery=delivery, attempt=attempt, outcome=outcome))
        self._settled += 1
        if self._progress is not None:
            self._progress(self._settled + self._skipped)

    def result(self, closed: Sequence[TransportError], *, everywhere: bool) -> SendResult:
        """What was done. Ways out that all need an operator are a reason to pause."""
        notes = tuple(str(error) for error in closed)
        hopeless = everywhere and bool(self._untried) and all(error.permanent for error in closed)
        return SendResult(
            sent=self._sent,
            failed=self._counts[OutcomeKind.FAILED],
            deferred=self._counts[OutcomeKind.DEFERRED],
            skipped=self._skipped,
            in_doubt=self._counts[OutcomeKind.IN_DOUBT],
            owed=self._untried,
            pause=self._pause or ("; ".join(notes) if hopeless else ""),
            notes=notes,
        )

    def _brake(self, last: Outcome) -> None:
        """A relay that refuses everybody must not fail everybody (SENDING.md 8.1)."""
        if last.kind is not OutcomeKind.FAILED:
            return
        said = f"the last with {last.reply.code} {last.reply.text}"
        self._about_us = self._about_us + 1 if last.reply.enhanced.startswith("5.7.") else 0
        if self._about_us > _STREAK:
            self._pause = self._pause or f"{self._about_us} refusals running are about us, {said}"
        failed, settled = self._counts[OutcomeKind.FAILED], self._settled + 1
        if failed > _BRAKE and settled <= _BRAKE_SPAN:
            self._pause = self._pause or f"{failed} of the first {settled} messages were refused for good, {said}"


class _Rows:
    """Every row owed at `now`, streamed in portions by keyset, so that a row deferred meanwhile does not come round."""

    def __init__(self, ledger: Ledger, row: IssueRow, now: int) -> None:
        self._ledger = ledger
        self._row = row
        self._now = now
        self._after = _BEGINNING
        self._given = _BEGINNING
        self._portion: deque[Delivery] = deque()
        self._ended = False
        self._one_at_a_time = asyncio.Lock()

    def at_hand(self) -> Delivery | None:
        """The next one, if its portion is here."""
        if not self._portion:
            return None
        delivery = self._portion.popleft()
        self._given = delivery.next_at, delivery.id
        return delivery

    def forget(self) -> None:
        """Ask the ledger anew for what was not given out yet."""
        if self._portion:
            self._portion.clear()
            self._after, self._ended = self._given, False

    async def next(self) -> Delivery | None:
        """The next one; None behind the last."""
        async with self._one_at_a_time:
            if not self._portion and not self._ended:
                portion = await self._ledger.owed(self._row, now=self._now, after=self._after, limit=PORTION)
                self._ended = len(portion) < PORTION
                self._portion.extend(portion)
                if portion:
                    self._after = (portion[-1].next_at, portion[-1].id)
        return self.at_hand()
