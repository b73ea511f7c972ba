"""A frozen number of a newsletter and its row in the store."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.picks import Picks


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Who a variant is for. `key` names the variant in the store."""

    language: str = "en"
    topics: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """`en` or `en+Science+World`."""
        return "+".join((self.language, *sorted(self.topics)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A text cut at its holes: literal, hole, literal, hole ... literal.

    `literals` has one more member than `holes`; `holes` are names (see HOLES).
    """

    literals: tuple[str, ...]
    holes: tuple[str, ...] = ()

    def joined(self, values: Mapping[str, str]) -> str:
        """The text with each hole filled by `values[name]`, which is already escaped for its place."""
        out = [self.literals[0]]
        for name, literal in zip(self.holes, self.literals[1:], strict=True):
            out += (values[name], literal)
        return "".join(out)

    def shown(self) -> str:
        """The text with each hole as `[[name]]`, for files and previews."""
        return self.joined({name: f"[[{name}]]" for name in self.holes})


# The personal values a theme may leave open. `unsubscribe_url` is always there; `preferences_url` and `view_url`
# need public pages.
HOLES = ("name", "unsubscribe_url", "preferences_url", "view_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The issue as one audience sees it. `mjml` is kept as shown (holes as `[[name]]`)."""

    audience: Audience
    html: Part
    text: Part
    mjml: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One frozen number of a newsletter. `fingerprint` is sha256 over literals and hole names of all variants.

    `made_with` names what it was rendered with: versions, and hashes of the theme and the newsletter's settings.
    """

    newsletter: str
    slot: str
    number: int
    subject: str
    standfirst: str
    variants: tuple[Variant, ...]
    picks: Picks
    cutoff: datetime
    theme: str
    fingerprint: bytes
    made_with: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`NEWSLETTER@SLOT`."""
        return f"{self.newsletter}@{self.slot}"


class IssueState(enum.StrEnum):
    """States of an issue, SENDING.md 2."""

    PLANNED = "planned"
    HELD = "held"
    COMPOSED = "composed"
    SENDING = "sending"
    DONE = "done"
    EMPTY = "empty"
    MISSED = "missed"
    FAILED = "failed"
    PAUSED = "paused"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """One row of the issues table: what `issues list` and `show` tell. Times are UTC milliseconds or None.

    `corrects` is the id of the issue that this one corrects.
    """

    id: int
    newsletter: str
    slot: str
    state: IssueState
    doubt: str = "once"
    note: str = ""
    number: int = 0
    subject: str = ""
    recipients: int = 0
    theme: str = ""
    fingerprint: bytes = b""
    due_at: int = 0
    expires_at: int | None = None
    cutoff: int = 0
    composed_at: int | None = None
    corrects: int | None = None

    @property
    def key(self) -> str:
        """`NEWSLETTER@SLOT`."""
        return f"{self.newsletter}@{self.slot}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an operator told an issue to do (`verb` of digest issues), at which UTC millisecond, and what came of it."""

    at: int
    verb: str
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How an issue's deliveries stand now: rows by state, who still waits, since when the oldest doubt.

    `owed` counts pending, claimed and deferred rows, `owed_next` the earliest UTC millisecond one of them is due;
    `doubt_since` when the oldest row in doubt that will still move came into doubt. `settled`: no row will move by
    itself any more, the issue may be done.
    """

    counts: Mapping[str, int]
    owed: int = 0
    owed_next: int | None = None
    doubt_since: int | None = None
    settled: bool = False
