"""What an outcome or an intent does to a row: pure, SENDING.md 2, 3 and 8.2."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from digest.model import Attempt, DeliveryState, Intent, IssueState, Outcome, OutcomeKind, Posted

MOST_ATTEMPTS = 12
_FIRST_WAIT_MS = 5 * 60_000
_LONGEST_WAIT_MS = 4_000_000  # Postfix's maximal_backoff_time
_JITTER = 0.2
_REPLY_CHARACTERS = 500
CANCELLED = "issue cancelled"  # the reply of a row that was skipped for it

_UNSENT = frozenset({DeliveryState.PENDING, DeliveryState.CLAIMED, DeliveryState.DEFERRED})
_ENDS = {
    OutcomeKind.SENT: DeliveryState.SENT,
    OutcomeKind.DEFERRED: DeliveryState.DEFERRED,
    OutcomeKind.FAILED: DeliveryState.FAILED,
    OutcomeKind.IN_DOUBT: DeliveryState.IN_DOUBT,
    OutcomeKind.OWED: DeliveryState.DEFERRED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """The part of a delivery's row that moves. Times in UTC milliseconds."""

    state: DeliveryState
    attempt: int
    doubts: int
    next_at: int
    intent_at: int | None
    done_at: int | None
    code: int | None
    enhanced: str
    reply: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What C4 looks at beside the row: its issue, its own expiry, whether its address must not be mailed."""

    issue: IssueState
    expires_at: int | None
    suppressed: bool


def ended(row: Progress, posted: Posted, *, now: int, chance: float) -> tuple[Progress, Attempt | None]:
    """The row after this outcome, and the line of history it leaves; the row as it was when it is not its outcome.

    `chance` in 0..1 places the back-off in its jitter. An outcome without an intent (refused at RCPT) is known by
    `posted.attempt` being the delivery's own; one with an intent carries the attempt that the intent made.
    """
    outcome = posted.outcome
    if row.attempt != posted.attempt:
        return row, None
    attempt = row.attempt
    if row.state in _UNSENT and outcome.kind in {OutcomeKind.DEFERRED, OutcomeKind.FAILED}:
        if posted.attempt != posted.delivery.attempt:
            return row, None  # the end of an attempt that is over already
        attempt += 1
    elif not _fits(row.state, outcome.kind):
        return row, None
    end = _ENDS[outcome.kind]
    if outcome.kind is OutcomeKind.DEFERRED and attempt >= MOST_ATTEMPTS:
        end = DeliveryState.FAILED
    after = dataclasses.replace(
        row,
        state=end,
        attempt=attempt,
        doubts=row.doubts + (end is DeliveryState.IN_DOUBT),
        next_at=now + wait_ms(outcome, attempt, chance) if end is DeliveryState.DEFERRED else row.next_at,
        done_at=now if end in {DeliveryState.SENT, DeliveryState.FAILED} else row.done_at,
        code=outcome.reply.code or None,
        enhanced=escaped(outcome.reply.enhanced),
        reply=escaped(outcome.reply.text),
    )
    if end is DeliveryState.SENT and attempt == 1 and not row.doubts:
        return after, None  # the usual case leaves no second row: it would be paid on every message
    kind = OutcomeKind.OWED if outcome.kind is OutcomeKind.OWED else OutcomeKind(end.value)
    return after, Attempt(n=attempt, at=now, outcome=kind, code=outcome.reply.code, reply=after.reply)


def _fits(state: DeliveryState, kind: OutcomeKind) -> bool:
    """Whether a row with a body on the wire, or one in doubt about it, may end so."""
    if state is DeliveryState.SENDING:
        return True
    if state is DeliveryState.IN_DOUBT:
        return kind in {OutcomeKind.SENT, OutcomeKind.DEFERRED, OutcomeKind.FAILED}
    return state is DeliveryState.DEFERRED and kind is OutcomeKind.SENT


def wait_ms(outcome: Outcome, attempt: int, chance: float) -> int:
    """How long a deferred row waits: as told, at once when no byte left, else 5 min doubled up to 4,000 s, +-20 %."""
    if outcome.kind is OutcomeKind.OWED:
        return 0
    if outcome.retry_ms is not None:
        return max(0, outcome.retry_ms)
    wait: int = min(_FIRST_WAIT_MS * 2 ** min(attempt - 1, 10), _LONGEST_WAIT_MS)
    return int(wait * (1 - _JITTER + 2 * _JITTER * chance))


def intended(row: Progress, intent: Intent, seen: Circumstances) -> tuple[Progress, bool]:
    """The row after an intent was asked for, and whether its body may be written."""
    if row.state not in _UNSENT or row.attempt != intent.delivery.attempt:
        return row, False
    if seen.suppressed or seen.issue is IssueState.CANCELLED:
        why = "suppressed" if seen.suppressed else CANCELLED
        return dataclasses.replace(row, state=DeliveryState.SKIPPED, done_at=intent.now, reply=why), False
    if seen.issue is not IssueState.SENDING:
        return row, False
    if seen.expires_at is not None and intent.now >= seen.expires_at:
        return expired(row, now=intent.now), False
    attempt = row.attempt + 1
    return dataclasses.replace(row, state=DeliveryState.SENDING, attempt=attempt, intent_at=intent.now), True


def expired(row: Progress, *, now: int) -> Progress:
    """The row once it is too late to send it."""
    why = "expired; an earlier attempt is in doubt" if row.doubts else "expired"
    return dataclasses.replace(row, state=DeliveryState.FAILED, done_at=now, code=None, enhanced="", reply=why)


def escaped(text: str) -> str:
    """A stranger's text on one line, at most 500 characters; controls, bidi marks and lone surrogates are escaped."""
    short = text[:_REPLY_CHARACTERS]
    if short.isprintable():
        return short
    shown = (one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in short)
    return "".join(shown)[:_REPLY_CHARACTERS]
