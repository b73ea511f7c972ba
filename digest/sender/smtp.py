"""Messages to a relay over SMTP: several conversations side by side, one recipient per transaction.

Nobody connects when nobody is owed. The first connection is made alone, so that a wrong password is tried once; then
as many as the relay bears (throttle). A worker replaces a connection that ends; after three setbacks running the way
out is closed for now, and what was pulled is `owed`.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial

from digest.errors import TransportError
from digest.model import Message, OutcomeKind, Secret
from digest.protocols import Enter, Intend, Mark, NextMessage, no_mark
from digest.sender.connecting import Relay, connect, secure_context
from digest.sender.groups import Level
from digest.sender.hand import Hand
from digest.sender.pipelining import Conversation
from digest.sender.replies import Verdict
from digest.sender.terms import Deadlines
from digest.sender.throttle import Destination, RateStore

_IDLE = 5.0  # seconds that a connection without work is kept
_LEVELS = {"auto": Level.FULL, "grouped": Level.GROUPED, "off": Level.SERIAL}

Pause = Callable[[int], float]


def growing_pause(setbacks: int) -> float:
    """Seconds before the next connection: 0.5, 1, 2 ..., at most 10."""
    return min(0.25 * 2.0**setbacks, 10.0)


class SmtpTransport:
    """`[transports.NAME]` with kind = "smtp". What it learns about the relay stays for its life."""

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
        pipelining: str = "auto",
        rate: float | None = None,
        domains: Mapping[str, Mapping[str, float | None]] | None = None,
        rates: RateStore | None = None,
        mark: Mark = no_mark,
        deadlines: Deadlines | None = None,
        tls_context: ssl.SSLContext | None = None,
        pause: Pause = growing_pause,
    ) -> None:
        """`tls` is starttls, implicit or none (this machine alone); `helo_name` None says our own address.

        `per_connection` messages or `connection_age`, whichever comes first, then a fresh connection. `pipelining` is
        auto, grouped or off. `rate` in messages a second; `domains` are recipient domains with a `rate` and a
        `max_connections` of their own, None where they have none; `rates` remembers what was used of them.
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
            context=tls_context or (None if tls == "none" else secure_context()),
        )
        self._deadlines = deadlines or Deadlines()
        self._connect = partial(connect, self._relay, deadlines=self._deadlines, mark=mark)
        self._most = max(1, max_connections)
        place = f"{host}:{port}"
        self._bears = Destination(place, most=self._most, per_second=rate, store=rates)
        self._domains = {
            domain: _domain(domain, place, rules, self._most, rates) for domain, rules in (domains or {}).items()
        }
        self._per_connection = max(1, per_connection)
        self._age = connection_age.total_seconds()
        self._level = _LEVELS[pipelining]
        self._grouped = False  # a group of commands worked here
        self._pause = pause

    async def deliver(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        """As Transport.deliver. A cancelled call still waits for the answers to dots that are out and enters them."""
        rest = self._bears.rest.left(time.time())
        if rest > 0:
            raise TransportError(f"{self._relay.place}: rests for {rest:.0f} s more, after it took nothing")
        hand = Hand(next_message, intend, enter, relay=self._bears, domains=self._domains, pause=self._pause)
        workers = [_Worker(self, hand) for _ in range(self._most)]
        try:
            await _together(hand, workers)
        finally:
            hand.give_up()
        if hand.closed is not None and (hand.left or not hand.exhausted):
            raise hand.closed

    async def open(self) -> Conversation:
        """One more connection, at rest. Raises TransportError."""
        return await self._connect(level=self._level)

    @property
    def place(self) -> str:
        """The relay, for people."""
        return self._relay.place

    def spent(self, given: int, opened: float) -> bool:
        """Whether a connection has had its share: this many messages, or its age."""
        return given > 0 and (given >= self._per_connection or time.monotonic() - opened >= self._age)

    def learn(self, talk: Conversation, ended: str) -> None:
        """What a connection showed of how this relay is to be talked to; `ended`: why it did, "" if we chose to."""
        self._grouped = self._grouped or bool(talk.sent)
        lost_in_its_first_group = bool(ended) and not (self._grouped or talk.left_by_us)
        if talk.surprised or lost_in_its_first_group:
            self._level = Level.SERIAL
        if talk.enough:
            self._per_connection = max(1, min(self._per_connection, talk.carried))


def _domain(
    name: str, place: str, rules: Mapping[str, float | None], most: int, store: RateStore | None
) -> Destination:
    limit = int(rules.get("max_connections") or most)
    return Destination(name, most=min(limit, most), per_second=rules.get("rate"), store=store, behind=place)


class _Worker:
    """One connection at a time, for as long as there is something to carry; the Errand of its conversations."""

    def __init__(self, transport: SmtpTransport, hand: Hand) -> None:
        self._transport = transport
        self._hand = hand
        self._talk: Conversation | None = None
        self._given = 0
        self._opened = 0.0
        self._owed = ""
        self.give_back = hand.give_back
        self.intend = hand.intend
        self.let_go = hand.let_go

    async def run(self) -> None:
        """Until nothing more is to be carried."""
        while await self._hand.admitted():
            try:
                self._talk = await self._transport.open()
            except TransportError as error:
                self._hand.refused_by(error, shrink=True)
            finally:
                if self._talk is None:
                    self._hand.down(stood=False)
            if self._talk is not None:
                self._hand.up()
                try:
                    await self._use(self._talk)
                finally:
                    self._talk = None
                    self._hand.down(stood=True)

    def stop(self) -> bool:
        """Begin nothing more; False: there is no conversation that could be ended with care."""
        if self._talk is None:
            return False
        self._talk.stop()
        return True

    def ready(self) -> Message | None:
        """As Errand.ready: a connection has its share."""
        if self._transport.spent(self._given, self._opened):
            return None
        message = self._hand.ready()
        self._given += message is not None
        return message

    def settle(self, message: Message, verdict: Verdict) -> None:
        """As Errand.settle."""
        if verdict.outcome.kind is OutcomeKind.OWED:
            reply = verdict.outcome.reply
            self._owed = f"{reply.code} {reply.text}"
        self._hand.settle(message, verdict)

    async def _use(self, talk: Conversation) -> None:
        """Carry what is at hand over one connection, and tell the others when it brought nothing."""
        self._given, self._opened, self._owed = 0, time.monotonic(), ""
        try:
            while talk.open and not self._owed and (message := await self._next()) is not None:
                await talk.converse(self, message)
        finally:
            ended = talk.ended
            self._transport.learn(talk, ended)
            await talk.quit()
        if not talk.left_by_us and (self._owed or (ended and not talk.sent)):
            self._hand.refused_by(TransportError(f"{self._transport.place}: {ended or self._owed}"))

    async def _next(self) -> Message | None:
        if self._transport.spent(self._given, self._opened):
            return None
        message = await self._hand.wait(_IDLE)
        self._given += message is not None
        return message


async def _together(hand: Hand, workers: Iterable[_Worker]) -> None:
    """Run all to their end. A first exception or cancellation lets dots that are out be answered; a second does not."""
    serving = {asyncio.ensure_future(worker.run()): worker for worker in workers}
    feeding = asyncio.ensure_future(hand.feed())
    pending: set[asyncio.Future[None]] = {feeding, *serving}
    ended: BaseException | None = None
    while pending:
        if pending == {feeding}:
            hand.close(None)  # nobody is left who would carry anything
        done, pending, cancelled = await _some(pending)
        failed = cancelled or next((error for task in done if (error := _failure(task)) is not None), None)
        if failed is not None and ended is None:
            ended = failed
            hand.close(None)
            unheard = {task for task, worker in serving.items() if not worker.stop()}
            _cancel({feeding, *unheard})
        elif cancelled is not None:
            _cancel(pending)
    if ended is not None:
        raise ended


async def _some(
    pending: set[asyncio.Future[None]],
) -> tuple[set[asyncio.Future[None]], set[asyncio.Future[None]], asyncio.CancelledError | None]:
    """Those that are done now, those that are not, and whether we were cancelled."""
    try:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError as error:
        return set(), pending, error
    return done, pending, None


def _failure(task: asyncio.Future[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


def _cancel(tasks: Iterable[asyncio.Future[None]]) -> None:
    for task in tasks:
        task.cancel()
