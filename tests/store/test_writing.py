"""The ways of writing: in the writer's turn, at once on a fast disk, with the commit apart on a slow one. All alike."""

import asyncio
import sqlite3
import threading

import pytest
from sqlalchemy import event

from digest.errors import StoreError
from digest.store import engine, migrate
from digest.store.engine import Database

FASTER_THAN = {"in turn": None, "fast disk": float("inf"), "slow disk": -1.0}


@pytest.fixture(params=FASTER_THAN, ids=lambda way: way.replace(" ", "-"))
def way(request, monkeypatch):
    """Which of the three; decides by how fast this disk is taken to be."""
    if FASTER_THAN[request.param] is not None:
        monkeypatch.setattr(engine, "_FAST", FASTER_THAN[request.param])
    return request.param


@pytest.fixture
def database(url, way):
    """Run an async function of an open Database that writes this way: (database, write)."""
    migrate.upgrade(url)

    def run(act):
        async def within():
            database = await Database.open(url)
            if way != "in turn":
                await database.measure()

            def write(act):
                return database.write(act, quick=way != "in turn")

            try:
                async with asyncio.timeout(20):
                    return await act(database, write)
            finally:
                await database.close()

        return asyncio.run(within())

    return run


def insert(name):
    def act(connection):
        connection.exec_driver_sql("INSERT INTO sources VALUES (?, 0, '')", (name,))
        return threading.current_thread().name

    return act


async def names(database):
    return await database.read(
        lambda connection: list(connection.exec_driver_sql("SELECT name FROM sources ORDER BY name").scalars())
    )


def test_each_way_is_the_one_that_is_meant(database, way):
    async def act(database, write):
        committed_by = []
        event.listen(database._writing, "commit", lambda _: committed_by.append(threading.current_thread().name))
        return (await write(insert("a"))).partition("_")[0], committed_by.pop().partition("_")[0]

    here = threading.main_thread().name
    expected = {
        "in turn": ("store-writer", "store-writer"),
        "fast disk": (here, here),
        "slow disk": (here, "store-commit"),
    }
    assert database(act) == expected[way]


def test_what_raises_leaves_nothing_and_the_next_one_is_written(database):
    async def act(database, write):
        def half(connection):
            insert("half")(connection)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await write(half)
        await write(insert("whole"))
        return await names(database)

    assert database(act) == ["whole"]


def test_a_commit_that_fails_leaves_nothing_and_the_next_one_is_written(database):
    async def act(database, write):
        def dangling(connection):
            insert("half")(connection)
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
            connection.exec_driver_sql("INSERT INTO variants VALUES (4711, 'en', 0, x'00', 1)")

        with pytest.raises(StoreError, match="FOREIGN KEY"):
            await write(dangling)
        await write(insert("whole"))
        return await names(database)

    assert database(act) == ["whole"]


def test_after_a_commit_at_which_the_disk_failed_nothing_more_is_written(database):
    async def act(database, write):
        def fail(_):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

        event.listen(database._writing, "commit", fail)
        with pytest.raises(StoreError, match="the disk failed") as told:
            await write(insert("lost"))
        event.remove(database._writing, "commit", fail)
        for later in (write, database.write):
            with pytest.raises(StoreError, match="nothing more is written") as again:
                await later(insert("later"))
            assert told.value.final
            assert again.value.final
        return await names(database)

    assert database(act) == []


def test_whoever_is_cancelled_at_its_commit_has_written_and_the_next_one_comes_behind(database):
    async def act(database, write):
        reached, go = threading.Event(), threading.Event()

        def slow(_):
            reached.set()
            assert threading.current_thread() is threading.main_thread() or go.wait(10)

        event.listen(database._writing, "commit", slow)
        first = asyncio.create_task(write(insert("first")))
        while not reached.is_set():  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(0.001)
        first.cancel()
        second = asyncio.create_task(write(insert("second")))
        await asyncio.sleep(0.01)
        go.set()
        await asyncio.gather(first, second, return_exceptions=True)
        return await names(database)

    assert database(act) == ["first", "second"]


def test_a_quick_write_waits_for_the_long_one_that_is_under_way(database):
    async def act(database, write):
        begun, go = threading.Event(), threading.Event()

        def long(connection):
            begun.set()
            assert go.wait(10)
            insert("long")(connection)

        first = asyncio.create_task(database.write(long))
        while not begun.is_set():  # noqa: ASYNC110 - set in another thread
            await asyncio.sleep(0.001)
        second = asyncio.create_task(write(insert("quick")))
        await asyncio.sleep(0.01)
        assert not second.done()
        go.set()
        await asyncio.gather(first, second)
        return await names(database)

    assert database(act) == ["long", "quick"]
