"""A running `digest run` for tests, and a free port for its pages."""

import queue
import re
import signal
import socket
import threading
import time


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Daemon:
    """A running `digest run`; `saw(text)` waits for a line of its log."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._new = queue.Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            self._new.put(line)
        self._new.put(None)

    def saw(self, pattern, *, within=30):
        """The first line not asked for yet that has `pattern`."""
        deadline = time.monotonic() + within
        while True:
            try:
                line = self._new.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"no {pattern!r} in:\n{self.log}")
            if re.search(pattern, line):
                return line

    @property
    def log(self):
        return "".join(self.lines)

    def end(self, *, code=0):
        """SIGTERM, and it ends by itself with this exit code within 10 seconds."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self._reader.join(10)
        assert self.process.returncode == code, self.log
        assert "Traceback" not in self.log
        return self.log

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self._reader.join(10)
        self.process.stdout.close()
        self.process.stderr.close()
