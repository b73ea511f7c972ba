"""The issues and their frozen variants: C0, C1, C2 and C6 of SENDING.md 3."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterable
from functools import partial

from sqlalchemy import Connection, delete, select, text, update

from digest.errors import StoreError
from digest.model import Frozen, Issue, IssueRow, IssueState, NewDelivery, Variant
from digest.protocols import Mark
from digest.store import tables
from digest.store.book import Book
from digest.store.documents import loads
from digest.store.engine import Database
from digest.store.failures import one_line
from digest.store.freezing import freeze, take_over
from digest.store.place import require_room
from digest.store.rows import ISSUE, issue_row
from digest.store.staging import Stage

_ISSUE = tables.issues.c
_NOTHING_SENT = (IssueState.EMPTY, IssueState.MISSED, IssueState.FAILED)

_PLAN = text(
    "INSERT INTO issues (newsletter, slot, state, doubt, due_at, expires_at, cutoff)"
    " VALUES (:newsletter, :slot, 'planned', :doubt, :due_at, :expires_at, :cutoff)"
    " ON CONFLICT (newsletter, slot) DO NOTHING RETURNING id"
)


class Issues(Book):
    """The IssueStore and the IssueBook of digest.protocols."""

    def __init__(self, database: Database, *, mark: Mark) -> None:
        """Use Store.open()."""
        super().__init__(database)
        self._mark = mark

    async def plan(
        self,
        newsletter: str,
        slot: str,
        *,
        due_at: int,
        expires_at: int | None,
        cutoff: int,
        doubt: str,
        reopen: bool = False,
    ) -> tuple[IssueRow, bool]:
        """C0: the slot's one row, made now (True) or by somebody before (False). Instants in UTC milliseconds.

        `reopen`: a slot found empty, missed or failed, so that nothing of it was sent, is planned anew (True).
        """
        values = {
            "newsletter": newsletter,
            "slot": slot,
            "doubt": doubt,
            "due_at": due_at,
            "expires_at": expires_at,
            "cutoff": cutoff,
        }
        return await self._database.write(lambda connection: _plan(connection, values, reopen=reopen))

    async def freeze(
        self, row: IssueRow, issue: Issue, deliveries: Iterable[NewDelivery], *, now: int, expires_at: int | None
    ) -> Frozen:
        """C1, one transaction: variants, all deliveries, recipients, articles used, state composed; or nothing.

        `deliveries` is walked once, in a thread and before the transaction, which keeps nobody waiting while they are
        made; their ids count from 1 in its order. Of two with one address_hash the first stays. The row's cut-off and due_at become the issue's cut-off. Raises StoreError when
        the row is no longer planned or held, or another issue of the newsletter was composed meanwhile.
        """
        stage = Stage(self._database.path)
        try:
            with one_line(self._database.path):
                await asyncio.to_thread(stage.fill, deliveries)
            fill = partial(take_over, count=stage.count)
            return await self._database.write(
                lambda connection: freeze(
                    connection, row, issue, fill, now=now, expires_at=expires_at, mark=self._mark
                ),
                beside=stage.attached,
            )
        finally:
            stage.remove()

    async def move(self, row: IssueRow, state: IssueState, *, note: str = "") -> IssueRow:
        """Compare-and-set from `row.state` to `state` (C2, C6, empty, paused); the row as it then is.

        Without `note` the old one stays, but not when a pause ends. Where somebody else moved it first the row as
        found is returned. Raises StoreError on an illegal move, naming it, and where the disk has no room for a
        sending to begin.
        """
        if row.state is IssueState.COMPOSED and state is IssueState.SENDING:
            with one_line(self._database.path):
                await asyncio.to_thread(require_room, self._database.path, row.recipients)
        try:
            return await self._database.write(lambda connection: _move(connection, row, state, note))
        except StoreError as error:
            raise StoreError(f"{row.key} cannot go from {row.state} to {state}: {error}") from error

    async def load(self, row: IssueRow) -> Issue:
        """The frozen issue: variants, picks, subject, exactly as handed to freeze(). Raises StoreError before that."""
        return await self._database.read(lambda connection: _load(connection, row))


def _plan(connection: Connection, values: dict[str, object], *, reopen: bool) -> tuple[IssueRow, bool]:
    here = (_ISSUE.newsletter == values["newsletter"], _ISSUE.slot == values["slot"])
    if reopen:
        # A new row instead of a way back: no move of SENDING.md 2 leaves these states, and nothing refers to them.
        unsent = (_ISSUE.state.in_(_NOTHING_SENT), _ISSUE.composed_at.is_(None))
        connection.execute(delete(tables.issues).where(*here, *unsent))
    made = connection.execute(_PLAN, values).first()
    return issue_row(connection.execute(select(*ISSUE).where(*here)).one()), made is not None


def _move(connection: Connection, row: IssueRow, state: IssueState, note: str) -> IssueRow:
    values = {"state": state.value}
    if note or row.state is IssueState.PAUSED:
        values["note"] = note
    mine = (_ISSUE.id == row.id, _ISSUE.state == row.state.value)
    connection.execute(update(tables.issues).where(*mine).values(values))
    found = connection.execute(select(*ISSUE).where(_ISSUE.id == row.id)).first()
    if found is None:
        raise StoreError("the issue is gone")
    return issue_row(found)


def _load(connection: Connection, row: IssueRow) -> Issue:
    frozen = connection.scalar(select(_ISSUE.picks).where(_ISSUE.id == row.id))
    if frozen is None:
        raise StoreError(f"{row.key}: is not composed yet")
    of = tables.variants.c
    contents = connection.scalars(select(of.content).where(of.issue_id == row.id).order_by(of.n))
    return dataclasses.replace(loads(Issue, frozen), variants=tuple(loads(Variant, content) for content in contents))
