"""Every key of config.toml: its type, default, meaning and example.

The JSON Schema and docs/reference/config.md are made from these tables. They hold what the file says and nothing
else: what depends on other keys or other files is in check.py, what comes of it in build.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StrictBool, StrictFloat, StrictInt
from pydantic.config import JsonDict

from digest.config.fields import (
    Address,
    BaseUrl,
    Block,
    Cron,
    Duration,
    FileReference,
    From,
    Host,
    Language,
    Line,
    Name,
    Network,
    PathText,
    SecretValue,
    SourceUrl,
    StoreUrl,
    Term,
    UserName,
    Words,
    ZoneName,
)
from digest.config.values import Reference

Weight = Annotated[StrictFloat, Field(ge=0, le=100, allow_inf_nan=False)]
Boost = Annotated[StrictFloat, Field(ge=-100, le=100, allow_inf_nan=False)]


def _key(meaning: str, example: object, *, otherwise: str = "", **rules: Any) -> Any:
    """A key with its meaning and an example; `otherwise` says a default that depends on something."""
    extra: JsonDict | None = {"x-default": otherwise} if otherwise else None
    return Field(description=meaning, examples=[example], json_schema_extra=extra, **rules)


class Table(BaseModel):
    """A TOML table: no unknown keys, no changing later, no input in pydantic's own messages (it may be a secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class SiteTable(Table):
    """Who sends."""

    name: Line = _key("Who sends, as readers see it.", "The Morning Desk")
    id: Annotated[str, Field(strict=True, pattern=r"^[a-z0-9-]{5,15}$")] | None = _key(
        "A constant short name of this site, printed in every message's headers. Never change it: mailbox providers "
        "keep a sender's reputation by it. Set it before you change the name it is made of.",
        "morning-desk",
        default=None,
        otherwise="the name in small letters",
    )
    base_url: BaseUrl = _key(
        "Where the public pages can be reached; https, or http for this machine alone. Empty: no public pages, "
        "unsubscribing is by e-mail alone.",
        "https://news.example.org",
        default="",
    )
    postal_address: Block = _key(
        "Printed in every message; the law of most countries asks for it.", "1 Example Street, London N1 1AA"
    )
    timezone: ZoneName = _key("The IANA zone of newsletters that name none.", "Europe/London", default="UTC")
    language: Language = _key("The language of newsletters that name none.", "en", default="en")
    secret: FileReference = _key(
        "The file that keys unsubscribe links and subscriber ids; made on the first run, readable by you alone. "
        "Back it up: without it old links stop working.",
        {"file": "var/secret"},
        default=Reference("file", "var/secret"),
    )
    data: PathText = _key("The folder for the database and what is sent to files.", "var", default="var")
    drafts: PathText = _key("The folder for the editor's files.", "drafts", default="drafts")


class StoreTable(Table):
    """Where articles, issues and deliveries are kept."""

    url: StoreUrl = _key(
        "An SQLite file, beside config.toml unless the path is absolute (then four slashes).",
        "sqlite:///var/digest.db",
        default="sqlite:///var/digest.db",
    )


class TransportTable(Table):
    """Which transports send."""

    use: tuple[Name, ...] = _key("Names of `[transports.NAME]` tables, tried in this order.", ["outbox"], min_length=1)


class FolderTable(Table):
    """Messages become .eml files."""

    kind: Literal["folder"] = _key("What this transport is.", "folder")
    path: PathText = _key("The folder the files go to.", "var/outbox")


