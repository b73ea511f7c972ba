"""Which rows still wait: the conditions that several questions share."""

from __future__ import annotations

from sqlalchemy import Connection, TextClause, and_, func, or_, select, text

from digest.model import DeliveryState, IssueRow, Standing
from digest.store import tables

_ROW = tables.deliveries.c
_ISSUE = tables.issues.c

OWED = (DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.DEFERRED)


def _as_indexed(condition: str) -> TextClause:
    """A partial index is used only where the query has its condition word for word, no parameters in it."""
    return text(f"deliveries.{condition}")


UNSENT = _as_indexed("state IN ('pending', 'deferred')")
AT_WORK = _as_indexed("state IN ('claimed', 'sending')")
IN_DOUBT = _as_indexed("state = 'in_doubt'")

# Rows in doubt that recover() will move by itself, or that evidence will (SENDING.md 3, C6); beside their issue's row.
WILL_MOVE = and_(
    _ROW.state == DeliveryState.IN_DOUBT,
    or_(and_(_ISSUE.doubt == "once", _ROW.doubts == 1), _ISSUE.doubt == "reconcile"),
)
OPEN = or_(_ROW.state.in_((*OWED, DeliveryState.SENDING)), WILL_MOVE)


def standing(connection: Connection, row: IssueRow) -> Standing:
    """How this issue's deliveries stand now."""
    question = (
        select(
            _ROW.state,
            func.count().label("rows"),
            func.min(_ROW.next_at).label("next_at"),
            func.count().filter(OPEN).label("open"),
            func.min(_ROW.intent_at).filter(WILL_MOVE).label("doubt_since"),
        )
        .join(tables.issues, _ISSUE.id == _ROW.issue_id)
        .where(_ROW.issue_id == row.id)
        .group_by(_ROW.state)
    )
    found = {group.state: group for group in connection.execute(question)}
    owed = [found[state] for state in OWED if state in found]
    doubt = found.get(DeliveryState.IN_DOUBT)
    return Standing(
        counts={state.value: found[state].rows if state in found else 0 for state in DeliveryState},
        owed=sum(group.rows for group in owed),
        owed_next=min((group.next_at for group in owed), default=None),
        doubt_since=doubt.doubt_since if doubt else None,
        settled=not any(group.open for group in found.values()),
    )
