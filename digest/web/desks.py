"""Whom the pages ask: two small Protocols and the answers they give. App stands behind both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from digest.model import Issue, LeftOut, Picks, Reason, Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribing:
    """What the page of a good token may say. Nothing about the person: whoever holds the link may see it."""

    newsletter: str
    title: str
    site: str


class PublicDesk(Protocol):
    """Answers for the public pages. Tokens, names and slots are hostile text until checked."""

    async def unsubscribing(self, token: str) -> Unsubscribing | None:
        """What the token is for; None for a bad one. Changes nothing."""
        ...

    async def leave(self, token: str, *, everything: bool = False) -> bool:
        """Record the "no" for the token's newsletter, or for everything; returning means: on disk.

        True when it is recorded now or was before, False for a bad token.
        """
        ...

    async def issue(self, newsletter: str, slot: str) -> str | None:
        """The HTML of an issue that has gone out, for everybody, without anything of a reader's; None without one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Upcoming:
    """A newsletter and the slot it fills next. `at` is aware, in the newsletter's own zone."""

    name: str
    title: str
    slot: str
    at: datetime
    theme: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The next issue as `send` would freeze it now.

    `html`, `text` and `mjml` are the contents of issue.html, issue.txt and issue.mjml, holes as `[[name]]`.
    `left_out` goes from words for people ("too old") to the articles, in the order to show; `notes` are lines.
    """

    issue: Issue
    sender: Sender
    picks: Picks
    html: str
    text: str
    mjml: str
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, Sequence[LeftOut]] = field(default_factory=dict)


class PreviewDesk(Protocol):
    """Answers for the preview. Every method may raise DigestError, which is shown over the last good rendering."""

    async def upcoming(self) -> Sequence[Upcoming]:
        """Every newsletter, the next slot first."""
        ...

    async def preview(self, newsletter: str) -> Previewed:
        """The next issue of a newsletter that upcoming() named; raises TemplateError and its kin."""
        ...

    async def reload(self) -> None:
        """Read config.toml and the files beside it again. Raises ConfigError and then keeps what it had."""
        ...

    def watched(self) -> Sequence[Path]:
        """Folders and files whose change asks for reload(). A file is named itself, never a folder that is written."""
        ...

    def picture(self, name: str) -> Path | None:
        """The local file behind a picture whose URL ends in `/name` (samples); None when there is none."""
        ...


def grouped(left_out: Sequence[LeftOut]) -> dict[str, tuple[LeftOut, ...]]:
    """Left-out articles by reason in words, in the order of Reason: a ready value for Previewed.left_out."""
    return {
        reason.replace("_", " "): same
        for reason in Reason
        if (same := tuple(out for out in left_out if out.reason is reason))
    }
