"""One process at a time sends."""

import asyncio
import os
import subprocess
import sys

import pytest

from digest.errors import StoreError
from digest.store.lock import owned

HOLD = """
import asyncio, sys
from digest.store import Store
async def main():
    store = await Store.open(sys.argv[1], ledger_key=b"the ledger key of the tests")
    async with store.sending():
        print("mine", flush=True)
        sys.stdin.read()
    await store.close()
asyncio.run(main())
"""


@pytest.fixture
def holder(url, root):
    """Another process that is sending."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLD, url], cwd=root, text=True, **pipes) as process:
        assert process.stdout.readline() == "mine\n"
        yield process
        process.kill()


async def try_for(store, seconds):
    async with owned(store.path, wait=seconds):
        return os.getpid()


def test_a_second_sender_waits_and_then_names_the_first(opened, holder):
    with pytest.raises(StoreError, match=rf"digest\.db: process {holder.pid} is sending"):
        opened(lambda store: try_for(store, 0.2))


def test_a_sender_that_was_killed_leaves_no_lock(opened, holder):
    holder.kill()
    holder.wait()
    assert opened(lambda store: try_for(store, 0)) == os.getpid()


def test_a_sender_that_ends_in_time_is_followed(opened, holder):
    async def act(store):
        waiting = asyncio.create_task(try_for(store, 30))
        await asyncio.sleep(0)
        await asyncio.to_thread(holder.communicate, "")
        return await waiting

    assert opened(act) == os.getpid()


def test_whoever_does_not_send_needs_no_lock(opened, holder):
    assert opened(lambda store: store.articles.history("morning")).since is None


def test_the_lock_is_free_again_after_a_failure(opened):
    async def act(store):
        with pytest.raises(ZeroDivisionError):
            async with store.sending():
                raise ZeroDivisionError
        async with store.sending():
            return True

    assert opened(act)
