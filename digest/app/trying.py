"""Reading one page without config or store, to see what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from digest.app.opening import clock_from
from digest.errors import wrong
from digest.fetch import Fetcher
from digest.model import Article, Reading, Source, SourceState
from digest.sources import PageReader, make
from digest.sources.urls import absolute_link


async def try_page(
    what: str, *, url: str = "", allow_private: bool = False, clock: Callable[[], datetime] | None = None
) -> tuple[Reading, tuple[Article, ...]]:
    """Read one article's page, a file or a URL; `url` says where a file was found. Raises SourceError.

    What is no page comes back as Reading.failure, as from try_source().
    """
    if url and not absolute_link(url):
        raise wrong(f"--url {url}: write the page's whole address, such as https://example.org/news/1")
    now = (clock or clock_from(None))()
    async with Fetcher(site="digest") as fetcher:
        reader = PageReader(fetcher=fetcher)
        try:
            reading = await reader.one(what, url=url, allow_private=allow_private, now=now)
        finally:
            reader.close()
    source = Source(name=what, kind="page", url=url or what)
    return reading, make(reading, source, SourceState(name=what), now=now)
