"""Filters of the text part: lines of at most 76 columns, words never broken."""

from __future__ import annotations

import textwrap

from digest.composer.said import direction_of_text

COLUMNS = 76
_ISOLATE, _POP = "\u2068", "\u2069"


def wrap(text: str, indent: str = "", *, within: str = "") -> str:
    """`text` in lines of at most 76 columns, all but the first behind `indent`; a longer word keeps a line alone.

    `within`: the direction of the lines around, ltr or rtl; text of the other one stands line by line between FIRST
    STRONG ISOLATE and POP, or its punctuation would wander.
    """
    isolate = _foreign(text, within)
    lines = textwrap.wrap(
        text,
        COLUMNS - 2 if isolate else COLUMNS,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(f"{_ISOLATE}{line}{_POP}" if isolate else line for line in lines)


def joined(parts: list[str], by: str = " · ", *, within: str = "") -> str:
    """The parts that are not empty, with a sign between; `within` as in wrap(), part by part."""
    return by.join(f"{_ISOLATE}{part}{_POP}" if _foreign(part, within) else part for part in parts if part)


def _foreign(text: str, within: str) -> bool:
    return bool(within) and direction_of_text(text) not in {"", within}
