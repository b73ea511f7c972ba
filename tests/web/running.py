"""A server of ours in a thread of its own, for clients that block."""

import asyncio
import threading
from contextlib import contextmanager


@contextmanager
def running(start):
    """The URL that `await start(on_ready=..., stop=...)` says; the server is stopped and gone afterwards."""
    ready = threading.Event()
    told = {}

    async def main():
        told["loop"], told["stop"] = asyncio.get_running_loop(), asyncio.Event()

        def on_ready(url):
            told["url"] = url
            ready.set()

        await start(on_ready=on_ready, stop=told["stop"])

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(20)
    try:
        yield told["url"]
    finally:
        told["loop"].call_soon_threadsafe(told["stop"].set)
        thread.join(20)
    assert not thread.is_alive()
