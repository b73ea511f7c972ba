"""What the exit code of a sendmail program means (SENDING.md 7.6). As in replies.py no default makes "not now" "never"."""

from __future__ import annotations

from digest.model import Outcome, OutcomeKind, Phase, Reply
from digest.sender.replies import safe

WORDS = {  # of sysexits.h
    64: "wrong usage",
    65: "it cannot be sent as it is",
    66: "no input",
    67: "no such user",
    68: "no such host",
    69: "not available",
    70: "a fault inside",
    71: "a fault of the system",
    72: "a file is missing",
    73: "cannot make a file",
    74: "a disk or pipe failed",
    75: "not now",
    76: "a fault of the protocol",
    77: "no permission",
    78: "wrong configuration",
}
_FOR_GOOD = frozenset({65, 67, 68})
_FOR_AN_OPERATOR = frozenset({64, 77, 78})


def outcome_of(code: int | None, said: str) -> Outcome:
    """What an exit code makes of the row. `said`: what the program printed; `code` as _run() gives it.

    0 sent; 65, 67, 68 failed; 64, 77, 78 pause the issue; every other code is for now. A program that was killed or
    did not end had the whole message: nobody knows.
    """
    if code is None:
        return here(OutcomeKind.IN_DOUBT, 0, _joined("it did not end in time", said))
    if code < 0:
        return here(OutcomeKind.IN_DOUBT, 0, _joined(f"it was ended by signal {-code}", said))
    if code == 0:
        return here(OutcomeKind.SENT, 250, _joined("taken", said))
    text = _joined(f"exit {code} ({WORDS[code]})" if code in WORDS else f"exit {code}", said)
    if code in _FOR_GOOD:
        return here(OutcomeKind.FAILED, 550, text)
    if code in _FOR_AN_OPERATOR:
        return here(OutcomeKind.OWED, 0, text, pause=f"sendmail refuses us: {text}")
    return here(OutcomeKind.DEFERRED, 450, text)


def here(kind: OutcomeKind, code: int, text: str, *, retry_ms: int | None = None, pause: str = "") -> Outcome:
    """An outcome that this machine decided; `text` is made safe."""
    reply = Reply(phase=Phase.LOCAL, code=code, text=safe(text))
    return Outcome(kind=kind, reply=reply, retry_ms=retry_ms, pause=safe(pause))


def _joined(what: str, said: str) -> str:
    return f"{what}: {said}" if said else what
