"""Looking issues and their deliveries up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from digest.model import Attempt, Delivery, IssueRow, IssueState, OutcomeKind, Standing
from digest.store import tables
from digest.store.engine import Database
from digest.store.rows import DELIVERY, ISSUE, delivery_row, issue_row
from digest.store.standing import standing

_ISSUE = tables.issues.c
_ROW = tables.deliveries.c
_PACE_MS = 30_000  # as the progress bar's own estimate
_SHORTEST_MS = 1_000  # a rate of less than a second's rows says nothing


class Book:
    """The IssueBook of digest.protocols, and what `digest issues` shows."""

    def __init__(self, database: Database) -> None:
        """Use Store.open()."""
        self._database = database

    async def find(self, newsletter: str, slot: str) -> IssueRow | None:
        """The row of this slot."""
        return await self._newest(_ISSUE.newsletter == newsletter, _ISSUE.slot == slot)

    async def open(self, newsletter: str) -> tuple[IssueRow, ...]:
        """Every issue of this newsletter that is planned, composed or sending, the oldest due first."""
        states = (IssueState.PLANNED, IssueState.COMPOSED, IssueState.SENDING)
        question = select(*ISSUE).where(_ISSUE.newsletter == newsletter, _ISSUE.state.in_(states))
        return await self._database.read(
            lambda connection: tuple(
                issue_row(row) for row in connection.execute(question.order_by(_ISSUE.due_at, _ISSUE.id))
            )
        )

    async def standing(self, row: IssueRow) -> Standing:
        """How its deliveries stand; every state is a key of `counts`."""
        return await self._database.read(lambda connection: standing(connection, row))

    async def next_number(self, newsletter: str) -> int:
        """The number the next issue of this newsletter carries, from 1."""
        question = select(func.max(_ISSUE.number)).where(_ISSUE.newsletter == newsletter)
        return 1 + (await self._database.read(lambda connection: connection.scalar(question)) or 0)

    async def list(self, limit: int = 50) -> tuple[IssueRow, ...]:
        """The newest issues of all newsletters, newest first."""
        question = select(*ISSUE).order_by(_ISSUE.due_at.desc(), _ISSUE.id.desc()).limit(limit)
        return await self._database.read(
            lambda connection: tuple(issue_row(row) for row in connection.execute(question))
        )

    async def deliveries(
        self, row: IssueRow, *, states: Iterable[str] = (), limit: int | None = None
    ) -> tuple[Delivery, ...]:
        """This issue's deliveries in these states (all, when none is named), in the order of the list."""
        question = select(*DELIVERY).where(_ROW.issue_id == row.id).order_by(_ROW.id).limit(limit)
        wanted = tuple(states)
        if wanted:
            question = question.where(_ROW.state.in_(wanted))
        return await self._database.read(
            lambda connection: tuple(delivery_row(found) for found in connection.execute(question))
        )

    async def portions(self, row: IssueRow, *, size: int = 2000) -> AsyncIterator[tuple[Delivery, ...]]:
        """All its deliveries in the order of the list, so many at a time: a long list is never held."""
        after = -1
        while True:
            question = select(*DELIVERY).where(_ROW.issue_id == row.id, _ROW.id > after).order_by(_ROW.id).limit(size)
            found = await self._database.read(partial(_deliveries, question=question))
            if not found:
                return
            yield found
            after = found[-1].id

    async def pace(self, row: IssueRow, *, now: int) -> float:
        """Deliveries that ended a second, over the last 30 seconds before `now` (UTC milliseconds).

        Where the first of them ended later, since then: a sending that has just begun is as quick as its bar says.
        """
        lately = select(func.count(), func.min(_ROW.done_at)).where(
            _ROW.issue_id == row.id, _ROW.done_at > now - _PACE_MS
        )
        count, first = await self._database.read(lambda connection: connection.execute(lately).one())
        return float(count * 1000 / max(now - first, _SHORTEST_MS)) if count else 0.0

    async def attempts(self, delivery: Delivery) -> tuple[Attempt, ...]:
        """How its attempts ended, oldest first; a first 2xx leaves none."""
        of = tables.attempts.c
        question = select(of.n, of.at, of.outcome, of.code, of.reply).where(
            of.issue_id == delivery.issue_id, of.delivery_id == delivery.id
        )
        rows = await self._database.read(lambda connection: connection.execute(question.order_by(of.n)).all())
        return tuple(
            Attempt(n=row.n, at=row.at, outcome=OutcomeKind(row.outcome), code=row.code or 0, reply=row.reply)
            for row in rows
        )

    async def messages_to(self, address_hash: bytes, *, limit: int = 20) -> tuple[tuple[str, str, int | None], ...]:
        """The newest deliveries to one mailbox: issue key, state, when it ended in UTC milliseconds."""
        question = (
            select(_ISSUE.newsletter, _ISSUE.slot, _ROW.state, _ROW.done_at)
            .join_from(tables.deliveries, tables.issues, _ROW.issue_id == _ISSUE.id)
            .where(_ROW.address_hash == address_hash)
            .order_by(_ISSUE.due_at.desc(), _ISSUE.id.desc())
            .limit(limit)
        )
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return tuple((f"{row.newsletter}@{row.slot}", row.state, row.done_at) for row in rows)

    async def _newest(self, *conditions: ColumnElement[bool]) -> IssueRow | None:
        question = select(*ISSUE).where(*conditions).order_by(_ISSUE.due_at.desc(), _ISSUE.id.desc()).limit(1)
        row = await self._database.read(lambda connection: connection.execute(question).first())
        return None if row is None else issue_row(row)


def _deliveries(connection: Connection, *, question: Select[*tuple[Any, ...]]) -> tuple[Delivery, ...]:
    return tuple(delivery_row(found) for found in connection.execute(question))
