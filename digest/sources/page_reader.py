"""Sources of kind "page": a section front whose links are followed, or a list of articles' pages."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest.child import Child
from digest.errors import DigestError, SourceError
from digest.fetch import Answer, Gets
from digest.model import Article, Declared, Image, Reading, Source, SourceState
from digest.sources.identity import fold
from digest.sources.known import Known, as_declared, nothing_known
from digest.sources.picture_size import HEADER, size_of
from digest.sources.reader import Caller, as_source_error, charset_of, from_disk, recipe
from digest.sources.robots import Robots
from digest.sources.urls import canonical, host_of

_PARSE_SECONDS = 10.0
_PARSE_MEMORY_MB = 1024
MOST = 30  # links that one reading follows
_PICTURE_WAIT = timedelta(seconds=3)  # for a picture's first bytes
_AT_ONCE = 2  # pages of one source at a time: nearly always they are of one host
_SHARE = 0.8  # of the source's deadline for following links: what was read by then must still get into the store
_KNOWN_FOR = timedelta(days=60)
REFUSED = "robots.txt does not let digest read it, or does not answer"
NO_LINKS = "no links to articles on this page"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    """What came of one link: an article, or why not. `late`: there was no time, the next reading tries again."""

    declared: Declared | None = None
    why: str = ""
    late: bool = False


class PageReader:
    """Reads pages politely: robots.txt first, two at a time, and an article's page once.

    `known` gives a source's stored articles, so that their pages are not asked for with every reading.
    """

    def __init__(
        self, *, fetcher: Gets, known: Known = nothing_known, page: Caller | None = None, front: Caller | None = None
    ) -> None:
        """`page` and `front` run read_page and front_links; where none is given, child processes made for them."""
        self._fetcher = fetcher
        self._known = known
        self._robots = Robots(fetcher)
        self._page = page or _child("digest.sources.page:read_page")
        self._front = front or _child("digest.sources.page_front:front_links")
        self._turn = asyncio.Lock()

    def close(self) -> None:
        """End the child processes."""
        self._page.close()
        self._front.close()

    async def read(self, source: Source, state: SourceState, *, now: datetime) -> Reading:
        """One reading: the articles behind the links, in the front's order. Raises SourceError."""
        with as_source_error(source):
            if source.path is not None:
                return await self.one(source.path, zone=source.timezone, now=now)
            if source.urls:
                return await self._follow(source, state, source.urls, Reading(), now)
            answer = await self._fetch(source, source.url or "", now)
            links = await self._call(
                self._front, answer.body, url=answer.url, charset=charset_of(answer.headers), most=MOST
            )
            if not links:
                return Reading(failure=NO_LINKS)
            return await self._follow(source, state, links, Reading(link=answer.url), now)

    async def one(
        self, what: str, *, url: str = "", zone: str = "", allow_private: bool = False, now: datetime
    ) -> Reading:
        """One article's page, a file or a URL. Raises SourceError."""
        try:
            if what.startswith(("http://", "https://")):
                source = Source(name=what, kind="page", url=what, allow_private=allow_private)
                answer = await self._fetch(source, what, now)
                body, found, charset = answer.body, url or answer.url, charset_of(answer.headers)
            else:
                body, found, charset = await asyncio.to_thread(from_disk, Path(what)), url, ""
            reading: Reading = await self._call(self._page, body, url=found, zone=zone, charset=charset, now=now)
        except SourceError:
            raise
        except (DigestError, OSError) as error:
            raise SourceError(what, str(error)) from error
        return reading

    async def _fetch(self, source: Source, url: str, now: datetime) -> Answer:
        owner, inside = _owner(source, url), _private(source, url)
        if not await self._robots.allows(url, owner=owner, allow_private=inside, now=now):
            raise SourceError(source.name, REFUSED)
        return await self._fetcher.get(url, owner=owner, allow_private=inside, deadline=source.deadline)

    async def _follow(
        self, source: Source, state: SourceState, links: Sequence[str], front: Reading, now: datetime
    ) -> Reading:
        made_by = recipe(source)
        body_hash = f"{made_by}:{hashlib.sha256(chr(10).join(links).encode()).hexdigest()}"
        if body_hash == state.body_hash:
            return Reading(unchanged=True, body_hash=body_hash)
        stored = await self._known((source.name,), now - _KNOWN_FOR)
        before = {link: article for article in stored for link in _links_of(article)}
        same = made_by == state.body_hash.partition(":")[0].lstrip("~")
        end = asyncio.get_running_loop().time() + source.deadline.total_seconds() * _SHARE
        room = asyncio.Semaphore(_AT_ONCE)

        async def page(link: str) -> _Page:
            article = before.get(canonical(link)) if same else None
            if article is not None:
                return _Page(declared=replace(as_declared(article, link), guid=link))
            return await self._article(source, link, room=room, end=end, now=now)

        pages = await asyncio.gather(*(page(link) for link in links[:MOST]))
        return _gathered(pages, front, body_hash if all(one.declared for one in pages) else f"~{made_by}")

    async def pictures(self, source: Source, links: Sequence[str], *, now: datetime) -> dict[str, tuple[Image, ...]]:
        """The pictures that articles' pages declare, for those that could be read within half the source's deadline.

        Of each page's first picture the size is read from the file's own header where the page does not tell it, and
        https is taken where it answers.
        """
        end = asyncio.get_running_loop().time() + source.deadline.total_seconds() / 2
        room = asyncio.Semaphore(_AT_ONCE)
        pages = await asyncio.gather(*(self._article(source, link, room=room, end=end, now=now) for link in links))
        found = {link: page.declared.images for link, page in zip(links, pages, strict=True) if page.declared}
        measured = await asyncio.gather(
            *(self._measured(source, images[0], room=room, end=end) for images in found.values() if images)
        )
        first = iter(measured)
        return {link: (next(first), *images[1:]) if images else () for link, images in found.items()}

    async def _measured(self, source: Source, image: Image, *, room: asyncio.Semaphore, end: float) -> Image:
        """The picture with its size, by https where that answers; as it is where nothing more can be learned."""
        # A port of its own speaks one protocol.
        secure = image.url if urlsplit(image.url).port else image.url.replace("http://", "https://", 1)
        if image.width and image.height and secure == image.url:
            return image
        for url in dict.fromkeys((secure, image.url)):
            try:
                async with asyncio.timeout_at(end), room:
                    answer = await self._fetcher.get(
                        url,
                        owner=_owner(source, url),
                        allow_private=_private(source, url),
                        deadline=_PICTURE_WAIT,
                        first=HEADER,
                    )
            except (DigestError, TimeoutError):
                continue
            width, height = size_of(answer.body)
            return replace(image, url=url, width=width or image.width, height=height or image.height)
        return image

    async def _article(self, source: Source, link: str, *, room: asyncio.Semaphore, end: float, now: datetime) -> _Page:
        try:
            async with asyncio.timeout_at(end), room:
                answer = await self._fetch(source, link, now)
                reading: Reading = await self._call(
                    self._page,
                    answer.body,
                    url=answer.url,
                    zone=source.timezone,
                    charset=charset_of(answer.headers),
                    now=now,
                )
        except TimeoutError:
            return _Page(why=f"{link}: no time left, read next time", late=True)
        except SourceError as error:
            return _Page(why=f"{link}: {error.why}")
        except DigestError as error:
            return _Page(why=str(error))
        if not reading.declared:
            return _Page(why=f"{link}: {reading.failure}")
        return _Page(declared=replace(reading.declared[0], guid=link))  # its own URL may be another one

    async def _call(self, caller: Caller, *args: Any, **kwargs: Any) -> Any:
        """One page at a time goes to the child, and its thread is waited for even when the caller is not."""
        async with self._turn:
            return await asyncio.shield(asyncio.to_thread(caller.call, *args, **kwargs))


