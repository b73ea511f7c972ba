"""The command line, begun again and again in children that find everything imported: to kill it a thousand times.

Each child runs what `digest ARGS` runs, from its arguments to its exit code. The parent must have no thread, no event
loop and no open store of its own: a child would inherit them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import typer

from digest import cli
from digest.cli.ambient import Ambient, part

_LOOK_SECONDS = 0.0005
# What the first send would import; named, since a part is found by its name.
_NEEDED = ("open_app", "logs", "findings")


class Lives:
    """Begins lives of the command in one folder; what they print goes to the file `said`."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime], said: Path) -> None:
        """`clock` is theirs, and may be moved between two lives."""
        self._folder = folder
        self._clock = clock
        self._said = said
        for name in _NEEDED:
            part(name)
        self._command = typer.main.get_command(cli.cli)
        gc.collect()
        gc.freeze()  # what the parent has is never collected in a child: it would be copied page by page

    def begin(self, *args: str) -> int:
        """The pid of a child that runs `digest ARGS`."""
        pid = os.fork()
        if pid:
            return pid
        code = 1
        try:
            os.chdir(self._folder)
            said = os.open(self._said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(said, 1)
            os.dup2(said, 2)
            self._command(args=list(args), prog_name="digest", obj=Ambient(clock=self._clock))
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        finally:
            os._exit(code)

    def whole(self, *args: str) -> int:
        """The exit code of a life that nobody ends."""
        return os.waitstatus_to_exitcode(os.waitpid(self.begin(*args), 0)[1])

    def cut_short(self, until: Callable[[], bool], *args: str, extra: float = 0.0) -> bool:
        """A life that is killed with SIGKILL `extra` seconds after `until()` holds; False where it ended before."""
        pid = self.begin(*args)
        while not until():
            if os.waitpid(pid, os.WNOHANG)[0]:
                return False
            time.sleep(_LOOK_SECONDS)
        time.sleep(extra)
        ended = _ended(pid)
        if not ended:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        return not ended


def _ended(pid: int) -> bool:
    with contextlib.suppress(ChildProcessError):
        return bool(os.waitpid(pid, os.WNOHANG)[0])
    return True
