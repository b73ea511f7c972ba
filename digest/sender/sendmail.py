"""Messages to this machine's own `sendmail` program, one process for each: Postfix, Exim, msmtp and others bring one.

The whole message is the program's standard input before the program starts, as a file in memory. So there is no moment
at which our own end could leave it half a message, or none, that it would take for a whole one. Handing over is the
starting of the process; what is known of it afterwards is its exit code (SENDING.md 7.6).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from digest.errors import TransportError
from digest.model import Delivery, Envelope, Message, Outcome, OutcomeKind, Phase
from digest.protocols import Enter, Intend, Mark, NextMessage, no_mark
from digest.sender.exits import here, outcome_of
from digest.sender.headers import is_address
from digest.sender.replies import classify_reply, read_reply

_NOTHING_TO_RUN = (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError)
_SAID = 2_000  # octets of what the program prints that are kept; it cannot print more than a page
_PAGE = 65_536
_BURIAL = 5.0  # seconds for a killed program to be gone; nothing hangs on it
_PASSED_ON = ("HOME", "USER", "LOGNAME", "TZ")  # what programs find their own settings by; never a secret of ours


class SendmailTransport:
    """`[transports.NAME]` with kind = "sendmail"."""

    def __init__(
        self,
        *,
        name: str,
        command: Sequence[str] = ("/usr/sbin/sendmail",),
        processes: int = 4,
        deadline: timedelta = timedelta(minutes=10),
        mark: Mark = no_mark,
    ) -> None:
        """`command`: an absolute path and further arguments. `processes` at one time; each has `deadline` to end in."""
        self.name = name
        self._command = tuple(command)
        self._most = max(1, processes)
        self._deadline = deadline.total_seconds()
        self._mark = mark

    async def deliver(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        """As Transport.deliver. A cancelled call waits for the programs that run; a second cancelling ends them.

        Raises TransportError when the program cannot be started, permanent when there is none.
        """
        hand = _Hand(next_message, intend, enter)
        workers = {asyncio.create_task(self._work(hand)) for _ in range(self._most)}
        ended: BaseException | None = None
        try:
            while workers:
                try:
                    done, workers = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
                except asyncio.CancelledError as cancelled:
                    hand.end(workers, at_once=ended is not None)
                    ended = ended or cancelled
                else:
                    failures = [error for task in done if (error := _failure(task)) is not None]
                    if failures:
                        hand.end(workers, at_once=False)
                        ended = ended or failures[0]
        finally:
            hand.give_up(str(ended or "not tried"))
        if ended is not None:
            raise ended

    async def _work(self, hand: _Hand) -> None:
        """One message after the other, until there are no more or the way out is closed."""
        while (message := await hand.next_message()) is not None:
            refused = _local(message.envelope)
            if refused is not None:
                hand.enter(message.delivery, refused)
                continue
            if why := self._unusable():
                raise TransportError(f"{self.name}: {why}", permanent=True)
            if await hand.intend(message.delivery):
                with hand.busy():
                    await self._hand_over(message, hand.enter)

    def _unusable(self) -> str:
        """Why there is no program to start, in words; "" when there is one."""
        program = Path(self._command[0])
        return "" if program.is_file() and os.access(program, os.X_OK) else f"{program} is no program"

    async def _hand_over(self, message: Message, enter: Enter) -> None:
        """Start the program with the message and enter what became of it."""
        with _memory("message") as body, _memory("said") as said:
            _put_message(body, message.data)
            _bound(said)
            self._mark("in_body")
            try:
                process = await self._start(message.envelope, body, said)
            except OSError as error:
                why = f"{self._command[0]}: {error.strerror or error}"
                enter(message.delivery, here(OutcomeKind.DEFERRED, 0, why, retry_ms=0))
                raise TransportError(f"{self.name}: {why}", permanent=isinstance(error, _NOTHING_TO_RUN)) from error
            except asyncio.CancelledError:  # it has the whole message from its first moment on
                enter(message.delivery, here(OutcomeKind.IN_DOUBT, 0, "ended by us while it was started"))
                raise
            self._mark("after_dot")
            try:
                code = await self._end_of(process)
            except asyncio.CancelledError:
                enter(message.delivery, here(OutcomeKind.IN_DOUBT, 0, "ended by us before it said anything"))
                raise
            self._mark("after_reply")
            enter(message.delivery, outcome_of(code, _printed(said)))

    async def _start(self, envelope: Envelope, body: int, said: int) -> Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            *arguments(envelope),
            stdin=body,
            stdout=said,
            stderr=said,
            cwd="/",
            env=_environment(),
            start_new_session=True,  # a Ctrl-C is ours, not its
        )

    async def _end_of(self, process: Process) -> int | None:
        """Its exit code, negative for the signal that ended it; None: it still ran at the deadline and was killed."""
        try:
            async with asyncio.timeout(self._deadline):
                return await process.wait()
        except TimeoutError:
            return None
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError, TimeoutError):
                    os.killpg(process.pid, signal.SIGKILL)
                    async with asyncio.timeout(_BURIAL):
                        await process.wait()


class _Hand:
    """What the workers of one deliver() share: messages are pulled one at a time, and each is entered once."""

    def __init__(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        self._next_message = next_message
        self._intend = intend
        self._enter = enter
        self._one_at_a_time = asyncio.Lock()
        self._ended = False
        self._busy: set[asyncio.Task[None] | None] = set()
        self._pulled: dict[tuple[int, int], Delivery] = {}

    async def next_message(self) -> Message | None:
        async with self._one_at_a_time:
            message = None if self._ended else await self._next_message()
        if message is None:
            self._ended = True
        else:
            self._pulled[_key(message.delivery)] = message.delivery
        return message

    async def intend(self, delivery: Delivery) -> bool:
        """As handed in; a refused one is nobody's any more."""
        durable = await self._intend(delivery)
        if not durable:
            del self._pulled[_key(delivery)]
        return durable

    def enter(self, delivery: Delivery, outcome: Outcome) -> None:
        """As handed in."""
        del self._pulled[_key(delivery)]
        self._enter(delivery, outcome)

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Whoever is in here has a program running."""
        task = asyncio.current_task()
        self._busy.add(task)
        try:
            yield
        finally:
            self._busy.discard(task)

    def end(self, workers: Iterable[asyncio.Task[None]], *, at_once: bool) -> None:
        """No more messages; cancel the workers that have no program running, `at_once` the others too."""
        self._ended = True
        for worker in workers:
            if at_once or worker not in self._busy:
                worker.cancel()

    def give_up(self, why: str) -> None:
        """What was pulled and came to nothing is owed."""
        for delivery in tuple(self._pulled.values()):
            self.enter(delivery, here(OutcomeKind.OWED, 0, why))


def arguments(envelope: Envelope) -> tuple[bytes, ...]:
    """What follows the command. Nothing behind `--` is an option, and a sender never begins with a hyphen (_local)."""
    return b"-i", b"-f", envelope.sender.encode(), b"--", envelope.recipient.encode()


def _local(envelope: Envelope) -> Outcome | None:
    """What makes this envelope impossible here; None when it can go on a command line."""
    sender = envelope.sender
    if not is_address(sender) or not sender.isascii() or sender.startswith("-"):
        why = f"the return path {sender!r} cannot be written"
        return here(OutcomeKind.OWED, 0, why, pause=why)
    if not is_address(envelope.recipient):
        refused = read_reply(Phase.LOCAL, 553, "5.1.3 not an address that can be handed over")
        return classify_reply(Phase.LOCAL, refused)
    return None


@contextlib.contextmanager
def _memory(name: str) -> Iterator[int]:
    """The descriptor of a file that is nowhere on disk."""
    handle = os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        yield handle
    finally:
        os.close(handle)


def _put_message(handle: int, data: bytes) -> None:
    """With this machine's own line ends, as such programs read it."""
    with open(handle, "wb", closefd=False) as file:
        file.write(data.replace(b"\r\n", b"\n"))
    os.lseek(handle, 0, os.SEEK_SET)


def _bound(handle: int) -> None:
    """A program that prints without end must not fill our memory: what passes the page is refused to it."""
    os.truncate(handle, _PAGE)
    fcntl.fcntl(handle, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)


def _printed(handle: int) -> str:
    """What the program printed, as one line."""
    printed = os.pread(handle, _SAID, 0).partition(b"\0")[0]
    return " ".join(printed.decode("utf-8", "replace").split())


def _environment() -> dict[str, str]:
    """A path, plain English and whose home it is; nothing else of ours, above all no password."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", **kept}


def _failure(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


def _key(delivery: Delivery) -> tuple[int, int]:
    return delivery.issue_id, delivery.id
