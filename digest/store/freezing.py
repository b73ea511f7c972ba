"""C1: an issue and its whole list become fixed, in one transaction or not at all."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter

from sqlalchemy import Connection, func, insert, select, text, update

from digest.errors import StoreError
from digest.model import Article, Frozen, Issue, IssueRow, IssueState, NewDelivery, Part
from digest.protocols import Mark
from digest.store import tables
from digest.store.articles import let_enter_next
from digest.store.documents import dumps
from digest.store.rows import ISSUE, issue_row
from digest.times import milliseconds

_ROWS_AT_ONCE = 500
_FREEZABLE = (IssueState.PLANNED, IssueState.HELD)
_COLUMNS = (
    *("issue_id", "id", "subscriber", "address_hash", "address", "domain", "message_id", "variant", "holes"),
    *("due_at", "state"),
)
_INSERT = (
    f"INSERT INTO deliveries ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608
    " ON CONFLICT DO NOTHING"
)
_CACHE_KB = 20_000  # for four indexes that grow at random places; with the usual 2 MB a row cost half as much again
_USUAL_CACHE_KB = 2_000  # sqlite.org/pragma.html#pragma_cache_size
_as_json = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps makes an encoder each time
_USE = text(
    "INSERT INTO used (newsletter, key, issue_id, updated) VALUES (:newsletter, :key, :issue_id, :updated)"
    " ON CONFLICT (newsletter, key) DO UPDATE SET updated = excluded.updated"
)


def freeze(
    connection: Connection,
    row: IssueRow,
    issue: Issue,
    deliveries: Iterable[NewDelivery],
    *,
    now: int,
    expires_at: int | None,
    mark: Mark,
    corrects: bool = False,
) -> Frozen:
    """Write all of it, the issue's own row last.

    One that `corrects` another has its number, its articles and its window, but is due now. Raises StoreError when
    somebody else composed or ended it, or composed another issue from the same articles.
    """
    if not corrects:
        _refuse_stale(connection, row, issue)
    composed = _compose(connection, row, issue, now, expires_at, due_at=now if corrects else milliseconds(issue.cutoff))
    _keep_variants(connection, row, issue)
    recipients, dropped = _keep_deliveries(connection, composed, deliveries)
    stood = (*issue.picks.chosen, *issue.picks.more)
    used = {key: pick.article for pick in stood for key in pick.article.keys or (pick.article.id,)}
    if used:
        connection.execute(_USE, [_use(row, key, article) for key, article in sorted(used.items(), key=itemgetter(0))])
    if not corrects:
        let_enter_next(connection, issue)
    connection.execute(update(tables.issues).where(tables.issues.c.id == row.id).values(recipients=recipients))
    mark("inside_c1")
    return Frozen(row=dataclasses.replace(composed, recipients=recipients), dropped=dropped)


def _use(row: IssueRow, key: str, article: Article) -> dict[str, object]:
    updated = article.updated or article.published
    return {
        "newsletter": row.newsletter,
        "key": key,
        "issue_id": row.id,
        "updated": milliseconds(updated) if updated else None,
    }


def _refuse_stale(connection: Connection, row: IssueRow, issue: Issue) -> None:
    """What was picked before another issue was composed may hold the same articles, and has its number."""
    of = tables.issues.c
    newest = connection.scalar(select(func.max(of.number)).where(of.newsletter == row.newsletter, of.id != row.id))
    if newest is not None and newest >= issue.number:
        raise StoreError(f"{row.key}: another issue of {row.newsletter} was composed meanwhile")


def _compose(
    connection: Connection, row: IssueRow, issue: Issue, now: int, expires_at: int | None, *, due_at: int
) -> IssueRow:
    if (row.newsletter, row.slot) != (issue.newsletter, issue.slot):
        raise StoreError(f"{row.key}: cannot hold the issue {issue.key}")
    statement = (
        update(tables.issues)
        .where(tables.issues.c.id == row.id, tables.issues.c.state.in_(_FREEZABLE))
        .values(
            state=IssueState.COMPOSED.value,
            composed_at=now,
            cutoff=milliseconds(issue.cutoff),
            due_at=due_at,
            expires_at=expires_at,
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
    handed_in, dropped = 0, list[tuple[str, str]]()
    with _roomy(connection):
        for group in _groups(deliveries):
            rows = [_row(row, number, delivery) for number, delivery in enumerate(group, handed_in + 1)]
            # Straight to the driver: a dict per row, taken apart again, cost as much as the insert.
            if connection.exec_driver_sql(_INSERT, rows).rowcount != len(rows):
                dropped += _left_out(connection, row, dict(enumerate(group, handed_in + 1)))
            handed_in += len(group)
    return handed_in - len(dropped), tuple(dropped)


@contextmanager
def _roomy(connection: Connection) -> Iterator[None]:
    """A larger page cache meanwhile."""
    connection.exec_driver_sql(f"PRAGMA cache_size = -{_CACHE_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = -{_USUAL_CACHE_KB}")


def _groups(deliveries: Iterable[NewDelivery]) -> Iterator[tuple[NewDelivery, ...]]:
    waiting = iter(deliveries)
    while group := tuple(itertools.islice(waiting, _ROWS_AT_ONCE)):
        yield group


def _left_out(connection: Connection, row: IssueRow, group: Mapping[int, NewDelivery]) -> Iterator[tuple[str, str]]:
    """(kept, dropped) for each of these that found its mailbox taken."""
    of = tables.deliveries.c
    mine = of.issue_id == row.id
    made = set(connection.scalars(select(of.id).where(mine, of.id.between(min(group), max(group)))))
    for number, delivery in group.items():
        if number not in made:
            kept = connection.scalar(select(of.subscriber).where(mine, of.address_hash == delivery.address_hash))
            if kept is None:
                raise StoreError(f"{row.key}: two readers are called {delivery.subscriber} and have two mailboxes")
            yield kept, delivery.subscriber


def _row(row: IssueRow, number: int, delivery: NewDelivery) -> tuple[object, ...]:
    """The values of _COLUMNS."""
    return (
        row.id,
        number,
        delivery.subscriber,
        delivery.address_hash,
        delivery.address,
        delivery.domain,
        delivery.message_id,
        delivery.variant,
        _as_json(dict(delivery.holes)),
        row.due_at,
        "pending",
    )
