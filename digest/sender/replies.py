"""What a relay's answer means: one total function after the table of SENDING.md 8.1 (its row numbers stand below).

No default turns a temporary refusal into a permanent one: what no row names is garbage, and garbage is no reply.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache

from digest.model import Outcome, OutcomeKind, Phase, Reply

_ENHANCED = re.compile(r"([245])\.\d{1,3}\.\d{1,3}(?=\s|$)")
_SETTING_UP = frozenset({Phase.DNS, Phase.CONNECT, Phase.BANNER, Phase.EHLO, Phase.STARTTLS, Phase.TLS, Phase.AUTH})
_ABOUT_ACCESS = frozenset({530, 534, 535, 538})
_LONGEST_TEXT = 500
_MINUTE = 60_000


class Connection(enum.StrEnum):
    """What the conversation must do next."""

    KEEP = "keep"
    RSET = "rset"
    FRESH = "fresh"  # say QUIT and open another one at once
    ABORT = "abort"


class Effect(enum.StrEnum):
    """What a reply says of its destinations, the relay and the recipient's domain."""

    NONE = "none"
    GROW = "grow"
    BACK_OFF = "back off"
    SHRINK = "shrink"
    REST = "rest"


@dataclass(slots=True, kw_only=True, unsafe_hash=True)  # not frozen: as model.deliveries
class Verdict:
    """A reply's meaning for the row (and its issue), for the connection and for the destinations."""

    outcome: Outcome
    connection: Connection
    effect: Effect = Effect.NONE


def read_reply(phase: Phase, code: int, text: str) -> Reply:
    """A Reply with its enhanced code found (dropped where its class disagrees with `code`) and its text made safe."""
    match = _ENHANCED.match(text)
    agrees = match is not None and int(match[1]) == code // 100
    return Reply(phase=phase, code=code, enhanced=match[0] if match and agrees else "", text=safe(text))


@lru_cache(maxsize=32)
def go_ahead(phase: Phase, code: int) -> Reply:
    """A Reply that only says go on: what else it said is nobody's business. Three of four replies are such."""
    return Reply(phase=phase, code=code)


def no_reply(phase: Phase, why: str) -> Reply:
    """Nothing readable came; `why` in words."""
    return Reply(phase=phase, text=safe(why))


def safe(text: str) -> str:
    """At most 500 characters, every control escaped: fit for a log, a terminal and the ledger."""
    if text.isprintable():
        return text[:_LONGEST_TEXT]
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return shown[:_LONGEST_TEXT]


def goes_on(phase: Phase, code: int) -> bool:
    """Whether the conversation simply goes on: 2xx before DATA, 334 in AUTH, 354 to DATA."""
    if phase is Phase.DATA:
        return code == 354
    if phase is Phase.DOT or phase is Phase.BODY or phase is Phase.LOCAL:  # a set would hash them
        return False
    return 200 <= code <= 299 or (phase is Phase.AUTH and code == 334)


def classify_reply(phase: Phase, reply: Reply) -> Outcome:
    """What `reply` in `phase` makes of the row it was about; total over phases, codes and enhanced codes."""
    return judge(phase, reply).outcome


def judge(phase: Phase, reply: Reply) -> Verdict:
    """As classify_reply, with what happens to the connection."""
    if (phase is Phase.DOT or phase is Phase.BODY) and 200 <= reply.code <= 299:  # 17, nearly always
        sent = Outcome(kind=OutcomeKind.SENT, reply=reply)
        return Verdict(outcome=sent, connection=Connection.KEEP, effect=Effect.GROW)
    return _unusual(phase, reply)


