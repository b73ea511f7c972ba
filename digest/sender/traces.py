"""What is known of each Message-ID while a relay's records are read."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, replace


class Taken(enum.StrEnum):
    """What a relay did with a message when we handed it over."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What the records say of one Message-ID.

    `at` in UTC milliseconds, None where they do not date it; `reply` what the relay or whoever came next said.
    `onward`: how it went on from the relay: "" not said, else sent, deferred, bounced, expired. `times`: how often the relay took it
    from outside; a copy that a content filter handed back is not one more.
    """

    taken: Taken
    at: int | None = None
    reply: str = ""
    onward: str = ""
    times: int = 1


class Traces:
    """The traces as they grow, and the attempts that stand behind each."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        """Nothing is kept of Message-IDs that are not `wanted`."""
        self.wanted = wanted
        self.traces: dict[str, Trace] = {}
        self.read = 0
        self.unread = 0
        self._taken: dict[str, tuple[str, ...]] = {}  # by queue ids, those of copies handed back left out
        self._open: dict[str, tuple[str, ...]] = {}
        self._copies: set[str] = set()

    def began(self, message_id: str, queue: str, at: int | None) -> None:
        """Its header was seen; nothing is known yet."""
        if queue not in self._taken.get(message_id, ()):
            self._open[message_id] = (*self._open.get(message_id, ()), queue)
            self.traces.setdefault(message_id, Trace(taken=Taken.UNCLEAR, at=at, times=0))
            self._weigh(message_id)

    def accepted(self, message_id: str, queue: str, at: int | None, *, reply: str = "", onward: str = "") -> None:
        """It is on the relay's disk. The first acceptance dates the trace, the last word tells how it went on."""
        found = self.traces.get(message_id)
        before = found if found is not None and found.taken is Taken.ACCEPTED else Trace(taken=Taken.ACCEPTED, at=at)
        taken = self._taken.get(message_id, ())
        if queue not in taken and (queue not in self._copies or not taken):
            self._taken[message_id] = taken = (*taken, queue)
        self._open.pop(message_id, None)
        self.traces[message_id] = Trace(
            taken=Taken.ACCEPTED,
            at=before.at,
            reply=reply or before.reply,
            onward=onward or before.onward,
            times=len(taken),
        )

    def refused(self, message_id: str, queue: str, at: int | None, reply: str) -> None:
        """It threw this attempt away."""
        self._open[message_id] = tuple(one for one in self._open.get(message_id, ()) if one != queue)
        before = self.traces.get(message_id)
        if before is None or before.taken is not Taken.ACCEPTED:
            self.traces[message_id] = Trace(taken=Taken.REFUSED, at=at, reply=reply, times=0)
            self._weigh(message_id)

    def copied(self, message_id: str, queue: str) -> bool:
        """Whether `queue` holds what a content filter handed back: no acceptance of ours."""
        taken, waiting = self._taken.get(message_id, ()), self._open.get(message_id, ())
        if queue not in (*taken, *waiting):
            return False
        self._copies.add(queue)
        left = tuple(one for one in taken if one != queue)
        if left:
            self._taken[message_id] = left
            self.traces[message_id] = replace(self.traces[message_id], times=len(left))
        return True

    def _weigh(self, message_id: str) -> None:
        trace = self.traces[message_id]
        if trace.taken is not Taken.ACCEPTED and self._open.get(message_id):
            self.traces[message_id] = replace(trace, taken=Taken.UNCLEAR)
