"""The Ledger: who is still owed a message. Nothing is on the wire before its intent is durable here."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, exists, select, text, tuple_, update

from digest.model import Attempt, Audit, Delivery, DeliveryState, Intent, IssueRow, IssueState, Posted
from digest.store import tables
from digest.store.audit import audit
from digest.store.decisions import Circumstances, Progress, ended, intended
from digest.store.engine import Database
from digest.store.quick import end_quickly, intend_quickly
from digest.store.recovery import recover
from digest.store.rows import DELIVERY, delivery_row
from digest.store.standing import UNSENT

Key = tuple[int, int]

_ROW = tables.deliveries.c
_ISSUE = tables.issues.c
_MOVING = tuple(field.name for field in dataclasses.fields(Progress))
_PROGRESS = (_ROW.issue_id, _ROW.id, *(_ROW[name] for name in _MOVING))
_KEYS_AT_ONCE = 250

_MOVE = (
    update(tables.deliveries)
    .where(_ROW.issue_id == bindparam("in_issue"), _ROW.id == bindparam("with_id"))
    .values({name: bindparam(name) for name in _MOVING})
)
# A late answer to an attempt that was taken for lost replaces what was written about it.
_REMEMBER = text(
    "INSERT INTO attempts (issue_id, delivery_id, n, at, outcome, code, reply)"
    " VALUES (:issue_id, :delivery_id, :n, :at, :outcome, :code, :reply)"
    " ON CONFLICT (issue_id, delivery_id, n) DO UPDATE"
    " SET at = excluded.at, outcome = excluded.outcome, code = excluded.code, reply = excluded.reply"
)


class Deliveries:
    """The Ledger of digest.protocols."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], chance: Callable[[], float] | None = None
    ) -> None:
        """`clock` gives UTC milliseconds, `chance` a number in 0..1 that spreads the back-off."""
        self._database = database
        self._clock = clock
        self._chance = chance or random.random

    async def owed(self, row: IssueRow, *, now: int, after: Key, limit: int) -> tuple[Delivery, ...]:
        """Rows pending or deferred with next_at <= now, ordered by (next_at, id), beyond `after` = (next_at, id).

        Begin with (-1, 0). A row whose next_at moves behind `after` meanwhile is met by the next walk.
        """
        question = (
            select(*DELIVERY)
            .where(
                _ROW.issue_id == row.id,
                UNSENT,
                _ROW.next_at <= now,
                tuple_(_ROW.next_at, _ROW.id) > after,
            )
            .order_by(_ROW.next_at, _ROW.id)
            .limit(limit)
        )
        return await self._database.read(lambda connection: tuple(map(delivery_row, _raw(connection, question))))

    async def commit(self, posted: Sequence[Posted], intents: Sequence[Intent]) -> frozenset[Key]:
        """ONE durable transaction: outcomes by compare-and-set on attempt, then intents (C5, C4); the refused ones.

        `posted.attempt` is the delivery's own before an intent, one more after it. Raises StoreError when nothing of
        it was committed.
        """
        now = self._clock()

        def act(connection: Connection) -> frozenset[Key]:
            self._end(connection, end_quickly(connection, posted, now), now)
            return _intend(connection, intend_quickly(connection, intents))

        return await self._database.write(act, quick=True)

    async def recover(self, row: IssueRow, *, now: int, doubt_pause: int) -> int:
        """At start and each minute: what a process that is gone left behind, and what waited long enough."""
        return await self._database.write(lambda connection: recover(connection, row, now=now, doubt_pause=doubt_pause))

    async def audit(self, row: IssueRow) -> Audit:
        """Sum of states = frozen recipients, no open intent, every row in doubt named; every broken promise in words."""
        return await self._database.read(lambda connection: audit(connection, row))

    def _end(self, connection: Connection, posted: Sequence[Posted], now: int) -> None:
        if not posted:
            return
        keys = {(one.delivery.issue_id, one.delivery.id) for one in posted}
        before = {key: _progress(found) for key, found in _look_up(connection, select(*_PROGRESS), keys).items()}
        after, history = dict(before), list[dict[str, object]]()
        for one in posted:
            key = (one.delivery.issue_id, one.delivery.id)
            if key in after:
                after[key], attempt = ended(after[key], one, now=now, chance=self._chance())
                history += [_history(key, attempt)] if attempt else []
        _write(connection, before, after)
        if history:
            connection.execute(_REMEMBER, history)


