"""Who may take the next message when several ways out share the load by weight."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

_AHEAD = 10.0  # messages per unit of weight that one may be ahead of another
_PATIENCE = 1.0  # seconds that the others wait for one that takes nothing


class Shares:
    """Keeps what each has taken in proportion to its weight, as long as each takes what it may."""

    def __init__(self, weights: Mapping[int, int]) -> None:
        """`weights` by the number of the way out."""
        self._weights = weights
        self._taken = dict.fromkeys(weights, 0.0)
        self._changed = asyncio.Event()

    @property
    def shared(self) -> bool:
        """Whether there is anybody to share with."""
        return len(self._taken) > 1

    async def turn(self, number: int) -> None:
        """Wait until this one may take a message, and count it. One that takes nothing for a second is not waited for."""
        if len(self._taken) == 1:
            return  # nobody to share with
        while number in self._taken and self._taken[number] > self._least() + _AHEAD:
            before = dict(self._taken)
            self._changed.clear()
            try:
                async with asyncio.timeout(_PATIENCE):
                    await self._changed.wait()
            except TimeoutError:
                least = self._least()
                if before == self._taken:
                    self._taken = {one: self._taken[number] if took <= least else took for one, took in before.items()}
        if number in self._taken:
            self._taken[number] += 1 / self._weights[number]
            self._changed.set()

    def leave(self, number: int) -> None:
        """This one takes nothing more."""
        self._taken.pop(number, None)
        self._changed.set()

    def _least(self) -> float:
        return min(self._taken.values(), default=0.0)
