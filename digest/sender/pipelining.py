"""One SMTP conversation after connect, TLS and AUTH: MAIL, RCPT, DATA, body and dot, one recipient each.

What one write carries depends on the level (groups); the order of the steps does not: a recipient accepted, the intent
durable, then the body.

Whatever goes wrong while a step is under way ends in transport.abort(), never in close().
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace

from digest.model import Message, OutcomeKind, Phase, Reply
from digest.protocols import Mark, no_mark
from digest.sender.envelopes import mail, rcpt, unwritable
from digest.sender.groups import DOT, RSET, Heard, Level, weigh
from digest.sender.replies import Connection, Verdict, goes_on, judge, no_reply
from digest.sender.terms import Deadlines, Errand, Offered
from digest.sender.wire import END, ENVELOPE, Wire


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
        self._coming: Message | None = None  # its envelope is out
        self._following: Message | None = None  # the one behind it, untouched
        self._dot: Awaitable[tuple[Reply, ...]] | None = None
        self._led: Awaitable[tuple[Reply, ...]] | None = None
        self._envelope: Awaitable[tuple[Reply, ...]] | None = None
        self._answer: asyncio.Future[bool] | None = None  # of what comes
        self._cruising: asyncio.Future[None] | None = None
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
        self._errand, self._coming, self._following, self._slowed = errand, first, None, False
        try:
            while self._more():
                self._step()
                if self._coming is not None and self._level is Level.FULL and self.open:
                    await self._cruise()
                if self._answer is not None:
                    await self._answered(self._answer)
                elif await self._heard_before() and self._coming is not None:
                    await self._offer(self._coming)
        except BaseException:
            self._break()
            raise
        finally:
            for left in (self._coming, self._following):
                if left is not None:
                    errand.give_back(left)
            self._coming = self._following = None
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

    def _more(self) -> bool:
        """Whether there is something to write."""
        if not self.open:
            return False
        if self._intended is not None or self._lead:
            return True
        return self._coming is not None and not (self._stopping or self._slowed or self.left_by_us)

    def _step(self) -> None:
        """Write what is at hand and the next envelope that can be written here, and look for the one behind it."""
        self._coming = self._writable(self._coming)
        self._write(self._coming)
        self._following = self._errand.ready() if self._coming is not None and not self._stopping else None

    def _writable(self, coming: Message | None) -> Message | None:
        """The first message from `coming` on that can be written here; the others fail at once."""
        if self._stopping or self._slowed or self.left_by_us:
            if coming is not None:
                self._errand.give_back(coming)
            return None
        while coming is not None and (verdict := unwritable(coming, self._offered)) is not None:
            self._settle(coming, verdict)
            coming = None if self._slowed else self._errand.ready()
        return coming

    # --- as long as everything is as usual, the task sleeps: waking it twice a message cost a tenth of all CPU

    async def _cruise(self) -> None:
        """Go on as usual until something is not: then whatever is under way is as if it had been waited for."""
        self._cruising = asyncio.get_running_loop().create_future()
        self._wire.watch = self
        try:
            await self._cruising
        finally:
            self._wire.watch = self._cruising = None

    def usual(self, delivered: Reply | None) -> bool:
        """The wire has heard that the envelope is accepted, behind the 250 to the dot that was out, if one was.

        False: not what is wanted now; hear the replies one by one.
        """
        message, coming = self._out, self._coming
        if self._stopping or coming is None or (message is None) is not (delivered is None):
            return False
        try:
            if message is not None and delivered is not None:
                self._out = self._dot = None
                self._mark("after_reply")
                self._settle(message, judge(Phase.DOT, delivered))
            self._envelope = None
            self._answer = asyncio.ensure_future(self._errand.intend(coming.delivery))
            self._answer.add_done_callback(self._granted)
        except BaseException as error:  # noqa: BLE001 - it is the task's
            self._end_cruise(error)
        return True

    def unusual(self) -> None:
        """The wire has heard something else, or the connection is gone."""
        self._end_cruise()

    def _granted(self, answer: asyncio.Future[bool]) -> None:
        """The intent is decided. Where it is granted and somebody follows, the body leaves at once."""
        if self._cruising is None or self._cruising.done():
            return  # the task goes on itself: the connection is gone, or we are stopping
        try:
            if _decision(answer) and self._following is not None:
                self._answer = None
                self._intended, self._coming = self._coming, self._following
                self._step()
                if self._coming is not None:
                    return
            self._end_cruise()
        except BaseException as error:  # noqa: BLE001 - it is the task's
            self._end_cruise(error)

    def _end_cruise(self, error: BaseException | None = None) -> None:
        if self._cruising is not None and not self._cruising.done():
            if error is None:
                self._cruising.set_result(None)
            else:
                self._cruising.set_exception(error)

    # --- one step after the other

    def _write(self, coming: Message | None) -> None:
        """ONE write: the body that is intended or what the last envelope left to do, then `coming`'s envelope."""
        seconds = self._deadlines
        body, lead = self._intended, self._lead
        self._intended, self._lead = None, b""
        if body is not None:
            self._out = body
            self._dot = self._wire.expect(END, (seconds.dot,))
        elif lead:
            phases = (Phase.DATA, Phase.MAIL) if lead.startswith(b".") else (Phase.MAIL,)
            self._led = self._wire.expect(phases, (seconds.command,) * len(phases))
        commands, self._envelope = b"", None
        if coming is not None and self._level is not Level.SERIAL:  # else its commands go one at a time
            self._envelope = self._wire.expect(self._asked, self._seconds)
            commands = self._commands(coming)
        if body is not None:
            self._write_body(body, commands)
        elif lead or commands:
            self._wire.write(lead + commands, seconds=seconds.body)

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

    def _commands(self, message: Message) -> bytes:
        """Its envelope in one group."""
        return f"{mail(message, self._offered)}\r\n{rcpt(message)}\r\n{self._data}".encode()

    async def _heard_before(self) -> bool:
        """Hear what the write began with; whether the envelope behind it counts."""
        if self._out is not None and self._dot is not None:
            (reply,) = await self._dot
            message, self._out, self._dot = self._out, None, None
            self._mark("after_reply")
            verdict = judge(Phase.DOT, reply)
            if self._wire.torn:
                verdict = replace(verdict, connection=Connection.ABORT)
            self._settle(message, verdict)
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

    async def _offer(self, message: Message) -> None:
        """Hear the envelope of what comes, ask for the intent, and leave what the next write begins with."""
        heard = await self._heard(message)
        if self._stopping:
            return
        if heard.verdict is None and not self.open:
            heard = Heard(verdict=judge(Phase.DATA, no_reply(Phase.DATA, self._wire.lost)))
        if heard.verdict is not None:
            self._surprise = self._surprise or heard.surprise
            self._lead = heard.lead
            self._coming, self._following = self._following, None
            self._settle(message, heard.verdict)
            self._end(heard.verdict)
        else:
            self._answer = asyncio.ensure_future(self._errand.intend(message.delivery))
            await self._answered(self._answer)

    async def _answered(self, answer: asyncio.Future[bool]) -> None:
        """Hear whether what comes may leave, and leave what the next write begins with."""
        granted, message = await answer, self._coming
        self._answer, self._coming, self._following = None, self._following, None
        if message is None:
            raise RuntimeError("an intent of nothing")
        if not granted:
            self._errand.let_go(message)
            self._refused()
        else:
            self._intended = message
            if self._level is not Level.FULL:
                await self._ask_data(message)
            elif not self.open:
                self._untouched(message)

    async def _heard(self, message: Message) -> Heard:
        if self._envelope is not None:
            return weigh(*await self._envelope)
        for phase, line in ((Phase.MAIL, mail(message, self._offered)), (Phase.RCPT, rcpt(message))):
            reply = await self._command(phase, line.encode(), self._deadlines.command)
            if not goes_on(phase, reply.code):
                return Heard(verdict=judge(phase, reply), lead=RSET)
        return Heard()

    def _refused(self) -> None:
        """The intent was refused. Behind a 354 there are two exits, the whole message or none of it: we hang up."""
        if self._level is Level.FULL:
            self.left_by_us = True
            self._wire.abort("ended by us: the intent was refused")
        else:
            self._lead = RSET

    async def _ask_data(self, message: Message) -> None:
        """DATA behind a durable intent. Anything but 354 is the row's outcome: no byte of the body left."""
        reply = await self._command(Phase.DATA, b"DATA", self._deadlines.data)
        if goes_on(Phase.DATA, reply.code) and self.open:
            return
        if goes_on(Phase.DATA, reply.code):
            self._untouched(message)
            return
        self._intended = None
        verdict = judge(Phase.DATA, reply)
        self._surprise = self._surprise or (self._level is Level.GROUPED and reply.code == 503)
        self._lead = RSET if verdict.connection is Connection.RSET else b""
        self._settle(message, _tried(verdict))
        self._end(verdict)

    def _untouched(self, message: Message) -> None:
        """Lost between the intent and the body: no byte of it was written, so there is no doubt."""
        self._intended = None
        self._settle(message, _tried(judge(Phase.DATA, no_reply(Phase.DATA, self._wire.lost))))

    def _settle(self, message: Message, verdict: Verdict) -> None:
        kind = verdict.outcome.kind
        self._slowed = self._slowed or kind is OutcomeKind.OWED
        self.carried += kind is not OutcomeKind.OWED
        self.sent += kind is OutcomeKind.SENT
        self._errand.settle(message, verdict)

    def _end(self, verdict: Verdict) -> None:
        """What the verdict says of the connection; RSET is what the next write begins with."""
        if verdict.connection is Connection.FRESH:
            self.left_by_us = self.enough = True
        elif verdict.connection is Connection.ABORT or self._stopping:
            reply = verdict.outcome.reply
            self._wire.abort(f"{reply.phase}: {reply.code} {reply.text}")

    def _break(self) -> None:
        """End it here and now, and say what became of the messages at hand."""
        self._wire.abort()
        if self._out is not None:
            message, self._out = self._out, None
            self._settle(message, judge(Phase.DOT, no_reply(Phase.DOT, "ended by us before the answer")))
        if self._intended is not None:
            self._untouched(self._intended)
        if self._answer is not None:
            answer, coming = self._answer, self._coming
            self._answer = self._coming = None  # undecided, it is nobody's until whoever has it ends
            decision = _decision(answer)
            answer.cancel()
            if coming is not None and decision:
                self._untouched(coming)
            elif coming is not None and decision is False:
                self._errand.let_go(coming)

    async def _command(self, phase: Phase, line: bytes, seconds: float) -> Reply:
        answer = self._wire.expect((phase,), (seconds,))
        self._wire.write(line + b"\r\n", seconds=seconds)
        (reply,) = await answer
        return reply


def _decision(answer: asyncio.Future[bool]) -> bool | None:
    """Whether an intent is granted; None where that is not known, or went wrong."""
    if not answer.done() or answer.cancelled() or answer.exception() is not None:
        return None
    return answer.result()


def _tried(verdict: Verdict) -> Verdict:
    """The row says `sending` by now, though nothing was tried: it is due again at once."""
    if verdict.outcome.kind is not OutcomeKind.OWED:
        return verdict
    return replace(verdict, outcome=replace(verdict.outcome, kind=OutcomeKind.DEFERRED, retry_ms=0))
