"""gather(): every source read at once, each kept with its articles in one transaction; one failing stops nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.errors import DigestError, SourceError
from digest.model import Article, Harvest, Reading, Source, SourceResult, SourceState
from digest.protocols import ArticleStore, SourceReader
from digest.sources.articles import make, needs_settling, settle
from digest.sources.feed_notes import NO_ARTICLES

WHOLE = timedelta(seconds=120)  # however many sources hang, the issue leaves on time
USUAL = 10  # articles in the last reading that make an empty one suspicious
_READERS_AT_ONCE = 40
_KNOWN_FOR = timedelta(days=90)

BUILTIN = {
    "feed": "digest.sources.reader:FeedReader",
    "page": "digest.sources.page_reader:PageReader",
    "folder": "digest.sources.folder:FolderReader",
}


async def gather(
    sources: Sequence[Source],
    readers: Mapping[str, SourceReader],
    store: ArticleStore,
    *,
    now: datetime,
    due_only: bool = False,
) -> Harvest:
    """Read `sources` (by the reader of their kind) into `store`; one result each, in their order.

    `due_only` leaves out the ones read within their `every`. A source that fails keeps its old articles. Raises
    StoreError alone: without the store nothing goes on.
    """
    states = await store.states()
    gathering = _Gathering(readers, store, now, end=asyncio.get_running_loop().time() + WHOLE.total_seconds())
    acts = []
    for source in sources:
        state = states.get(source.name, SourceState(name=source.name))
        due = not due_only or is_due(source, state, now=now)
        acts.append(gathering.one(source, state) if due else _skipped(source))
    results = await asyncio.gather(*acts, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return Harvest(results=tuple(result for result in results if isinstance(result, SourceResult)))


def is_due(source: Source, state: SourceState, *, now: datetime) -> bool:
    """Whether the source was not read with success within its `every`, or is a file changed since then."""
    last = state.last_success
    if last is None or state.streak or not timedelta(0) <= now - last < source.every:
        return True
    return source.path is not None and _changed(Path(source.path)) > last


class _Gathering:
    """What all sources of one gather() share."""

    def __init__(self, readers: Mapping[str, SourceReader], store: ArticleStore, now: datetime, *, end: float) -> None:
        self._readers = readers
        self._store = store
        self._now = now
        self._end = end
        self._room = asyncio.Semaphore(_READERS_AT_ONCE)

    async def one(self, source: Source, state: SourceState) -> SourceResult:
        try:
            async with asyncio.timeout_at(self._end), self._room:
                reading = await self._read(source, state)
                articles = () if reading.unchanged else await self._articles(reading, source, state)
        except TimeoutError:
            return await self._failed(source, state, f"not read within {WHOLE.total_seconds():g} s")
        except SourceError as error:
            return await self._failed(source, state, error.why)
        if reading.failure:
            return await self._failed(source, state, reading.failure)
        if not articles and not reading.unchanged:
            return await self._failed(source, state, NO_ARTICLES)
        after = replace(
            state,
            validators=reading.validators,
            body_hash=reading.body_hash,
            title=reading.title or state.title,
            first_reading=state.first_reading or self._now,
            last_try=self._now,
            last_success=self._now,
            streak=0,
            error="",
            articles=state.articles if reading.unchanged else len(articles),
        )
        new = await self._store.record(after, articles)
        return SourceResult(
            source=source.name, read=len(articles), new=new, unchanged=reading.unchanged, notes=reading.notes
        )

    async def _read(self, source: Source, state: SourceState) -> Reading:
        reader = self._readers.get(source.kind)
        if reader is None:
            raise SourceError(source.name, f"nothing here reads sources of kind {source.kind!r}")
        try:
            async with asyncio.timeout(source.deadline.total_seconds()):
                return await reader.read(source, state, now=self._now)
        except TimeoutError as error:
            raise SourceError(source.name, f"not read within {source.deadline.total_seconds():g} s") from error
        except SourceError:
            raise
        except DigestError as error:
            raise SourceError(source.name, str(error)) from error
        except Exception as error:  # one reader's fault must not cost the other sources
            raise SourceError(source.name, f"its reader failed: {type(error).__name__}: {error}") from error

    async def _articles(self, reading: Reading, source: Source, state: SourceState) -> tuple[Article, ...]:
        articles = make(reading, source, state, now=self._now)
        if not needs_settling(articles):
            return articles
        return settle(articles, await self._store.articles((source.name,), since=self._now - _KNOWN_FOR))

    async def _failed(self, source: Source, state: SourceState, why: str) -> SourceResult:
        await self._store.record(replace(state, last_try=self._now, streak=state.streak + 1, error=why), ())
        notes: tuple[str, ...] = ()
        if why == NO_ARTICLES and state.articles >= USUAL:
            notes = (f"0 articles where the last reading had {state.articles}: those are kept",)
        return SourceResult(source=source.name, failure=why, notes=notes)


async def _skipped(source: Source) -> SourceResult:
    return SourceResult(source=source.name, skipped=True)


def _changed(path: Path) -> datetime:
    try:
        files = [path, *path.iterdir()] if path.is_dir() else [path]
        return datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
    except OSError:
        return datetime.max.replace(tzinfo=UTC)  # gone: reading it says so