class SmtpTable(Table):
    """Messages go to a mail server."""

    kind: Literal["smtp"] = _key("What this transport is.", "smtp")
    host: Host = _key("The mail server.", "localhost")
    port: StrictInt | None = _key(
        "Its port.", 587, otherwise="587 for starttls, 465 for implicit, 25 for none", default=None, ge=1, le=65535
    )
    tls: Literal["starttls", "implicit", "none"] = _key(
        "How the connection is encrypted. There is no falling back: a server that cannot do it gets nothing. "
        "`none` only towards this machine.",
        "starttls",
        default="starttls",
    )
    username: UserName | None = _key(
        "Who logs in. Goes with `password`.", {"env": "SMTP_USERNAME"}, otherwise="no login", default=None
    )
    password: SecretValue | None = _key(
        "From an environment variable, a file of mode 0600 or a systemd credential; never written here.",
        {"env": "SMTP_PASSWORD"},
        otherwise="no login",
        default=None,
    )
    max_connections: StrictInt = _key("Connections open at one time.", 10, default=10, ge=1, le=1000)
    helo_name: Host | None = _key(
        "The name this machine greets with.", "news.example.org", otherwise="this machine's name", default=None
    )
    per_connection: StrictInt = _key("Messages over one connection before a new one.", 100, default=100, ge=1)
    connection_age: Duration = _key("Age at which a connection is replaced.", "5m", default=timedelta(minutes=5))


class WebTable(Table):
    """Where the public pages listen."""

    host: Host = _key("The address to listen on.", "127.0.0.1", default="127.0.0.1")
    port: StrictInt = _key("The port to listen on; 0 takes a free one.", 8080, default=8080, ge=0, le=65535)
    trusted_proxies: tuple[Network, ...] = _key(
        "Addresses or networks of reverse proxies whose word on the caller's address is taken.",
        ["127.0.0.1"],
        default=(),
    )


class SourceTable(Table):
    """Where articles come from. Exactly one of `url`, `path` and `urls`."""

    kind: Literal["feed", "page", "folder"] = _key(
        "What this source is: `feed` (RSS, RDF or Atom), `page` (a section front whose links are followed to articles, "
        "or the articles of `urls`), `folder` (an editor's own notes).",
        "feed",
        default="feed",
    )
    url: SourceUrl | None = _key(
        "The address of the feed or the section front.",
        "https://example.org/world.xml",
        otherwise="none",
        default=None,
    )
    urls: tuple[SourceUrl, ...] | None = _key(
        "The addresses of single articles, for `page` alone.",
        ["https://example.org/news/harbour-reopens"],
        otherwise="none",
        default=None,
        min_length=1,
        max_length=30,
    )
    path: PathText | None = _key(
        "The feed or an article's page as a file, or the folder of notes, beside config.toml unless absolute.",
        "samples/feeds/world.xml",
        otherwise="none",
        default=None,
    )
    outlet: Line | None = _key(
        "Who publishes it, as readers see it.", "Example Times", otherwise="the feed's own title", default=None
    )
    section: Line | None = _key("The section its articles belong to.", "World", otherwise="none", default=None)
    weight: StrictFloat = _key(
        "How much it counts against other sources.", 1.5, default=1.0, ge=0, le=100, allow_inf_nan=False
    )
    every: Duration = _key(
        "How often it is read, at most.", "30m", default=timedelta(minutes=30), ge=timedelta(minutes=1)
    )
    deadline: Duration = _key(
        "How long one reading may take, at most 120 s.",
        "20s",
        default=timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=120),
    )
    timezone: ZoneName | None = _key(
        "The zone of dates that name none.", "Europe/Berlin", otherwise="UTC", default=None
    )
    language: Language | None = _key("Its language.", "de", otherwise="what the feed says", default=None)
    kickers: tuple[Line, ...] = _key(
        "Categories and headline prefixes of this source that are kickers.", ["Speed Read"], default=()
    )
    byline: Literal["as-written", "last-first"] = _key(
        'How it writes names: "last-first" turns "Marsh, Ada" round.', "last-first", default="as-written"
    )
    allow_private: StrictBool = _key(
        "Whether the address may be inside a private network.", example=True, default=False
    )
    page_images: StrictBool = _key(
        "Where a feed gives an article no picture, the one its page declares is taken (ten pages a reading at most).",
        True,
        default=False,
    )
    newest_is_now: StrictBool = _key(
        "Makes a `path` a sample: whenever an issue is picked its newest article is minutes old.",
        example=True,
        default=False,
    )
    username: UserName | None = _key(
        "Who reads a feed that asks for a name. Goes with `password`; sent to the feed's own host alone.",
        {"env": "FEED_USERNAME"},
        otherwise="no login",
        default=None,
    )
    password: SecretValue | None = _key(
        "As for a transport; never written here.", {"env": "FEED_PASSWORD"}, otherwise="no login", default=None
    )
    token: SecretValue | None = _key(
        "A bearer token instead of a name and password.", {"env": "FEED_TOKEN"}, otherwise="none", default=None
    )
    updates: StrictBool = _key(
        "Whether an article that stood in an issue may come back when the source says it was updated.",
        example=True,
        default=False,
    )
    include: tuple[Term, ...] = _key(
        "Only articles that match one of these: plain words (whole, case and accents aside), `/regex/`, `kicker:X`, "
        "`tag:X`, `author:X`, `language:xx` or `paywall`.",
        ["kicker:Speed Read"],
        default=(),
    )
    exclude: tuple[Term, ...] = _key("Never articles that match one of these.", ["puzzles"], default=())


