"""What may go in one write, and what the answers to it mean when a body is not wanted any more.

Three levels, which differ in what one write carries (SENDING.md 7.2; RFC 2920 lets a body be the first and DATA only
the last element of a group):

    serial     MAIL / RCPT / DATA / body and dot                                4 round trips a message
    grouped    body and dot, with MAIL and RCPT of the next one / DATA          2
    full       body and dot, with MAIL, RCPT and DATA of the next one           1
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace

from digest.model import Reply
from digest.sender.replies import Connection, Verdict, goes_on, judge

RSET = b"RSET\r\n"
DOT = b".\r\n"  # behind a body its end; alone, the end of a DATA that nobody is to get anything of


class Level(enum.StrEnum):
    """What one write may carry."""

    SERIAL = "serial"
    GROUPED = "grouped"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the replies to an envelope come to. `verdict` None: accepted, the body may follow once it is intended.

    `lead` is what the next write must begin with; `surprise`: the relay cannot be trusted with groups.
    """

    verdict: Verdict | None = None
    lead: bytes = b""
    surprise: bool = False


_ACCEPTED = Heard()


def weigh(mail: Reply, rcpt: Reply, data: Reply | None = None) -> Heard:
    """The table of SENDING.md 7.4, for an envelope sent in one group; `data` None where DATA was no part of it."""
    if mail.code == 250 == rcpt.code and data is not None and data.code == 354:
        return _ACCEPTED  # nearly always
    replies = (mail, rcpt) if data is None else (mail, rcpt, data)
    first = next((reply for reply in replies if not goes_on(reply.phase, reply.code)), None)
    if first is None:
        return _ACCEPTED
    verdict = judge(first.phase, first)
    taken = goes_on(mail.phase, mail.code) and goes_on(rcpt.phase, rcpt.code)
    lost_count = data is not None and taken and data.code == 503  # what we sent before it was accepted
    unread = next((reply for reply in replies if _unusable(reply)), None)
    if unread is not None or lost_count:
        surprise = lost_count or (unread is not None and unread.code not in {0, 421})
        return Heard(verdict=replace(verdict, connection=Connection.ABORT), surprise=surprise)
    if data is None or data.code != 354:
        return Heard(verdict=verdict, lead=RSET)
    if goes_on(rcpt.phase, rcpt.code):
        # MAIL was refused, RCPT accepted, and it waits for a body: whose it would be nobody knows.
        return Heard(verdict=replace(verdict, connection=Connection.ABORT), surprise=True)
    return Heard(verdict=verdict, lead=DOT + RSET)


def _unusable(reply: Reply) -> bool:
    """Whether a reply to an envelope's command says nothing about it, or ends the connection."""
    return reply.code == 421 or not (goes_on(reply.phase, reply.code) or 400 <= reply.code <= 599)
