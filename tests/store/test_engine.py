"""SQLite as the ledger needs it."""

import asyncio
import sqlite3
from contextlib import closing

import pytest

from digest.errors import StoreError
from digest.store import migrate
from digest.store.engine import Database
from tests.store.world import begin, compose, owed


@pytest.fixture
def database(url):
    """Run an async function of an open Database with a table to count in."""
    migrate.upgrade(url)

    def run(act):
        async def within():
            database = await Database.open(url)
            try:
                return await act(database)
            finally:
                await database.close()

        return asyncio.run(within())

    return run


def pragma(name):
    return lambda connection: connection.exec_driver_sql(f"PRAGMA {name}").scalar()


@pytest.mark.parametrize(
    ("name", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 5000), ("trusted_schema", 0)],
)
def test_every_connection_is_durable_and_strict(database, name, value):
    async def act(database):
        return await database.write(pragma(name)), await database.read(pragma(name))

    assert database(act) == (value, value)


def test_a_read_cannot_write(database):
    async def act(database):
        with pytest.raises(StoreError, match="cannot be written"):
            await database.read(lambda connection: connection.exec_driver_sql("DELETE FROM used"))

    database(act)


def test_what_raises_leaves_nothing_behind(database):
    def half(connection):
        connection.exec_driver_sql("INSERT INTO sources VALUES ('a', 0, '')")
        raise ZeroDivisionError

    async def act(database):
        with pytest.raises(ZeroDivisionError):
            await database.write(half)
        count = "SELECT count(*) FROM sources"
        return await database.read(lambda connection: connection.exec_driver_sql(count).scalar())

    assert database(act) == 0


def test_a_writer_has_the_store_to_itself_from_its_first_read_on(database):
    async def act(database):
        def read_then_write(connection):
            connection.exec_driver_sql("SELECT * FROM sources").all()
            other = sqlite3.connect(database.path, timeout=0)
            with closing(other), pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("DELETE FROM sources")
            connection.exec_driver_sql("INSERT INTO sources VALUES ('a', 0, '')")

        await database.write(read_then_write)

    database(act)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"an old shopping list\n" * 500, "not a SQLite database"),
        (b"SQLite format 3\0" + b"\xff" * 5000, "not a SQLite database|damaged"),
    ],
)
def test_a_file_that_is_no_store_is_refused_in_one_line_and_kept(opened, tmp_path, content, said):
    file = tmp_path / "var" / "digest.db"
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(StoreError, match=said) as caught:
        opened(begin)
    assert "\n" not in str(caught.value)
    assert str(file) in str(caught.value)
    assert file.read_bytes() == content


def test_a_damaged_store_is_refused_at_the_start_and_kept(opened, tmp_path):
    opened(lambda store: begin(store, 2000))
    file = tmp_path / "var" / "digest.db"
    data = bytearray(file.read_bytes())
    for page in range(40, 60):
        data[page * 4096 : page * 4096 + 200] = b"\x5a" * 200
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"damaged.*put a backup"):
        opened(begin)
    assert file.read_bytes() == data


def test_a_full_disk_is_one_line_and_nothing_is_half_written(opened, url):
    async def act(store):
        row = await begin(store, 1)
        page_count = await store._database.read(pragma("page_count"))
        await store._database.write(pragma(f"max_page_count = {page_count + 3}"))
        with pytest.raises(StoreError, match="the disk is full"):
            await compose(store, 5000, slot="2026-11-24")
        assert (await store.issues.find("morning", "2026-11-24")).state == "planned"
        return len(await owed(store, row))

    assert opened(act) == 1


def test_a_store_kept_busy_by_another_process_is_one_line(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("digest.store.engine._BUSY_SECONDS", 0.1)

    async def act(store):
        other = sqlite3.connect(store.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="another process has kept it busy"):
            await begin(store)
        other.close()

    opened(act)


def test_after_a_failed_disk_nothing_more_is_written(database):
    def fail(connection):
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        raise error

    async def act(database):
        with pytest.raises(StoreError, match="the disk failed to read or write"):
            await database.write(fail)
        with pytest.raises(StoreError, match="nothing more is written"):
            await database.write(lambda connection: connection.exec_driver_sql("DELETE FROM used"))
        return await database.read(pragma("user_version"))

    assert database(act) == 0
