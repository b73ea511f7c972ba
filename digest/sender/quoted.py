"""Quoted-printable (RFC 2045 6.7) for bodies that are joined from literals and personal values.

Everything ends at the start of a line: a piece that does not end with a line break of its own gets a soft one. So
pieces can stand side by side in any order, and no value can disturb its neighbours. No line begins with a dot (no
dot-stuffing), none is longer than 76, none begins with "From " (mbox), and no blank stands before a line break.
"""

from __future__ import annotations

import re

WIDTH = 75  # and the "=" of a soft break makes 76

_SIMPLE = re.compile(r"(?!\.)[!-<>-~]{1,75}")
_PRINTED = re.compile(r"[ -~]*")
_NEVER_FIRST = (b".", b"From ")
_BREAK = re.compile(r"\r\n|\n")
_UNSAFE = re.compile(rb"[^!-<>-~]")
_UNSAFE_IN_LINE = re.compile(rb"[^\t !-<>-~]")


def literal(text: str) -> bytes:
    """A piece of a template: its line breaks are the message's line breaks."""
    *lines, last = _BREAK.split(_clean(text))
    hard = b"".join(_line(line) + b"\r\n" for line in lines)
    return hard + _soft(_line(last))


def value(text: str) -> bytes:
    """A personal value: blanks and line breaks are encoded, so it can never end a line or begin one."""
    if _SIMPLE.fullmatch(text):
        return text.encode("ascii") + b"=\r\n"
    if _PRINTED.fullmatch(text):
        return _soft(_packed(text.encode("ascii").replace(b"=", b"=3D").replace(b" ", b"=20")))
    text = _BREAK.sub("\r\n", _clean(text))
    return _soft(_packed(_UNSAFE.sub(_octet, text.encode())))


def _clean(text: str) -> str:
    """Lone surrogates cannot be written as UTF-8."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _line(line: str) -> bytes:
    """One line without its break; blanks stay, but for a last one."""
    encoded = _UNSAFE_IN_LINE.sub(_octet, line.encode())
    if encoded[-1:] in {b" ", b"\t"}:
        encoded = encoded[:-1] + b"=%02X" % encoded[-1]
    return _packed(encoded)


def _octet(match: re.Match[bytes]) -> bytes:
    return b"=%02X" % match[0][0]


def _packed(encoded: bytes) -> bytes:
    """Lines of at most WIDTH, cut between octets; what may not stand first on a line is encoded there."""
    if len(encoded) <= WIDTH and not encoded.startswith(_NEVER_FIRST):
        return encoded
    out: list[bytes] = []
    while True:
        if encoded.startswith(_NEVER_FIRST):
            encoded = b"=%02X" % encoded[0] + encoded[1:]
        if len(encoded) <= WIDTH:
            out.append(encoded)
            return b"=\r\n".join(out)
        inside = encoded.find(b"=", WIDTH - 2, WIDTH)  # of an encoded octet that would be cut
        cut = inside if inside >= 0 else WIDTH
        out.append(encoded[:cut])
        encoded = encoded[cut:]


def _soft(encoded: bytes) -> bytes:
    return encoded + b"=\r\n" if encoded else b""
