"""Readings recorded together: each whole or not at all, whatever happens to its neighbours."""

import asyncio
import contextlib

import pytest
from sqlalchemy import text

from digest.errors import StoreError
from digest.store.engine import Database
from digest.store.grouping import Grouped


@pytest.fixture
def database(tmp_path):
    async def act(work):
        opened = await Database.open(f"sqlite:///{tmp_path}/digest.db")
        try:
            await opened.write(lambda connection: connection.execute(text("CREATE TABLE IF NOT EXISTS t (n)")))
            return await work(opened)
        finally:
            await opened.close()

    return lambda work: asyncio.run(act(work))


def add(number, *, seen=None):
    def act(connection):
        if number < 0:
            connection.execute(text("INSERT INTO t VALUES (-1)"))
            raise ValueError("this one cannot be written")
        connection.execute(text(f"INSERT INTO t VALUES ({number})"))
        if seen is not None:
            seen.append(connection.get_transaction())
        return number * 10

    return act


def numbers(connection):
    return sorted(row[0] for row in connection.execute(text("SELECT n FROM t")))


def test_everyone_gets_their_own_answer_and_all_is_on_disk(database):
    async def work(opened):
        grouped = Grouped(opened)
        answers = await asyncio.gather(*(grouped.write(add(n)) for n in range(100)))
        return answers, await opened.read(numbers)

    answers, stored = database(work)
    assert answers == [n * 10 for n in range(100)]
    assert stored == list(range(100))


def test_writes_that_come_together_share_transactions(database):
    seen = []

    async def work(opened):
        grouped = Grouped(opened)
        await asyncio.gather(*(grouped.write(add(n, seen=seen)) for n in range(80)))

    database(work)
    assert len(set(map(id, seen))) == 2


def test_one_that_cannot_be_written_costs_the_others_nothing(database):
    async def work(opened):
        grouped = Grouped(opened)
        acts = (grouped.write(add(n)) for n in (1, -5, 2))
        answers = await asyncio.gather(*acts, return_exceptions=True)
        return answers, await opened.read(numbers)

    (first, failed, last), stored = database(work)
    assert (first, last) == (10, 20)
    assert isinstance(failed, (ValueError, StoreError))
    assert stored == [1, 2]


def test_a_caller_that_is_cancelled_stops_nobody(database):
    async def work(opened):
        grouped = Grouped(opened)
        gone = asyncio.create_task(grouped.write(add(1)))
        stays = asyncio.create_task(grouped.write(add(2)))
        await asyncio.sleep(0)
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        return await stays, await opened.read(numbers)

    assert database(work) == (20, [1, 2])
