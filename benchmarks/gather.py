"""Gathering 200 sources that each answer after 300 ms, parsing and store included; and parsing beside feedparser alone.

The sources are hosts of their own (127.0.0.x), so that no limit per host is what is measured. The server is a process
of its own: its work is not ours. The second figure is the same feeds parsed by feedparser alone in this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser

from benchmarks.rounds import paired
from digest.fetch import Fetcher
from digest.model import Source
from digest.sources import FeedReader, gather
from digest.store import Store

SOURCES = 200
ARTICLES = 20
WAIT = 0.3  # seconds before each answer
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
_ALONE = SOURCES * WAIT  # one after the other


def measure() -> dict[str, object]:
    """Seconds for all sources, and how parsing in our child compares with feedparser alone."""
    with _server() as port:
        runs = sorted(asyncio.run(_gathered(port)) for _ in range(3))
    feeds = [feed(n) for n in range(40)]
    ours, peer, ratio = paired(lambda: asyncio.run(_read(feeds)), lambda: _feedparser(feeds), rounds=3)
    seconds, cpu = runs[1]
    return {
        "sources": SOURCES,
        "articles": SOURCES * ARTICLES,
        "gather_s": round(seconds, 2),
        "cpu_s": round(cpu, 2),
        "one_after_another_s": _ALONE,
        "ratio": round(seconds / _ALONE, 3),
        "feeds_read_per_s": round(len(feeds) / ours, 1),
        "feedparser_per_s": round(len(feeds) / peer, 1),
        "parse_ratio": round(ratio, 2),
    }


def feed(number: int) -> bytes:
    """An invented feed of 20 articles."""
    start = NOW - timedelta(minutes=number)
    items = "".join(_item(number, n, start - timedelta(minutes=30 * n)) for n in range(ARTICLES))
    return f'<rss version="2.0"><channel><title>Paper {number}</title>{items}</channel></rss>'.encode()


def _item(number: int, n: int, at: datetime) -> str:
    link = f"https://paper{number}.example/news/{n}"
    return (
        f"<item><title>Council {number} decides on bridge {n}</title><link>{link}</link><guid>{link}</guid>"
        f"<pubDate>{at:%a, %d %b %Y %H:%M:%S} +0000</pubDate><category>City</category>"
        f"<description>&lt;p&gt;The council of town {number} met late on Monday and decided, after {n} hours, to build "
        "the bridge that had been planned for years. Work begins in spring.&lt;/p&gt;</description></item>"
    )


async def _gathered(port: int) -> tuple[float, float]:
    """Seconds that passed, and seconds of processor time, the child's included."""
    sources = [
        Source(name=f"paper{n}", url=f"http://127.0.{n // 100 + 1}.{n % 100 + 1}:{port}/{n}", allow_private=True)
        for n in range(SOURCES)
    ]
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/digest.db", ledger_key=b"benchmark", clock=lambda: 0)
        async with Fetcher(site="benchmark") as fetcher:
            reader = FeedReader(fetcher=fetcher)
            start, before = time.perf_counter(), _cpu()
            harvest = await gather(sources, {"feed": reader}, store.articles, now=NOW)
            passed = time.perf_counter() - start
            reader.close()
            spent = _cpu() - before
        await store.close()
    bad = [(one.source, one.failure) for one in harvest.results if one.new != ARTICLES]
    if bad:
        raise SystemExit(f"not all sources were read: {bad[:3]}")
    return passed, spent


def _cpu() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


async def _read(feeds: list[bytes]) -> float:
    """Seconds to read these from disk through the reader: the child, its pipe and our own cleaning included."""
    with tempfile.TemporaryDirectory() as folder:
        sources = []
        for n, data in enumerate(feeds):
            path = Path(folder) / f"{n}.xml"
            path.write_bytes(data)
            sources.append(Source(name=f"paper{n}", path=str(path)))
        async with Fetcher(site="benchmark") as fetcher:
            reader = FeedReader(fetcher=fetcher)
            await gather(sources[:2], {"feed": reader}, _Nowhere(), now=NOW)  # starts the child
            start = time.perf_counter()
            await gather(sources, {"feed": reader}, _Nowhere(), now=NOW)
            passed = time.perf_counter() - start
            reader.close()
    return passed


class _Nowhere:
    """An article store that keeps nothing."""

    async def states(self) -> dict[str, object]:
        return {}

    async def record(self, state: object, articles: object) -> int:  # noqa: ARG002 - the Protocol's
        return 0

    async def articles(self, sources: object, *, since: object) -> tuple[()]:  # noqa: ARG002 - the Protocol's
        return ()

    async def history(self, newsletter: str) -> object:
        raise NotImplementedError


def _feedparser(feeds: list[bytes]) -> float:
    start = time.perf_counter()
    for data in feeds:
        feedparser.parse(io.BytesIO(data))
    return time.perf_counter() - start


@contextlib.contextmanager
def _server() -> Iterator[int]:
    """The port of the server's process."""
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.gather"], stdout=subprocess.PIPE, text=True)
    try:
        yield int(process.stdout.readline()) if process.stdout else 0
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


async def _serve() -> None:
    feeds = [feed(n) for n in range(SOURCES)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            head = await reader.readuntil(b"\r\n\r\n")
            body = feeds[int(head.split(b" ")[1][1:])]
            await asyncio.sleep(WAIT)
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await writer.drain()
            writer.close()

    server = await asyncio.start_server(answer, "0.0.0.0", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve())
