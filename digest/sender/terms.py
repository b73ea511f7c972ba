"""What a conversation is held on: how long each step may take, what the relay offered, whom it is for."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from digest.model import Delivery, Message
from digest.sender.replies import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds, each to the END of a reply (RFC 5321 4.5.3.2; SENDING.md 7.5). `command` covers banner to RCPT.

    `body` runs until the whole message is the kernel's, `dot` from then.
    """

    connect: float = 30
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 2

    @property
    def shortest(self) -> float:
        """The shortest one of a conversation."""
        return min(self.command, self.data, self.body, self.dot, self.quit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the relay's last EHLO offered. `size`: the largest message in octets, 0: no limit told, None: no SIZE."""

    size: int | None = None
    smtputf8: bool = False
    pipelining: bool = False


class Errand(Protocol):
    """Whom a conversation carries messages for."""

    def ready(self) -> Message | None:
        """The next message for this connection, if one is at hand now."""
        ...

    def give_back(self, message: Message) -> None:
        """Nothing was tried with it."""
        ...

    def intend(self, delivery: Delivery) -> Awaitable[bool]:
        """As digest.protocols.Intend."""
        ...

    def let_go(self, message: Message) -> None:
        """Its intent was refused: it is nobody's any more."""
        ...

    def settle(self, message: Message, verdict: Verdict) -> None:
        """What became of it. `owed`: nothing was tried, it may be tried again."""
        ...