def _intend(connection: Connection, intents: Sequence[Intent]) -> frozenset[Key]:
    if not intents:
        return frozenset()
    suppressed = exists().where(
        tables.suppressions.c.address_hash == _ROW.address_hash,
        tables.suppressions.c.scope.in_(("*", _ISSUE.newsletter)),
    )
    question = select(
        *_PROGRESS,
        _ROW.due_at,
        _ISSUE.state.label("issue"),
        (_ISSUE.expires_at - _ISSUE.due_at).label("lasts"),
        suppressed.label("suppressed"),
    ).join(tables.issues, _ISSUE.id == _ROW.issue_id)
    keys = {(intent.delivery.issue_id, intent.delivery.id) for intent in intents}
    found = _look_up(connection, question, keys)
    before = {key: _progress(row) for key, row in found.items()}
    after, granted = dict(before), set[Key]()
    for intent in intents:
        key = (intent.delivery.issue_id, intent.delivery.id)
        if key in after:
            after[key], good = intended(after[key], intent, _circumstances(found[key]))
            granted |= {key} if good else set()
    _write(connection, before, after)
    return frozenset(keys - granted)


def _raw(connection: Connection, question: Select[*tuple[Any, ...]]) -> Sequence[tuple[Any, ...]]:
    """The driver's own tuples: a Row of SQLAlchemy's for each cost more than reading it, and this is every message's."""
    cursor = connection.execute(question).cursor
    return cursor.fetchall() if cursor is not None else ()


def _look_up(connection: Connection, question: Select[*tuple[Any, ...]], keys: Iterable[Key]) -> Mapping[Key, Row[Any]]:
    """The rows with these keys; one query per issue and 250 rows."""
    of_issue: dict[int, list[int]] = {}
    for issue_id, number in sorted(keys):
        of_issue.setdefault(issue_id, []).append(number)
    found = {}
    for issue_id, numbers in of_issue.items():
        for start in range(0, len(numbers), _KEYS_AT_ONCE):
            some = numbers[start : start + _KEYS_AT_ONCE]
            here = question.where(_ROW.issue_id == issue_id, _ROW.id.in_(some)).with_for_update(of=tables.deliveries)
            found.update({(row.issue_id, row.id): row for row in connection.execute(here)})
    return found


def _write(connection: Connection, before: Mapping[Key, Progress], after: Mapping[Key, Progress]) -> None:
    rows = [
        {"in_issue": key[0], "with_id": key[1]} | {name: getattr(row, name) for name in _MOVING}
        for key, row in after.items()
        if row != before[key]
    ]
    if rows:
        connection.execute(_MOVE, rows)


def _progress(row: Row[Any]) -> Progress:
    fields = {name: getattr(row, name) for name in _MOVING}
    return Progress(**fields | {"state": DeliveryState(row.state)})


def _circumstances(row: Row[Any]) -> Circumstances:
    # Each row expires as long after its own due_at as the issue does after its: with local_time they differ.
    expires_at = None if row.lasts is None else row.due_at + row.lasts
    return Circumstances(issue=IssueState(row.issue), expires_at=expires_at, suppressed=bool(row.suppressed))


def _history(key: Key, attempt: Attempt) -> dict[str, object]:
    return {
        "issue_id": key[0],
        "delivery_id": key[1],
        "n": attempt.n,
        "at": attempt.at,
        "outcome": attempt.outcome.value,
        "code": attempt.code or None,
        "reply": attempt.reply,
    }
