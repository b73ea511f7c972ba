"""One SMTP conversation after connect, TLS and AUTH: MAIL, RCPT, DATA, body and dot, one recipient each.

What one write carries depends on the level (groups); the order of the steps does not: a recipient accepted, the intent
durable, then the body.

Whatever goes wrong while a step is under way ends in transport.abort(), never in close().
"""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, replace
from typing import Protocol

from digest.model import Delivery, Message, OutcomeKind, Phase, Reply
from digest.protocols import Mark, no_mark
from digest.sender.groups import DOT, RSET, Heard, Level, weigh
from digest.sender.headers import is_address
from digest.sender.replies import Connection, Verdict, goes_on, judge, no_reply, read_reply
from digest.sender.wire import END, ENVELOPE, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds, each to the END of a reply (RFC 5321 4.5.3.2; SENDING.md 7.5). `command` covers banner to RCPT.

    `body` runs until the whole message is the kernel's, `dot` from then.
    """

    connect: float = 30
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 2

    @property
    def shortest(self) -> float:
        """The shortest one of a conversation."""
        return min(self.command, self.data, self.body, self.dot, self.quit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the relay's last EHLO offered. `size`: the largest message in octets, 0: no limit told, None: no SIZE."""

    size: int | None = None
    smtputf8: bool = False
    pipelining: bool = False


class Errand(Protocol):
    """Whom a conversation carries messages for."""

    def ready(self) -> Message | None:
        """The next message for this connection, if one is at hand now."""
        ...

    def give_back(self, message: Message) -> None:
        """Nothing was tried with it."""
        ...

    async def intend(self, delivery: Delivery) -> bool:
        """As digest.protocols.Intend; a refused one is nobody's any more."""
        ...

    def settle(self, message: Message, verdict: Verdict) -> None:
        """What became of it. `owed`: nothing was tried, it may be tried again."""
        ...


