"""Messages to a relay over SMTP: several conversations side by side, one recipient per transaction.

Each worker pulls a message, then connects: nobody connects when nobody is owed. The first connection is made alone,
so that a wrong password is tried once. A worker replaces a connection that ends, and gives up after three in a row
that brought it nothing; when all have given up, the way out is closed for now and what was pulled is `owed`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta
from functools import partial

from digest.errors import TransportError
from digest.model import Delivery, Message, Outcome, OutcomeKind, Phase, Secret
from digest.protocols import Enter, Intend, Mark, NextMessage, no_mark
from digest.sender.connecting import Relay, connect
from digest.sender.pipelining import Conversation, Deadlines
from digest.sender.replies import Verdict, judge, no_reply

_SETBACKS = 3  # connections running that brought a worker nothing, before it gives up; our figure
_TRIES = 3  # of one message within one call

Pause = Callable[[int], float]


def growing_pause(setbacks: int) -> float:
    """Seconds before the next connection: 0.5, 1, 2 ..., at most 10."""
    return min(0.25 * 2.0**setbacks, 10.0)


class SmtpTransport:
    """`[transports.NAME]` with kind = "smtp"."""

    def __init__(
        self,
        *,
        name: str,
        host: str,
        port: int,
        tls: str,
        username: Secret | None = None,
        password: Secret | None = None,
        max_connections: int = 10,
        helo_name: str | None = None,
        per_connection: int = 100,
        connection_age: timedelta = timedelta(minutes=5),
        mark: Mark = no_mark,
        deadlines: Deadlines | None = None,
        tls_context: ssl.SSLContext | None = None,
        pause: Pause = growing_pause,
    ) -> None:
        """`tls` is starttls, implicit or none (this machine alone); `helo_name` None says our own address.

        `per_connection` messages or `connection_age`, whichever comes first, then a fresh connection.
        """
        self.name = name
        self._relay = Relay(
            name=name,
            host=host,
            port=port,
            tls=tls,
            helo_name=helo_name,
            username=username,
            password=password,
            context=tls_context,
        )
        self._deadlines = deadlines or Deadlines()
        self._connect = partial(connect, self._relay, deadlines=self._deadlines, mark=mark)
        self._max_connections = max(1, max_connections)
        self._per_connection = max(1, per_connection)
        self._age = connection_age.total_seconds()
        self._pause = pause

    async def deliver(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        """As Transport.deliver. A cancelled call still waits for the answers to dots that are out and enters them."""
        call = _Call(next_message, intend, enter)
        try:
            first = await call.take()
            if first is not None:
                talk = await self._connect()
                call.put_back(first)
                others = [self._work(call, None) for _ in range(self._max_connections - 1)]
                await _together([self._work(call, talk), *others])
        finally:
            call.give_up()
        if call.closed is not None and (call.left or not call.exhausted):
            raise call.closed

    async def _work(self, call: _Call, talk: Conversation | None) -> None:
        """Carry messages until there are none; end early when the relay has nothing for this worker."""
        opened = time.monotonic()
        setbacks = 0
        try:
            while setbacks < _SETBACKS and (message := await call.take()) is not None:
                try:
                    if talk is None or await self._spent(talk, opened):
                        talk, opened = await self._connect(), time.monotonic()
                except TransportError as error:
                    call.put_back(message)
                    call.refused_by(error)
                    talk = None
                    setbacks += 1
                else:
                    verdict = await talk.carry(message, call.intend, call.enter)
                    if not call.again(message, verdict) and talk.open:
                        setbacks = 0
                        continue
                    call.refused_by(TransportError(f"{self._relay.place}: {talk.ended or _said(verdict)}"))
                    # A connection that did its work and ended is no setback; the next one may do as well.
                    setbacks = 0 if talk.sent and not talk.open else setbacks + 1
                    if talk.left_by_us:
                        continue
                if setbacks < _SETBACKS:
                    await asyncio.sleep(self._pause(setbacks))
        finally:
            if talk is not None:
                await talk.quit()

    async def _spent(self, talk: Conversation, opened: float) -> bool:
        """Whether a fresh connection is due; the old one is left politely."""
        if talk.open and talk.carried < self._per_connection and time.monotonic() - opened < self._age:
            return False
        await talk.quit()
        return True


class _Call:
    """What the workers of one deliver() share: the messages pulled and not yet entered, and why the relay closed."""

    def __init__(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        self._next_message = next_message
        self._intend = intend
        self._enter = enter
        self._hand: deque[Message] = deque()
        self._pulled: dict[tuple[int, int], Message] = {}
        self._tries: dict[tuple[int, int], int] = {}
        self.closed: TransportError | None = None
        self.left = False
        self.exhausted = False

    async def take(self) -> Message | None:
        """The next message, those put back first; None when there is none or the relay is closed for good."""
        if self.closed is not None and self.closed.permanent:
            return None
        if self._hand:
            return self._hand.popleft()
        message = await self._next_message()
        if message is None:
            self.exhausted = True
            return self._hand.popleft() if self._hand else None
        self._pulled[_key(message.delivery)] = message
        return message

    def put_back(self, message: Message) -> None:
        """Another connection may try it."""
        self._hand.append(message)

    def refused_by(self, error: TransportError) -> None:
        """Remember why; a permanent reason is kept."""
        if self.closed is None or not self.closed.permanent:
            self.closed = error

    async def intend(self, delivery: Delivery) -> bool:
        """As handed in; a refused one is nobody's any more."""
        if await self._intend(delivery):
            return True
        self._pulled.pop(_key(delivery), None)
        return False

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """As handed in, once for each message."""
        if self._pulled.pop(_key(delivery), None) is not None:
            self._tries.pop(_key(delivery), None)
            self._enter(delivery, outcome)

    def again(self, message: Message, verdict: Verdict | None) -> bool:
        """Whether nothing was tried; such a message gets another connection, at most three in all."""
        if verdict is None or verdict.outcome.kind is not OutcomeKind.OWED:
            return False
        key = _key(message.delivery)
        self._tries[key] = self._tries.get(key, 0) + 1
        if verdict.outcome.pause or self._tries[key] >= _TRIES:
            self.enter(message.delivery, verdict.outcome)
        else:
            self.put_back(message)
        return not verdict.outcome.pause

    def give_up(self) -> None:
        """Enter what was pulled and came to nothing as owed."""
        self.left = bool(self._pulled)
        why = str(self.closed or "not tried")
        for message in tuple(self._pulled.values()):
            self.enter(message.delivery, judge(Phase.CONNECT, no_reply(Phase.CONNECT, why)).outcome)


def _said(verdict: Verdict | None) -> str:
    return f"{verdict.outcome.reply.code} {verdict.outcome.reply.text}" if verdict is not None else ""


def _key(delivery: Delivery) -> tuple[int, int]:
    return delivery.issue_id, delivery.id


async def _together(work: Iterable[Coroutine[None, None, None]]) -> None:
    """Run all; the first exception, or a cancellation, cancels the rest, which are awaited. A second one again."""
    pending = {asyncio.ensure_future(one) for one in work}
    ended: BaseException | None = None
    while pending:
        try:
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_EXCEPTION)
        except asyncio.CancelledError as error:
            ended = ended or error
        else:
            failed = [task.exception() for task in done if not task.cancelled() and task.exception()]
            ended = ended or next(iter(failed), None)
        if ended is not None:
            for task in pending:
                task.cancel()
    if ended is not None:
        raise ended