class SectionTable(Table):
    """One part of the issue; parts fill in the order written."""

    name: Line = _key("Its heading.", "World")
    sources: tuple[Name, ...] = _key("Names of `[sources.NAME]` tables.", ["world"], min_length=1)
    max: StrictInt = _key("Articles at most.", 5, default=5, ge=1, le=500)
    min: StrictInt = _key(
        "With fewer articles the section is left out; they go to `more headlines`.", 2, default=0, ge=0, le=500
    )
    order: Literal["biggest", "newest", "features", "good"] = _key(
        "`biggest`: by rank, most outlets first; `newest`; `features`: long reads alone; `good`: glad news alone.",
        "newest",
        default="biggest",
    )
    include: tuple[Term, ...] = _key("As in a source, for this section.", ["tag:science"], default=())
    exclude: tuple[Term, ...] = _key("As in a source, for this section.", ["tag:sport"], default=())


class RankTable(Table):
    """What each part of a rank weighs; 0 leaves a part out."""

    outlets: Weight = _key("Times the natural logarithm of the number of outlets on the story.", 3.0, default=3.0)
    freshness: Weight = _key("For an article just published; half of it after `half_life`.", 1.0, default=1.0)
    half_life: Duration | None = _key(
        "The age at which freshness is worth half.",
        "8h",
        otherwise="8h; 3d for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    source: Weight = _key("Times the `weight` of the source.", 1.0, default=1.0)
    place: Weight = _key("For the first place in a feed; half of it ten places on.", 0.5, default=0.5)
    picture: Weight = _key("For a picture.", 0.3, default=0.3)
    teaser: Weight = _key("For a teaser of two lines; less for a shorter one.", 0.2, default=0.2)
    boost: dict[Term, Boost] = _key(
        'What a filter\'s term adds where it matches, or takes away: `{ "tag:Climate" = 1.0 }`. It never lets in '
        "what a filter keeps out.",
        {"tag:Climate": 1.0},
        default={},
    )


class NewsletterTable(Table):
    """What readers subscribe to. Exactly one of `schedule` and `cron`."""

    title: Line = _key("Its name, as readers see it.", "The Morning Briefing")
    sender: From = _key(
        "Who it is from: a name and one address.", "The Morning Desk <briefing@news.example.org>", alias="from"
    )
    reply_to: Address | None = _key("Where answers go.", "editors@example.org", otherwise="the sender", default=None)
    lists: tuple[Name, ...] = _key(
        "Who gets it: NAME stands for subscribers/NAME.toml or NAME.csv.", ["readers"], min_length=1
    )
    schedule: Words | None = _key(
        "When it goes out, in words: `daily`, `weekdays`, `weekends`, weekdays by name, `first monday`; then the time.",
        "weekdays 06:30",
        otherwise="none",
        default=None,
    )
    cron: Cron | None = _key(
        "When it goes out, as a cron line with weekdays by name.", "30 6 * * mon-fri", otherwise="none", default=None
    )
    timezone: ZoneName | None = _key(
        "The zone of its schedule and dates.", "Europe/Paris", otherwise="the site's", default=None
    )
    theme: Name = _key("A folder under templates/email/.", "briefing")
    subject: Line = _key(
        "The subject, with the variables of the theme.",
        "{{ lead.headline }}",
        default="{{ lead.headline }}",
    )
    limit: StrictInt = _key("Articles at most.", 12, default=12, ge=1, le=500)
    minimum: StrictInt = _key("With fewer articles, see `when_short`.", 4, default=1, ge=1, le=500)
    when_short: Literal["skip", "send"] = _key(
        "With too few articles: `skip` sends nothing and says so, `send` sends what there is.", "skip", default="skip"
    )
    window: Duration | None = _key(
        "How far back the first issue looks; later ones look back to the issue before.",
        "24h",
        otherwise="24h; 7d for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    max_age: Duration | None = _key(
        "Older articles are never taken.",
        "48h",
        otherwise="twice the window, at least 48h",
        default=None,
        gt=timedelta(0),
    )
    max_per_outlet: StrictInt = _key(
        "Articles at most from one outlet, not counting sections that name a single source; 0 for no cap. Passed over "
        "only to reach `minimum`.",
        3,
        default=0,
        ge=0,
        le=500,
    )
    more: StrictInt = _key(
        "Headlines at most under `more headlines`: what ranked next. 0 for none.", 5, default=10, ge=0, le=100
    )
    never_repeat_across: tuple[Name, ...] = _key(
        "Names of newsletters whose articles never stand in this one.", ["morning"], default=()
    )
    rank: RankTable = _key("What each part of a rank weighs.", {}, default=RankTable(), otherwise="see below")
    late_within: Duration = _key(
        "A slot missed by more than this is not made up for.", "6h", default=timedelta(hours=6)
    )
    expires_after: Duration | None = _key(
        "Nobody gets an issue later than this after it was due.",
        "8h",
        otherwise="8h; 24h for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    doubt: Literal["once", "hold"] = _key(
        "When a connection broke so that nobody knows whether a message arrived: `once` tries it one more time, "
        "`hold` waits for you.",
        "once",
        default="once",
    )
    doubt_pause: Duration = _key("How long such a message waits first.", "10m", default=timedelta(minutes=10))
    language: Language | None = _key("Its language.", "en", otherwise="the site's", default=None)
    sections: tuple[SectionTable, ...] = _key(
        "The parts of the issue, each a `[[newsletters.NAME.sections]]` table.",
        [{"name": "World", "sources": ["world"]}],
        min_length=1,
    )


class ConfigTable(Table):
    """config.toml."""

    site: SiteTable = _key("Who sends.", {})
    store: StoreTable = _key("Where articles, issues and deliveries are kept.", {}, default=StoreTable())
    transport: TransportTable = _key("Which transports send.", {})
    transports: dict[str, Annotated[FolderTable | SmtpTable, Discriminator("kind")]] = _key("How messages leave.", {})
    web: WebTable = _key("Where the public pages listen.", {}, default=WebTable())
    sources: dict[str, SourceTable] = _key("Where articles come from.", {}, default_factory=dict)
    newsletters: dict[str, NewsletterTable] = _key("What readers subscribe to.", {}, default_factory=dict)


SINGLE: dict[str, type[Table]] = {"site": SiteTable, "store": StoreTable, "transport": TransportTable, "web": WebTable}
KINDS: dict[str, type[Table]] = {"folder": FolderTable, "smtp": SmtpTable}


def keys_of(table: type[Table]) -> tuple[str, ...]:
    """The keys as they are written in the file, in the schema's order."""
    return tuple(field.alias or name for name, field in table.model_fields.items())
