"""A feed from a path or over HTTP, parsed in one of two child processes."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from digest.child import Children
from digest.errors import DigestError, SourceError
from digest.fetch import MAX_BODY, Gets
from digest.model import Heard, Reading, Source, SourceState, Validators
from digest.sources.polite import heard

_PARSERS = 2  # a feed that hangs leaves the other one free; more than two cores are rarely there
_PARSE_SECONDS = 10.0
_PARSE_MEMORY_MB = 1024
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)
_MAKING = "4"  # raised when articles come out differently from the same bytes


class Caller(Protocol):
    """What runs parse_feed: digest.child.Children, or something like it."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """parse_feed's answer; raises DigestError."""
        ...

    def start(self) -> None:
        """There will be one more call soon: get ready, but wait for nothing."""
        ...

    def close(self) -> None:
        """End whatever runs."""
        ...


class FeedReader:
    """Reads sources of kind "feed". Two feeds are parsed at a time; close() ends the children."""

    def __init__(self, *, fetcher: Gets, parser: Caller | None = None) -> None:
        """`parser` is made when none is given; it starts when the first feed is asked for that is sure to need it."""
        self._fetcher = fetcher
        self._parser = parser or Children(
            "digest.sources.feed:parse_feed",
            count=_PARSERS,
            deadline=_PARSE_SECONDS,
            memory_mb=_PARSE_MEMORY_MB,
        )
        self._expected = 0  # feeds that are sure to need parsing
        # A thread at work for each child and one that waits for it with the next feed, not one for each feed.
        self._turn = asyncio.Semaphore(2 * _PARSERS)

    def close(self) -> None:
        """End the child processes."""
        self._parser.close()
        self._expected = 0

    async def read(self, source: Source, state: SourceState, *, now: datetime) -> Reading:
        """One reading; `unchanged` on a 304 or the same bytes. Raises SourceError."""
        with as_source_error(source):
            return await self._read(source, state, now)

    async def _read(self, source: Source, state: SourceState, now: datetime) -> Reading:
        made_by = recipe(source)
        same_recipe = state.body_hash.partition(":")[0] == made_by and not source.newest_is_now
        validators, charset, said = Validators(), "", Heard()
        if not same_recipe and self._expected < _PARSERS:  # it will not be unchanged: start while the server thinks
            self._expected += 1
            self._parser.start()
        if source.url is None:
            body = await asyncio.to_thread(from_disk, Path(source.path or ""))
            url = ""
        else:
            answer = await self._fetcher.get(
                state.moved or source.url,
                owner=source.url,
                allow_private=source.allow_private,
                validators=state.validators if same_recipe else Validators(),
                deadline=source.deadline,
                authorization=source.authorization,
            )
            said = heard(answer.headers, moved_to=answer.moved_to)
            if answer.not_modified:
                return Reading(unchanged=True, validators=state.validators, body_hash=state.body_hash, heard=said)
            body, url, validators = answer.body, answer.url, answer.validators
            charset = charset_of(answer.headers)
        body_hash = f"{made_by}:{hashlib.sha256(body).hexdigest()}"
        if same_recipe and body_hash == state.body_hash:
            return Reading(unchanged=True, validators=validators, body_hash=body_hash, heard=said)
        async with self._turn:
            reading: Reading = await asyncio.to_thread(
                self._parser.call,
                body,
                url=url,
                zone=source.timezone,
                charset=charset,
                language=source.language,
                now=now,
            )
        if reading.failure:
            return replace(reading, heard=said)
        return replace(reading, validators=validators, body_hash=body_hash, heard=said)


@contextmanager
def as_source_error(source: Source) -> Iterator[None]:
    """Whatever keeps a source from being read, as its SourceError; the cause stays chained."""
    try:
        yield
    except SourceError:
        raise
    except DigestError as error:
        raise SourceError(source.name, str(error)) from error
    except OSError as error:
        raise SourceError(source.name, f"{source.path}: {error.strerror or error}") from error


def charset_of(headers: Mapping[str, str]) -> str:
    """The charset that HTTP names, "" for none."""
    named = _CHARSET.search(headers.get("content-type", ""))
    return named[1] if named else ""


def recipe(source: Source) -> str:
    """A short mark of all in the config that shapes a source's articles: when it changes, "unchanged" means nothing."""
    options = (
        _MAKING,
        source.url,
        source.path,
        source.urls,
        source.outlet,
        source.section,
        source.language,
        source.timezone,
        source.byline,
        source.kickers,
        source.updates,
        source.page_images,
    )
    return hashlib.sha256(repr(options).encode()).hexdigest()[:8]


def from_disk(path: Path) -> bytes:
    """A file's bytes, at most as many as an HTTP answer may have."""
    if not path.is_file():
        raise DigestError(f"{path}: there is no such file")
    if path.stat().st_size > MAX_BODY:
        raise DigestError(f"{path}: larger than {MAX_BODY / 1e6:g} MB")
    return path.read_bytes()
