"""What comes in: sources, readings, articles, harvests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where articles come from: `[sources.NAME]`. Exactly one of `url` and `path` is set.

    `path` is absolute. `byline` is "last-first" where the source turns names round. `line` is where the table stands in config.toml, for messages.
    """

    name: str
    kind: str = "feed"
    url: str | None = None
    path: str | None = None
    outlet: str = ""
    section: str = ""
    weight: float = 1.0
    language: str = ""
    timezone: str = ""
    kickers: tuple[str, ...] = ()
    byline: str = "as-written"
    every: timedelta = timedelta(minutes=30)
    deadline: timedelta = timedelta(seconds=20)
    allow_private: bool = False
    newest_is_now: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """A picture as its source declares it; width and height in px, 0 when not told."""

    url: str
    width: int = 0
    height: int = 0
    alt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One article as its source says it: only decoded and freed of markup, nothing chosen yet.

    `guid` is "" where the source gives none; `images` keep the source's order; `notes` say what was odd. `url` is the
    declared link made absolute, `origin` the one behind a feed service's link, "" where there is none. `summary` has a
    space for each tag, `prose` reads on where a tag stood within a sentence; it is "" where the two are equal.
    `pictures` are those of the text, which count after the declared ones.
    """

    headline: str = ""
    url: str = ""
    guid: str = ""
    guid_is_url: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    byline: str = ""
    authors: tuple[str, ...] = ()
    summary: str = ""
    prose: str = ""
    origin: str = ""
    images: tuple[Image, ...] = ()
    pictures: tuple[Image, ...] = ()
    tags: tuple[str, ...] = ()
    outlet: str = ""
    language: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What an HTTP answer said about itself, sent back exactly as received on the next reading."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading of one source gave, in the source's order.

    `unchanged`: the source said so (304) or its bytes are those of the last reading; `declared` is then empty.
    `failure`: one line for people; the rest is then empty.
    """

    declared: tuple[Declared, ...] = ()
    title: str = ""
    language: str = ""
    link: str = ""
    validators: Validators = Validators()
    body_hash: str = ""
    unchanged: bool = False
    failure: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story as one source tells it, ready to be chosen: all text is plain text.

    `id` is the identity key (stable across readings); `keys` are all identity keys (GUID, canonical URL, content
    hash), any shared one means the same article. `first_seen` is when a reading first gave it, `entered` the
    instant that decides which window it falls in (SOURCES.md 7). `place` counts from 0 in its source.
    `refused`: a reason known at reading (`no_link`, `undated_first_reading` ...), "" otherwise; `fact` explains it.
    """

    id: str
    url: str
    headline: str
    outlet: str
    published: datetime | None
    kicker: str = ""
    teaser: str = ""
    byline: str = ""
    updated: datetime | None = None
    image: Image | None = None
    section: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""
    first_seen: datetime | None = None
    entered: datetime | None = None
    place: int = 0
    words: int = 0
    paywall: bool = False
    expires: datetime | None = None
    sponsor: str = ""
    keys: tuple[str, ...] = ()
    refused: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of a source between readings; times None when it never happened."""

    name: str
    validators: Validators = Validators()
    body_hash: str = ""
    title: str = ""
    first_reading: datetime | None = None
    last_try: datetime | None = None
    last_success: datetime | None = None
    streak: int = 0
    error: str = ""
    articles: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """One source's part of a Harvest. `read` counts the articles of this reading, `new` those not seen before."""

    source: str
    read: int = 0
    new: int = 0
    unchanged: bool = False
    skipped: bool = False
    failure: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What gather() did, one result per source, in the order of the config."""

    results: tuple[SourceResult, ...] = ()

    @property
    def failures(self) -> tuple[SourceResult, ...]:
        """The sources that could not be read."""
        return tuple(result for result in self.results if result.failure)
