"""What an operator may order: cancel, retry, resume, resend, correct. Each is written down with its time.

An order may come while another process sends: none of them needs the ledger to itself (SENDING.md 5), since the next
intent looks at what they wrote.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, text, update

from digest.errors import StoreError
from digest.model import IN_REPLY_TO, DeliveryState, Frozen, Issue, IssueRow, IssueState, Order
from digest.protocols import Mark
from digest.store import tables
from digest.store.decisions import CANCELLED
from digest.store.engine import Database
from digest.store.freezing import COLUMNS, freeze
from digest.store.rows import ISSUE, issue_row

_ISSUE = tables.issues.c
_ROW = tables.deliveries.c
_ORDER = tables.orders.c
_SKIPPED_AT_ONCE = 20_000  # rows; nobody who sends may wait for the database longer than they take
_OPEN = (IssueState.PLANNED, IssueState.HELD, IssueState.COMPOSED, IssueState.SENDING, IssueState.PAUSED)
_OWED = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.DEFERRED)
# Whoever was skipped; what is on the wire at this moment may yet be refused: such a reader is told either way, or might
# get neither.
_WANTED = ("skipped", "sending")
_HAD_IT = ("sent", "in_doubt", "sending")
# One statement, and a call of ours for each row: 60,000 rows that were read and made here took five seconds.
_CORRECT = text(
    f"INSERT INTO deliveries ({COLUMNS})"  # noqa: S608 - our own words
    " SELECT :new, id, subscriber, address_hash, address, domain, message_id_of(subscriber), variant,"
    f" CASE WHEN state IN {_HAD_IT} THEN json_set(holes, '$.{IN_REPLY_TO}', message_id) ELSE holes END,"
    " :due_at, 'pending' FROM deliveries"
    f" WHERE issue_id = :old AND (state IN {_WANTED} OR :tell AND state IN {_HAD_IT}) AND address IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM suppressions WHERE suppressions.address_hash = deliveries.address_hash"
    " AND suppressions.scope IN ('*', :newsletter)) ORDER BY id"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Which:
    """Which rows an order is about; what is empty does not choose.

    `codes`: the beginning of an enhanced code ("5.7") or of a reply's ("550", "5"); `domains` of recipients, in small
    letters; `address_hashes` of mailboxes.
    """

    codes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    address_hashes: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction to be frozen. `issue` is composed for a slot of its own; times in UTC milliseconds.

    `tell`: those who had the first one get it too, as an answer to it. `message_id` gives a subscriber's.
    """

    issue: Issue
    doubt: str
    now: int
    expires_at: int | None
    tell: bool
    message_id: Callable[[str], str]


class Orders:
    """Orders of an operator to one issue; each raises StoreError where it cannot be carried out."""

    def __init__(self, database: Database, *, clock: Callable[[], int], mark: Mark) -> None:
        """Use Store.open()."""
        self._database = database
        self._clock = clock
        self._mark = mark

    async def of(self, row: IssueRow) -> tuple[Order, ...]:
        """What was ordered, oldest first."""
        question = select(_ORDER.at, _ORDER.verb, _ORDER.said).where(_ORDER.issue_id == row.id).order_by(_ORDER.id)
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return tuple(Order(at=found.at, verb=found.verb, said=found.said) for found in rows)

    async def cancel(self, row: IssueRow) -> IssueRow:
        """No intent is granted any more once this is on disk; then what was owed is skipped, some rows at a time.

        A crash in between leaves rows to the next recovery.
        """
        cancelled = await self._database.write(lambda connection: _cancel(connection, row, self._clock()))
        last = await self._database.read(lambda connection: _last_id(connection, row))
        for first in range(0, last + 1, _SKIPPED_AT_ONCE):
            await self._database.write(partial(_skip, row=row, now=self._clock(), first=first))
        return cancelled

    async def resume(self, row: IssueRow) -> IssueRow:
        """End a pause."""
        return await self._database.write(lambda connection: _resume(connection, row, self._clock()))

    async def count(self, row: IssueRow, state: DeliveryState, which: Which) -> int:
        """How many rows of this state an order would be about."""
        question = select(func.count()).select_from(tables.deliveries).where(_chosen(row, state, which))
        return await self._database.read(lambda connection: connection.scalar(question) or 0)

    async def retry(self, row: IssueRow, which: Which) -> tuple[IssueRow, int]:
        """Failed rows are owed again, behind the others; a done issue sends again, a pause does not end."""
        values = {"state": DeliveryState.PENDING.value, "done_at": None}
        return await self._reopen(row, "retry", DeliveryState.FAILED, which, values)

    async def resend(self, row: IssueRow, which: Which) -> tuple[IssueRow, int]:
        """Rows in doubt are owed again: their message goes once more, byte for byte."""
        return await self._reopen(row, "resend", DeliveryState.IN_DOUBT, which, {"state": DeliveryState.DEFERRED.value})

    async def correct(self, row: IssueRow, correction: Correction) -> Frozen:
        """ONE transaction: the old issue ends, the new one is frozen for those it is for (SENDING.md 9)."""
        return await self._database.write(lambda connection: _correct(connection, row, correction, self._mark))

    async def corrected_by(self, row: IssueRow) -> IssueRow | None:
        """The issue that corrects this one."""
        return await self._issue(_ISSUE.corrects == row.id)

    async def corrected(self, row: IssueRow) -> IssueRow | None:
        """The issue that this one corrects."""
        return None if row.corrects is None else await self._issue(_ISSUE.id == row.corrects)

    async def _issue(self, condition: ColumnElement[bool]) -> IssueRow | None:
        question = select(*ISSUE).where(condition)
        found = await self._database.read(lambda connection: connection.execute(question).first())
        return None if found is None else issue_row(found)

    async def _reopen(
        self, row: IssueRow, verb: str, state: DeliveryState, which: Which, values: Mapping[str, object]
    ) -> tuple[IssueRow, int]:
        def act(connection: Connection) -> tuple[IssueRow, int]:
            now = self._clock()
            statement = update(tables.deliveries).where(_chosen(row, state, which)).values({**values, "next_at": now})
            count = connection.execute(statement).rowcount
            if count:
                mine = (_ISSUE.id == row.id, _ISSUE.state == IssueState.DONE.value)
                connection.execute(update(tables.issues).where(*mine).values(state=IssueState.SENDING.value))
                _write_down(connection, row, now, verb, f"{count} rows{_said(which)}")
            return _found(connection, row), count

        return await self._database.write(act)


