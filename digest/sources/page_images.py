"""`page_images = true`: a feed's articles without a picture get the one their page declares."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Article, Image, Reading, Source, SourceState
from digest.protocols import SourceReader
from digest.sources.known import Known
from digest.sources.page_reader import PageReader
from digest.sources.urls import absolute_link, canonical

MOST = 10  # pages a reading
_KNOWN_FOR = timedelta(days=60)


class WithPagePictures:
    """A reader of feeds that asks pages for what the feed lacks. A page is asked once, whether it has a picture or not."""

    def __init__(self, feeds: SourceReader, pages: PageReader, *, known: Known) -> None:
        """`feeds` reads the feed, `pages` its articles' pages; `known` gives the source's stored articles."""
        self._feeds = feeds
        self._pages = pages
        self._known = known

    async def read(self, source: Source, state: SourceState, *, now: datetime) -> Reading:
        """The feed's reading, with pictures. A page that cannot be read costs nothing but its picture."""
        reading = await self._feeds.read(source, state, now=now)
        bare = [one for one in reading.declared if not one.images and absolute_link(one.url)]
        if not source.page_images or source.newest_is_now or not bare:
            return reading
        stored = await self._known((source.name,), now - _KNOWN_FOR)
        found = _stored_pictures(stored)
        new = [one.url for one in bare if canonical(absolute_link(one.url)) not in found][:MOST]
        links = [absolute_link(url) for url in new]
        for link, images in (await self._pages.pictures(source, links, now=now)).items():
            found[canonical(link)] = images
        declared = tuple(
            one if one.images else replace(one, images=found.get(canonical(absolute_link(one.url) or "//"), ()))
            for one in reading.declared
        )
        return replace(reading, declared=declared)


def _stored_pictures(stored: tuple[Article, ...]) -> dict[str, tuple[Image, ...]]:
    """By canonical URL, whatever was found for the articles already there."""
    return {
        key.removeprefix("url:"): (article.image,) if article.image else ()
        for article in stored
        for key in article.keys
        if key.startswith("url:")
    }
