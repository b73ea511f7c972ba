"""A long list's rows, put down beside the store first, so that one statement takes them over.

Whoever unsubscribes meanwhile waits for that statement alone, not for a million keyed hashes; and SQLite takes rows over
from a database that is attached in two thirds of the time that a statement for each of them costs.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path

from digest.model import NewDelivery

_STAGES = itertools.count(1)  # of this process: two issues may be frozen at once
_ROWS_AT_ONCE = 50  # in one statement: half the time of one each, and more gain nothing
_ROW = "(NULL, ?, ?, ?, ?, ?, ?, ?)"  # its id is the next one


class Stage:
    """A database of one table, `rows`: id from 1 in the list's order, and what a NewDelivery holds.

    A file of this process, 0600, without a name as soon as the store has it open; what a crash left of another one
    goes when the next is made.
    """

    def __init__(self, database: Path) -> None:
        """Beside this store."""
        self.path = database.with_name(f"{database.name}.freezing-{os.getpid()}-{next(_STAGES)}")
        self._all = f"{database.name}.freezing-*"
        self._lock: int | None = None
        self.count = 0

    def fill(self, deliveries: Iterable[NewDelivery]) -> None:
        """All of them, a few in memory at a time. Raises sqlite3.Error, OSError."""
        self._sweep()
        self._lock = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)  # another one than SQLite's: that we live
        waiting = iter(deliveries)
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as connection:
            # Nobody wants it back after a crash.
            for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
                connection.execute(f"PRAGMA {setting}")
            connection.execute(
                "CREATE TABLE rows (id INTEGER PRIMARY KEY, subscriber, address_hash, address, domain, message_id,"
                " variant, holes)"
            )
            connection.execute("BEGIN")
            while group := tuple(itertools.islice(waiting, _ROWS_AT_ONCE)):
                rows = ", ".join([_ROW] * len(group))
                connection.execute(f"INSERT INTO rows VALUES {rows}", _values(group))  # noqa: S608 - question marks
                self.count += len(group)
            connection.execute("COMMIT")

    @contextlib.contextmanager
    def attached(self, connection: sqlite3.Connection) -> Iterator[None]:
        """Its rows are `staged.rows` of this connection, which is in no transaction."""
        _detach(connection)
        connection.execute("ATTACH DATABASE ? AS staged", (str(self.path),))
        connection.execute("SELECT count(*) FROM staged.sqlite_schema").fetchone()  # only this opens the file
        self.remove()
        try:
            yield
        finally:
            _detach(connection)

    def remove(self) -> None:
        """Take the name off the file."""
        if self._lock is not None:
            self.path.unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _sweep(self) -> None:
        """Take away what nobody holds any more; our own name may be one of an earlier process with this number."""
        for left in self.path.parent.glob(self._all):
            with contextlib.suppress(OSError):  # held, or gone already
                found = os.open(left, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    left.unlink()
                finally:
                    os.close(found)


def _detach(connection: sqlite3.Connection) -> None:
    """What was committed stands whether this works or not: then the next one does it."""
    with contextlib.suppress(sqlite3.Error):
        connection.execute("DETACH DATABASE staged")


def _values(group: Iterable[NewDelivery]) -> list[object]:
    """Those of all rows, one behind the other."""
    return [
        value
        for one in group
        for value in (
            one.subscriber,
            one.address_hash,
            one.address,
            one.domain,
            one.message_id,
            one.variant,
            _as_json(one.holes),
        )
    ]


def _as_json(holes: Mapping[str, str]) -> str:
    """What json.dumps says, in a quarter of its time."""
    return "{" + ",".join([f"{_quoted(name)}:{_quoted(value)}" for name, value in holes.items()]) + "}"
