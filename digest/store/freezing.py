"""C1: an issue and its whole list become fixed, in one transaction or not at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from operator import itemgetter

from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from digest.errors import StoreError
from digest.model import Article, Frozen, Issue, IssueRow, IssueState, Part
from digest.protocols import Mark
from digest.store import tables
from digest.store.articles import let_enter_next
from digest.store.documents import dumps
from digest.store.rows import ISSUE, issue_row
from digest.times import milliseconds

_FREEZABLE = (IssueState.PLANNED, IssueState.HELD)
COLUMNS = (
    "issue_id, id, subscriber, address_hash, address, domain, message_id, variant, holes, due_at, state"  # of a new row
)
_TAKE_OVER = (
    f"INSERT INTO deliveries ({COLUMNS})"  # noqa: S608 - our own words
    " SELECT ?, id, subscriber, address_hash, address, domain, message_id, variant, holes, ?, 'pending'"
    " FROM staged.rows"
)
_LEFT_OUT = (
    "SELECT subscriber, (SELECT subscriber FROM deliveries"
    " WHERE issue_id = ?1 AND address_hash = rows.address_hash) FROM staged.rows"
    " WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE issue_id = ?1 AND id = rows.id) ORDER BY id"
)
_UNIQUE = (
    "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'deliveries'"
    " AND sql LIKE 'CREATE UNIQUE INDEX %'"
)
# From so many rows on it may be quicker to build the unique indexes anew: 4 us a new row and 3.3 a row of the other issues,
# against up to 22 a new row for finding its places in them, which is the less the more of them the cache holds.
_MANY = 20_000
_CACHE_KB = 10_000  # for indexes that grow at random places; with the usual 2 MB a row cost half as much again
_SORTING_KB = 4_000  # each unique index is sorted in portions of this size; rows and indexes only grow at their end
_USUAL_CACHE_KB = 2_000  # sqlite.org/pragma.html#pragma_cache_size
# Makes the rows of a composed issue: how many, and (kept, dropped) subscribers of one mailbox.
Fill = Callable[[Connection, IssueRow], tuple[int, tuple[tuple[str, str], ...]]]
_USE = text(
    "INSERT INTO used (newsletter, key, issue_id, updated) VALUES (:newsletter, :key, :issue_id, :updated)"
    " ON CONFLICT (newsletter, key) DO UPDATE SET updated = excluded.updated"
)


def freeze(
    connection: Connection,
    row: IssueRow,
    issue: Issue,
    fill: Fill,
    *,
    now: int,
    expires_at: int | None,
    mark: Mark,
    corrects: bool = False,
) -> Frozen:
    """Write all of it, the issue's own row last; `fill` makes the deliveries.

    One that `corrects` another has its number, its articles and its window, but is due now. Raises StoreError when
    somebody else composed or ended it, or composed another issue from the same articles.
    """
    if not corrects:
        _refuse_stale(connection, row, issue)
    composed = _compose(connection, row, issue, now, expires_at, due_at=now if corrects else milliseconds(issue.cutoff))
    _keep_variants(connection, row, issue)
    with _roomy(connection):
        recipients, dropped = fill(connection, composed)
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


def take_over(connection: Connection, row: IssueRow, *, count: int) -> tuple[int, tuple[tuple[str, str], ...]]:
    """The rows that are staged, so many; of two with one mailbox the first stays."""
    others = connection.exec_driver_sql("SELECT coalesce(sum(recipients), 0) FROM issues WHERE id <> ?", (row.id,))
    if _are_many(count, others.scalar_one()) and _indexed_at_the_end(connection, row):
        return count, ()
    made = connection.exec_driver_sql(f"{_TAKE_OVER} WHERE true ON CONFLICT DO NOTHING", (row.id, row.due_at)).rowcount
    if made == count:
        return made, ()
    left_out = tuple((kept, dropped) for dropped, kept in connection.exec_driver_sql(_LEFT_OUT, (row.id,)))
    for kept, dropped in left_out:
        if kept is None:
            raise StoreError(f"{row.key}: two readers are called {dropped} and have two mailboxes")
    return made, left_out


def _are_many(count: int, others: int) -> bool:
    """Up to as many other rows for a list of 250,000, up to four times as many for one of a million."""
    return count >= _MANY and others <= count * max(1, min(4, count // 250_000))


def _indexed_at_the_end(connection: Connection, row: IssueRow) -> bool:
    """Take the rows over with no unique index in the way, then sort each into place at once.

    It is one transaction: nobody ever sees the table without them, and each index, built anew, proves every row. False,
    and nothing is changed, where two rows share what is to be unique.
    """
    unique = connection.exec_driver_sql(_UNIQUE).all()
    connection.exec_driver_sql(f"PRAGMA main.cache_size = -{_SORTING_KB}")
    connection.exec_driver_sql("SAVEPOINT indexed")
    try:
        for index in unique:
            connection.exec_driver_sql(f"DROP INDEX {index.name}")
        connection.exec_driver_sql(_TAKE_OVER, (row.id, row.due_at))
        for index in unique:
            connection.exec_driver_sql(index.sql)
        whole = True
    except IntegrityError:
        connection.exec_driver_sql("ROLLBACK TO indexed")
        connection.exec_driver_sql(f"PRAGMA main.cache_size = -{_CACHE_KB}")
        whole = False
    connection.exec_driver_sql(
        "RELEASE indexed"
    )  # not after a full disk, which undid it all: it would say another error
    return whole


@contextmanager
def _roomy(connection: Connection) -> Iterator[None]:
    """A larger page cache meanwhile."""
    connection.exec_driver_sql(f"PRAGMA main.cache_size = -{_CACHE_KB}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA main.cache_size = -{_USUAL_CACHE_KB}")
