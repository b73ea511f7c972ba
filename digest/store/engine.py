"""SQLite as the ledger needs it: durable commits, one writer thread, short reads beside it."""

from __future__ import annotations

import asyncio
import ctypes
import os
import sqlite3
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import ConnectionPoolEntry

from digest.errors import StoreError
from digest.store.failures import disk_failed, one_line, primary_code
from digest.store.place import database_path, prepare_place

_T = TypeVar("_T")
Act = Callable[[Connection], _T]

Beside = Callable[[sqlite3.Connection], AbstractContextManager[None]]

_BUSY_SECONDS = 5
_FSYNCS = 20
_FAST = 0.0005  # seconds; an fsync of 3 ms on the loop's own thread cost half the rate (SENDING.md 11)
WRITING = "BEGIN IMMEDIATE"  # with a deferred BEGIN two processes lost 300 of 600 updates without an error
READING = "BEGIN"


def _nothing_beside(_: sqlite3.Connection) -> AbstractContextManager[None]:
    return nullcontext()


def make_engine(path: Path, begin: str, *, ours: bool = True) -> Engine:
    """An engine whose transactions start with `begin` (WRITING or READING); one for READING cannot write.

    With `ours` false the file may be anybody's: it is not switched to WAL.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
    )

    def prepare(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # pysqlite's own BEGIN comes too late to protect a read before a write
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={_BUSY_SECONDS * 1000}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "trusted_schema=OFF",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        if ours:
            _use_wal(cursor, path)
        if begin == READING:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    def start(connection: Connection) -> None:
        driver = _driver(connection)
        if not driver.in_transaction:  # one that _write() began itself is gone on with
            driver.execute(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
    return engine


def _use_wal(cursor: DBAPICursor, path: Path) -> None:
    """Switch the file to WAL; several processes may open a new one at once, and busy_timeout does not cover this."""
    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            answer = cursor.fetchone()
        except sqlite3.OperationalError as error:
            if primary_code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)
            continue
        if answer is None or answer[0] != "wal":
            raise StoreError(f"{path}: this file system cannot hold a write-ahead log; use a local disk")
        return


class Database:
    """One store file: writes one after the other in a thread of their own, reads in others.

    Raises StoreError, one line, for whatever goes wrong. After a failed read or write of the disk nothing more is
    written: a second fsync may claim success for pages that the first one lost.
    """

    def __init__(self, path: Path) -> None:
        """Use open()."""
        self.path = path
        self._writing = make_engine(path, WRITING)
        self._reading = make_engine(path, READING)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-writer")
        # Apart from the writer, who may be waiting for its turn behind the very transaction that is to be committed.
        self._committing = ThreadPoolExecutor(1, thread_name_prefix="store-commit")
        self._broken = False
        self._busy = threading.Lock()  # of writes, wherever they run
        self._fast = self._measured = False
        self._held: Connection | None = None  # by whoever writes: to ask the pool each time cost 40 us a message

    @classmethod
    async def open(cls, url: str, *, quick_check: bool = True) -> Database:
        """Open the file behind `url`, making it (empty) when it is missing. Raises StoreError when it is damaged."""
        path = database_path(url)
        with one_line(path):
            await asyncio.to_thread(prepare_place, path)
        database = cls(path)
        try:
            if quick_check:
                await database.read(lambda connection: _check(connection, path))
        except BaseException:
            await database.close()
            raise
        return database

    async def write(self, act: Act[_T], *, quick: bool = False, beside: Beside = _nothing_beside) -> _T:
        """Run `act` in a transaction of its own; when this returns it is on disk, when it raises nothing is.

        `beside` is open around the transaction, which itself can attach no database; not for one that is `quick`.

        One that is `quick` runs on the caller's thread once measure() was called, and so does its commit where the disk
        is fast: handing it over would cost more than it does. Only the wait for a slow disk has a thread of its own.
        """
        if not (quick and self._measured and self._busy.acquire(blocking=False)):
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._write_in_turn, act, beside)
        if not self._fast:
            return await self._write_here(act)
        try:
            return self._write(act)
        finally:
            self._busy.release()

    async def measure(self) -> float:
        """Seconds one fsync takes here, the median of 20; decides where quick writes run."""
        with one_line(self.path):
            seconds = await asyncio.to_thread(_fsync_seconds, self.path.parent)
        self._fast, self._measured = seconds <= _FAST, True
        return seconds

    async def read(self, act: Act[_T]) -> _T:
        """Run `act` on one snapshot; it cannot write."""
        return await asyncio.to_thread(self._read, act)

    async def close(self) -> None:
        """Wait for the writes at hand, then let go of the file."""
        await asyncio.to_thread(self._committing.shutdown)
        await asyncio.to_thread(self._writer.shutdown)
        self._let_go()
        self._writing.dispose()
        self._reading.dispose()

    def _write_in_turn(self, act: Act[_T], beside: Beside) -> _T:
        with self._busy:
            return self._write(act, beside)

    def _write(self, act: Act[_T], beside: Beside = _nothing_beside) -> _T:
        with self._connected() as connection, beside(_driver(connection)):
            result = _begun(connection, act)
            _commit(connection)
            return result

    async def _write_here(self, act: Act[_T]) -> _T:
        """The statements on this thread, where none of them waits for the interpreter's lock; the commit in another.

        Whoever is cancelled meanwhile leaves a commit that is made all the same.
        """
        try:
            with self._connected() as connection:
                result = _begun(connection, act)
        except BaseException:
            self._busy.release()
            raise
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._committing, self._commit))
        return result

    def _commit(self) -> None:
        try:
            with self._connected() as connection:
                _commit(connection)
        finally:
            self._busy.release()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """The writing connection, which stays; whatever goes wrong ends it, and what was begun on it."""
        if self._broken:
            raise StoreError(f"{self.path}: the disk failed before; nothing more is written to it", final=True)
        with one_line(self.path):
            try:
                if self._held is None:
                    self._held = self._writing.connect()
                yield self._held
            except Exception as error:
                self._broken = disk_failed(error)
                self._let_go(for_good=True)
                raise

    def _let_go(self, *, for_good: bool = False) -> None:
        """Nobody gets it again `for_good`: after a commit that failed a transaction may still be open on it."""
        held, self._held = self._held, None
        if held is None:
            return
        if self._broken:
            _leave_open(held)
            return
        if for_good:
            held.invalidate()
        held.close()

    def _read(self, act: Act[_T]) -> _T:
        with one_line(self.path), self._reading.begin() as connection:
            return act(connection)


def _begun(connection: Connection, act: Act[_T]) -> _T:
    """A transaction with what `act` did, not committed; undone when it raises.

    Begun and ended straight at the driver, and by SQLAlchemy only where the act asked it for something: its own
    bookkeeping costs as much as writing four messages does.
    """
    driver = _driver(connection)
    driver.execute(WRITING)
    try:
        return act(connection)
    except BaseException:
        connection.rollback()
        driver.rollback()
        raise


def _commit(connection: Connection) -> None:
    if connection.in_transaction():
        connection.commit()
    else:
        _driver(connection).commit()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise TypeError(f"not SQLite's: {driver!r}")
    return driver


def _leave_open(held: Connection) -> None:
    """Let the kernel close it at the end of the process: SQLite's own closing of a last one would sync once more.

    From Python 3.12 on SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE can be asked for; a reference that is never given back does the
    same, and keeps other connections from being the last.
    """
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(held))


def _fsync_seconds(folder: Path) -> float:
    taken = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(_FSYNCS):
            file.write(b"\0" * 4096)
            file.flush()
            start = time.perf_counter()
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def _check(connection: Connection, path: Path) -> None:
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if found != "ok":
        first = " ".join(found.split())
        raise StoreError(f"{path}: damaged ({first}); the file is left as it is, put a backup in its place")
