"""The bytes of an SMTP connection that is set up: replies in, commands and bodies out (SENDING.md 7.5).

Replies are paired by count with what is expected. Bytes while nothing is expected, and anything that is no reply, end
the connection at once: they are never taken for the answer to a later command.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator

from digest.model import Phase, Reply
from digest.sender.replies import no_reply, read_reply

LONGEST_LINE = 8_192
LONGEST_REPLY = 32_768


class GarbageError(Exception):
    """What came is no SMTP reply; `str()` says why."""


class ReplyReader:
    """Cuts a stream of bytes into replies: three digits 200 to 599, the same code on every line."""

    def __init__(self) -> None:
        """Begin between two replies."""
        self._buffer = bytearray()
        self._lines: list[bytes] = []
        self._size = 0
        self._code = b""

    def feed(self, data: bytes) -> Iterator[tuple[int, str]]:
        """Each reply that is complete now, as (code, text); raises GarbageError after those before the garbage."""
        self._buffer += data
        while (end := self._buffer.find(b"\n")) >= 0:
            line = bytes(self._buffer[: end + 1])
            del self._buffer[: end + 1]
            if self._take(line):
                text = b"\n".join(self._lines).decode("utf-8", "replace")
                code = int(self._code)
                self._lines, self._size, self._code = [], 0, b""
                yield code, text
        if len(self._buffer) > LONGEST_LINE or self._size + len(self._buffer) > LONGEST_REPLY:
            raise GarbageError("a reply longer than 8 kB a line or 32 kB")

    @property
    def between(self) -> bool:
        """Whether no reply has begun."""
        return not self._buffer and not self._lines

    def _take(self, line: bytes) -> bool:
        """Keep one line; whether it is the reply's last."""
        self._size += len(line)
        if len(line) > LONGEST_LINE or self._size > LONGEST_REPLY:
            raise GarbageError("a reply longer than 8 kB a line or 32 kB")
        line = line.rstrip(b"\r\n")
        code, mark = line[:3], line[3:4]
        if not (code.isdigit() and b"200" <= code <= b"599" and mark in {b"", b" ", b"-"}):
            raise GarbageError(f"no SMTP reply: {line[:80]!r}")
        if self._code not in {b"", code}:
            raise GarbageError("two codes in one reply")
        self._code = code
        self._lines.append(line[4:])
        return mark != b"-"


class Wire(asyncio.Protocol):
    """Takes over a connected transport by `transport.set_protocol(wire)`."""

    def __init__(self, transport: asyncio.Transport) -> None:
        """Drained will mean: all bytes are the kernel's."""
        self._transport = transport
        self._reader = ReplyReader()
        self._expected: deque[tuple[Phase, asyncio.Future[Reply]]] = deque()
        self._room = asyncio.Event()
        self.lost = ""
        transport.set_write_buffer_limits(high=0)

    def expect(self, phase: Phase) -> asyncio.Future[Reply]:
        """A future of the next reply not yet promised to anybody. It gets a Reply with code 0 when none can come."""
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        if self.lost:
            future.set_result(no_reply(phase, self.lost))
        else:
            self._expected.append((phase, future))
        return future

    def write(self, data: bytes) -> None:
        """Hand bytes over; they are on their way when drained() returns."""
        if not self.lost:
            self._transport.write(data)

    async def drained(self) -> None:
        """Return when every byte written is the kernel's, the connection is lost, or a reply came meanwhile."""
        if self.unsent and not self.lost:
            self._room.clear()
            await self._room.wait()

    @property
    def unsent(self) -> int:
        """Bytes still in this process."""
        return self._transport.get_write_buffer_size()

    def abort(self, why: str = "aborted by us") -> None:
        """End the connection now; nothing buffered is flushed (close() would still send a dot)."""
        self._end(why)
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Pair replies with what is expected."""
        self._room.set()
        try:
            for code, text in self._reader.feed(data):
                if not self._expected:
                    break
                phase, future = self._expected.popleft()
                if not future.done():
                    future.set_result(read_reply(phase, code, text))
            else:
                if self._expected or self._reader.between:
                    return
            self.abort("bytes while nothing is expected")
        except GarbageError as error:
            self.abort(str(error))

    def eof_received(self) -> bool:
        """Nothing more will come; the transport closes itself."""
        self._end("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Everybody waiting learns that no reply comes."""
        self._end(f"connection lost: {exc}" if exc else "the relay closed the connection")

    def pause_writing(self) -> None:
        """The kernel takes no more; drained() looks for itself."""

    def resume_writing(self) -> None:
        """Everything written is the kernel's."""
        self._room.set()

    def _end(self, why: str) -> None:
        self.lost = self.lost or why
        self._room.set()
        while self._expected:
            phase, future = self._expected.popleft()
            if not future.done():
                future.set_result(no_reply(phase, self.lost))
