"""Unpacking a body while it comes in, so that a bomb is cut when its first bytes beyond the cap are out."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterable
from typing import Protocol

import brotli

from digest.fetch.answers import FetchError, plain

ACCEPTED = "gzip, deflate, br"


class _Inflater(Protocol):
    """One layer of packing."""

    def decompress(self, chunk: bytes, room: int) -> bytes:
        """What `chunk` unpacks to, hardly more than `room` bytes of it."""
        ...

    @property
    def eof(self) -> bool:
        """Whether the packed data is whole."""
        ...


async def read_body(chunks: AsyncIterable[bytes], encoding: str, cap: int, *, first: int = 0) -> bytes:
    """The body, unpacked; at most `cap` bytes come in and go out. Raises FetchError.

    With `first` only so many bytes are read and nothing is said against what follows.
    """
    inflate = _inflater(encoding.strip().lower())
    out = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        try:
            out += inflate.decompress(chunk, cap + 1 - len(out)) if inflate else chunk
        except (zlib.error, brotli.error) as error:
            raise FetchError("the answer is not the compressed data it says it is") from error
        if first and len(out) >= first:
            return bytes(out[:first])
        if len(out) > cap or received > cap:
            raise FetchError(f"the answer is larger than {cap / 1e6:g} MB")
    if inflate is not None and received and not inflate.eof and not first:
        raise FetchError("the answer was cut short")
    return bytes(out)


class _Zlib:
    """Gzip or deflate. Deflate comes with or without zlib's two-byte header: both are met."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._zlib: zlib._Decompress | None = zlib.decompressobj(31) if gzip else None
        self._held = b""

    def decompress(self, chunk: bytes, room: int) -> bytes:
        data = self._held + chunk
        if self._zlib is None:
            if len(data) < 2:
                self._held = data
                return b""
            self._held = b""
            header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._zlib = zlib.decompressobj(15 if header else -15)
        out = self._zlib.decompress(data, room)
        while self._gzip and self._zlib.eof and self._zlib.unused_data and len(out) < room:
            rest = self._zlib.unused_data  # RFC 1952: members may follow one another
            self._zlib = zlib.decompressobj(31)
            out += self._zlib.decompress(rest, room - len(out))
        return out

    @property
    def eof(self) -> bool:
        return self._zlib is not None and self._zlib.eof


class _Brotli:
    """Brotli (RFC 7932); the library gives about 32 kB at a time and keeps the rest."""

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def decompress(self, chunk: bytes, room: int) -> bytes:
        out = bytearray(self._brotli.process(chunk, output_buffer_limit=room))
        while len(out) < room and not self._brotli.can_accept_more_data() and not self._brotli.is_finished():
            out += self._brotli.process(b"", output_buffer_limit=room - len(out))
        return bytes(out)

    @property
    def eof(self) -> bool:
        return bool(self._brotli.is_finished())


def _inflater(encoding: str) -> _Inflater | None:
    if encoding in {"", "identity"}:
        return None
    if encoding == "br":
        return _Brotli()
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(f"the answer is packed as {plain(encoding)}, which was not asked for")
    return _Zlib(gzip=encoding != "deflate")
