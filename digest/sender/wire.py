"""The bytes of an SMTP connection that is set up: replies in, commands and bodies out (SENDING.md 7.5).

Replies are paired by count with what is expected. Bytes while nothing is expected, and anything that is no reply, end
the connection at once: they are never taken for the answer to a later command.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Generator, Iterator
from typing import Any, Protocol

from digest.model import Phase, Reply
from digest.sender.replies import go_ahead, goes_on, no_reply, read_reply

LONGEST_LINE = 8_192
LONGEST_REPLY = 32_768
_READ = 4_096  # octets at once; replies are short
_NEVER = float("inf")
_ONE_LINE = re.compile(rb"([2-5][0-9]{2}) ([^\r\n]{0,8000})\r\n")
# What is asked for with nearly every write, and so told at a glance when it comes.
ENVELOPE = (Phase.MAIL, Phase.RCPT, Phase.DATA)
END = (Phase.DOT,)
_TAKEN = tuple(go_ahead(phase, code) for phase, code in zip(ENVELOPE, (250, 250, 354), strict=True))
# What comes to most writes in one piece: the answer to the dot, if one was out, and an envelope that is accepted.
_ACCEPTED = re.compile(rb"250 [^\r\n]{0,8000}\r\n250 [^\r\n]{0,8000}\r\n354 [^\r\n]{0,8000}\r\n")
_DELIVERED = re.compile(rb"250 ([^\r\n]{0,8000})\r\n")


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
        if self.between:
            # The usual case: whole replies of one line each.
            place = 0
            while (found := _ONE_LINE.match(data, place)) is not None:
                place = found.end()
                yield int(found[1]), found[2].decode("utf-8", "replace")
            data = data[place:]
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


class Group:
    """Replies that somebody may wait for together, each with the seconds it may take."""

    __slots__ = ("_found", "_waiter", "phases", "replies", "seconds")

    def __init__(self, phases: tuple[Phase, ...], seconds: tuple[float, ...]) -> None:
        """None is here yet."""
        self.phases = phases
        self.seconds = seconds
        self.replies: list[Reply] = []
        self._found: tuple[Reply, ...] | None = None
        self._waiter: asyncio.Future[None] | None = None  # made for whoever waits: most often nobody does

    @property
    def next_seconds(self) -> float:
        """How long the next one may take."""
        return self.seconds[len(self.replies)]

    @property
    def found(self) -> tuple[Reply, ...] | None:
        """All of them, once they are here."""
        return self._found

    def end(self, replies: tuple[Reply, ...]) -> None:
        """All are here."""
        self._found = replies
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def __await__(self) -> Generator[Any, None, tuple[Reply, ...]]:
        """Wait for the last of them; one that cannot come any more has code 0."""
        while self._found is None:
            if self._waiter is None or self._waiter.done():
                self._waiter = asyncio.get_running_loop().create_future()
            yield from self._waiter.__await__()
        return self._found


class Watch(Protocol):
    """Who is told at once what nearly always comes, instead of waiting for it."""

    def usual(self, delivered: Reply | None) -> bool:
        """An envelope is accepted, behind a dot's 250 if one was awaited; False: it is to be waited for all the same."""
        ...

    def unusual(self) -> None:
        """Something else came, or nothing will."""
        ...


