"""Quoted-printable (RFC 2045 6.7) for bodies that are joined from literals and personal values.

Everything ends at the start of a line: a piece that does not end with a line break of its own gets a soft one. So
pieces can stand side by side in any order, and no value can disturb its neighbours. No line begins with a dot (no
dot-stuffing), none is longer than 76, none begins with "From " (mbox), and no blank stands before a line break.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

WIDTH = 75  # and the "=" of a soft break makes 76

_SAFE = frozenset(range(0x21, 0x7F)) - {0x3D}
_SIMPLE = re.compile(r"(?!\.)[!-<>-~]{1,75}")
_BREAK = re.compile(r"\r\n|\n")


def literal(text: str) -> bytes:
    """A piece of a template: its line breaks are the message's line breaks."""
    *lines, last = _BREAK.split(_clean(text))
    hard = b"".join(_line(line) + b"\r\n" for line in lines)
    return hard + _soft(_line(last))


def value(text: str) -> bytes:
    """A personal value: blanks and line breaks are encoded, so it can never end a line or begin one."""
    if _SIMPLE.fullmatch(text):
        return text.encode("ascii") + b"=\r\n"
    text = _BREAK.sub("\r\n", _clean(text))
    return _soft(_packed([_octet(byte) for byte in text.encode()]))


def _clean(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line(line: str) -> bytes:
    """One line without its break; blanks stay, but for a last one."""
    raw = line.encode()
    octets = [chr(byte) if byte in b" \t" else _octet(byte) for byte in raw]
    if raw[-1:] in {b" ", b"\t"}:
        octets[-1] = f"={raw[-1]:02X}"
    return _packed(octets)


def _octet(byte: int) -> str:
    return chr(byte) if byte in _SAFE else f"={byte:02X}"


def _packed(octets: Sequence[str]) -> bytes:
    """Fill lines up to WIDTH, cutting between octets; what may not stand first on a line is encoded there."""
    out: list[str] = []
    column = 0
    for place, octet in enumerate(octets):
        if column + len(octet) > WIDTH:
            out.append("=\r\n")
            column = 0
        bad_first = octet == "." or (octet == "F" and "".join(octets[place : place + 5]) == "From ")
        written = f"={ord(octet):02X}" if column == 0 and bad_first else octet
        out.append(written)
        column += len(written)
    return "".join(out).encode("ascii")


def _soft(encoded: bytes) -> bytes:
    return encoded + b"=\r\n" if encoded else b""
