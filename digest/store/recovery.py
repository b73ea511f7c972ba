"""What a process that is gone left behind: rows whose body may have been on the wire (SENDING.md 3)."""

from __future__ import annotations

from sqlalchemy import Connection, and_, case, func, select, text, true, update

from digest.model import DeliveryState, IssueRow
from digest.store import tables
from digest.store.decisions import CANCELLED
from digest.store.standing import AT_WORK, IN_DOUBT, UNSENT

_ROW = tables.deliveries.c
_ISSUE = tables.issues.c

_GONE = "the process that was sending it is gone"
_REMEMBER_GONE = text(
    "INSERT INTO attempts (issue_id, delivery_id, n, at, outcome, reply)"
    " SELECT issue_id, id, attempt, :now, 'in_doubt', :reply FROM deliveries"
    " WHERE state IN ('claimed', 'sending') AND state = 'sending'"
    " ON CONFLICT (issue_id, delivery_id, n) DO NOTHING"
)


def recover(connection: Connection, row: IssueRow, *, now: int, doubt_pause: int) -> int:
    """The four moves of a recovery, in this order; how many rows moved.

    sending -> in_doubt in every issue, since nobody is there to read the reply. Then in this one alone, whose pause
    and clock they are: in_doubt -> deferred where the policy is `once`, it is the first doubt and `doubt_pause` ms
    have passed since the intent, to the end of the order; and what has expired -> failed, so that an unreachable
    relay does not keep an issue open for ever. What a cancelled issue still owes -> skipped, in every issue: a message
    that was on the wire when the order came may have been put off.
    """
    moved = _into_doubt(connection, now) + _once_more(connection, row, now, doubt_pause) + _expire(connection, row, now)
    return moved + _skip_cancelled(connection, now)


def _skip_cancelled(connection: Connection, now: int) -> int:
    cancelled = select(_ISSUE.id).where(_ISSUE.state == "cancelled")
    values = {"state": DeliveryState.SKIPPED.value, "done_at": now, "reply": CANCELLED}
    return connection.execute(
        update(tables.deliveries).where(UNSENT, _ROW.issue_id.in_(cancelled)).values(values)
    ).rowcount


def _into_doubt(connection: Connection, now: int) -> int:
    connection.execute(_REMEMBER_GONE, {"now": now, "reply": _GONE})
    statement = (
        update(tables.deliveries)
        .where(AT_WORK, _ROW.state == DeliveryState.SENDING.value)
        .values(state=DeliveryState.IN_DOUBT.value, doubts=_ROW.doubts + 1, code=None, enhanced="", reply=_GONE)
    )
    return connection.execute(statement).rowcount


def _once_more(connection: Connection, row: IssueRow, now: int, doubt_pause: int) -> int:
    # Without a pause nothing is measured: an --as-of run may stand before the intent of the run it follows.
    waited = func.coalesce(_ROW.intent_at, 0) <= now - doubt_pause if doubt_pause else true()
    once = select(_ISSUE.id).where(_ISSUE.id == row.id, _ISSUE.state == "sending", _ISSUE.doubt == "once")
    statement = (
        update(tables.deliveries)
        .where(
            IN_DOUBT,
            _ROW.issue_id.in_(once),
            _ROW.doubts == 1,
            waited,
        )
        .values(state=DeliveryState.DEFERRED.value, next_at=now)
    )
    return connection.execute(statement).rowcount


def _expire(connection: Connection, row: IssueRow, now: int) -> int:
    """Rows past their expiry; nobody would be granted an intent for them any more.

    No row is due before its issue is (the audit says so), so that before the issue's own expiry nothing is looked at:
    a million rows would be, at every start and each minute.
    """
    first = connection.scalar(select(_ISSUE.expires_at).where(_ISSUE.id == row.id, _ISSUE.state == "sending"))
    if first is None or now < first:
        return 0
    lasts = select(_ISSUE.expires_at - _ISSUE.due_at).where(_ISSUE.id == _ROW.issue_id).scalar_subquery()
    late = and_(UNSENT, _ROW.issue_id == row.id, _ROW.due_at + lasts <= now)
    why = case((_ROW.doubts > 0, "expired; an earlier attempt is in doubt"), else_="expired")
    values = {"state": DeliveryState.FAILED.value, "done_at": now, "code": None, "enhanced": "", "reply": why}
    return connection.execute(update(tables.deliveries).where(late).values(values)).rowcount
