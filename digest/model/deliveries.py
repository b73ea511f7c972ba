"""One message for one person: rows, intents, replies, outcomes.

What is made for every message is not frozen, for that takes three times as long (a Delivery 3.4 us instead of 1.2);
nothing is ever assigned to it all the same, which tests/architecture looks after.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.model.issues import IssueRow


class DeliveryState(enum.StrEnum):
    """States of a delivery, SENDING.md 2."""

    PENDING = "pending"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    SKIPPED = "skipped"
    IN_DOUBT = "in_doubt"


# The 23 legal moves of SENDING.md 2; the database's trigger is written from this constant.
MOVES: Mapping[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PENDING: frozenset(map(DeliveryState, ("claimed", "sending", "deferred", "failed", "skipped"))),
    DeliveryState.CLAIMED: frozenset(map(DeliveryState, ("pending", "sending", "deferred", "failed", "skipped"))),
    DeliveryState.DEFERRED: frozenset(map(DeliveryState, ("claimed", "sending", "sent", "failed", "skipped"))),
    DeliveryState.SENDING: frozenset(map(DeliveryState, ("sent", "deferred", "failed", "in_doubt"))),
    DeliveryState.IN_DOUBT: frozenset(map(DeliveryState, ("sent", "deferred", "failed"))),
    DeliveryState.FAILED: frozenset(map(DeliveryState, ("pending",))),
    DeliveryState.SENT: frozenset(),
    DeliveryState.SKIPPED: frozenset(),
}


IN_REPLY_TO = "in_reply_to"  # among a delivery's holes: the Message-ID it answers, in a correction


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDelivery:
    """A row to freeze: everything about one recipient that later stages may use."""

    subscriber: str
    address: str
    domain: str
    address_hash: bytes
    message_id: str
    variant: str
    holes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What freeze() made: the issue's row and, where two subscribers share a mailbox, (kept, dropped) ids."""

    row: IssueRow
    dropped: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Delivery:
    """One row of the ledger as the sender sees it. `attempt` is the compare-and-set key.

    The last reply and when the last intent and the end were (UTC milliseconds) are for people, and empty on rows that
    are owed for the first time.
    """

    issue_id: int
    id: int
    subscriber: str
    address: str
    message_id: str
    variant: str
    holes: Mapping[str, str]
    state: DeliveryState
    attempt: int
    doubts: int
    due_at: int
    next_at: int = 0
    intent_at: int | None = None
    done_at: int | None = None
    code: int = 0
    enhanced: str = ""
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """How one attempt at a delivery ended; kept for every end but a first 2xx. `at` in UTC milliseconds."""

    n: int
    at: int
    outcome: OutcomeKind
    code: int = 0
    reply: str = ""


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Links:
    """A subscriber's own links in one issue. Only `unsubscribe_mail` is always there.

    `unsubscribe` is the https URL of the one-click page, "" without public pages; `unsubscribe_mail` a mailto URI.
    """

    unsubscribe: str = ""
    unsubscribe_mail: str
    preferences: str = ""
    view: str = ""


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Envelope:
    """MAIL FROM and RCPT TO, both ASCII, exactly as stored."""

    sender: str
    recipient: str


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Message:
    """The e-mail of one issue for one subscriber.

    `pieces` one after the other are `data`, what goes between DATA's 354 and the dot: CRLF lines, 7-bit, none begins
    with a dot, ends with CRLF. Most pieces are one object in all messages of an issue: joined only where they are
    written, a message is copied once.
    """

    delivery: Delivery
    envelope: Envelope
    pieces: Sequence[bytes]

    @property
    def data(self) -> bytes:
        """The whole message."""
        return b"".join(self.pieces)

    @property
    def size(self) -> int:
        """Its length in octets."""
        return sum(map(len, self.pieces))


class Phase(enum.StrEnum):
    """Where in the conversation something happened."""

    LOCAL = "local"
    DNS = "dns"
    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    STARTTLS = "starttls"
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"
    DOT = "dot"


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Reply:
    """What a relay answered. `code` 0: no valid reply came (`text` says what happened)."""

    phase: Phase
    code: int = 0
    enhanced: str = ""
    text: str = ""


class OutcomeKind(enum.StrEnum):
    """What became of an attempt. `owed`: the row stays as it is."""

    OWED = "owed"
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Outcome:
    """One attempt's end. `retry_ms`: how long a deferred row waits, None for the row's own back-off.

    `pause`: the issue must stop until an operator resumes it (SENDING.md 8.1), with the reason in words.
    """

    kind: OutcomeKind
    reply: Reply
    retry_ms: int | None = None
    pause: str = ""


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Posted:
    """An outcome on its way into the ledger, compare-and-set on (delivery.id, attempt)."""

    delivery: Delivery
    attempt: int
    outcome: Outcome


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class Intent:
    """The wish to write a body. `now` in UTC milliseconds decides expiry and is stored as intent_at."""

    delivery: Delivery
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """planned = sent + failed + in doubt + skipped + open, with every broken promise in words."""

    key: str
    recipients: int
    counts: Mapping[str, int]
    in_doubt: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """No promise is broken."""
        return not self.broken
