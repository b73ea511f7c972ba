"""A long list's rows, put down beside the store first, so that one statement takes them over.

Whoever unsubscribes meanwhile waits for that statement alone, not for a million keyed hashes; and SQLite takes rows over
from a database that is attached in two thirds of the time that a statement for each of them costs.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from json.encoder import encode_basestring_ascii as _quoted
from pathlib import Path

from digest.model import NewDelivery

_ROWS_AT_ONCE = 50  # in one statement: half the time of one each, and more gain nothing
_ROW = "(NULL, ?, ?, ?, ?, ?, ?, ?)"  # its id is the next one


class Stage:
    """A database of one table, `rows`: id from 1 in the list's order, and what a NewDelivery holds.

    A file of this process, 0600, without a name as soon as the store has it open; what a crash left of another one
    goes when the next is made.
    """

    def __init__(self, database: Path) -> None:
        """Beside this store."""
        self.path = database.with_name(f"{database.name}.freezing-{os.getpid()}")
        self.count = 0

    def fill(self, deliveries: Iterable[NewDelivery]) -> None:
        """All of them, a few in memory at a time. Raises sqlite3.Error, OSError."""
        _sweep(self.path)
        os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
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
        connection.execute("ATTACH DATABASE ? AS staged", (str(self.path),))
        connection.execute("SELECT count(*) FROM staged.sqlite_schema")  # only this opens the file
        self.remove()
        try:
            yield
        finally:
            with contextlib.suppress(sqlite3.Error):  # what went wrong before says more
                connection.execute("DETACH DATABASE staged")

    def remove(self) -> None:
        """Take the name off the file."""
        self.path.unlink(missing_ok=True)


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


def _sweep(path: Path) -> None:
    """Our own name may be one of an earlier process with this number."""
    path.unlink(missing_ok=True)
    for left in path.parent.glob(f"{path.name.rpartition('-')[0]}-*"):
        number = left.name.rpartition("-")[2]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            left.unlink(missing_ok=True)
