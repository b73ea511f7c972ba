"""What the sink can be told to answer at each step."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping


class Act(enum.Enum):
    """What a script may do instead of answering."""

    DROP = "drop"  # close the connection without a word
    HANG = "hang"  # never answer
    LATE = "late"  # the usual reply, 0.2 s later
    SLOW = "slow"  # the usual reply, 1.5 s later
    KEEP_AND_DROP = "keep and drop"  # at the dot: log the message, then close without a word
    KEEP_AND_HANG = "keep and hang"  # at the dot: log the message, never answer
    DRIP = "drip"  # the usual reply, one byte every 0.05 s
    DEAF = "deaf"  # read nothing more, say nothing more


LATE: Mapping[str | Act | None, float] = {Act.LATE: 0.2, Act.SLOW: 1.5}  # seconds

# (step, how often this step came so far from 1, its argument) -> a reply, an act, or None for the usual reply.
# Steps: banner ehlo starttls auth mail rcpt data body dot rset quit; `lone dot` ends a DATA without recipients. `body`
# comes after the first line of the message; a reply there is one too early. The argument of `dot` is the message's Message-ID.
Script = Callable[[str, int, str], str | Act | None]


def as_usual(step: str, count: int, argument: str) -> None:
    """The script of a relay that takes everything."""
