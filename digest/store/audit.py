"""The proof: planned = sent + failed + in doubt + skipped + open, and every promise of SENDING.md that rows can show."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from digest.model import Audit, DeliveryState, IssueRow, IssueState
from digest.store import tables
from digest.store.standing import standing

_ROW = tables.deliveries.c
_ISSUE = tables.issues.c
_TRY = tables.attempts.c

_THIS_END = exists().where(_TRY.issue_id == _ROW.issue_id, _TRY.delivery_id == _ROW.id, _TRY.n == _ROW.attempt)
_LATER_END = exists().where(_TRY.issue_id == _ROW.issue_id, _TRY.delivery_id == _ROW.id, _TRY.n > _ROW.attempt)
_LEAVES_HISTORY = or_(
    _ROW.state.in_((DeliveryState.DEFERRED.value, DeliveryState.IN_DOUBT.value)),
    and_(_ROW.state == DeliveryState.SENT.value, _ROW.attempt > 1),
    and_(_ROW.state == DeliveryState.FAILED.value, _ROW.attempt > 0),
)

# Each: what is wrong with a row that meets the condition.
_BROKEN: tuple[tuple[str, ColumnElement[bool]], ...] = (
    ("sent without an intent", and_(_ROW.state == DeliveryState.SENT.value, _ROW.intent_at.is_(None))),
    ("ended without saying when", and_(_ROW.state.in_(("sent", "failed", "skipped")), _ROW.done_at.is_(None))),
    ("doubted more often than tried", _ROW.doubts > _ROW.attempt),
    ("in doubt without a doubt", and_(_ROW.state == DeliveryState.IN_DOUBT.value, _ROW.doubts == 0)),
    ("an attempt without a line of history", and_(_LEAVES_HISTORY, ~_THIS_END)),
    ("history of attempts that were not made", _LATER_END),
    (
        "no address, though not at its end",
        and_(_ROW.address.is_(None), _ROW.state.not_in(("sent", "failed", "skipped"))),
    ),
)


def audit(connection: Connection, row: IssueRow) -> Audit:
    """What the rows of this issue prove, and every promise they break.

    Open intents break none: a process may be sending now, or be gone, and then the next one doubts them by name.
    """
    now = connection.execute(
        select(_ISSUE.state, _ISSUE.recipients, _ISSUE.composed_at).where(_ISSUE.id == row.id)
    ).one()
    found = standing(connection, row)
    total = sum(found.counts.values())
    broken: list[str] = []
    if total != now.recipients:
        broken.append(f"{now.recipients} recipients were frozen, there are {total} deliveries")
    if now.state == IssueState.DONE and not found.settled:
        broken.append("the issue is done, though some deliveries are open")
    if now.composed_at is None and total:
        broken.append("there are deliveries, though the issue was never composed")
    broken += _broken_rows(connection, row)
    broken += _doubted_too_often(connection, row)
    doubtful = select(_ROW.subscriber).where(_ROW.issue_id == row.id, _ROW.state == DeliveryState.IN_DOUBT.value)
    return Audit(
        key=row.key,
        recipients=now.recipients,
        counts=found.counts,
        in_doubt=tuple(connection.scalars(doubtful.order_by(_ROW.id))),
        broken=tuple(broken),
    )


def _doubted_too_often(connection: Connection, row: IssueRow) -> list[str]:
    """Nobody is sent more than two copies, but whom an operator had sent one more.

    With `reconcile` each new attempt follows a proof that the one before did not arrive.
    """
    if row.doubt == "reconcile":
        return []
    resent = select(func.count()).where(tables.orders.c.issue_id == row.id, tables.orders.c.verb == "resend")
    most = 2 + (connection.scalar(resent) or 0)
    mine = (_ROW.issue_id == row.id, _ROW.doubts > most)
    count = connection.scalar(select(func.count()).select_from(tables.deliveries).where(*mine)) or 0
    return [f"doubted more than {'twice' if most == 2 else f'{most} times'}: {count}"] if count else []


def _broken_rows(connection: Connection, row: IssueRow) -> list[str]:
    """Each question of _BROKEN, and what stands there twice, in one walk over the rows."""
    due_at = connection.scalar(select(_ISSUE.due_at).where(_ISSUE.id == row.id))
    broken = (*_BROKEN, ("due before the issue itself", _ROW.due_at < due_at))
    questions = [func.count().filter(condition) for _, condition in broken]
    counts = connection.execute(select(*questions).select_from(tables.deliveries).where(_ROW.issue_id == row.id)).one()
    said = [f"{what}: {count}" for (what, _), count in zip(broken, counts, strict=True) if count]
    for what, column in (("Message-ID", _ROW.message_id), ("mailbox", _ROW.address_hash), ("person", _ROW.subscriber)):
        doubled = select(func.count() - func.count(column.distinct())).where(_ROW.issue_id == row.id)
        if count := connection.scalar(doubled) or 0:
            said.append(f"two deliveries for one {what}: {count}")
    return said
