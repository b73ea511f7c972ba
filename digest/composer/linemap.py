"""Which line of which template wrote a byte of rendered text: kept while Jinja renders, macros and includes included.

A second, marked render is made only when something is to be named, so the text that is sent is never touched by it.
Each literal line of a template and each `{{` is preceded by a marker; the markers are taken out again and leave a map
from places in the text to lines. A marker consists of the separators U+001C to U+001F: they cannot stand in an article
(controls are stripped), and Python counts them as blanks, so `| trim` and `{% if caller() | trim %}` behave as before.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_DIGITS = "\x1d\x1e"
_MARK = re.compile("\x1c([\x1d\x1e]+)\x1f")
_NEWLINE = re.compile("\n(?=.)", re.DOTALL)
_TO_BITS = str.maketrans(_DIGITS, "01")
_FROM_BITS = str.maketrans("01", _DIGITS)


@dataclass(frozen=True, slots=True)
class Place:
    """A line (1-based) of a template, `file` as its owner would type it."""

    file: str
    line: int


class Lines(Extension):
    """Puts a marker before every literal line and every expression of the templates of its environment.

    The environment carries the table of places as `places`, made by mark().
    """

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """The tokens of one template, with markers between."""
        file = stream.filename or stream.name or ""
        places: list[Place] = self.environment.places  # type: ignore[attr-defined]
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", _marked(token.value, file, token.lineno, places))
            elif token.type == "variable_begin":
                yield Token(token.lineno, "data", _mark(file, token.lineno, places))
                yield token
            else:
                yield token


class LineMap:
    """From offsets (characters) in a rendered text to the template lines that wrote them."""

    def __init__(self, marked: str, places: list[Place]) -> None:
        """`marked` is the text with its markers; `text` is it without them."""
        pieces: list[str] = []
        self._offsets: list[int] = []
        self._places: list[Place] = []
        at = end = 0
        for found in _MARK.finditer(marked):
            piece = marked[end : found.start()]
            pieces.append(piece)
            at += len(piece)
            end = found.end()
            self._offsets.append(at)
            self._places.append(places[int(found[1].translate(_TO_BITS), 2)])
        pieces.append(marked[end:])
        self.text = "".join(pieces)

    def place(self, offset: int) -> Place | None:
        """The line that wrote the character at `offset`; None where nothing is known of it."""
        index = bisect_right(self._offsets, offset) - 1
        return self._places[index] if index >= 0 else None


def _mark(file: str, line: int, places: list[Place]) -> str:
    places.append(Place(file, line))
    return f"\x1c{len(places) - 1:b}\x1f".translate(_FROM_BITS)


def _marked(text: str, file: str, line: int, places: list[Place]) -> str:
    """`text` with a marker at its beginning and behind every line break that something follows."""
    out, end = [_mark(file, line, places)], 0
    for found in _NEWLINE.finditer(text):
        line += 1
        out += (text[end : found.end()], _mark(file, line, places))
        end = found.end()
    return "".join((*out, text[end:]))
