"""Rows of the tables as the model's types, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from digest.model import Delivery, DeliveryState, IssueRow, IssueState
from digest.store import tables

_ISSUE = tables.issues.c

ISSUE = (
    _ISSUE.id,
    _ISSUE.newsletter,
    _ISSUE.slot,
    _ISSUE.state,
    _ISSUE.doubt,
    _ISSUE.note,
    _ISSUE.number,
    _ISSUE.subject,
    _ISSUE.recipients,
    _ISSUE.theme,
    _ISSUE.fingerprint,
    _ISSUE.due_at,
    _ISSUE.expires_at,
    _ISSUE.cutoff,
    _ISSUE.composed_at,
    _ISSUE.corrects,
)

_DELIVERY = tables.deliveries.c

DELIVERY = (
    _DELIVERY.issue_id,
    _DELIVERY.id,
    _DELIVERY.subscriber,
    _DELIVERY.address,
    _DELIVERY.message_id,
    _DELIVERY.variant,
    _DELIVERY.holes,
    _DELIVERY.state,
    _DELIVERY.attempt,
    _DELIVERY.doubts,
    _DELIVERY.due_at,
    _DELIVERY.next_at,
    _DELIVERY.intent_at,
    _DELIVERY.done_at,
    _DELIVERY.code,
    _DELIVERY.enhanced,
    _DELIVERY.reply,
)


def issue_row(row: Row[*tuple[Any, ...]]) -> IssueRow:
    """A row that was asked for with ISSUE."""
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    state = IssueState(fields.pop("state"))
    return IssueRow(**fields | {"state": state, "fingerprint": row.fingerprint or b""})


_from_json = json.JSONDecoder().raw_decode  # json.loads looks for a BOM and blanks first
_STATES = {state.value: state for state in DeliveryState}  # DeliveryState(text) takes four times as long


def delivery_row(row: Sequence[Any]) -> Delivery:
    """A row that was asked for with DELIVERY, in its order; an erased address is ""."""
    # Taken apart at once: each attribute of a Row is looked up by name, and this is paid for every message.
    issue_id, number, subscriber, address, message_id, variant, holes, state, attempt, doubts, *rest = row
    due_at, next_at, intent_at, done_at, code, enhanced, reply = rest
    return Delivery(
        issue_id=issue_id,
        id=number,
        subscriber=subscriber,
        address=address or "",
        message_id=message_id,
        variant=variant,
        holes=_from_json(holes)[0],
        state=_STATES[state],
        attempt=attempt,
        doubts=doubts,
        due_at=due_at,
        next_at=next_at,
        intent_at=intent_at,
        done_at=done_at,
        code=code or 0,
        enhanced=enhanced,
        reply=reply,
    )
