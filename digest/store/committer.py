"""Group commit: while one COMMIT is on its way to the disk, the next group gathers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator
from typing import Any

from digest.errors import StoreError
from digest.model import Delivery, Intent, Outcome, OutcomeKind, Phase, Posted, Reply
from digest.protocols import Ledger, Mark, no_mark

Told = Callable[[Delivery, bool | None], None]
_MOST = 100  # outcomes or intents in one transaction
_PATIENCE = 0.005  # seconds that outcomes alone wait for an intent to ride with (SENDING.md 5)
_GATHERING = 0.0005  # seconds that a first intent waits for others; at once made groups of two and doubled the CPU


class Committer:
    """Takes intents and outcomes of all connections and commits them in groups, one group at a time.

    Open it inside a running loop, close() it and wait: an outcome entered is on disk once close() returned. When a
    commit fails, every intent waiting raises StoreError, and so does every later one; outcomes are kept and tried
    once more at the end.
    """

    def __init__(self, ledger: Ledger, *, clock: Callable[[], int], mark: Mark = no_mark) -> None:
        """`clock` gives UTC milliseconds: when an intent is committed decides whether its row is expired.

        `mark` is called with before_c4, after_c4 around commits with intents, after_c5 behind ones with outcomes.
        """
        self._ledger = ledger
        self._clock = clock
        self._mark = mark
        self._posted: list[Posted] = []
        self._intents: list[_Answer] = []
        self._loop = asyncio.get_running_loop()
        self._something = asyncio.Event()
        self._open = 0  # bodies that may be on the wire: as many connections are at work beside those that wait
        self._enough = 1  # intents that are worth waking up for
        self._idle = True
        self._durable = asyncio.Event()
        self._closing = False
        self._failure: StoreError | None = None
        self._task = asyncio.create_task(self._work(), name="committer")

    async def intend(self, delivery: Delivery) -> bool:
        """As ask(), for whoever waits."""
        return await self.ask(delivery)

    def ask(self, delivery: Delivery, told: Told | None = None) -> asyncio.Future[bool]:
        """True once the intent is durable; False when it was refused: then not one byte of the body may leave.

        It has a StoreError when it could not be committed; raises one when none is taken any more. `told` hears the
        answer too, at once and exactly once; None: there is none, or nobody waits for it any more.
        """
        if self._failure is not None or self._closing:
            raise self._failure or StoreError("the sending is ending: no more intents")
        answer = _Answer(self, delivery, told)
        self._intents.append(answer)
        if len(self._intents) >= self._enough:
            self._something.set()
        return answer

    def enter(self, posted: Posted) -> None:
        """Post an outcome; returns at once, it is committed with the next group."""
        self._posted.append(posted)
        self._open -= posted.attempt != posted.delivery.attempt
        if self._idle or len(self._posted) >= _MOST:
            self._something.set()

    async def settled(self) -> None:
        """Return when every outcome entered so far is durable, or nothing can be written any more."""
        while self._posted and self._failure is None and not self._task.done():
            self._durable.clear()
            await self._durable.wait()

    async def close(self) -> None:
        """Commit what is waiting and end. Raises StoreError when outcomes could not be committed at last.

        A cancelled caller waits all the same: cutting the last commit off would leave its rows in doubt.
        """
        self._closing = True
        self._something.set()
        cancelled: asyncio.CancelledError | None = None
        while not self._task.done():
            try:
                await asyncio.wait((self._task,))
            except asyncio.CancelledError as error:
                cancelled = error
        self._task.result()
        if cancelled is not None:
            raise cancelled

    async def _work(self) -> None:
        try:
            while await self._gathered():
                try:
                    await self._commit()
                except StoreError as error:
                    self._fail(error)
                    break
            await self._end()
        except BaseException as error:
            # Nobody may wait for an answer that never comes.
            self._fail(error if isinstance(error, StoreError) else StoreError(f"the ledger's writer ended: {error!r}"))
            raise

    async def _gathered(self) -> bool:
        """Wait for something to commit; False when there is nothing left and close() was called."""
        self._enough, self._idle = 1, True
        while not (self._posted or self._intents):
            if self._closing:
                return False
            await self._told(None)
        self._idle = False
        await asyncio.sleep(0)  # whoever is ready at this moment rides along
        if not self._intents and not self._closing and len(self._posted) < _MOST:
            await self._told(_PATIENCE)
        third = (self._open + len(self._intents)) // 3
        if len(self._intents) < third and not self._closing:
            self._enough = third
            await self._told(_GATHERING)
        return True

    async def _told(self, seconds: float | None) -> None:
        """Wait until there is enough of what is waited for, at most so long."""
        self._something.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._something.wait()

    async def _commit(self) -> None:
        posted = self._posted[:_MOST]
        waiting = [answer for answer in self._intents[:_MOST] if not answer.done()]
        self._intents[:_MOST] = waiting
        if waiting:
            self._mark("before_c4")
        now = self._clock()
        intents = [Intent(delivery=answer.delivery, now=now) for answer in waiting]
        refused = await self._ledger.commit(posted, intents)
        if waiting:
            self._mark("after_c4")
        if posted:
            self._mark("after_c5")
        del self._posted[: len(posted)], self._intents[: len(waiting)]
        self._durable.set()
        for answer in waiting:
            delivery = answer.delivery
            granted = not refused or (delivery.issue_id, delivery.id) not in refused
            self._open += granted
            if not answer.done():
                answer.tell(granted)
                answer.set_result(granted)
            elif granted:
                self.give_back(delivery)

    def give_back(self, delivery: Delivery) -> None:
        """Whoever asked was cancelled meanwhile, so no byte of the body was written: owed, not in doubt."""
        reply = Reply(phase=Phase.LOCAL, text="ended before the body")
        outcome = Outcome(kind=OutcomeKind.OWED, reply=reply)
        self.enter(Posted(delivery=delivery, attempt=delivery.attempt + 1, outcome=outcome))

    async def _end(self) -> None:
        """After a failure: wait for the outcomes of the bodies at hand, then try all of them once more."""
        while self._failure is not None and not self._closing:
            self._something.clear()
            await self._something.wait()
        while self._posted:
            await self._commit()

    def _fail(self, error: StoreError) -> None:
        self._failure = error
        self._durable.set()
        for answer in self._intents:
            answer.tell(None)
            if not answer.done():
                answer.set_exception(StoreError(str(error), final=error.final))
        self._intents.clear()


class _Answer(asyncio.Future[bool]):
    """What becomes of one intent."""

    def __init__(self, committer: Committer, delivery: Delivery, told: Told | None) -> None:
        super().__init__()
        self.delivery = delivery
        self._committer = committer
        self._told = told

    def tell(self, granted: bool | None) -> None:  # noqa: FBT001 - there is nothing else to tell
        """Whoever wants to know at once; the first time alone."""
        told, self._told = self._told, None
        if told is not None:
            told(self.delivery, granted)

    def cancel(self, msg: Any = None) -> bool:
        """Nobody waits for it any more."""
        cancelled = super().cancel(msg)
        if cancelled:
            self.tell(None)
        return cancelled

    def __await__(self) -> Generator[Any, None, bool]:
        try:
            return (yield from super().__await__())
        except asyncio.CancelledError:
            if not self.cancelled() and self.exception() is None and self.result():
                self._committer.give_back(self.delivery)  # granted and cancelled in one turn of the loop
            raise