def _unusual(phase: Phase, reply: Reply) -> Verdict:
    if goes_on(phase, reply.code):
        return _verdict(OutcomeKind.OWED, Connection.KEEP, reply)
    if phase is Phase.LOCAL:  # 2
        kind = OutcomeKind.FAILED if reply.code in {552, 553} else OutcomeKind.OWED
        return _verdict(kind, Connection.KEEP, reply)
    if phase in _SETTING_UP or reply.code in _ABOUT_ACCESS:  # 3 to 6
        pause = phase not in {Phase.DNS, Phase.CONNECT} and 500 <= reply.code <= 599
        effect = Effect.NONE if pause else _setting_up(phase)
        return _verdict(OutcomeKind.OWED, Connection.ABORT, reply, pause=pause, effect=effect)
    if reply.code == 421:  # 7
        kind = OutcomeKind.OWED if phase is Phase.MAIL else OutcomeKind.DEFERRED
        return _verdict(kind, Connection.ABORT, reply, effect=Effect.SHRINK)
    if phase is Phase.MAIL:
        return _at_mail(reply)
    return _before_the_body(phase, reply) if phase in {Phase.RCPT, Phase.DATA} else _at_the_dot(reply)


def _setting_up(phase: Phase) -> Effect:
    """Rows 3 and 5: a relay that takes no connection bears fewer; one that cannot do TLS or AUTH now is left alone."""
    return Effect.BACK_OFF if phase in {Phase.STARTTLS, Phase.TLS, Phase.AUTH} else Effect.SHRINK


def _at_mail(reply: Reply) -> Verdict:
    if 400 <= reply.code <= 499:  # 8
        return _verdict(OutcomeKind.OWED, Connection.RSET, reply, effect=Effect.BACK_OFF)
    if not 500 <= reply.code <= 599:  # 8
        return _verdict(OutcomeKind.OWED, Connection.ABORT, reply, effect=Effect.BACK_OFF)
    if reply.code == 552 or reply.enhanced == "5.3.4":  # 9
        return _verdict(OutcomeKind.FAILED, Connection.RSET, reply)
    return _verdict(OutcomeKind.OWED, Connection.RSET, reply, pause=True)  # 10


def _before_the_body(phase: Phase, reply: Reply) -> Verdict:
    too_many = reply.enhanced == "4.5.3" or "too many" in reply.text.lower()
    if phase is Phase.RCPT and reply.code == 452 and too_many:  # 11
        return _verdict(OutcomeKind.OWED, Connection.FRESH, reply)
    if 400 <= reply.code <= 499:  # 12
        return _verdict(OutcomeKind.DEFERRED, Connection.RSET, reply, effect=_policy(reply))
    if reply.code == 503:  # 13: MAIL and RCPT were accepted, so we are out of step
        return _verdict(OutcomeKind.OWED, Connection.ABORT, reply)
    if 500 <= reply.code <= 599:  # 14, 15
        return _verdict(OutcomeKind.FAILED, Connection.RSET, reply)
    return _verdict(OutcomeKind.DEFERRED, Connection.ABORT, reply, retry_ms=_MINUTE)  # 16


def _at_the_dot(reply: Reply) -> Verdict:
    if 400 <= reply.code <= 499:  # 18
        return _verdict(OutcomeKind.DEFERRED, Connection.KEEP, reply, effect=_policy(reply))
    if 500 <= reply.code <= 599:  # 14, 15
        return _verdict(OutcomeKind.FAILED, Connection.KEEP, reply)
    return _verdict(OutcomeKind.IN_DOUBT, Connection.ABORT, reply)  # 19


def _policy(reply: Reply) -> Effect:
    """4.7.x: somebody has had enough of us for now."""
    return Effect.REST if reply.enhanced.startswith("4.7.") else Effect.NONE


def _verdict(
    kind: OutcomeKind,
    connection: Connection,
    reply: Reply,
    *,
    retry_ms: int | None = None,
    pause: bool = False,
    effect: Effect = Effect.NONE,
) -> Verdict:
    why = f"the relay refuses us at {reply.phase}: {reply.code} {reply.text}".rstrip() if pause else ""
    outcome = Outcome(kind=kind, reply=reply, retry_ms=retry_ms, pause=why)
    return Verdict(outcome=outcome, connection=connection, effect=effect)
