"""Subscribers and what they said."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person of a list. `email` has its domain as a lower-case A-label; `file`, `line` say where it stands.

    `id` is given in the file or derived from the address (ARCHITECTURE 5); never a row number.
    """

    id: str
    email: str
    name: str = ""
    lists: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    language: str = ""
    timezone: str = ""
    frequency: str = ""
    file: str = ""
    line: int = 0

    @property
    def domain(self) -> str:
        """The part behind the last @."""
        return self.email.rpartition("@")[2]


class ConsentKind(enum.StrEnum):
    """What a person or their mailbox said."""

    CONFIRMED = "confirmed"
    LEFT = "left"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    PREFERENCES = "preferences"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One thing said, append-only. `scope` is a newsletter's name or `*`; `origin` who wrote it down, `proof` how."""

    address_hash: bytes
    scope: str
    kind: ConsentKind
    at: datetime
    origin: str = ""
    proof: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """An (address, scope) that must not be mailed; `scope` is a newsletter's name or `*`."""

    address_hash: bytes
    scope: str
    reason: str
    at: datetime
    origin: str = ""
