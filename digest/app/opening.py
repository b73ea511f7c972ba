"""Opening an App, and the acts that need none: checking files, showing the config, migrating the store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from digest import config as configuration
from digest import fetch, plugins, sources, times
from digest.app.acts import App
from digest.app.readers import Readers
from digest.app.workshop import Workshop
from digest.composer import theme_names, theme_roots
from digest.config import Config, load_keys
from digest.errors import ConfigError, Mistake, wrong
from digest.model import Article, Reading, Source, SourceState
from digest.protocols import Mark, no_mark
from digest.sources import Known, make
from digest.store import BUILTIN as STORE
from digest.store import Store, copy_store
from digest.store import state as store_state
from digest.subscribers.identity import LedgerKey
from digest.subscribers.tokens import Keyring


def clock_from(as_of: datetime | None) -> Callable[[], datetime]:
    """The time in UTC; from `as_of` on where given, as if it were that instant now."""
    if as_of is None:
        return lambda: datetime.now(UTC)
    start = time.monotonic()
    return lambda: as_of + timedelta(seconds=time.monotonic() - start)


def load(file: Path) -> Config:
    """The config, with the wheel's themes known; raises ConfigError with every mistake."""
    return configuration.load(file, themes=frozenset(theme_names(theme_roots(file.absolute().parent))))


@asynccontextmanager
async def open_app(
    file: str | Path = "config.toml",
    *,
    as_of: datetime | None = None,
    showing: bool = False,
    clock: Callable[[], datetime] | None = None,
    mark: Mark = no_mark,
) -> AsyncIterator[App]:
    """Read the config, open the store (made when missing, migrated when it is our own) and hand out the App.

    `showing` as of an instant works on a copy of the store, thrown away at the end: articles read as if it were then
    would be misdated for the next real issue. `clock` and `mark` are for tests. Raises ConfigError with every
    mistake, StoreError.
    """
    config = load(Path(file))
    keys = _keys(config)
    ledger_key = LedgerKey(keys[0][1])
    async with AsyncExitStack() as stack:
        now = clock_from(as_of) if as_of or clock is None else clock
        url = await stack.enter_async_context(_copied(config.store_url)) if as_of and showing else config.store_url
        store = await Store.open(url, ledger_key=ledger_key.raw, mark=mark, clock=lambda: times.milliseconds(now()))
        stack.push_async_callback(store.close)
        workshop = Workshop(config, store, Keyring(keys), ledger_key, mark)
        stack.callback(workshop.close)
        readers = Readers(site=config.site.base_url or config.site.name, known=_known(store))
        stack.push_async_callback(readers.close)
        yield App(workshop, readers, now=now, as_of=as_of)


def _keys(config: Config) -> tuple[tuple[str, bytes], ...]:
    """The site's keys, made on the first run. Raises ConfigError where a store is there and its secret is not.

    A new one would not fit, and would be taken for the lost one by whoever looks for it.
    """
    secret = config.secret
    # Asked twice: another process's first run makes the secret, then the store.
    if not secret.exists() and store_state(config.store_url) != "missing" and not secret.exists():
        raise ConfigError(
            [
                Mistake(
                    file=str(secret),
                    why="is missing, and the store was made with it",
                    mend="put it back from a backup: without it nobody's unsubscribing would count",
                )
            ]
        )
    return load_keys(secret, create=True)


def _known(store: Store) -> Known:
    """What readers ask the store about the articles of their source."""
    return lambda names, since: store.articles.articles(names, since=since)


@asynccontextmanager
async def _copied(url: str) -> AsyncIterator[str]:
    """The URL of a copy of the store, gone afterwards."""
    with TemporaryDirectory(prefix="digest-") as folder:
        copy = Path(folder) / "digest.db"
        await asyncio.to_thread(copy_store, url, copy)
        yield f"sqlite:///{copy}"


def shown_config(file: Path) -> str:
    """Every key in force; secrets by their origin only. Raises ConfigError."""
    return configuration.shown(load(file))


def config_schema() -> dict[str, Any]:
    """The JSON Schema of config.toml."""
    return configuration.json_schema()


async def migrate(file: Path, *, dry_run: bool = False) -> Sequence[str]:
    """Bring the store to this version; lines for people."""
    url = load(file).store_url
    before = store_state(url)
    if before == "current":
        return ["the store is current"]
    if before == "ahead":
        raise wrong("the store was made by a newer digest; install that version, or restore a copy")
    if dry_run:
        return [f"the store is {before}; digest migrate brings it to this version"]
    copy = plugins.find("digest.store", "upgrade", STORE)(url)
    return [f"the store was {before} and is current now", *([f"the copy made before: {copy}"] if copy else [])]


async def try_source(
    what: str, *, allow_private: bool = False, clock: Callable[[], datetime] | None = None
) -> tuple[Reading, tuple[Article, ...]]:
    """Read one feed, a file or a URL, without config or store; raises SourceError."""
    source = _unnamed(what, allow_private=allow_private)
    now = (clock or clock_from(None))()
    state = SourceState(name=what)
    async with fetch.Fetcher(site="digest") as fetcher:
        reader = sources.FeedReader(fetcher=fetcher)
        try:
            reading = await reader.read(source, state, now=now)
        finally:
            reader.close()
    return reading, make(reading, source, state, now=now)


def _unnamed(what: str, *, allow_private: bool) -> Source:
    if what.startswith(("http://", "https://")):
        return Source(name=what, url=what, allow_private=allow_private)
    return Source(name=what, path=str(Path(what).absolute()))
