"""Each test has a store file of its own and a clock that stands still."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from digest.store import Store
from tests.store.world import KEY, Clock


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/var/digest.db"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def opened(url, clock):
    """Call it with an async function of the open store."""

    @asynccontextmanager
    async def open_store(**changes):
        store = await Store.open(url, **{"ledger_key": KEY, "clock": clock} | changes)
        try:
            yield store
        finally:
            await store.close()

    def run(act, **changes):
        async def within():
            async with open_store(**changes) as store:
                return await act(store)

        return asyncio.run(within())

    run.open = open_store
    return run