def _chosen(row: IssueRow, state: DeliveryState, which: Which) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [_ROW.issue_id == row.id, _ROW.state == state.value]
    codes = [
        _ROW.enhanced.startswith(f"{code}.", autoescape=True) | (_ROW.enhanced == code)
        if "." in code
        else func.substr(_ROW.code, 1, len(code)) == code
        for code in which.codes
    ]
    parts += [or_(*codes)] if codes else []
    parts += [_ROW.domain.in_(which.domains)] if which.domains else []
    parts += [_ROW.address_hash.in_(which.address_hashes)] if which.address_hashes else []
    return and_(*parts)


def _said(which: Which) -> str:
    said = [*(f"code {code}" for code in which.codes), *(f"domain {name}" for name in which.domains)]
    said += [f"{len(which.address_hashes)} named"] if which.address_hashes else []
    return f" ({', '.join(said)})" if said else ""


def _cancel(connection: Connection, row: IssueRow, now: int) -> IssueRow:
    mine = (_ISSUE.id == row.id, _ISSUE.state.in_(_OPEN))
    ended = update(tables.issues).where(*mine).values(state=IssueState.CANCELLED.value, note="")
    if not connection.execute(ended).rowcount:
        raise StoreError(f"{row.key} is {_found(connection, row).state} already")
    _write_down(connection, row, now, "cancel", "")
    return _found(connection, row)


def _skip(connection: Connection, row: IssueRow, now: int, *, first: int | None = None) -> int:
    """What is still owed, of all rows or of so many from `first` on."""
    mine = [_ROW.issue_id == row.id, _ROW.state.in_(_OWED)]
    mine += [] if first is None else [_ROW.id.between(first, first + _SKIPPED_AT_ONCE - 1)]
    values = {"state": DeliveryState.SKIPPED.value, "done_at": now, "reply": CANCELLED}
    return connection.execute(update(tables.deliveries).where(*mine).values(values)).rowcount


def _resume(connection: Connection, row: IssueRow, now: int) -> IssueRow:
    mine = (_ISSUE.id == row.id, _ISSUE.state == IssueState.PAUSED.value)
    if connection.execute(update(tables.issues).where(*mine).values(state=IssueState.SENDING.value, note="")).rowcount:
        _write_down(connection, row, now, "resume", row.note)
    return _found(connection, row)


def _correct(connection: Connection, row: IssueRow, correction: Correction, mark: Mark) -> Frozen:
    issue, now = correction.issue, correction.now
    old = _found(connection, row)
    if old.state in _OPEN:
        old = _cancel(connection, old, now)
    _skip(connection, old, now)
    values = {
        "newsletter": issue.newsletter,
        "slot": issue.slot,
        "state": IssueState.PLANNED.value,
        "doubt": correction.doubt,
        "note": "",
        "theme": "",
        "number": issue.number,
        "subject": "",
        "recipients": 0,
        "due_at": now,
        "expires_at": correction.expires_at,
        "cutoff": old.cutoff,
        "corrects": old.id,
    }
    connection.execute(insert(tables.issues).values(values))
    here = (_ISSUE.newsletter == issue.newsletter, _ISSUE.slot == issue.slot)
    new = issue_row(connection.execute(select(*ISSUE).where(*here)).one())
    fill = partial(_readers, old=old, correction=correction)
    frozen = freeze(connection, new, issue, fill, now=now, expires_at=correction.expires_at, mark=mark, corrects=True)
    if not frozen.row.recipients:
        raise StoreError(f"{row.key}: nobody is left whom a correction would go to")
    _write_down(connection, old, now, "correct", f"by {new.key}, {frozen.row.recipients} recipients")
    return frozen


def _readers(
    connection: Connection, new: IssueRow, *, old: IssueRow, correction: Correction
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """Their rows anew, with what was frozen for them; a reader who has left meanwhile is not among them."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise StoreError("a correction is frozen in a SQLite store alone")
    driver.create_function("message_id_of", 1, correction.message_id, deterministic=True)
    told = {"new": new.id, "old": old.id, "due_at": new.due_at, "newsletter": old.newsletter, "tell": correction.tell}
    return connection.execute(_CORRECT, told).rowcount, ()


def _last_id(connection: Connection, row: IssueRow) -> int:
    return connection.scalar(select(func.max(_ROW.id)).where(_ROW.issue_id == row.id)) or 0


def _found(connection: Connection, row: IssueRow) -> IssueRow:
    return issue_row(connection.execute(select(*ISSUE).where(_ISSUE.id == row.id)).one())


def _write_down(connection: Connection, row: IssueRow, now: int, verb: str, said: str) -> None:
    connection.execute(insert(tables.orders).values(issue_id=row.id, at=now, verb=verb, said=said))
