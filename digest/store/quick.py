"""The usual case of a commit, rows that are granted their intent and rows sent at their first attempt, on SQLite.

Each group is one conditional statement straight to the driver, since this is paid for every message. Rows that do not
meet its condition are left to the careful way (decisions.py), which reads them first. Both are one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TypeVar

from sqlalchemy import Connection

from digest.model import Intent, OutcomeKind, Posted
from digest.store.decisions import escaped

_T = TypeVar("_T")
_AT_ONCE = 64  # rows in one statement; a power of two, as the sizes of groups are
_ISSUE = "SELECT newsletter, expires_at - due_at FROM issues WHERE id = ? AND state = 'sending'"


def end_quickly(connection: Connection, posted: Sequence[Posted], now: int) -> list[Posted]:
    """Write those that are sent at their first attempt; the others, in their order.

    Among them may be some that are written already: the careful way leaves those as they are.
    """
    driver = _driver(connection)
    if driver is None:
        return list(posted)
    alike: dict[tuple[int, int, str], list[Posted]] = {}
    for one in posted:
        reply = one.outcome.reply
        if one.attempt == 1 and one.outcome.kind is OutcomeKind.SENT:
            alike.setdefault((one.delivery.issue_id, reply.code, reply.enhanced), []).append(one)
    written: set[int] = set()
    for (issue, code, enhanced), ones in alike.items():
        for group in _groups(ones):
            rows = _filled_up([one.delivery.id for one in group])
            said = _filled_up([escaped(one.outcome.reply.text) for one in group])
            replies = [value for pair in zip(rows, said, strict=True) for value in pair]
            told = (now, code or None, escaped(enhanced), *replies, issue, *rows)
            if driver.execute(_sent(len(rows)), told).rowcount == len(group):
                written.update(map(id, group))
    return [one for one in posted if id(one) not in written]


def intend_quickly(connection: Connection, intents: Sequence[Intent]) -> list[Intent]:
    """Grant those that nothing stands against, as of the latest of their instants; the others, in their order."""
    driver = _driver(connection)
    if driver is None or not intents:
        return list(intents)
    now = intents[-1].now
    alike: dict[tuple[int, int], dict[int, Intent]] = {}
    for intent in intents:  # a second wish for one row is not the usual case
        delivery = intent.delivery
        alike.setdefault((delivery.issue_id, delivery.attempt), {}).setdefault(delivery.id, intent)
    granted: set[int] = set()
    for (issue, attempt), wishes in alike.items():
        found = driver.execute(_ISSUE, (issue,)).fetchone()
        for group in _groups(list(wishes)) if found is not None else ():
            rows = _filled_up(group)
            told = (now, issue, attempt, found[1], found[0], *rows)
            granted.update(id(wishes[row]) for (row,) in driver.execute(_intended(len(rows)), told).fetchall())
    return [intent for intent in intents if id(intent) not in granted]


def _groups(rows: list[_T]) -> Iterator[list[_T]]:
    return (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE))


def _filled_up(values: list[_T]) -> list[_T]:
    """With the last one again and again up to a power of two: so few statements are made, and kept by the driver."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values))


@lru_cache
def _sent(count: int) -> str:
    return (
        "UPDATE deliveries SET state = 'sent', done_at = ?, code = ?, enhanced = ?,"  # noqa: S608 - placeholders
        f" reply = CASE id {'WHEN ? THEN ? ' * count}END"
        f" WHERE issue_id = ? AND id IN ({_marks(count)}) AND attempt = 1 AND state = 'sending' AND doubts = 0"
    )


@lru_cache
def _intended(count: int) -> str:
    return (
        "UPDATE deliveries SET state = 'sending', attempt = attempt + 1, intent_at = ?1"  # noqa: S608 - placeholders
        " WHERE issue_id = ?2 AND attempt = ?3 AND state IN ('pending', 'deferred', 'claimed')"
        " AND (?4 IS NULL OR ?1 < due_at + ?4)"
        " AND NOT EXISTS (SELECT 1 FROM suppressions"
        " WHERE suppressions.address_hash = deliveries.address_hash AND suppressions.scope IN ('*', ?5))"
        f" AND id IN ({_marks(count)}) RETURNING id"  # a plain mark has the number behind the largest before it
    )


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _driver(connection: Connection) -> sqlite3.Connection | None:
    driver = connection.connection.driver_connection
    return driver if isinstance(driver, sqlite3.Connection) else None
