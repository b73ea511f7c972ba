"""C1: an issue and its whole list become fixed, in one transaction or not at all."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, Insert, insert, select, text, update

from digest.errors import StoreError
from digest.model import Frozen, Issue, IssueRow, IssueState, NewDelivery, Part
from digest.protocols import Mark
from digest.store import tables
from digest.store.documents import dumps
from digest.store.rows import ISSUE, issue_row

_ROWS_AT_ONCE = 500
_FREEZABLE = (IssueState.PLANNED, IssueState.HELD)
_INSERT: Insert = insert(tables.deliveries)
_USE = text(
    "INSERT INTO used (newsletter, key, issue_id) VALUES (:newsletter, :key, :issue_id)"
    " ON CONFLICT (newsletter, key) DO NOTHING"
)


def freeze(
    connection: Connection, row: IssueRow, issue: Issue, deliveries: Iterable[NewDelivery], *, now: int, mark: Mark
) -> Frozen:
    """Write all of it, the issue's own row last. Raises StoreError when somebody else composed or ended it."""
    composed = _compose(connection, row, issue, now)
    _keep_variants(connection, row, issue)
    recipients, dropped = _keep_deliveries(connection, row, deliveries)
    keys = {key for pick in issue.picks.chosen for key in pick.article.keys or (pick.article.id,)}
    if keys:
        used = [{"newsletter": row.newsletter, "key": key, "issue_id": row.id} for key in sorted(keys)]
        connection.execute(_USE, used)
    connection.execute(update(tables.issues).where(tables.issues.c.id == row.id).values(recipients=recipients))
    mark("inside_c1")
    return Frozen(row=dataclasses.replace(composed, recipients=recipients), dropped=dropped)


def _compose(connection: Connection, row: IssueRow, issue: Issue, now: int) -> IssueRow:
    if (row.newsletter, row.slot) != (issue.newsletter, issue.slot):
        raise StoreError(f"{row.key}: cannot hold the issue {issue.key}")
    statement = (
        update(tables.issues)
        .where(tables.issues.c.id == row.id, tables.issues.c.state.in_(_FREEZABLE))
        .values(
            state=IssueState.COMPOSED.value,
            composed_at=now,
            picks=dumps(dataclasses.replace(issue, variants=())),
            theme=issue.theme,
            number=issue.number,
            subject=issue.subject,
            fingerprint=issue.fingerprint,
        )
        .returning(*ISSUE)
    )
    composed = connection.execute(statement).first()
    if composed is None:
        raise StoreError(f"{row.key}: is not planned any more; somebody else composed or ended it")
    return issue_row(composed)


def _keep_variants(connection: Connection, row: IssueRow, issue: Issue) -> None:
    rows = [
        {
            "issue_id": row.id,
            "key": variant.audience.key,
            "n": n,
            "content": dumps(variant).encode("ascii"),
            "size": _octets(variant.html) + _octets(variant.text),
        }
        for n, variant in enumerate(issue.variants)
    ]
    if rows:
        connection.execute(insert(tables.variants), rows)


def _octets(part: Part) -> int:
    return sum(len(literal.encode("utf-8", "replace")) for literal in part.literals)


def _keep_deliveries(
    connection: Connection, row: IssueRow, deliveries: Iterable[NewDelivery]
) -> tuple[int, tuple[tuple[str, str], ...]]:
    """How many rows were made, and (kept, dropped) subscribers of one mailbox. Memory does not grow with the list."""
    count, dropped = 0, []
    for group in _groups(deliveries):
        mailboxes = _mailboxes(connection, row, group)
        rows = []
        for delivery in group:
            first = mailboxes.get(delivery.address_hash)
            if first is not None:
                dropped.append((first, delivery.subscriber))
                continue
            mailboxes[delivery.address_hash] = delivery.subscriber
            count += 1
            rows.append(_row(row, count, delivery))
        if rows:
            connection.execute(_INSERT, rows)
    return count, tuple(dropped)


def _groups(deliveries: Iterable[NewDelivery]) -> Iterator[tuple[NewDelivery, ...]]:
    waiting = iter(deliveries)
    while group := tuple(itertools.islice(waiting, _ROWS_AT_ONCE)):
        yield group


def _mailboxes(connection: Connection, row: IssueRow, group: Sequence[NewDelivery]) -> dict[bytes, str]:
    """Which of these mailboxes already have a row, and whose."""
    of = tables.deliveries.c
    hashes = [delivery.address_hash for delivery in group]
    question = select(of.address_hash, of.subscriber).where(of.issue_id == row.id, of.address_hash.in_(hashes))
    return {row.address_hash: row.subscriber for row in connection.execute(question)}


def _row(row: IssueRow, number: int, delivery: NewDelivery) -> dict[str, object]:
    return {
        "issue_id": row.id,
        "id": number,
        "subscriber": delivery.subscriber,
        "address_hash": delivery.address_hash,
        "address": delivery.address,
        "domain": delivery.domain,
        "message_id": delivery.message_id,
        "variant": delivery.variant,
        "holes": json.dumps(dict(delivery.holes), separators=(",", ":")),
        "due_at": row.due_at,
        "state": "pending",
        "attempt": 0,
        "doubts": 0,
        "next_at": 0,
        "enhanced": "",
        "reply": "",
    }
