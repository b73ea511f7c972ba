"""The store, opened: one object that holds every part over one database."""

from __future__ import annotations

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import Connection, select, text

from digest import plugins
from digest.errors import StoreError
from digest.protocols import Mark, no_mark
from digest.store import revision, tables
from digest.store.articles import Articles
from digest.store.committer import Committer
from digest.store.consents import Consents
from digest.store.deliveries import Deliveries
from digest.store.engine import Database
from digest.store.issues import Issues
from digest.store.lock import owned
from digest.store.orders import Orders
from digest.store.rates import Rates

BUILTIN = {"upgrade": "digest.store.migrate:upgrade"}
_REMEMBER_KEY = text("INSERT INTO ledger (id, key_check) VALUES (1, :check) ON CONFLICT (id) DO NOTHING")


def wall_clock() -> int:
    """Now, in UTC milliseconds."""
    return time.time_ns() // 1_000_000


class Store:
    """Articles, issues, the ledger and consents of one database file."""

    def __init__(self, database: Database, *, clock: Callable[[], int], mark: Mark) -> None:
        """Use open()."""
        self._database = database
        self._clock = clock
        self._mark = mark
        self.articles = Articles(database)
        self.issues = Issues(database, mark=mark)
        self.ledger = Deliveries(database, clock=clock)
        self.orders = Orders(database, clock=clock, mark=mark)
        self.consents = Consents(database)
        self.rates = Rates(database)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        ledger_key: bytes,
        mark: Mark = no_mark,
        clock: Callable[[], int] = wall_clock,
        quick_check: bool = True,
    ) -> Store:
        """Open `sqlite:///PATH`; made when missing, brought to this version after a copy when behind.

        `clock` gives UTC milliseconds and dates the outcomes. `quick_check` reads the whole file (about 2 s for a
        million deliveries); whoever only looks may leave it out. Raises StoreError: damaged, not a store, made by a newer version, or not with this key.
        """
        if await asyncio.to_thread(revision.state, url) != "current":
            await asyncio.to_thread(plugins.find("digest.store", "upgrade", BUILTIN), url)
        database = await Database.open(url, quick_check=quick_check)
        try:
            await _check_key(database, ledger_key)
        except BaseException:
            await database.close()
            raise
        return cls(database, clock=clock, mark=mark)

    @property
    def path(self) -> Path:
        """The database file."""
        return self._database.path

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Own the ledger for sending: one process at a time.

        Waits 5 s for another one, then raises StoreError naming its pid.
        """
        async with owned(self._database.path):
            await self._database.measure()
            yield

    def committer(self) -> Committer:
        """A group commit over this ledger, for whoever is sending(); to be closed and awaited."""
        return Committer(self.ledger, clock=self._clock, mark=self._mark)

    async def close(self) -> None:
        """Wait for what is being written, then let go of the file."""
        await self._database.close()


async def _check_key(database: Database, ledger_key: bytes) -> None:
    """With a wrong or lost secret suppressions would silently stop matching."""
    check = hmac.digest(ledger_key, b"key_check", "sha256")

    def known(connection: Connection) -> bytes | None:
        return connection.scalar(select(tables.ledger.c.key_check))

    def remember(connection: Connection) -> bytes | None:
        connection.execute(_REMEMBER_KEY, {"check": check})
        return known(connection)

    stored = await database.read(known) or await database.write(remember)
    if stored is None or not hmac.compare_digest(stored, check):
        raise StoreError(
            f"{database.path}: wrong secret: the first line of the secret file is not the one this store was made with; "
            "put that line back, or nobody's unsubscribing would count"
        )
