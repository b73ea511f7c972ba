"""A real HTTP server on 127.0.0.1, an article store in memory, and the small invented feeds."""

import asyncio
import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.model import Article, Declared, Source, SourceState

FEEDS = Path(__file__).resolve().parent.parent / "data" / "feeds"
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


class Server:
    """Answers each path with what `pages` has for it: (status, headers, body), or a coroutine that writes by itself."""

    def __init__(self, pages, *, tls=None):
        self.pages = pages
        self.tls = tls
        self.requests = []
        self._tasks = []
        self.port = 0

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def url(self, path="/", host="127.0.0.1"):
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}{path}"

    async def _answer(self, reader, writer):
        self._tasks.append(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            self.requests.append((path, headers))
            page = self.pages[path]
            if callable(page):
                await page(writer, headers)
            else:
                writer.write(raw(*page))
            await writer.drain()
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the client has seen enough
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def raw(status, headers, body):
    lines = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in headers.items())]
    if "Content-Length" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\nConnection: close\r\n\r\n").encode("latin-1") + body


class Shelf:
    """An ArticleStore in memory, with the behaviour its Protocol describes."""

    def __init__(self):
        self.known = {}
        self.kept = {}
        self.recorded = []

    async def states(self):
        return dict(self.known)

    async def record(self, state, articles):
        self.recorded.append((state, tuple(articles)))
        self.known[state.name] = state
        if not articles:
            return 0
        before = {key for article in self.kept.get(state.name, ()) for key in article.keys}
        self.kept[state.name] = tuple(articles)
        return sum(before.isdisjoint(article.keys) for article in articles)

    async def articles(self, sources, *, since):  # noqa: ARG002 - of the latest reading, whenever they entered
        return tuple(article for name in sources for article in self.kept.get(name, ()))

    async def history(self, newsletter, **asked):
        raise NotImplementedError


@pytest.fixture
def serve():
    """`async with serve({path: page}) as server`."""
    return Server


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def feed():
    """The bytes of an invented feed by file name."""
    return lambda name: (FEEDS / name).read_bytes()


@pytest.fixture
def feed_path():
    return lambda name: str(FEEDS / name)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def declared():
    """A whole Declared, with whatever a test changes."""

    def make(**changes):
        plain = {
            "headline": "Harbour reopens after the storm",
            "url": "https://news.example/harbour",
            "guid": "harbour-1",
            "published": datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
            "summary": "The first ferry left at dawn. Fishermen followed.",
        }
        return Declared(**{**plain, **changes})

    return make


@pytest.fixture
def source():
    return lambda **changes: Source(**{"name": "coast", "url": "https://news.example/feed", **changes})


@pytest.fixture
def seen():
    """A source's state after a first reading."""
    return SourceState(name="coast", first_reading=datetime(2026, 11, 20, tzinfo=UTC), articles=12)


@pytest.fixture
def article():
    def make(**changes):
        plain = {
            "id": "one",
            "url": "https://news.example/one",
            "headline": "One",
            "outlet": "Coast",
            "published": NOW,
            "entered": NOW,
            "source": "coast",
            "keys": ("url:one",),
        }
        return Article(**{**plain, **changes})

    return make
