"""One SMTP conversation after connect, TLS and AUTH: MAIL, RCPT, DATA, body and dot, one recipient each.

Serial: one command, one reply. What the relay offers beyond that (PIPELINING) is another order of the same steps
(SENDING.md 7.2). Whatever goes wrong while a step is under way ends in transport.abort(), never in close().
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from digest.model import Message, OutcomeKind, Phase, Reply
from digest.protocols import Enter, Intend, Mark, no_mark
from digest.sender.headers import is_address
from digest.sender.replies import Connection, Verdict, goes_on, judge, no_reply, read_reply
from digest.sender.wire import Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds, each to the END of a reply (RFC 5321 4.5.3.2; SENDING.md 7.5). `command` covers banner to RCPT."""

    connect: float = 30
    command: float = 300
    data: float = 120
    body: float = 180
    dot: float = 600
    quit: float = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """What the relay's last EHLO offered. `size`: the largest message in octets, 0: no limit told, None: no SIZE."""

    size: int | None = None
    smtputf8: bool = False


class Conversation:
    """A connection at rest between two messages. `carried` counts messages tried here, `sent` those accepted.

    `left_by_us`: it ended because a fresh one will do better at once.
    """

    def __init__(self, wire: Wire, *, offered: Offered, deadlines: Deadlines, mark: Mark = no_mark) -> None:
        """`wire` has nothing outstanding."""
        self._wire = wire
        self._offered = offered
        self._deadlines = deadlines
        self._mark = mark
        self.carried = 0
        self.sent = 0
        self.left_by_us = False

    @property
    def ended(self) -> str:
        """Why it is not open."""
        return self._wire.lost

    @property
    def open(self) -> bool:
        """Whether the next message may be tried here."""
        return not self._wire.lost

    async def carry(self, message: Message, intend: Intend, enter: Enter) -> Verdict | None:
        """One message. Enters its outcome, unless that is `owed`: then nothing was tried and the caller decides.

        None: the intent was refused and not a byte of the body left. Any exception aborts the connection first.
        """
        try:
            verdict = self._local(message) or await self._envelope(message)
            if verdict is not None:
                if verdict.outcome.kind is not OutcomeKind.OWED:
                    self.carried += 1
                    enter(message.delivery, verdict.outcome)
            elif await intend(message.delivery):
                verdict = await self._intended(message, enter)
            else:
                await self._reset()
                return None
            await self._settle(verdict)
        except BaseException:
            self._wire.abort()
            raise
        return verdict

    async def quit(self) -> None:
        """Say goodbye and hang up, whatever the answer."""
        try:
            if self.open:
                await self._command(Phase.MAIL, b"QUIT", self._deadlines.quit)
        finally:
            self._wire.abort()

    def _local(self, message: Message) -> Verdict | None:
        """What makes this message impossible here before a byte is written."""
        envelope, size = message.envelope, len(message.data)
        if not (is_address(envelope.sender) and envelope.sender.isascii()):
            reply = read_reply(Phase.LOCAL, 0, f"the return path {envelope.sender!r} cannot be written")
            verdict = judge(Phase.LOCAL, reply)
            return replace(verdict, outcome=replace(verdict.outcome, pause=reply.text))
        if not is_address(envelope.recipient):
            return _refused_here(553, "5.1.3 not an address that can be written on the wire")
        if not envelope.recipient.isascii() and not self._offered.smtputf8:
            return _refused_here(553, "5.6.7 the relay does not offer SMTPUTF8")
        if self._offered.size and size > self._offered.size:
            return _refused_here(552, f"5.3.4 {size} octets, the relay takes {self._offered.size}")
        return None

    async def _envelope(self, message: Message) -> Verdict | None:
        """MAIL and RCPT, byte for byte what is stored; None when both are accepted."""
        envelope = message.envelope
        options = f" SIZE={len(message.data)}" if self._offered.size is not None else ""
        options += "" if envelope.recipient.isascii() else " SMTPUTF8"
        commands = (
            (Phase.MAIL, f"MAIL FROM:<{envelope.sender}>{options}"),
            (Phase.RCPT, f"RCPT TO:<{envelope.recipient}>"),
        )
        for phase, command in commands:
            reply = await self._command(phase, command.encode(), self._deadlines.command)
            if not goes_on(phase, reply.code):
                return judge(phase, reply)
        return None

    async def _intended(self, message: Message, enter: Enter) -> Verdict:
        """From a durable intent to an outcome, which is entered whatever happens.

        The caller's cancellation does not end it: the dot's answer is worth its wait. A second one does.
        """
        task = asyncio.ensure_future(self._data(message, enter))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise

    async def _data(self, message: Message, enter: Enter) -> Verdict:
        verdict = judge(Phase.DATA, no_reply(Phase.DATA, "ended by us before the body"))
        try:
            reply = await self._command(Phase.DATA, b"DATA", self._deadlines.data)
            if goes_on(Phase.DATA, reply.code) and self.open:
                verdict = judge(Phase.DOT, no_reply(Phase.DOT, "ended by us before the answer"))
                reply, whole = await self._body(message.data)
                self._mark("after_reply")
                verdict = judge(Phase.DOT, reply)
                verdict = verdict if whole else replace(verdict, connection=Connection.ABORT)
            else:
                lost = no_reply(Phase.DATA, self._wire.lost)
                verdict = judge(Phase.DATA, lost if goes_on(Phase.DATA, reply.code) else reply)
        finally:
            # Nothing was tried, but the row says `sending` by now: due again at once.
            if verdict.outcome.kind is OutcomeKind.OWED:
                again = replace(verdict.outcome, kind=OutcomeKind.DEFERRED, retry_ms=0)
                verdict = replace(verdict, outcome=again)
            self.carried += 1
            self.sent += verdict.outcome.kind is OutcomeKind.SENT
            enter(message.delivery, verdict.outcome)
        return verdict

    async def _body(self, data: bytes) -> tuple[Reply, bool]:
        """Write body and dot, read the reply: (reply, whether body and dot left whole).

        A reply that comes before the dot is out is the dot's, but a 2xx then is none (SENDING.md 8.1).
        """
        answer = self._wire.expect(Phase.DOT)
        half = len(data) // 2
        whole = False
        try:
            async with asyncio.timeout(self._deadlines.body):
                await self._written(data[:half])
                self._mark("in_body")
                if not answer.done():
                    await self._written(data[half:] + b".\r\n")
                    whole = self._wire.unsent == 0
                    self._mark("after_dot")
        except TimeoutError:
            self._wire.abort(f"the body could not be written within {self._deadlines.body:g} s")
        reply = await self._answered(answer, Phase.DOT, self._deadlines.dot)
        if not whole and reply.code < 300:
            reply = no_reply(Phase.DOT, self._wire.lost or "an answer before the message was written")
        return reply, whole

    async def _written(self, data: bytes) -> None:
        self._wire.write(data)
        await self._wire.drained()

    async def _command(self, phase: Phase, line: bytes, deadline: float) -> Reply:
        answer = self._wire.expect(phase)
        self._wire.write(line + b"\r\n")
        return await self._answered(answer, phase, deadline)

    async def _answered(self, answer: asyncio.Future[Reply], phase: Phase, deadline: float) -> Reply:
        """The reply, or one with code 0 and a connection that is aborted."""
        try:
            async with asyncio.timeout(deadline):
                return await answer
        except TimeoutError:
            why = f"no whole answer within {deadline:g} s"
            self._wire.abort(why)
            return no_reply(phase, why)

    async def _settle(self, verdict: Verdict) -> None:
        """Bring the connection to rest, or to its end."""
        if verdict.connection is Connection.RSET:
            await self._reset()
        elif verdict.connection is Connection.FRESH:
            self.left_by_us = True
            await self.quit()
        elif verdict.connection is Connection.ABORT:
            self._wire.abort(
                f"{verdict.outcome.reply.phase}: {verdict.outcome.reply.code} {verdict.outcome.reply.text}"
            )

    async def _reset(self) -> None:
        reply = await self._command(Phase.MAIL, b"RSET", self._deadlines.command)
        if not goes_on(Phase.MAIL, reply.code):
            self._wire.abort()


def _refused_here(code: int, text: str) -> Verdict:
    return judge(Phase.LOCAL, read_reply(Phase.LOCAL, code, text))
