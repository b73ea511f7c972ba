"""A long list: its rows are made beside the store, taken over by one statement, and indexed at the end, in one transaction."""

import asyncio
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from digest.errors import StoreError
from digest.store import Store
from digest.times import from_milliseconds
from tests.store.world import DIE, KEY, a_row, an_issue, compose, freeze, hash_of, people, plan

LONG = 20_000  # from here on the unique indexes are built anew
SCHEMA = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"


@pytest.fixture
def path(url):
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def asked(path):
    """What the database file answers to one question."""

    def ask(question):
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(question).fetchall()

    return ask


def staged(path):
    return [file for file in path.parent.iterdir() if "freezing" in file.name]


def test_after_a_long_list_the_tables_are_what_they_were_and_every_row_is_found(opened, asked, path):
    async def act(store):
        before = asked(SCHEMA)
        row = await compose(store, LONG)
        rows = await store.issues.deliveries(row)
        short = await compose(store, 10, slot="2026-11-24")
        return before, row, rows, short, await store.ledger.audit(row), await store.ledger.audit(short)

    before, row, rows, short, *audits = opened(act)
    assert asked(SCHEMA) == before
    assert (row.recipients, short.recipients) == (LONG, 10)
    assert [(one.id, one.subscriber) for one in rows] == [(n, f"reader{n:03}") for n in range(1, LONG + 1)]
    assert [audit.broken for audit in audits] == [(), ()]
    for column in ("subscriber", "address_hash", "message_id"):
        new = {"subscriber": "'new'", "address_hash": "zeroblob(16)", "message_id": "'new'", column: column}
        with pytest.raises(sqlite3.IntegrityError, match=f"UNIQUE.*{column}"):
            asked(
                "INSERT INTO deliveries (issue_id, id, subscriber, address_hash, message_id, domain, variant, holes,"
                f" due_at, state) SELECT 1, 0, {new['subscriber']}, {new['address_hash']}, {new['message_id']}, domain,"
                " variant, holes, due_at, state FROM deliveries WHERE id = 7 AND issue_id = 1"
            )
    assert staged(path) == []


def test_of_two_readers_with_one_mailbox_in_a_long_list_the_first_stays(opened, asked):
    many = people(LONG)
    doubles = [a_row("again", address_hash=many[7].address_hash)]

    async def act(store):
        before = asked(SCHEMA)
        return before, await freeze(store, await plan(store), iter([*many, *doubles]))

    before, frozen = opened(act)
    assert (frozen.row.recipients, frozen.dropped) == (LONG, (("reader008", "again"),))
    assert asked(SCHEMA) == before


def test_a_list_shorter_than_what_the_store_holds_leaves_its_indexes_alone(opened, asked):
    async def act(store):
        await compose(store, LONG + 1)
        roots = asked("SELECT name, rootpage FROM sqlite_schema WHERE name LIKE 'deliveries%' ORDER BY name")
        await compose(store, LONG, slot="2026-11-24")
        return roots

    roots = opened(act)
    assert asked("SELECT name, rootpage FROM sqlite_schema WHERE name LIKE 'deliveries%' ORDER BY name") == roots


def test_a_kill_inside_the_freeze_of_a_long_list_leaves_tables_and_rows_as_they_were(url, root, opened, asked):
    opened(lambda store: compose(store, 2, slot="2026-11-22"))
    before = asked(SCHEMA)
    done = subprocess.run([sys.executable, "-c", DIE, url, "20000"], cwd=root, check=False)
    assert done.returncode == -signal.SIGKILL
    assert asked(SCHEMA) == before
    assert asked("SELECT count(*) FROM deliveries") == [(2,)]


def test_a_disk_that_is_full_before_the_indexes_are_built_is_said_and_nothing_is_frozen(opened, asked):
    async def act(store):
        row = await plan(store)
        few = 400  # pages: a quarter of what the rows alone take
        await store._database.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {few}"))
        with pytest.raises(StoreError, match="the disk is full"):
            await freeze(store, row, people(LONG))
        return asked(SCHEMA), await store.issues.find("morning", "2026-11-23")

    schema, row = opened(act)
    assert row.state == "planned"
    assert len([name for kind, name, _ in schema if kind == "index" and name.startswith("deliveries_")]) == 6


def test_whoever_writes_while_rows_are_made_waits_for_nobody(opened, path):
    def slowly():
        yield from people(3)
        with closing(sqlite3.connect(path, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("INSERT INTO suppressions VALUES (?, '*', 'left', 1, '')", [hash_of("somebody")])
            other.execute("COMMIT")

    async def act(store):
        return await freeze(store, await plan(store), slowly())

    assert opened(act).row.recipients == 3


def test_the_rows_lie_beside_the_store_for_nobody_else_and_are_gone_afterwards(opened, path):
    seen = []

    def looking():
        yield from people(60)
        seen.extend(stat.S_IMODE(file.stat().st_mode) for file in staged(path))
        raise OSError("the list cannot be read")

    async def act(store):
        with pytest.raises(StoreError, match="cannot be read"):
            await freeze(store, await plan(store), looking())

    path.parent.mkdir()
    path.with_name(f"{path.name}.freezing-4194305-1").touch()  # above every process's number
    opened(act)
    assert seen == [0o600]
    assert staged(path) == []


def test_two_who_freeze_at_once_take_turns(url):
    async def act():
        one, two = [await Store.open(url, ledger_key=KEY) for _ in range(2)]
        rows = await plan(one), await plan(two, "2026-11-24")
        issues = [
            replace(an_issue(row.slot), cutoff=from_milliseconds(row.cutoff), number=n) for n, row in enumerate(rows, 1)
        ]
        done = await asyncio.gather(
            freeze(one, rows[0], people(300), issues[0]),
            freeze(two, rows[1], people(300), issues[1]),
            return_exceptions=True,
        )
        await one.close()
        await two.close()
        return done

    done = asyncio.run(act())
    assert not all(isinstance(one, StoreError) for one in done)  # the second may have been picked too early
    assert {frozen.row.recipients for frozen in done if not isinstance(frozen, StoreError)} == {300}
