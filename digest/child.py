"""Run one function in a child process that may hang, eat memory or die, and nothing else dies with it.

Why not ProcessPoolExecutor: one dying worker fails every queued call, and a hung call cannot be cancelled
(tried with Python 3.11.7). The child is started by the first call, kept for the next ones, and replaced after it died.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from importlib import import_module
from typing import Any, BinaryIO

from digest.errors import DigestError

_LENGTH = struct.Struct(">Q")
_START_SECONDS = 30.0  # importing a parser on a busy machine


class ChildError(DigestError):
    """The child gave no answer."""


class ChildDied(ChildError):  # noqa: N818 - reads as what happened
    """The child ended in the middle of a call: a crash in a native library, or out of memory."""


class ChildTimeout(ChildError):  # noqa: N818 - reads as what happened
    """The child had no answer within its deadline and was killed."""


class Child:
    """A function of another module, called in a process of its own.

    `target` is "package.module:function"; arguments, result and errors are pickled. `deadline` is seconds per call,
    `memory_mb` the address space the child may use. Calls from several threads wait for each other.
    """

    def __init__(self, target: str, *, deadline: float, memory_mb: int = 1024) -> None:
        """Nothing is started yet."""
        self.target = target
        self.deadline = deadline
        self.memory_mb = memory_mb
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """The function's result. Raises its DigestError, or ChildDied or ChildTimeout; the next call starts afresh."""
        return _result(self._answer(pickle.dumps((args, kwargs))))

    @property
    def runs(self) -> bool:
        """Whether it was started and has not died since, as far as is known."""
        return self._process is not None

    def start(self) -> None:
        """Let the child begin its imports unless it runs, so that the next call finds it ready; waits for nothing."""
        with self._lock, contextlib.suppress(OSError):  # the call will say it
            if self._process is None:
                self._launch()

    def _answer(self, call: bytes) -> bytes:
        with self._lock:
            process = self._process or self._launch()
            if not self._ready:
                self._await(process)
            try:
                _write(process.stdin, call)
                return _read(process.stdout, time.monotonic() + self.deadline)
            except TimeoutError as error:
                self._end()
                raise ChildTimeout(f"{self.target} took more than {self.deadline:g} s") from error
            except (OSError, EOFError) as error:
                code = self._end()
                raise ChildDied(f"{self.target} died ({_say(code)})") from error
            except BaseException:  # a half-read answer would be taken for the next call's
                self._end()
                raise

    def close(self) -> None:
        """End the child; a later call starts a new one."""
        with self._lock:
            self._end()

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "digest.child", self.target, str(self.deadline), str(self.memory_mb)]
        # A session of its own: Ctrl-C is the parent's to handle, also while the child still imports.
        process = subprocess.Popen(  # noqa: S603 - our own words
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        self._process, self._ready = process, False
        return process

    def _await(self, process: subprocess.Popen[bytes]) -> None:
        """Until the child has imported what it needs."""
        try:
            _read(process.stdout, time.monotonic() + _START_SECONDS)
        except (OSError, EOFError) as error:  # TimeoutError is an OSError
            code = self._end()
            raise ChildDied(f"{self.target} did not start ({_say(code)})") from error
        self._ready = True

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with contextlib.suppress(OSError):
            process.kill()
        code = process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        return code

    def __del__(self) -> None:
        """Leave no child behind."""
        if getattr(self, "_process", None) is not None:
            self._end()


class Children:
    """Several children of one target: a call goes to one that is free, and waits for one when none is.

    The one used last is used first: a second child starts only when two calls come at once.
    """

    def __init__(self, target: str, *, count: int, deadline: float, memory_mb: int = 1024) -> None:
        """Nothing is started yet."""
        self.count = count
        self._all = [Child(target, deadline=deadline, memory_mb=memory_mb) for _ in range(count)]
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        for child in reversed(self._all):
            self._free.put(child)

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """As Child.call(): what one call does to its child costs no other call."""
        call = pickle.dumps((args, kwargs))
        child = self._free.get()
        try:
            answer = child._answer(call)  # noqa: SLF001 - unpacked when the child has its next call
        finally:
            self._free.put(child)
        return _result(answer)

    def start(self) -> None:
        """Let one more begin its imports, where not all run; waits for nothing."""
        idle = next((child for child in self._all if not child.runs), None)
        if idle is not None:
            idle.start()

    def close(self) -> None:
        """End all children; later calls start new ones."""
        for child in self._all:
            child.close()


def _say(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"


def _result(answer: bytes) -> Any:
    good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if good:
        return value
    raise value


def _write(stream: Any, data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _read(stream: Any, until: float) -> bytes:
    """One frame. Raises TimeoutError, or EOFError when the other end is gone."""
    (length,) = _LENGTH.unpack(_exactly(stream.fileno(), _LENGTH.size, until))
    return _exactly(stream.fileno(), length, until)


def _exactly(descriptor: int, count: int, until: float) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(descriptor, min(count - len(parts), 1 << 20))
        if not piece:
            raise EOFError
        parts += piece
    return bytes(parts)


def _live(target: str, deadline: float, memory_mb: int) -> None:
    """As _serve(), without a word where the parent was killed and nobody reads the answer."""
    try:
        _serve(target, deadline, memory_mb)
    except BrokenPipeError:
        os._exit(0)  # what is still buffered has nowhere to go


def _serve(target: str, deadline: float, memory_mb: int) -> None:
    """The child's life: answer calls until the parent closes the pipe."""
    replies: BinaryIO = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not land between the frames
    module, _, name = target.partition(":")
    function = getattr(import_module(module), name)
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _write(replies, b"ready")
    while True:
        try:
            args, kwargs = _next_call()
        except EOFError:
            return
        # Should the parent be gone, nobody else ends a hung call: SIGALRM's default action does.
        signal.setitimer(signal.ITIMER_REAL, deadline + 5)
        try:
            answer = (True, function(*args, **kwargs))
        except DigestError as error:
            answer = (False, error)
        except Exception as error:  # noqa: BLE001 - whatever hostile input provoked goes back as one line
            answer = (False, ChildError(f"{target}: {type(error).__name__}: {error}"))
        signal.setitimer(signal.ITIMER_REAL, 0)
        _write(replies, pickle.dumps(answer))


def _next_call() -> Any:
    (length,) = _LENGTH.unpack(_from_parent(_LENGTH.size))
    return pickle.loads(_from_parent(length))  # noqa: S301 - written by our own parent


def _from_parent(count: int) -> bytes:
    data = sys.stdin.buffer.read(count)
    if len(data) < count:
        raise EOFError
    return data


if __name__ == "__main__":
    # Run the imported module, not this second copy of it: errors must have the parent's names.
    import_module("digest.child")._live(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))  # noqa: SLF001
