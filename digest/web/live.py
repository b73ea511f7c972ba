"""What the preview shows: the last good rendering of each newsletter, the mistake over it, and when that changed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from digest.web.desks import PreviewDesk, Previewed, Upcoming
from digest.web.guard import said
from digest.web.watch import changes

# The longest silence of an event stream, seconds: a closed browser is noticed when something is written.
HEARTBEAT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A newsletter as of a version of the files.

    `good` is the last good rendering, if there ever was one, made in version `made` at loop time `at`; `mistake`
    (lines) is what is wrong now, or "".
    """

    version: int
    good: Previewed | None = None
    made: int = 0
    at: float = 0.0
    mistake: str = ""


class Live:
    """One preview's state. A version is one state of the owner's files."""

    def __init__(self, desk: PreviewDesk) -> None:
        """Nothing is rendered before it is asked for."""
        self._desk = desk
        self._lock = asyncio.Lock()
        self._turn = asyncio.Event()
        self._shown: dict[str, Shown] = {}
        self._upcoming: Sequence[Upcoming] = ()
        self._mistake = ""
        self._closed = False
        self.version = 1

    async def upcoming(self) -> tuple[Sequence[Upcoming], str]:
        """Every newsletter and its next slot, and the mistake that keeps this list from being newer, or ""."""
        async with self._lock:
            mistake = self._mistake
            try:
                self._upcoming = await self._desk.upcoming()
            except Exception as error:  # noqa: BLE001 - shown over the last good state, whatever it was
                mistake = mistake or said(error)
            return self._upcoming, mistake

    async def show(self, newsletter: str, *, max_age: float = math.inf) -> Shown:
        """The newsletter as the files are now: rendered once per version, and anew when older than `max_age` s."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            shown = self._shown.get(newsletter, Shown(version=0))
            if shown.version != self.version or now - shown.at > max_age:
                shown = self._shown[newsletter] = await self._render(newsletter, shown, now)
            return shown

    async def _render(self, newsletter: str, last: Shown, now: float) -> Shown:
        mistake = self._mistake
        if not mistake:
            try:
                good = await self._desk.preview(newsletter)
                return Shown(version=self.version, good=good, made=self.version, at=now)
            except Exception as error:  # noqa: BLE001 - shown over the last good state, whatever it was
                mistake = said(error)
        return Shown(version=self.version, good=last.good, made=last.made, at=now, mistake=mistake)

    async def changed(self) -> None:
        """Read the changed files again, and wake everyone who waits."""
        async with self._lock:
            try:
                await self._desk.reload()
                self._mistake = ""
            except Exception as error:  # noqa: BLE001 - shown over the last good state, whatever it was
                self._mistake = said(error)
            self.version += 1
        self._wake()

    async def watch(self) -> None:
        """Follow desk.watched() until cancelled; the answer may be another after each change."""
        while True:
            paths = self._watched()
            async with aclosing(changes(paths)) as turns:
                async for _ in turns:
                    await self.changed()
                    if self._watched() != paths:
                        break

    def _watched(self) -> frozenset[Path]:
        return frozenset(path.absolute() for path in self._desk.watched() if path.exists())

    async def events(self) -> AsyncIterator[bytes]:
        """A stream of server-sent events: the version now and after each change, a farewell at the end."""
        told = 0
        while not self._closed:
            turn = self._turn
            if told != self.version:
                told = self.version
                yield f"event: version\ndata: {told}\n\n".encode()
            elif not await _within(turn.wait(), HEARTBEAT):
                yield b": still here\n\n"
        yield b"event: farewell\ndata: bye\n\n"

    def farewell(self) -> None:
        """End every stream: the server is about to stop."""
        self._closed = True
        self._wake()

    def _wake(self) -> None:
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()


async def _within(waited: Awaitable[object], seconds: float) -> bool:
    try:
        await asyncio.wait_for(waited, seconds)
    except TimeoutError:
        return False
    return True
