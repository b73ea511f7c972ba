"""gather(): every source read at once, each kept with its articles in one transaction; one failing stops nobody."""

from __future__ import annotations

import asyncio
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from digest.errors import DigestError, SourceError
from digest.fetch import FetchError
from digest.fetch.turns import Turns
from digest.model import Article, ClockCheck, Harvest, Reading, Reason, Source, SourceResult, SourceState
from digest.protocols import ArticleStore, SourceReader
from digest.sources import polite
from digest.sources.articles import make, needs_settling, settle
from digest.sources.feed_notes import NO_ARTICLES
from digest.sources.health import failed, how_to_free, reason_of
from digest.sources.taking import Taken, emptied, freed, take, take_unchanged

WHOLE = timedelta(seconds=120)
_USUAL = 10  # articles in the last reading that make an empty one suspicious
_KNOWN_FOR = timedelta(days=90)
_LATELY = timedelta(days=3)

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
    before_slot: bool = False,
    whole: timedelta = WHOLE,
) -> Harvest:
    """Read `sources` (by the reader of their kind) into `store`; one result each, in their order.

    `due_only` leaves out those whose time has not come (polite.is_due, which explains `before_slot`); without it
    only those are left out whose server said so (410, Retry-After). All ends after `whole`: the issue leaves on time.
    A source that fails keeps its old articles; one whose turn did not come is not held to have failed.
    Raises StoreError alone: without the store nothing goes on.
    """
    states = await store.states()
    gathering = _Gathering(readers, store, now, whole)
    acts = dict.fromkeys(source.name for source in sources)
    tasks: dict[str, asyncio.Task[SourceResult]] = {}
    for source, state in _in_turn([(one, _state(one, states)) for one in sources]):
        due = _is_due(source, state, now=now, before_slot=before_slot) if due_only else _may(source, state, now=now)
        act = gathering.one(source, state) if due else _skipped(source, state, now=now)
        tasks[source.name] = asyncio.create_task(act)
    results = await asyncio.gather(*(tasks[name] for name in acts), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    done = tuple(result for result in results if isinstance(result, SourceResult))
    return Harvest(results=done, clock=gathering.clock())


async def accept(source: Source, store: ArticleStore, *, now: datetime) -> int | None:
    """Free a source from quarantine, or ask one again that is off; how many articles are offered from now on.

    None where there was nothing to accept. Raises StoreError.
    """
    state = (await store.states()).get(source.name)
    if state is None or not (state.quarantine or state.off):
        return None
    known = await store.articles((source.name,), since=now - _KNOWN_FOR)
    taken = freed(replace(state, off=None, retry_after=None), known, now=now)
    await store.record(taken.state, taken.articles)
    return len(taken.articles)


def _state(source: Source, states: Mapping[str, SourceState]) -> SourceState:
    return polite.settled(source, states.get(source.name, SourceState(name=source.name)))


def _in_turn(sources: Sequence[tuple[Source, SourceState]]) -> list[tuple[Source, SourceState]]:
    """Sources that work before those that fail, one of each host before the second of any."""
    before: Counter[str] = Counter()
    places = []
    for source, state in sources:
        host = _host(source)
        places.append((state.streak > 0, before[host]))
        before[host] += 1
    order = sorted(range(len(places)), key=places.__getitem__)
    return [sources[place] for place in order]


def _host(source: Source) -> str:
    """Scheme, host and port of a URL; a file has nobody to be polite to."""
    return "://".join(urlsplit(source.url)[:2]) if source.url else f"file {source.name}"


def _is_due(source: Source, state: SourceState, *, now: datetime, before_slot: bool) -> bool:
    """Whether its time has come; a file's has when it changed, and when it failed: reading it disturbs nobody."""
    if source.path is None:
        return polite.is_due(source, state, now=now, before_slot=before_slot)
    last = state.last_success
    if before_slot or last is None or state.streak or not timedelta(0) <= now - last < source.every:
        return True
    return _changed(Path(source.path)) > last


def _may(source: Source, state: SourceState, *, now: datetime) -> bool:
    return source.path is not None or not polite.is_barred(state, now=now)


class _Gathering:
    """What all sources of one gather() share."""

    def __init__(
        self, readers: Mapping[str, SourceReader], store: ArticleStore, now: datetime, whole: timedelta
    ) -> None:
        self._whole = whole.total_seconds()
        self._readers = readers
        self._store = store
        self._now = now
        self._begun = asyncio.get_running_loop().time()
        self._turns = Turns()
        self._ahead: dict[str, float] = {}  # by host, seconds its clock is ahead of ours

    def clock(self) -> ClockCheck | None:
        """What the servers' clocks say of ours."""
        if not self._ahead:
            return None
        return ClockCheck(ahead=statistics.median(self._ahead.values()), hosts=len(self._ahead))

    async def one(self, source: Source, state: SourceState) -> SourceResult:
        """Read one source and keep what it gave; never raises but for the store's sake."""
        begun = False
        try:
            async with asyncio.timeout_at(self._begun + self._whole), self._turns.take(_host(source)):
                begun = True
                reading = await self._read(source, state)
                taken = None if reading.failure else await self._taken(reading, source, state)
        except TimeoutError:
            said = f"within {self._whole:g} s"
            if not begun:
                return _not_reached(source, f"its turn did not come {said}")
            return await self._failed(state, f"not read {said}")
        except SourceError as error:
            return await self._failed(state, error.why, error)
        if taken is None:
            return await self._failed(state, reading.failure or NO_ARTICLES)
        new = await self._store.record(taken.state, taken.articles)
        return replace(taken.result, new=0 if taken.state.quarantine else new)

    async def _read(self, source: Source, state: SourceState) -> Reading:
        reader = self._readers.get(source.kind)
        if reader is None:
            raise SourceError(source.name, f"nothing here reads sources of kind {source.kind!r}")
        try:
            async with asyncio.timeout(source.deadline.total_seconds()):
                reading = await reader.read(source, state, now=self._now)
        except TimeoutError as error:
            raise SourceError(source.name, f"not read within {source.deadline.total_seconds():g} s") from error
        except SourceError:
            raise
        except DigestError as error:
            raise SourceError(source.name, str(error)) from error
        except Exception as error:  # one reader's fault must not cost the other sources
            raise SourceError(source.name, f"its reader failed: {type(error).__name__}: {error}") from error
        if reading.heard.date:
            passed = timedelta(seconds=asyncio.get_running_loop().time() - self._begun)
            self._ahead[_host(source)] = (reading.heard.date - self._now - passed).total_seconds()
        return reading

    async def _taken(self, reading: Reading, source: Source, state: SourceState) -> Taken | None:
        """What the reading becomes; None for one without articles."""
        if reading.unchanged:
            known = await self._known(source, _KNOWN_FOR) if state.quarantine else ()
            return take_unchanged(reading, known, state, now=self._now)
        articles = make(reading, source, state, now=self._now)
        if not articles:
            return None
        if source.newest_is_now or state.first_reading is None:
            return take(reading, articles, (), _without_canary(state), now=self._now)
        known = await self._known(source, _KNOWN_FOR if needs_settling(articles) else _LATELY)
        articles = settle(articles, known)
        taken = take(reading, articles, known, state, now=self._now)
        if taken.state.quarantine:  # what left the feed long ago and came back is not new
            known = await self._known(source, _KNOWN_FOR)
            taken = take(reading, articles, known, state, now=self._now)
        return taken

    async def _known(self, source: Source, span: timedelta) -> tuple[Article, ...]:
        return await self._store.articles((source.name,), since=self._now - span)

    async def _failed(self, state: SourceState, why: str, error: SourceError | None = None) -> SourceResult:
        status, retry = 0, None
        answer = _answer(error)
        if answer is not None:
            status, retry = answer.status, polite.retry_at(answer.status, answer.headers, now=self._now)
        after, alert = failed(state, why, now=self._now, status=status, retry_after=retry)
        reason, fact, notes = Reason.SOURCE_FAILED, why, tuple[str, ...]()
        if why == NO_ARTICLES:
            after, odd = emptied(after, now=self._now)
            if odd:
                reason, fact = Reason.QUARANTINED, f"{odd}; {how_to_free(state)}"
            if odd and not state.quarantine:
                alert = alert or f"gave an odd reading, which is not offered: {odd}"
            if state.articles >= _USUAL:
                notes = (f"0 articles where the last reading had {state.articles}: those are kept",)
        if after.off:
            reason = Reason.SOURCE_OFF
        await self._store.record(after, ())
        return SourceResult(source=state.name, failure=why, reason=reason, fact=fact, alert=alert, notes=notes)


def _answer(error: BaseException | None) -> FetchError | None:
    """The fetcher's error behind a reader's."""
    while error is not None and not isinstance(error, FetchError):
        error = error.__cause__
    return error


def _without_canary(state: SourceState) -> SourceState:
    """A first reading has no past to be compared with, and a sample is as it is."""
    return replace(state, figures=(), readings=0, quarantine=None)


def _not_reached(source: Source, why: str) -> SourceResult:
    """Not the source's fault, so nothing is held against it."""
    return SourceResult(source=source.name, failure=why, reason=Reason.SOURCE_FAILED, fact=why)


async def _skipped(source: Source, state: SourceState, *, now: datetime) -> SourceResult:
    reason, fact = reason_of(source, state, now=now)
    return SourceResult(source=source.name, skipped=True, reason=reason, fact=fact)


def _changed(path: Path) -> datetime:
    try:
        files = [path, *path.iterdir()] if path.is_dir() else [path]
        return datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
    except OSError:
        return datetime.max.replace(tzinfo=UTC)  # gone: reading it says so