class Conversation:
    """A connection at rest between two messages. `carried` counts messages tried here, `sent` those accepted.

    `left_by_us`: it ended because a fresh one will do better at once; `enough`: since the relay takes no more over one.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        offered: Offered,
        deadlines: Deadlines,
        level: Level = Level.SERIAL,
        mark: Mark = no_mark,
    ) -> None:
        """`wire` has nothing outstanding. Without PIPELINING every level is serial."""
        self._wire = wire
        self._offered = offered
        self._deadlines = deadlines
        self._level = level if offered.pipelining else Level.SERIAL
        together = len(ENVELOPE) if self._level is Level.FULL else len(ENVELOPE) - 1  # DATA waits for its answer
        self._asked = ENVELOPE[:together]
        self._data = "DATA\r\n" if self._level is Level.FULL else ""
        self._seconds = (deadlines.command, deadlines.command, deadlines.data)[:together]
        self._mark = mark
        self._intended: Message | None = None  # its intent is durable, no byte of its body is written
        self._out: Message | None = None  # its body is on the wire, the dot unanswered
        self._lead = b""  # what the next write begins with
        self._dot: Awaitable[tuple[Reply, ...]] | None = None
        self._led: Awaitable[tuple[Reply, ...]] | None = None
        self._stopping = False
        self._surprise = False
        self._slowed = False
        self.carried = 0
        self.sent = 0
        self.left_by_us = False
        self.enough = False

    @property
    def ended(self) -> str:
        """Why it is not open."""
        return self._wire.lost

    @property
    def open(self) -> bool:
        """Whether the next message may be tried here."""
        return not self._wire.lost

    @property
    def surprised(self) -> bool:
        """Whether this relay must be talked to one command at a time."""
        return self._surprise or (self._wire.surprised and self._level is not Level.SERIAL)

    async def converse(self, errand: Errand, first: Message) -> None:
        """Carry `first` and what errand.ready() gives, until there is none, the connection ends or one is `owed`.

        Each message is settled or given back, but one whose intent was refused. Any exception aborts the connection,
        with an outcome for a body that is on the wire and for one that was intended.
        """
        coming: Message | None = first
        following: Message | None = None
        self._slowed = False
        try:
            while self._more(coming):
                coming = self._writable(errand, coming)
                envelope = self._write(coming)
                following = errand.ready() if coming is not None and not self._stopping else None
                if await self._heard_before(errand) and coming is not None:
                    message, coming = coming, None
                    await self._offer(errand, message, envelope)
                    coming, following = following, None
        except BaseException:
            self._break(errand)
            raise
        finally:
            for left in (coming, following):
                if left is not None:
                    errand.give_back(left)
        if self.left_by_us:
            await self.quit()

    def stop(self) -> None:
        """Begin nothing more: only the answer to a dot that is out is waited for."""
        self._stopping = True
        if self._out is None:
            self._wire.abort("ended by us")

    async def quit(self) -> None:
        """Say goodbye and hang up, whatever the answer."""
        try:
            if self.open:
                await self._command(Phase.MAIL, b"QUIT", self._deadlines.quit)
        finally:
            self._wire.abort()

    def _more(self, coming: Message | None) -> bool:
        """Whether there is something to write."""
        if not self.open:
            return False
        if self._intended is not None or self._lead:
            return True
        return coming is not None and not (self._stopping or self._slowed or self.left_by_us)

    def _writable(self, errand: Errand, coming: Message | None) -> Message | None:
        """The first message from `coming` on that can be written here; the others fail at once."""
        if self._stopping or self._slowed or self.left_by_us:
            if coming is not None:
                errand.give_back(coming)
            return None
        while coming is not None and (verdict := self._local(coming)) is not None:
            self._settle(errand, coming, verdict)
            coming = None if self._slowed else errand.ready()
        return coming

    def _local(self, message: Message) -> Verdict | None:
        """What makes this message impossible here before a byte is written."""
        envelope = message.envelope
        if not (is_address(envelope.sender) and envelope.sender.isascii()):
            reply = read_reply(Phase.LOCAL, 0, f"the return path {envelope.sender!r} cannot be written")
            verdict = judge(Phase.LOCAL, reply)
            return replace(verdict, outcome=replace(verdict.outcome, pause=reply.text))
        if not is_address(envelope.recipient):
            return _refused_here(553, "5.1.3 not an address that can be written on the wire")
        if not envelope.recipient.isascii() and not self._offered.smtputf8:
            return _refused_here(553, "5.6.7 the relay does not offer SMTPUTF8")
        if self._offered.size and message.size > self._offered.size:
            return _refused_here(552, f"5.3.4 {message.size} octets, the relay takes {self._offered.size}")
        return None

    def _write(self, coming: Message | None) -> Awaitable[tuple[Reply, ...]] | None:
        """ONE write: the body that is intended or what the last envelope left to do, then `coming`'s envelope.

        The envelope's replies, unless one command at a time is spoken.
        """
        seconds = self._deadlines
        body, lead = self._intended, self._lead
        self._intended, self._lead = None, b""
        if body is not None:
            self._out = body
            self._dot = self._wire.expect(END, (seconds.dot,))
        elif lead:
            phases = (Phase.DATA, Phase.MAIL) if lead.startswith(b".") else (Phase.MAIL,)
            self._led = self._wire.expect(phases, (seconds.command,) * len(phases))
        commands, envelope = b"", None
        if coming is not None and self._level is not Level.SERIAL:
            envelope = self._wire.expect(self._asked, self._seconds)
            commands = self._commands(coming)
        if body is not None:
            self._write_body(body, commands)
        elif lead or commands:
            self._wire.write(lead + commands, seconds=seconds.body)
        return envelope

    def _write_body(self, body: Message, commands: bytes) -> None:
        if self._mark is no_mark:
            whole = b"".join((*body.pieces, DOT, commands))
            self._wire.write(whole, behind=len(commands), seconds=self._deadlines.body)
            return
        data = body.data
        half = len(data) // 2  # a mark in the middle needs a middle
        self._wire.write(data[:half], seconds=self._deadlines.body)
        self._mark("in_body")
        self._wire.write(data[half:] + DOT + commands, behind=len(commands), seconds=self._deadlines.body)
        self._mark("after_dot")

    def _mail(self, message: Message) -> str:
        envelope = message.envelope
        options = f" SIZE={message.size}" if self._offered.size is not None else ""
        options += "" if envelope.recipient.isascii() else " SMTPUTF8"
        return f"MAIL FROM:<{envelope.sender}>{options}"

    def _commands(self, message: Message) -> bytes:
        """Its envelope in one group."""
        return f"{self._mail(message)}\r\n{_rcpt(message)}\r\n{self._data}".encode()

    async def _heard_before(self, errand: Errand) -> bool:
        """Hear what the write began with; whether the envelope behind it counts."""
        if self._out is not None and self._dot is not None:
            (reply,) = await self._dot
            message, self._out, self._dot = self._out, None, None
            self._mark("after_reply")
            verdict = judge(Phase.DOT, reply)
            if self._wire.torn:
                verdict = replace(verdict, connection=Connection.ABORT)
            self._settle(errand, message, verdict)
            if verdict.connection is Connection.ABORT or self._stopping:
                self._end(verdict)
                return False
        elif self._led is not None:
            # The answer to a dot that stood alone is never a delivery, whatever its code.
            replies, self._led = await self._led, None
            if not goes_on(Phase.MAIL, replies[-1].code):
                self._wire.abort(f"RSET was answered by {replies[-1].code} {replies[-1].text}".rstrip())
                return False
        return True

    async def _offer(self, errand: Errand, message: Message, envelope: Awaitable[tuple[Reply, ...]] | None) -> None:
        """Hear the envelope, ask for the intent, and leave what the next write begins with."""
        heard = await self._heard(message, envelope)
        if self._stopping:
            errand.give_back(message)
            return
        if heard.verdict is None and not self.open:
            heard = Heard(verdict=judge(Phase.DATA, no_reply(Phase.DATA, self._wire.lost)))
        if heard.verdict is not None:
            self._surprise = self._surprise or heard.surprise
            self._lead = heard.lead
            self._settle(errand, message, heard.verdict)
            self._end(heard.verdict)
        elif not await errand.intend(message.delivery):
            self._refused()
        else:
            self._intended = message
            if self._level is not Level.FULL:
                await self._ask_data(errand, message)
            elif not self.open:
                self._untouched(errand, message)

    async def _heard(self, message: Message, envelope: Awaitable[tuple[Reply, ...]] | None) -> Heard:
        if envelope is not None:
            return weigh(*await envelope)
        mail = await self._command(Phase.MAIL, self._mail(message).encode(), self._deadlines.command)
        if not goes_on(Phase.MAIL, mail.code):
            return Heard(verdict=judge(Phase.MAIL, mail), lead=RSET)
        rcpt = await self._command(Phase.RCPT, _rcpt(message).encode(), self._deadlines.command)
        if not goes_on(Phase.RCPT, rcpt.code):
            return Heard(verdict=judge(Phase.RCPT, rcpt), lead=RSET)
        return Heard()

    def _refused(self) -> None:
        """The intent was refused. Behind a 354 there are two exits, the whole message or none of it: we hang up."""
        if self._level is Level.FULL:
            self.left_by_us = True
            self._wire.abort("ended by us: the intent was refused")
        else:
            self._lead = RSET

    async def _ask_data(self, errand: Errand, message: Message) -> None:
        """DATA behind a durable intent. Anything but 354 is the row's outcome: no byte of the body left."""
        reply = await self._command(Phase.DATA, b"DATA", self._deadlines.data)
        if goes_on(Phase.DATA, reply.code) and self.open:
            return
        if goes_on(Phase.DATA, reply.code):
            self._untouched(errand, message)
            return
        self._intended = None
        verdict = judge(Phase.DATA, reply)
        self._surprise = self._surprise or (self._level is Level.GROUPED and reply.code == 503)
        self._lead = RSET if verdict.connection is Connection.RSET else b""
        self._settle(errand, message, _tried(verdict))
        self._end(verdict)

    def _untouched(self, errand: Errand, message: Message) -> None:
        """Lost between the intent and the body: no byte of it was written, so there is no doubt."""
        self._intended = None
        self._settle(errand, message, _tried(judge(Phase.DATA, no_reply(Phase.DATA, self._wire.lost))))

    def _settle(self, errand: Errand, message: Message, verdict: Verdict) -> None:
        kind = verdict.outcome.kind
        self._slowed = self._slowed or kind is OutcomeKind.OWED
        self.carried += kind is not OutcomeKind.OWED
        self.sent += kind is OutcomeKind.SENT
        errand.settle(message, verdict)

    def _end(self, verdict: Verdict) -> None:
        """What the verdict says of the connection; RSET is what the next write begins with."""
        if verdict.connection is Connection.FRESH:
            self.left_by_us = self.enough = True
        elif verdict.connection is Connection.ABORT or self._stopping:
            reply = verdict.outcome.reply
            self._wire.abort(f"{reply.phase}: {reply.code} {reply.text}")

    def _break(self, errand: Errand) -> None:
        """End it here and now, and say what became of the message at hand."""
        self._wire.abort()
        if self._out is not None:
            message, self._out = self._out, None
            self._settle(errand, message, judge(Phase.DOT, no_reply(Phase.DOT, "ended by us before the answer")))
        if self._intended is not None:
            self._untouched(errand, self._intended)

    async def _command(self, phase: Phase, line: bytes, seconds: float) -> Reply:
        answer = self._wire.expect((phase,), (seconds,))
        self._wire.write(line + b"\r\n", seconds=seconds)
        (reply,) = await answer
        return reply


def _rcpt(message: Message) -> str:
    return f"RCPT TO:<{message.envelope.recipient}>"


def _tried(verdict: Verdict) -> Verdict:
    """The row says `sending` by now, though nothing was tried: it is due again at once."""
    if verdict.outcome.kind is not OutcomeKind.OWED:
        return verdict
    return replace(verdict, outcome=replace(verdict.outcome, kind=OutcomeKind.DEFERRED, retry_ms=0))


def _refused_here(code: int, text: str) -> Verdict:
    return judge(Phase.LOCAL, read_reply(Phase.LOCAL, code, text))