def _private(source: Source, url: str) -> bool:
    """Whether `url` is on a host that the owner wrote into an allow_private source: its links lead nowhere else."""
    own = {host_of(one) for one in (source.url, *(source.urls or ())) if one}
    return source.allow_private and host_of(url) in own


def _owner(source: Source, url: str) -> str:
    """The URL of the config that vouches for the port of `url`; else one of its host alone: a link names no odd port."""
    written = (one for one in (source.url, *(source.urls or ())) if one)
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return next((one for one in written if urlsplit(one).netloc == parts.netloc), f"https://{host}")


def _links_of(article: Article) -> Iterator[str]:
    """The canonical links under which an article of a page source was found."""
    for key in article.keys:
        kind, _, rest = key.partition(":")
        if kind == "url":
            yield rest
        elif kind == "guid":
            link = rest.removeprefix(f"{article.source}:").rpartition(":")[0]
            if link:
                yield canonical(link)


def _child(target: str) -> Child:
    return Child(target, deadline=_PARSE_SECONDS, memory_mb=_PARSE_MEMORY_MB)


def _gathered(pages: Sequence[_Page], front: Reading, body_hash: str) -> Reading:
    declared = _without_slogans([page.declared for page in pages if page.declared is not None])
    problems = [page.why for page in pages if page.declared is None]
    if not declared:
        return Reading(failure=problems[0] if problems else NO_LINKS)
    more = (f"and {len(problems) - 3} more",) if len(problems) > 3 else ()
    return replace(
        front,
        declared=tuple(declared),
        title=declared[0].outlet,
        language=declared[0].language,
        body_hash=body_hash,
        notes=(*problems[:3], *more),
    )


def _without_slogans(declared: Iterable[Declared]) -> list[Declared]:
    """What two articles of a site both give as their teaser is the site's slogan, nobody's teaser."""
    found = list(declared)
    seen: dict[str, set[str]] = {}
    for one in found:
        seen.setdefault(fold(one.summary), set()).add(fold(one.headline))
    return [replace(one, summary="") if len(seen[fold(one.summary)]) > 1 else one for one in found]
