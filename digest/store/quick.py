"""The usual case of a commit, a row that is granted its intent and one that is sent at its first attempt, on SQLite.

Each is one conditional statement straight to the driver, since this is paid for every message. A row that does not meet
its condition is left to the careful way (decisions.py), which reads it first. Both are one transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from sqlalchemy import Connection

from digest.model import Intent, OutcomeKind, Posted
from digest.store.decisions import escaped

_SENT = (
    "UPDATE deliveries SET state = 'sent', done_at = ?, code = ?, enhanced = ?, reply = ?"
    " WHERE issue_id = ? AND id = ? AND attempt = 1 AND state = 'sending' AND doubts = 0"
)
_ISSUE = "SELECT newsletter, expires_at - due_at FROM issues WHERE id = ? AND state = 'sending'"
_INTEND = (
    "UPDATE deliveries SET state = 'sending', attempt = attempt + 1, intent_at = ?1"
    " WHERE issue_id = ?2 AND id = ?3 AND attempt = ?4 AND state IN ('pending', 'deferred', 'claimed')"
    " AND (?5 IS NULL OR ?1 < due_at + ?5)"
    " AND NOT EXISTS (SELECT 1 FROM suppressions"
    " WHERE suppressions.address_hash = deliveries.address_hash AND suppressions.scope IN ('*', ?6))"
)


def end_quickly(connection: Connection, posted: Sequence[Posted], now: int) -> list[Posted]:
    """Write those that are sent at their first attempt; the others, in their order."""
    driver = _driver(connection)
    if driver is None:
        return list(posted)
    left = []
    for one in posted:
        reply = one.outcome.reply
        if one.outcome.kind is OutcomeKind.SENT and one.attempt == 1:
            key = one.delivery.issue_id, one.delivery.id
            told = now, reply.code or None, escaped(reply.enhanced), escaped(reply.text)
            if driver.execute(_SENT, told + key).rowcount == 1:
                continue
        left.append(one)
    return left


def intend_quickly(connection: Connection, intents: Sequence[Intent]) -> list[Intent]:
    """Grant those that nothing stands against; the others, in their order."""
    driver = _driver(connection)
    if driver is None or not intents:
        return list(intents)
    issues = {intent.delivery.issue_id for intent in intents}
    found = {issue: driver.execute(_ISSUE, (issue,)).fetchone() for issue in issues}
    left = []
    for intent in intents:
        delivery = intent.delivery
        issue = found[delivery.issue_id]
        if issue is not None:
            told = intent.now, delivery.issue_id, delivery.id, delivery.attempt, issue[1], issue[0]
            if driver.execute(_INTEND, told).rowcount == 1:
                continue
        left.append(intent)
    return left


def _driver(connection: Connection) -> sqlite3.Connection | None:
    driver = connection.connection.driver_connection
    return driver if isinstance(driver, sqlite3.Connection) else None
