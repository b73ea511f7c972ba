"""What is left of each destination's rate, between processes."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, select, text

from digest.store import tables
from digest.store.engine import Database

_OF = tables.rates.c
_KEEP = text(
    "INSERT INTO rates (destination, tokens, at) VALUES (:destination, :tokens, :at)"
    " ON CONFLICT (destination) DO UPDATE SET tokens = excluded.tokens, at = excluded.at"
)


class Rates:
    """The RateStore of sender.throttle; instants in UTC seconds, kept as milliseconds."""

    def __init__(self, database: Database) -> None:
        """Use Store.open()."""
        self._database = database

    async def load(self, destinations: tuple[str, ...]) -> Mapping[str, tuple[float, float]]:
        """(tokens, at) of those that are known."""
        question = select(_OF.destination, _OF.tokens, _OF.at).where(_OF.destination.in_(destinations))
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return {row.destination: (row.tokens, row.at / 1000) for row in rows}

    async def keep(self, destination: str, tokens: float, at: float) -> None:
        """Durable when it returns. Raises StoreError."""

        def act(connection: Connection) -> None:
            connection.execute(_KEEP, {"destination": destination, "tokens": tokens, "at": int(at * 1000)})

        await self._database.write(act)
