"""The envelope of one message: whether it can be written to this relay, and how."""

from __future__ import annotations

from dataclasses import replace

from digest.model import Message, Phase
from digest.sender.headers import is_address
from digest.sender.replies import Verdict, judge, read_reply
from digest.sender.terms import Offered


def unwritable(message: Message, offered: Offered) -> Verdict | None:
    """What makes this message impossible here before a byte is written."""
    envelope = message.envelope
    if not (is_address(envelope.sender) and envelope.sender.isascii()):
        reply = read_reply(Phase.LOCAL, 0, f"the return path {envelope.sender!r} cannot be written")
        verdict = judge(Phase.LOCAL, reply)
        return replace(verdict, outcome=replace(verdict.outcome, pause=reply.text))
    if not is_address(envelope.recipient):
        return _refused_here(553, "5.1.3 not an address that can be written on the wire")
    if not envelope.recipient.isascii() and not offered.smtputf8:
        return _refused_here(553, "5.6.7 the relay does not offer SMTPUTF8")
    if offered.size and message.size > offered.size:
        return _refused_here(552, f"5.3.4 {message.size} octets, the relay takes {offered.size}")
    return None


def mail(message: Message, offered: Offered) -> str:
    """MAIL, with the options that the relay understands."""
    envelope = message.envelope
    options = f" SIZE={message.size}" if offered.size is not None else ""
    options += "" if envelope.recipient.isascii() else " SMTPUTF8"
    return f"MAIL FROM:<{envelope.sender}>{options}"


def rcpt(message: Message) -> str:
    """RCPT: one recipient, as the ledger has it."""
    return f"RCPT TO:<{message.envelope.recipient}>"


def _refused_here(code: int, text: str) -> Verdict:
    return judge(Phase.LOCAL, read_reply(Phase.LOCAL, code, text))
