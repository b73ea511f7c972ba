"""The feed of a site from any of its pages: what the page links, then four usual addresses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from digest.child import Child
from digest.errors import DigestError, SourceError
from digest.fetch import Gets
from digest.model import Reading, Source, SourceState
from digest.sources.reader import FeedReader, charset_of
from digest.sources.urls import host_of

USUAL = ("/feed", "/rss", "/atom.xml", "/feed.json")
_MOST = 8
_SECONDS = 10.0
_COMMENTS = re.compile(r"comment|kommentar|coment|reacti(?:es|ons)|replies|responses", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed that was read. `comments`: it holds what readers say, not articles."""

    url: str
    title: str
    articles: int
    comments: bool
    reading: Reading


async def find_feeds(url: str, *, fetcher: Gets, allow_private: bool = False, now: datetime) -> tuple[Found, ...]:
    """Every feed of the site that `url` is a page (or the feed) of, the best first.

    The one with most articles wins, comment feeds come last. Raises SourceError where there is none.
    """
    reader = FeedReader(fetcher=fetcher)
    try:
        own = await _read(reader, url, "", allow_private=allow_private, now=now)
        if own is not None:
            return (own,)
        links = await _linked(url, fetcher, allow_private=allow_private)
        found = await _all(reader, links, of=url, allow_private=allow_private, now=now)
        if not found:
            site = "{0.scheme}://{0.netloc}".format(urlsplit(url))
            usual = [(site + path, "") for path in USUAL]
            found = await _all(reader, usual, of=url, allow_private=allow_private, now=now)
    finally:
        reader.close()
    if not found:
        raise SourceError(url, "no feed: the page links none, and none of " + ", ".join(USUAL) + " is one")
    return tuple(sorted(found, key=lambda one: (one.comments, -one.articles)))


async def _linked(url: str, fetcher: Gets, *, allow_private: bool) -> list[tuple[str, str]]:
    try:
        answer = await fetcher.get(url, allow_private=allow_private)
        child = Child("digest.sources.page_feeds:feed_links", deadline=_SECONDS, memory_mb=1024)
        try:
            links: list[tuple[str, str]] = await asyncio.to_thread(
                child.call, answer.body, url=answer.url, charset=charset_of(answer.headers)
            )
        finally:
            child.close()
    except DigestError as error:
        raise SourceError(url, str(error)) from error
    return links[:_MOST]


async def _all(
    reader: FeedReader, links: Iterable[tuple[str, str]], *, of: str, allow_private: bool, now: datetime
) -> list[Found]:
    """The feeds behind the links of the page `of`; `allow_private` is for its own host, not for where links lead."""
    found: dict[str, Found] = {}
    for link, title in links:
        inside = allow_private and host_of(link) == host_of(of)
        one = await _read(reader, link, title, allow_private=inside, now=now)
        if one is not None:
            found.setdefault(one.reading.body_hash.partition(":")[2], one)  # one feed under two addresses
    return list(found.values())


async def _read(reader: FeedReader, url: str, title: str, *, allow_private: bool, now: datetime) -> Found | None:
    """The feed at `url`, None where there is no readable one. What the link calls it tells comments apart."""
    source = Source(name=url, url=url, allow_private=allow_private)
    try:
        reading = await reader.read(source, SourceState(name=url), now=now)
    except SourceError:
        return None
    if reading.failure or not reading.declared:
        return None
    comments = bool(_COMMENTS.search(f"{urlsplit(url).path} {title} {reading.title}"))
    return Found(url=url, title=reading.title, articles=len(reading.declared), comments=comments, reading=reading)
