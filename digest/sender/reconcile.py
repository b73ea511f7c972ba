"""Policy `reconcile`: what a relay's own records say of deliveries in doubt, as outcomes for the ledger. Pure.

A "yes" from any relay ends the doubt; a "no" counts only from all of them, and only where nothing can be missing from
what they wrote since the intent (SENDING.md 3). Whatever else they say leaves the delivery in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from digest.model import Delivery, Outcome, OutcomeKind, Phase, Posted, Reply
from digest.sender.evidence import Answer, Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What one relay recorded, and when the last of its files was written to (UTC milliseconds)."""

    evidence: Evidence
    written_at: int


def reconciled(doubtful: Sequence[Delivery], relays: Sequence[Records], *, now: int) -> list[Posted]:
    """The outcomes of those whose doubt ends; without relays there are none. `now` in UTC milliseconds."""
    found = []
    for delivery in doubtful:
        answers = [_answer(delivery, relay, now) for relay in relays]
        if Answer.YES in answers:
            found.append(_posted(delivery, OutcomeKind.SENT, _said(delivery, relays)))
        elif answers and set(answers) == {Answer.NO}:
            found.append(_posted(delivery, OutcomeKind.DEFERRED, "in doubt, and not in the relay's log: sent again"))
    return found


def _answer(delivery: Delivery, relay: Records, now: int) -> Answer:
    since = delivery.intent_at
    if since is None:
        return Answer.UNKNOWN
    answer = relay.evidence.answer(delivery.message_id, since=since, until=now)
    # Nothing was written since the intent: the records may have ended before it, and their silence says nothing.
    return Answer.UNKNOWN if answer is Answer.NO and relay.written_at < since else answer


def _said(delivery: Delivery, relays: Sequence[Records]) -> str:
    traces = (relay.evidence.traces.get(delivery.message_id) for relay in relays)
    reply = next((trace.reply for trace in traces if trace is not None and trace.reply), "")
    return f"in doubt, then found in the relay's log: {reply}".rstrip(": ")


def _posted(delivery: Delivery, kind: OutcomeKind, text: str) -> Posted:
    reply = Reply(phase=Phase.DOT, text=text)
    outcome = Outcome(kind=kind, reply=reply, retry_ms=0 if kind is OutcomeKind.DEFERRED else None)
    return Posted(delivery=delivery, attempt=delivery.attempt, outcome=outcome)