class Wire(asyncio.BufferedProtocol):
    """Takes over a connected transport by `transport.set_protocol(wire)`.

    Every reply expected has a deadline in seconds that runs from the end of the reply before it to its own end, and
    while bytes of ours are still in this process, to their leaving. `surprised`: the relay said what no command of ours
    had asked for, or what is no reply.
    """

    def __init__(self, transport: asyncio.Transport, *, tick: float = 1.0) -> None:
        """`tick`: the shortest deadline that will be asked for, in seconds."""
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._reader = ReplyReader()
        self._bytes = memoryview(bytearray(_READ))  # a view: asyncio's TLS writes into slices of it
        self._expected: deque[Group] = deque()
        self._tick = tick
        self._due = _NEVER
        self._timer: asyncio.TimerHandle | None = None
        self._writing_due = _NEVER
        self._behind = 0
        self._accepting: bytes | None = None  # what an accepted envelope was answered with last
        self.torn = False
        self.lost = ""
        self.surprised = False
        self.watch: Watch | None = None
        transport.set_write_buffer_limits(high=0)

    def expect(self, phases: tuple[Phase, ...], seconds: tuple[float, ...]) -> Group:
        """The next replies not yet promised to anybody, one per phase, each within its seconds; to be awaited.

        It is done once the last of them is here; a reply that cannot come any more has code 0.
        """
        group = Group(phases, seconds)
        if self.lost:
            group.end(tuple(no_reply(phase, self.lost) for phase in phases))
            return group
        if not self._expected:
            self._due = self._loop.time() + seconds[0]
        self._expected.append(group)
        if self._timer is None:
            self._timer = self._loop.call_later(self._tick, self._look)
        return group

    def write(self, data: bytes, *, behind: int = 0, seconds: float = _NEVER) -> None:
        """Hand bytes over. They must be the kernel's within `seconds`; `behind` of them stand behind a final dot."""
        if self.lost:
            return
        self._behind = behind
        self.torn = False
        self._transport.write(data)
        if self.unsent and self._writing_due == _NEVER:
            self._writing_due = self._loop.time() + seconds

    @property
    def unsent(self) -> int:
        """Bytes still in this process."""
        return self._transport.get_write_buffer_size()

    def abort(self, why: str = "aborted by us") -> None:
        """End the connection now; nothing buffered is flushed (close() would still send a dot)."""
        self._end(why)
        self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio names it
        """Where bytes are read to. A plain Protocol makes 256 kB for each read: a sixth of the CPU."""
        return self._bytes

    def buffer_updated(self, nbytes: int) -> None:
        """Pair replies with what is expected."""
        data = bytes(self._bytes[:nbytes])
        if self._usual(data):
            return
        if self.watch is not None:
            self.watch.unusual()
        try:
            for code, text in self._reader.feed(data):
                if not self._expected:
                    break
                self._pair(code, text)
            else:
                if self._expected or self._reader.between:
                    return
            self.surprised = True
            self.abort("bytes while nothing is expected")
        except GarbageError as error:
            self.surprised = True
            self.abort(str(error))

    def eof_received(self) -> bool:
        """Nothing more will come; the transport closes itself."""
        self._end("the relay closed the connection")
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Everybody waiting learns that no reply comes."""
        self._end(f"connection lost: {exc}" if exc else "the relay closed the connection")

    def pause_writing(self) -> None:
        """The kernel takes no more for now; reading never stops."""

    def resume_writing(self) -> None:
        """Everything written is the kernel's: the wait for the answer begins."""
        self._writing_due = _NEVER
        if self._expected:
            self._due = self._loop.time() + self._expected[0].next_seconds

    def _usual(self, data: bytes) -> bool:
        """Pair what comes nearly always, reply by reply the same as _pair; False: nothing was done."""
        groups = self._expected
        if not groups or groups[-1].phases != ENVELOPE or groups[-1].replies or not self._reader.between:
            return False
        delivered = None
        if len(groups) > 1:
            delivered = _DELIVERED.match(data)
            if delivered is None or len(groups) > 2 or groups[0].phases != END or self.unsent > self._behind:
                return False
            data = data[delivered.end() :]
        if data != self._accepting:  # a relay says the same of each envelope: it is looked at once
            if not _ACCEPTED.fullmatch(data):
                return False
            self._accepting = data
        dot = groups.popleft() if delivered is not None else None
        reply = read_reply(Phase.DOT, 250, delivered[1].decode("utf-8", "replace")) if delivered is not None else None
        envelope = groups.popleft()
        if self.watch is not None:
            if self.watch.usual(reply):
                return True
            self.watch.unusual()
        if dot is not None and reply is not None:
            dot.end((reply,))
        envelope.end(_TAKEN)
        return True

    def _pair(self, code: int, text: str) -> None:
        group = self._expected[0]
        phase = group.phases[len(group.replies)]
        reply = go_ahead(phase, code) if goes_on(phase, code) else read_reply(phase, code, text)
        if phase is Phase.DOT and self.unsent > self._behind:
            # An answer before the dot is out: a refusal may be one, a 2xx cannot (SENDING.md 8.1).
            self.torn = True
            reply = no_reply(phase, "an answer before the message was written") if code < 300 else reply
        group.replies.append(reply)
        if len(group.replies) == len(group.phases):
            self._expected.popleft()
            group.end(tuple(group.replies))
        if self._expected:
            self._due = self._loop.time() + self._expected[0].next_seconds

    def _look(self) -> None:
        """End the connection if it is late; else look again, never later than a deadline could be."""
        self._timer = None
        if self.lost or not self._expected:
            return
        now, writing = self._loop.time(), self._writing_due != _NEVER
        due = self._writing_due if writing else self._due
        if now >= due:
            late = f"no whole answer within {self._expected[0].next_seconds:g} s"
            self.abort("the message could not be written in time" if writing else late)
        else:
            self._timer = self._loop.call_at(min(due, now + self._tick), self._look)

    def _end(self, why: str) -> None:
        self.lost = self.lost or why
        if self.watch is not None:
            self.watch.unusual()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._expected:
            group = self._expected.popleft()
            missing = group.phases[len(group.replies) :]
            group.end((*group.replies, *(no_reply(phase, self.lost) for phase in missing)))
