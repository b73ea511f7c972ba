"""Adding sources to config.toml: a site's feed, a whole OPML file; and writing the sources out as OPML."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from digest.app.opening import clock_from, load
from digest.composer import theme_names, theme_roots
from digest.config import Config
from digest.config.adding import add_sources, source_text
from digest.errors import DigestError, wrong
from digest.fetch import MAX_BODY, Fetcher
from digest.sources.finding import Found, find_feeds
from digest.sources.opml import Subscription, name_from, named, read_opml, write_opml
from digest.sources.urls import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was written, or would be: the names, the tables as TOML, and what was left out and why."""

    names: tuple[str, ...]
    text: str
    left_out: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()


async def add_source(
    file: Path,
    url: str,
    *,
    name: str = "",
    allow_private: bool = False,
    dry_run: bool = False,
    clock: Callable[[], datetime] | None = None,
) -> Added:
    """Find the feed of `url` and write it into config.toml. Raises SourceError, ConfigError, DigestError (exit 2)."""
    config = load(file)
    if not url.startswith(("http://", "https://")):
        raise wrong(f"{url}: write a whole address, such as https://example.org")
    async with Fetcher(site=config.site.base_url or config.site.name) as fetcher:
        now = (clock or clock_from(None))()
        found = await find_feeds(url, fetcher=fetcher, allow_private=allow_private, now=now)
    best = found[0]
    known = _known(config)
    if canonical(best.url) in known:
        raise wrong(f"{best.url} is already there: [sources.{known[canonical(best.url)]}]")
    (one,) = named([Subscription(name=name or name_from(best.title or best.url), url=best.url)], config.sources)
    if name and one.name != name:
        raise wrong(f"[sources.{name}] is already there; choose another --name")
    keys: dict[str, str | bool] = {"url": best.url, **({"allow_private": True} if allow_private else {})}
    return _written(file, {one.name: keys}, dry_run=dry_run, found=found)


async def import_opml(file: Path, opml: Path, *, dry_run: bool = False) -> Added:
    """Write the feeds of an OPML file into config.toml; those already there are left out."""
    config = load(file)
    data = await asyncio.to_thread(_whole, opml)
    known = _known(config)
    new, left_out = [], []
    try:
        feeds = read_opml(data)
    except DigestError as error:
        raise wrong(f"{opml}: {error}") from error
    for one in feeds:
        there = known.get(canonical(one.url))
        if there:
            left_out.append(f"{one.url}: already there as [sources.{there}]")
        else:
            new.append(one)
    tables = {one.name: _keys(one) for one in named(new, config.sources)}
    return _written(file, tables, dry_run=dry_run, left_out=tuple(left_out))


def export_opml(file: Path) -> tuple[str, tuple[str, ...]]:
    """The feeds of config.toml as OPML, and the names of the sources that OPML has no place for."""
    config = load(file)
    feeds = [one for one in config.sources.values() if one.kind == "feed" and one.url]
    others = tuple(name for name in config.sources if name not in {one.name for one in feeds})
    listed = (Subscription(name=one.name, title=one.outlet, url=one.url or "", section=one.section) for one in feeds)
    return write_opml(listed, title=config.site.name), others


def _written(
    file: Path,
    tables: Mapping[str, Mapping[str, str | bool]],
    *,
    dry_run: bool,
    left_out: tuple[str, ...] = (),
    found: tuple[Found, ...] = (),
) -> Added:
    if tables and not dry_run:
        add_sources(file, tables, themes=frozenset(theme_names(theme_roots(file.absolute().parent))))
    return Added(names=tuple(tables), text=source_text(tables), left_out=left_out, found=found)


def _known(config: Config) -> dict[str, str]:
    return {canonical(source.url): name for name, source in config.sources.items() if source.url}


def _keys(one: Subscription) -> dict[str, str | bool]:
    return {
        "url": one.url,
        **({"outlet": one.title} if one.title else {}),
        **({"section": one.section} if one.section else {}),
    }


def _whole(path: Path) -> bytes:
    data = path.read_bytes()
    if len(data) > MAX_BODY:
        raise wrong(f"{path}: larger than {MAX_BODY / 1e6:g} MB")
    return data
