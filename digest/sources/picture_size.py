"""Width and height of a picture from the first bytes of its file; nothing is decoded. Pure (SECURITY.md T36)."""

from __future__ import annotations

import struct

HEADER = 65_536  # bytes that are asked for
MOST = 20_000  # px: more is no picture for a message, whatever it unpacks to
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # start of frame, but tables and extensions


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height in px of a JPEG, PNG, GIF or WebP; (0, 0) where the bytes do not say, or say what cannot be."""
    try:
        width, height = _said(data)
    except (struct.error, IndexError):
        return 0, 0
    return (width, height) if width and height else (0, 0)


def _said(data: bytes) -> tuple[int, int]:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        return _two(">II", data, 16)
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return _two("<HH", data, 6)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    return _jpeg(data) if data.startswith(b"\xff\xd8") else (0, 0)


def _two(form: str, data: bytes, at: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, data, at)
    return int(first), int(second)


def _webp(data: bytes) -> tuple[int, int]:
    """The three forms of the WebP container (developers.google.com/speed/webp/docs/riff_container)."""
    form = data[12:16]
    if form == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if form == b"VP8L" and data[20:21] == b"\x2f":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = _two("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 0, 0


def _jpeg(data: bytes) -> tuple[int, int]:
    """From segment to segment up to the frame, which may stand behind a thumbnail and a colour profile."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = _two(">HH", data, at + 5)
            return width, height
        if marker == 0xFF:
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            length = int.from_bytes(data[at + 2 : at + 4], "big")
            at += 2 + max(length, 2)
    return 0, 0
