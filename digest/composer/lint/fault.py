"""What a lint finds, before it is known which line of which file wrote it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`rule` names what is broken, `why` says it with its mend. `offset` counts characters in the rendered text, or -1.

    `warning`: shown, but nothing is refused for it.
    """

    rule: str
    why: str
    offset: int = -1
    warning: bool = False


def warning(rule: str, why: str, offset: int = -1) -> Fault:
    """A fault that refuses nothing."""
    return Fault(rule=rule, why=why, offset=offset, warning=True)
