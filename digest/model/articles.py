"""What comes in: sources, readings, articles, harvests."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where articles come from: `[sources.NAME]`. Exactly one of `url`, `path` and `urls` is set.

    `path` is absolute. `byline` is "last-first" where the source turns names round. `updates`: a used article may return once it is updated. `line` is where the table stands in
    config.toml, for messages. `username` and `password`, or `token`, are for the host of `url` alone; a Secret cannot
    be pickled, so hand a child what it needs, not a Source.
    """

    name: str
    kind: str = "feed"
    url: str | None = None
    path: str | None = None
    urls: tuple[str, ...] | None = None
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
    username: Secret | None = None
    password: Secret | None = None
    token: Secret | None = None
    updates: bool = False
    page_images: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    line: int = 0

    @property
    def authorization(self) -> str:
        """The Authorization header that this source wants, "" for none; not for messages or logs."""
        if self.token:
            return f"Bearer {self.token.reveal()}"
        if self.username and self.password:
            pair = f"{self.username.reveal()}:{self.password.reveal()}".encode()
            return f"Basic {base64.b64encode(pair).decode('ascii')}"
        return ""


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
    Times are aware, in the offset the source writes. `kicker` to `sponsor` are what pages and notes say beside a feed's
    fields.
    """

    headline: str = ""
    url: str = ""
    guid: str = ""
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
    kicker: str = ""
    section: str = ""
    paywall: bool = False
    words: int = 0
    expires: datetime | None = None
    sponsor: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What an HTTP answer said about itself, sent back exactly as received on the next reading."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a server said beside its body: `date` by its own clock, `max_age` in seconds (0: nothing said).

    `moved_to` is where it says the source has moved for good, "" where it does not.
    """

    date: datetime | None = None
    max_age: int = 0
    moved_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one reading of one source gave, in the source's order.

    `unchanged`: the source said so (304) or its bytes are those of the last reading; `declared` is then empty.
    `failure`: one line for people; the rest is then empty. `ttl` is how many seconds the source itself wants to pass
    before the next reading (0: nothing said).
    """

    declared: tuple[Declared, ...] = ()
    title: str = ""
    language: str = ""
    link: str = ""
    validators: Validators = Validators()
    body_hash: str = ""
    heard: Heard = Heard()
    ttl: int = 0
    unchanged: bool = False
    failure: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One story as one source tells it, ready to be chosen: all text is plain text.

    `id` is the identity key (stable across readings); `keys` are all identity keys (GUID, canonical URL, content
    hash), any shared one means the same article. `first_seen` is when a reading first gave it, `entered` the
    instant that decides which window it falls in (SOURCES.md 7). `place` counts from 0 in its source.
    `updates`: its source lets it come back with a newer `updated`: it then enters anew.
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
    updates: bool = False
    refused: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One reading of a source in numbers, to tell the next odd one by. Shares are of its articles, 0 to 1.

    `most` is the largest batch of new ones lately. `new_guids` are not seen before though URL or text is; `redated`
    is of the known ones; `ahead` are dated in the future; `bare` have no teaser; `twins` have the commonest headline;
    `strange` lead to a host that no earlier reading led to. `hosts` are the commonest ones, `script` and `language`
    those of most headlines.
    """

    at: datetime
    articles: int = 0
    new: int = 0
    most: float = 0.0
    new_guids: float = 0.0
    redated: float = 0.0
    ahead: float = 0.0
    bare: float = 0.0
    twins: float = 0.0
    strange: float = 0.0
    hosts: tuple[str, ...] = ()
    script: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantine:
    """Why a source's last readings are not offered: `wires` by name, `fact` for people, `times` in a row."""

    since: datetime
    wires: tuple[str, ...] = ()
    fact: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """What the store remembers of a source between readings; times None when it never happened.

    `streak` counts failures in a row, the first one at `streak_since`; `told`: an alert was given for this episode.
    `retry_after` is when the server allows the next try, `off` when it said to come no more. `max_age` and `ttl` are
    the last answer's, in seconds. `moving_to` is where it says it has moved, `moves` how often in a row; `moved` the
    place asked instead since it said so three times. All of these count for the configured address `about` alone.
    `readings` counts those offered, changed or not; `figures` are of the last ones that changed, the oldest first.
    """

    name: str
    validators: Validators = Validators()
    body_hash: str = ""
    title: str = ""
    first_reading: datetime | None = None
    last_try: datetime | None = None
    last_success: datetime | None = None
    streak: int = 0
    streak_since: datetime | None = None
    told: bool = False
    error: str = ""
    articles: int = 0
    retry_after: datetime | None = None
    off: datetime | None = None
    max_age: int = 0
    ttl: int = 0
    about: str = ""
    moving_to: str = ""
    moves: int = 0
    moved: str = ""
    readings: int = 0
    quarantine: Quarantine | None = None
    figures: tuple[Figures, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceResult:
    """One source's part of a Harvest. `read` counts the articles of this reading, `new` those not seen before.

    `reason` is why it gives nothing now, of SOURCES.md 10 (source_failed, source_off, not_due, quarantined; "" where
    it gives), `fact` that in words. `alert` is set once when an episode begins and once when it ends.
    """

    source: str
    read: int = 0
    new: int = 0
    unchanged: bool = False
    skipped: bool = False
    failure: str = ""
    reason: str = ""
    fact: str = ""
    alert: str = ""
    notes: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """Why it gives nothing, in words; "" where it gives or need not yet."""
        if self.failure:
            return self.failure
        return f"{self.reason}, {self.fact}" if self.reason not in {"", "not_due"} else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockCheck:
    """How far the clocks of `hosts` servers are ahead of ours: the median, in seconds."""

    ahead: float
    hosts: int

    @property
    def warning(self) -> str:
        """What is wrong with our clock by the word of at least two servers; "" while it is less than 10 minutes."""
        if self.hosts < 2 or abs(self.ahead) <= 600:
            return ""
        way = "slow" if self.ahead > 0 else "fast"
        return f"this machine's clock is {abs(self.ahead) / 60:.0f} minutes {way} by the clocks of {self.hosts} servers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What gather() did, one result per source, in the order of the config; `clock` where servers told the time."""

    results: tuple[SourceResult, ...] = ()
    clock: ClockCheck | None = None

    @property
    def failures(self) -> tuple[SourceResult, ...]:
        """The sources that could not be read."""
        return tuple(result for result in self.results if result.failure)

    @property
    def ill(self) -> tuple[SourceResult, ...]:
        """The sources that give nothing though they should, whether or not they were asked now."""
        return tuple(result for result in self.results if result.reason not in {"", "not_due"})
