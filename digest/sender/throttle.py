"""How much a destination bears: connections that grow slowly and shrink at once, rests, a rate that survives restarts.

A destination is a relay, or a recipient domain under [transports.NAME.domains] (SENDING.md 8.2). Nothing here waits or
reads a clock: instants are handed in, in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

_START = 5  # connections to begin with, as Postfix's initial_destination_concurrency
_CAPPED = 600.0  # seconds that a limit found the hard way holds
_REST = 60.0  # seconds, doubled each time ...
_LONGEST_REST = 600.0  # ... up to this
_BATCH = 0.2  # seconds' worth of a rate taken at once: so many writes at most to where it is remembered


class RateStore(Protocol):
    """Where rates are remembered between processes."""

    async def load(self, destinations: tuple[str, ...]) -> Mapping[str, tuple[float, float]]:
        """(tokens, at in UTC seconds) of those that are known."""
        ...

    async def keep(self, destination: str, tokens: float, at: float) -> None:
        """Durable when it returns."""
        ...


class Concurrency:
    """Begins at 5, grows by 1/N for each message sent, shrinks at once (Postfix's 1/N feedback)."""

    def __init__(self, most: int) -> None:
        """At most `most`."""
        self._most = most
        self._limit = float(min(_START, most))
        self._cap = most
        self._capped_until = 0.0

    @property
    def limit(self) -> int:
        """How many at a time now, at least 1."""
        return int(self._limit)

    def grow(self, now: float) -> bool:
        """A message was taken; whether there may be one more now."""
        if self._cap < self._most and now >= self._capped_until:
            self._cap = self._most
        before = int(self._limit)
        self._limit = min(self._limit + 1 / self._limit, float(self._cap))
        return int(self._limit) > before

    def shrink(self, to: int, now: float) -> None:
        """It bears `to` and no more for 10 minutes."""
        self._cap = max(1, min(to, self._most))
        self._limit = float(min(self._cap, self.limit))
        self._capped_until = now + _CAPPED


class Rest:
    """A pause of 60 s, doubled while nothing succeeds up to 10 min; ended by a success."""

    def __init__(self) -> None:
        """Not resting."""
        self.until = 0.0
        self._began = 0.0
        self._times = 0

    def left(self, now: float) -> float:
        """Seconds that are left of it; none once the clock stands before its beginning: nobody knows for how long."""
        return max(0.0, self.until - now) if now >= self._began else 0.0

    def begin(self, now: float, *, seconds: float | None = None) -> None:
        """From now on; `seconds` instead of the growing pause. A rest under way is not made longer by itself."""
        if self.left(now) > 0 and seconds is None:
            return
        self._began = now
        self.until = now + (seconds if seconds is not None else min(_REST * 2**self._times, _LONGEST_REST))
        self._times += 1

    def end(self) -> None:
        """Something was taken."""
        self.until = 0.0
        self._times = 0


@dataclass(frozen=True, slots=True)
class Bucket:
    """A token bucket, one second's worth deep and at least one message: `tokens` were there at `at`."""

    per_second: float
    tokens: float
    at: float

    @classmethod
    def full(cls, per_second: float, now: float) -> Bucket:
        """One that was not used for long."""
        return cls(per_second, max(1.0, per_second), now)

    def filled(self, now: float) -> Bucket:
        """As of `now`; a clock that went back fills nothing."""
        more = max(0.0, now - self.at) * self.per_second
        return Bucket(self.per_second, min(self.tokens + more, max(1.0, self.per_second)), now)

    def taken(self, count: int) -> Bucket:
        """`count` messages later."""
        return Bucket(self.per_second, self.tokens - count, self.at)

    def wait(self, count: float) -> float:
        """Seconds until `count` tokens are there."""
        return max(0.0, (count - self.tokens) / self.per_second)


class Rate:
    """So many messages a second. Tokens are taken in small batches, each remembered before its first use.

    So a process that is killed never leaves more behind than it was allowed, at most a fifth of a second's less.
    """

    def __init__(self, per_second: float, *, destination: str, store: RateStore | None) -> None:
        """`destination` is its key where it is remembered."""
        self._per_second = per_second
        self._destination = destination
        self._store = store
        self._bucket: Bucket | None = None
        self._granted = 0

    def take(self) -> bool:
        """Use one token if one was granted; else earn() first."""
        if not self._granted:
            return False
        self._granted -= 1
        return True

    @property
    def at_hand(self) -> bool:
        """Whether take() would."""
        return self._granted > 0

    async def wait(self, now: float) -> float:
        """Seconds until earn() will be given something."""
        if self._bucket is None:
            known = await self._store.load((self._destination,)) if self._store else {}
            tokens, at = known.get(self._destination, (None, now))
            full = Bucket.full(self._per_second, now)
            self._bucket = full if tokens is None else Bucket(self._per_second, min(tokens, full.tokens), min(at, now))
        batch = max(1.0, self._per_second * _BATCH)
        return self._bucket.filled(now).wait(batch)

    async def earn(self, now: float) -> None:
        """Take every whole token that is there; remembered before it may be used."""
        if self._bucket is None:
            await self.wait(now)
        if self._bucket is not None:
            filled = self._bucket.filled(now)
            count = int(filled.tokens)
            self._bucket = filled.taken(count)
            if count and self._store is not None:
                await self._store.keep(self._destination, self._bucket.tokens, self._bucket.at)
            self._granted += count


class Destination:
    """One relay, or one recipient domain behind it. `busy`: connections or messages there at this moment."""

    def __init__(
        self, name: str, *, most: int, per_second: float | None = None, store: RateStore | None = None, behind: str = ""
    ) -> None:
        """`most` at a time; `per_second` None: no rate; `behind`: a domain's relay."""
        self.name = name
        self.concurrency = Concurrency(most)
        self.rest = Rest()
        remembered = f"{behind} {name}".strip()
        self.rate = Rate(per_second, destination=remembered, store=store) if per_second else None
        self.busy = 0
