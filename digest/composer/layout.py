"""Filters of the text part: lines of at most 76 columns, words never broken."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from digest.composer.said import direction_of_text

COLUMNS = 76
_FIRST_WIDE = "\u1100"  # Hangul; nothing before it is two columns wide
_ISOLATE, _POP = "\u2068", "\u2069"
_BLANKS = re.compile(r"[ \t\n\r\f\v]+")  # a no-break space keeps its neighbours together
# Chinese and Japanese break between any two signs, but no line begins with a closing sign or a small kana, and none ends
# with an opening one (the short list of JIS X 4051). Korean writes words.
_CLOSE = "、。，．・：；？！」』】〉》〕）］｝々ー…‥ゝゞっゃゅょぁぃぅぇぉッャュョァィゥェォ\u2069"  # noqa: RUF001 - meant
_OPEN = "「『【〈《〔（［｛\u2068"  # noqa: RUF001 - meant
_SIGN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_PIECE = re.compile(f"[{_OPEN}]*[{_SIGN}][{_CLOSE}]*|[^{_SIGN}]+")


@lru_cache(maxsize=2048)  # two hundred variants say mostly the same
def wrap(text: str, indent: str = "", *, within: str = "") -> str:
    """`text` in lines of at most 76 columns, all but the first behind `indent`; a longer word keeps a line alone.

    `within`: the direction of the lines around, ltr or rtl; text of the other one stands line by line between FIRST
    STRONG ISOLATE and POP, or its punctuation would wander. What is isolated already is so on each of its lines.
    """
    text = isolated(text, within)
    # a line that is one of several may need both signs anew
    room = COLUMNS - 2 if _ISOLATE in text and columns(text) > COLUMNS else COLUMNS
    lines, line = [], ""
    for glue, piece in _pieces(text):
        if line.strip() and columns(line + glue + piece) > room:
            lines.append(line)
            line = indent + piece
        else:
            line += glue + piece if line else piece
    return "\n".join(_closed([*lines, line] if line else lines, indent))


def columns(line: str) -> int:
    """How wide a terminal shows a line: signs of East Asia are two columns wide."""
    if line.isascii() or max(line, default="") < _FIRST_WIDE:
        return len(line)
    return len(line) + sum(unicodedata.east_asian_width(sign) in {"W", "F"} for sign in line)


def joined(parts: list[str], by: str = " · ", *, within: str = "") -> str:
    """The parts that are not empty, with a sign between; `within` as in wrap(), part by part."""
    return by.join(isolated(part, within) for part in parts if part)


def isolated(text: str, within: str) -> str:
    """`text` between FIRST STRONG ISOLATE and POP where its letters run the other way than `within`."""
    return f"{_ISOLATE}{text}{_POP}" if across(text, within) else text


def across(text: str, within: str) -> bool:
    """Whether the letters of `text` run the other way than the page; `within` is ltr or rtl, "" is never across."""
    return bool(within) and direction_of_text(text) not in {"", within}


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(the blank before it or "", what must stay together), piece by piece."""
    for word in _BLANKS.split(text):
        glue = " "
        for piece in _PIECE.findall(word):
            yield glue, piece
            glue = ""


def _closed(lines: list[str], indent: str) -> Iterator[str]:
    """Isolates end with their line (Unicode Bidirectional Algorithm, P1): close them there, open them on the next."""
    depth = 0
    for line in lines:
        start = len(indent) if depth else 0
        opened = line[:start] + _ISOLATE * depth + line[start:]
        depth = opened.count(_ISOLATE) - opened.count(_POP)
        yield opened + _POP * depth
