"""Bytes: what SMTP and RFC 5322 allow at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_LINE = 998  # octets without CRLF, RFC 5322 2.1.1
LONGEST_BLOCK = 16_384  # octets of header fields that large receivers take


@dataclass(frozen=True, slots=True)
class Note:
    """One finding; `warning`: nothing is refused for it."""

    rule: str
    why: str
    warning: bool = False


def check(data: bytes, block: bytes) -> Iterator[Note]:
    """Faults of lines and line ends; `block` is the header block."""
    bare = data.replace(b"\r\n", b"")
    if b"\r" in bare or b"\n" in bare:
        yield Note("line-end", "a CR or LF stands alone: lines end with CRLF (RFC 5321 2.3.8)")
    if b"\x00" in data:
        yield Note("control", "a NUL has no place in a message (RFC 5322 2.3)")
    longest = max(map(len, data.split(b"\r\n")))
    if longest > LONGEST_LINE:
        yield Note("line-length", f"a line of {longest} octets: at most {LONGEST_LINE} (RFC 5322 2.1.1)")
    if not block.isascii():
        yield Note("header-8bit", "a header field is not ASCII: encode it (RFC 2047)")
    if len(block) > LONGEST_BLOCK:
        yield Note("header-size", f"header fields of {len(block)} octets", warning=True)
