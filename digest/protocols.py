"""Small Protocols that a plugin or a fake may stand behind; each docstring is the contract.

digest.testing holds a conformance suite for each. Async methods may be called from one event loop only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.model import (
    Article,
    Audit,
    Consent,
    Delivery,
    Frozen,
    History,
    Intent,
    Issue,
    IssueRow,
    IssueState,
    Message,
    NewDelivery,
    Outcome,
    Part,
    Posted,
    Reading,
    Source,
    SourceState,
    Standing,
    Subscriber,
)

# A named point in the code where tests may end the process (SENDING.md 3); a no-op otherwise.
Mark = Callable[[str], None]


def no_mark(name: str) -> None:
    """Do nothing: the mark of every real run."""


class SourceReader(Protocol):
    """Reads one kind of source."""

    async def read(self, source: Source, state: SourceState, *, now: datetime) -> Reading:
        """One reading. Raises SourceError when the source cannot be read; never anything else."""
        ...


class Theme(Protocol):
    """Turns an issue's data into a message's two parts."""

    name: str

    def render(self, context: Mapping[str, object]) -> tuple[Part, Part, str]:
        """`(html, text, mjml)` for one audience; raises TemplateError. `mjml` shows holes as `[[name]]`."""
        ...

    def line(self, template: str, context: Mapping[str, object]) -> str:
        """One rendered line of plain text (the subject); raises TemplateError."""
        ...


class ArticleStore(Protocol):
    """Articles as last read, and what is known of each source."""

    async def states(self) -> Mapping[str, SourceState]:
        """What is remembered of every source ever tried, by name."""
        ...

    async def record(self, state: SourceState, articles: Sequence[Article]) -> int:
        """Keep a reading's articles and the source's new state (validators too) in ONE transaction.

        An article that shares a key with a stored one of the same source updates it and keeps its first_seen and
        entered. Returns how many were not known before.
        """
        ...

    async def articles(self, sources: Sequence[str], *, since: datetime) -> tuple[Article, ...]:
        """Every article of the latest reading of these sources, and every older one entered at or after `since`."""
        ...

    async def history(
        self,
        newsletter: str,
        *,
        others: Sequence[str] = (),
        sources: Sequence[str] = (),
        before: datetime | None = None,
    ) -> History:
        """What the picker must know of the committed issues of this newsletter.

        `others` are newsletters it never repeats; `background` are headlines of `sources` from before `before`.
        """
        ...


class IssueStore(Protocol):
    """The issues and their frozen variants."""

    async def plan(
        self,
        newsletter: str,
        slot: str,
        *,
        due_at: int,
        expires_at: int | None,
        cutoff: int,
        doubt: str,
        reopen: bool = False,
    ) -> tuple[IssueRow, bool]:
        """C0: the slot's one row, made now (True) or by somebody before (False). Instants in UTC milliseconds.

        `reopen`: a slot found empty, missed or failed, so that nothing of it was sent, is planned anew (True).
        """
        ...

    async def freeze(
        self, row: IssueRow, issue: Issue, deliveries: Iterable[NewDelivery], *, now: int, expires_at: int | None
    ) -> Frozen:
        """C1, one transaction: variants, all deliveries, recipients, articles used, state composed; or nothing.

        The row's cut-off becomes the issue's, and its due_at with it. Articles that were recorded while it was being
        composed, too late for it, enter the next window. Raises StoreError when the row is no longer planned, or
        another issue of the newsletter was composed since this one was picked.
        """
        ...

    async def move(self, row: IssueRow, state: IssueState, *, note: str = "") -> IssueRow:
        """Compare-and-set from `row.state` to `state` (C2, C6, empty, paused); the row as it then is.

        Where somebody else moved it first the row as found is returned, unchanged. Raises StoreError on an
        illegal move.
        """
        ...

    async def load(self, row: IssueRow) -> Issue:
        """The frozen issue: variants, picks, subject, exactly as handed to freeze()."""
        ...


class IssueBook(Protocol):
    """Looking issues up."""

    async def find(self, newsletter: str, slot: str) -> IssueRow | None:
        """The row of this slot."""
        ...

    async def open(self, newsletter: str) -> tuple[IssueRow, ...]:
        """Every issue of this newsletter that is planned, composed or sending, the oldest due first."""
        ...

    async def standing(self, row: IssueRow) -> Standing:
        """How its deliveries stand; every state is a key of `counts`."""
        ...

    async def next_number(self, newsletter: str) -> int:
        """The number the next issue of this newsletter carries, from 1."""
        ...


class Ledger(Protocol):
    """Who is still owed a message. Nothing is on the wire before its intent is durable here."""

    async def owed(self, row: IssueRow, *, now: int, after: tuple[int, int], limit: int) -> tuple[Delivery, ...]:
        """Rows pending or deferred with next_at <= now, ordered by (next_at, id), beyond `after` = (next_at, id)."""
        ...

    async def commit(self, posted: Sequence[Posted], intents: Sequence[Intent]) -> frozenset[tuple[int, int]]:
        """ONE durable transaction: outcomes by compare-and-set on attempt, then intents (C5, C4).

        Returns the (issue_id, id) of the intents refused: not owed any more, suppressed, expired, or the issue not
        in state sending; a refused suppressed row is `skipped`, an expired one `failed`. Returning means: on disk.
        Raises StoreError when nothing of it was committed.
        """
        ...

    async def recover(self, row: IssueRow, *, now: int, doubt_pause: int) -> int:
        """Before a sending: sending -> in_doubt in every issue, since whoever sent it is gone.

        Then, in this issue alone: `once` rows doubted once -> deferred after the pause; expired rows -> failed. Only
        the process that holds the ledger may call it, with no connection of its own open. Returns rows moved.
        """
        ...

    async def audit(self, row: IssueRow) -> Audit:
        """Sum of states = frozen recipients, no open intent, every row in doubt named."""
        ...


class Consents(Protocol):
    """What people said. A "no" always wins."""

    async def say(self, consent: Consent) -> None:
        """Append it and, for left, bounced, complained and erased, its suppression, in one transaction; idempotent."""
        ...

    async def suppressed(self, newsletter: str) -> frozenset[bytes]:
        """Address hashes that must not get this newsletter (scope `*` or its name)."""
        ...

    async def said(self, address_hash: bytes) -> tuple[Consent, ...]:
        """Everything this address said, oldest first."""
        ...


class Invited(Protocol):
    """Everyone on some lists, checked; each id once, in the order of the files.

    It stays as it was read, whatever becomes of the files, and may be walked again and again. A long list is not held
    in memory.
    """

    @property
    def kinds(self) -> Iterable[Subscriber]:
        """Somebody for each language and topics that are wished for together."""
        ...

    def __iter__(self) -> Iterator[Subscriber]:
        """One after the other."""
        ...


class Subscribers(Protocol):
    """The lists."""

    def read(self, lists: Sequence[str]) -> Invited:
        """Everyone on these lists. Raises ConfigError with every bad line."""
        ...


NextMessage = Callable[[], Awaitable[Message | None]]
Intend = Callable[[Delivery], Awaitable[bool]]
Enter = Callable[[Delivery, Outcome], None]


class Transport(Protocol):
    """A way out."""

    async def deliver(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        """Deliver until `next_message()` returns None.

        `await intend(delivery)` returns True once the intent is durable; on False not one byte of the body may
        leave. `enter(delivery, outcome)` posts an outcome and returns at once; it is called exactly once for each
        message pulled, but never after a refused intent. Raises TransportError when this way out is closed for
        now: the caller goes on with the next transport, or later.
        """
        ...
