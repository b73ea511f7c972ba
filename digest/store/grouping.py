"""Group commit for readings: while one COMMIT is on its way to the disk, the next readings gather.

Two hundred sources at once would else pay for two hundred fsyncs, one after the other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from digest.store.engine import Database

_T = TypeVar("_T")
_Act = Callable[[Connection], Any]
_MOST = 40  # acts in one transaction: the database is locked for other processes as long as it runs


class Grouped:
    """Writes of several callers in one transaction; one that cannot be written costs the others nothing."""

    def __init__(self, database: Database) -> None:
        """Nothing waits yet."""
        self._database = database
        self._waiting: list[tuple[_Act, asyncio.Future[Any]]] = []
        self._work: asyncio.Task[None] | None = None

    async def write(self, act: Callable[[Connection], _T]) -> _T:
        """As Database.write(): when this returns it is on disk. A caller that is cancelled leaves its act to be done."""
        answer: asyncio.Future[_T] = asyncio.get_running_loop().create_future()
        self._waiting.append((act, answer))
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._write(), name="grouped writes")
        return await answer

    async def _write(self) -> None:
        await asyncio.sleep(0)  # whoever is ready at this moment rides along
        while self._waiting:
            group = self._waiting[:_MOST]
            del self._waiting[:_MOST]
            try:
                await self._together(group)
            finally:  # nobody may wait for an answer that never comes
                for _, answer in group:
                    answer.cancel()

    async def _together(self, group: Sequence[tuple[_Act, asyncio.Future[Any]]]) -> None:
        acts = [act for act, _ in group]
        try:
            results = await self._database.write(lambda connection: [act(connection) for act in acts])
        except Exception as error:  # noqa: BLE001 - given on to whoever asked
            if len(group) > 1:  # whose fault it was shows when each is tried alone
                for one in group:
                    await self._together((one,))
            elif not group[0][1].done():
                group[0][1].set_exception(error)
            return
        for (_, answer), result in zip(group, results, strict=True):
            if not answer.done():
                answer.set_result(result)
