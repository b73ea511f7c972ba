"""The messages one deliver() has at hand: pulled a few ahead, given to connections as their destinations bear it.

Whatever is pulled is entered exactly once: by what a relay said of it, or as `owed` at the end.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping

from digest.errors import DigestError, TransportError
from digest.model import Delivery, Message, Outcome, OutcomeKind, Phase, Reply
from digest.protocols import Enter, Intend, NextMessage
from digest.sender.replies import Effect, Verdict, judge, no_reply
from digest.sender.throttle import Destination, Rate

_SETBACKS = 3  # rests running, in which nothing was carried, before the way out is closed for now; our figure
_TRIES = 3  # of one message within one call
_HELD = 500  # messages at most that wait for their own domain while others pass

Key = tuple[int, int]


class Hand:
    """What the workers of one deliver() share. `closed`: why the relay takes nothing more; `live`: connections open."""

    def __init__(
        self,
        next_message: NextMessage,
        intend: Intend,
        enter: Enter,
        *,
        relay: Destination,
        domains: Mapping[str, Destination],
        pause: Callable[[int], float],
    ) -> None:
        """`pause` gives the seconds before the next connection after so many setbacks."""
        self._next_message = next_message
        self.intend = intend
        self._enter = enter
        self._relay = relay
        self._domains = domains
        self._pause = pause
        self._free: deque[Message] = deque()
        self._waiting: dict[str, deque[Message]] = {name: deque() for name in domains}
        self._held = 0
        self._pulled: dict[Key, Message] = {}
        self._tries: dict[Key, int] = {}
        self._bell = Bell()
        self._hungry = asyncio.Event()
        self._earning: dict[Rate, asyncio.Task[None]] = {}
        self._shut = False
        self._coming = 0  # connections being made
        self._standing = 0  # connections that stand
        self._setbacks = 0
        self._resting_until = 0.0
        self._proven = False
        self.exhausted = False
        self.left = False
        self.closed: TransportError | None = None

    # --- in

    async def feed(self) -> None:
        """Pull messages until there are none, never far ahead of the connections."""
        while not self._shut:
            if len(self._free) >= 2 * self._relay.concurrency.limit or self._held >= _HELD:
                self._hungry.clear()
                await self._hungry.wait()
                continue
            message = await self._next_message()
            if message is None:
                self.exhausted = True
                break
            self._pulled[_key(message.delivery)] = message
            self._put(message)
        self._bell.ring()

    def _put(self, message: Message, *, first: bool = False) -> None:
        domain = self._domain(message)
        if domain is None:
            queue = self._free
        elif domain.rest.left(time.time()) > 0:
            self._enter_owed(message, f"{domain.name} rests, as it asked for")
            return
        else:
            queue = self._waiting[domain.name]
            self._held += 1
        if first:
            queue.appendleft(message)
        else:
            queue.append(message)
        self._bell.ring()

    def _domain(self, message: Message) -> Destination | None:
        if not self._domains:
            return None
        return self._domains.get(message.envelope.recipient.rpartition("@")[2].lower())

    # --- out

    def ready(self) -> Message | None:
        """The next message whose destinations bear it now; it takes its share of their rates with it."""
        relay = self._relay
        if self._shut or (relay.rate is not None and not self._may(relay)):
            return None
        message = self._from_a_domain() if self._held else None
        if message is None and self._free:
            message = self._free.popleft()
        if message is None:
            return None
        if relay.rate is not None:
            relay.rate.take()
        if len(self._free) <= relay.concurrency.limit and not self.exhausted:
            self._hungry.set()
        return message

    def _from_a_domain(self) -> Message | None:
        for name, queue in self._waiting.items():
            domain = self._domains[name]
            if queue and domain.busy < domain.concurrency.limit and self._may(domain):
                if domain.rate is not None:
                    domain.rate.take()
                domain.busy += 1
                self._held -= 1
                self._hungry.set()
                return queue.popleft()
        return None

    def _may(self, destination: Destination) -> bool:
        """Whether its rate has a token; if not, one is waited for."""
        rate = destination.rate
        if rate is None or rate.at_hand:
            return True
        if rate not in self._earning:
            self._earning[rate] = asyncio.create_task(self._earn(rate))
        return False

    async def _earn(self, rate: Rate) -> None:
        try:
            while not rate.at_hand:  # a sleep may end a little early
                await asyncio.sleep(await rate.wait(time.time()))
                await rate.earn(time.time())
        except DigestError as error:
            self.close(TransportError(f"{self._relay.name}: its rate cannot be remembered: {error}"))
        finally:
            del self._earning[rate]  # before anybody hears the bell and asks again
            self._bell.ring()

    async def wait(self, seconds: float) -> Message | None:
        """As ready(), waiting up to `seconds` for it; None: nothing came, or nothing will."""
        until = time.monotonic() + seconds
        while not self.over:
            if (message := self.ready()) is not None:
                return message
            left = until - time.monotonic()
            if left <= 0 or not await self._bell.heard(left):
                return None
        return None

    # --- connections

    @property
    def over(self) -> bool:
        """Whether nothing more will be carried."""
        if self._shut or (self.exhausted and not self._pulled):
            return True
        return self._setbacks >= _SETBACKS and not self._relay.busy

    async def admitted(self) -> bool:
        """Wait until one more connection may be made, and count it; False: none is needed any more.

        The first one is made alone, and so is the first one behind a setback.
        """
        while not self.over:
            now = time.monotonic()
            rest = self._resting_until - now
            room = self._relay.busy < self._relay.concurrency.limit and (self._proven or not self._relay.busy)
            if room and rest <= 0 and self._setbacks < _SETBACKS and self._at_hand() > self._coming:
                self._relay.busy += 1
                self._coming += 1
                return True
            await self._bell.heard(rest if rest > 0 else None)
        return False

    def _at_hand(self) -> int:
        """How many messages could be given out now."""
        if not self._may(self._relay):
            return 0
        return len(self._free) + (sum(map(self._open_to, self._waiting)) if self._held else 0)

    def _open_to(self, name: str) -> int:
        domain, queue = self._domains[name], self._waiting[name]
        if not queue or not self._may(domain):
            return 0
        return max(0, min(len(queue), domain.concurrency.limit - domain.busy))

    def up(self) -> None:
        """A connection stands: others may be made beside it."""
        self._coming -= 1
        self._standing += 1
        self._proven = True
        self._bell.ring()

    def down(self, *, stood: bool) -> None:
        """It is gone, or never stood."""
        self._relay.busy -= 1
        self._standing -= stood
        self._coming -= not stood
        self._bell.ring()

    def refused_by(self, error: TransportError, *, shrink: bool = False) -> None:
        """No connection could be made, or it brought nothing. What an operator must mend closes the way out.

        `shrink`: the relay bears what stands now and no more.
        """
        if self.closed is None or not self.closed.permanent:
            self.closed = error
        if shrink and self._standing:
            self._relay.concurrency.shrink(self._standing, time.time())
        if error.permanent or not self._proven:
            self.close(error)
            return
        now = time.monotonic()
        if now >= self._resting_until:  # many connections lost at one moment are one setback
            self._setbacks += 1
            self._resting_until = now + self._pause(self._setbacks)

    def close(self, error: TransportError | None) -> None:
        """Nothing more is given out; `error` says why."""
        self.closed = self.closed or error
        self._shut = True
        self._hungry.set()
        self._bell.ring()

    # --- what became of them

    def let_go(self, message: Message) -> None:
        """Its intent was refused: it is nobody's any more."""
        if self._pulled.pop(_key(message.delivery), None) is not None:
            self._leave_domain(message)
        self._bell.ring()

    def give_back(self, message: Message) -> None:
        """Another connection may try it."""
        self._leave_domain(message)
        self._put(message, first=True)

    def settle(self, message: Message, verdict: Verdict) -> None:
        """Enter its outcome; one that is `owed` gets another connection, at most three in all."""
        domain = self._leave_domain(message)
        self._learn(verdict, domain)
        if verdict.outcome.kind is OutcomeKind.OWED and not verdict.outcome.pause:
            key = _key(message.delivery)
            self._tries[key] = self._tries.get(key, 0) + 1
            if self._tries[key] < _TRIES:
                self._put(message, first=True)
                return
        self.enter(message.delivery, verdict.outcome)

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """As handed in, once for each message."""
        key = _key(delivery)
        if self._pulled.pop(key, None) is not None:
            self._tries.pop(key, None)
            self._enter(delivery, outcome)
            if not self._pulled:
                self._bell.ring()

    def give_up(self) -> None:
        """Enter what was pulled and came to nothing as owed. A relay that closed itself rests before the next call."""
        for task in self._earning.values():
            task.cancel()
        self.left = bool(self._pulled)
        if self.closed is not None and not self.closed.permanent and (self.left or not self.exhausted):
            self._relay.rest.begin(time.time())
        why = str(self.closed or "not tried")
        for message in tuple(self._pulled.values()):
            self._enter_owed(message, why)

    def _enter_owed(self, message: Message, why: str) -> None:
        self.enter(message.delivery, judge(Phase.CONNECT, no_reply(Phase.CONNECT, why)).outcome)

    def _leave_domain(self, message: Message) -> Destination | None:
        domain = self._domain(message)
        if domain is not None and domain.busy:
            domain.busy -= 1
        return domain

    def _learn(self, verdict: Verdict, domain: Destination | None) -> None:
        """What the reply says of the destinations (SENDING.md 8.2)."""
        effect, now = verdict.effect, time.time()
        if effect is Effect.GROW:
            self._setbacks, self._resting_until = 0, 0.0
            self._relay.rest.end()
            if self._relay.concurrency.grow(now):
                self._bell.ring()
            if domain is not None:
                domain.concurrency.grow(now)
        elif effect is Effect.SHRINK:
            self._relay.concurrency.shrink(self._standing - 1, now)
        elif effect is Effect.REST:
            self._rest(verdict.outcome.reply, domain, now)

    def _rest(self, reply: Reply, domain: Destination | None, now: float) -> None:
        """4.7.x for a domain that has rules of its own, 4.7.28 for the relay: 10 minutes, then one at a time."""
        if domain is not None:
            domain.rest.begin(now, seconds=600)
            domain.concurrency.shrink(1, now)
            waiting, self._waiting[domain.name] = self._waiting[domain.name], deque()
            self._held -= len(waiting)
            self._hungry.set()  # whoever waited for their leaving would wait for ever
            for message in waiting:
                self._enter_owed(message, f"{domain.name} rests: {reply.code} {reply.text}")
        elif reply.enhanced == "4.7.28":
            self._relay.rest.begin(now, seconds=600)
            self._relay.concurrency.shrink(1, now)
            self.close(TransportError(f"{self._relay.name} rests for 10 min: {reply.code} {reply.text}"))


class Bell:
    """Wakes everybody who waits for something to change."""

    def __init__(self) -> None:
        """Nobody waits."""
        self._waiting: list[asyncio.Future[None]] = []

    def ring(self) -> None:
        """Something changed."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)

    async def heard(self, seconds: float | None = None) -> bool:
        """Wait for the next ring; False when `seconds` passed without one."""
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            async with asyncio.timeout(seconds):
                await future
        except TimeoutError:
            return False
        return True


def _key(delivery: Delivery) -> Key:
    return delivery.issue_id, delivery.id
