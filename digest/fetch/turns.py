"""Taking turns: at most 2 connections to a host and 40 in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

PER_HOST = 2
IN_ALL = 40


@dataclass(slots=True)
class _Host:
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(PER_HOST))
    waiting: int = 0  # who holds it or waits for it; forgotten with the last one


class Turns:
    """Room for so many at once; the host's comes first, so that one busy host takes no room from the others."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._all = asyncio.Semaphore(IN_ALL)
        self._hosts: dict[Hashable, _Host] = {}

    @asynccontextmanager
    async def take(self, host: Hashable) -> AsyncIterator[None]:
        """Wait for a turn with `host` and hold it."""
        own = self._hosts.setdefault(host, _Host())
        own.waiting += 1
        try:
            async with own.room, self._all:
                yield
        finally:
            own.waiting -= 1
            if not own.waiting:
                self._hosts.pop(host, None)
