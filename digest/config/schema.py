"""Every key of config.toml: its type, default, meaning and example.

The JSON Schema and docs/reference/config.md are made from these tables. They hold what the file says and nothing
else: what depends on other keys or other files is in check.py, what comes of it in build.py.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StrictBool, StrictFloat, StrictInt

from digest.config.fields import (
    BaseUrl,
    Block,
    Duration,
    FileReference,
    Host,
    Language,
    Line,
    Name,
    Network,
    PathText,
    Rate,
    SecretValue,
    SourceUrl,
    StoreUrl,
    Term,
    UserName,
    ZoneName,
)
from digest.config.newsletters import DkimTable, NewsletterTable, RankTable, SectionTable
from digest.config.table import Table, key
from digest.config.values import Reference


class SiteTable(Table):
    """Who sends."""

    name: Line = key("Who sends, as readers see it.", "The Morning Desk")
    id: Annotated[str, Field(strict=True, pattern=r"^[a-z0-9-]{5,15}$")] | None = key(
        "A constant short name of this site, printed in every message's headers. Never change it: mailbox providers "
        "keep a sender's reputation by it. Set it before you change the name it is made of.",
        "morning-desk",
        default=None,
        otherwise="the name in small letters",
    )
    base_url: BaseUrl = key(
        "Where the public pages can be reached; https, or http for this machine alone: unsubscribing, and every issue "
        "to be read on the web. Empty: no public pages, unsubscribing is by e-mail alone.",
        "https://news.example.org",
        default="",
    )
    postal_address: Block = key(
        "Printed in every message; the law of most countries asks for it.", "1 Example Street, London N1 1AA"
    )
    timezone: ZoneName = key("The IANA zone of newsletters that name none.", "Europe/London", default="UTC")
    language: Language = key("The language of newsletters that name none.", "en", default="en")
    secret: FileReference = key(
        "The file that keys unsubscribe links and subscriber ids; made on the first run, readable by you alone. "
        "Back it up: without it old links stop working.",
        {"file": "var/secret"},
        default=Reference("file", "var/secret"),
    )
    data: PathText = key("The folder for the database and what is sent to files.", "var", default="var")
    drafts: PathText = key("The folder for the editor's files.", "drafts", default="drafts")


class StoreTable(Table):
    """Where articles, issues and deliveries are kept."""

    url: StoreUrl = key(
        "An SQLite file, beside config.toml unless the path is absolute (then four slashes).",
        "sqlite:///var/digest.db",
        default="sqlite:///var/digest.db",
    )


class TransportTable(Table):
    """Which transports send."""

    use: tuple[Name, ...] = key("Names of `[transports.NAME]` tables, tried in this order.", ["outbox"], min_length=1)


class FolderTable(Table):
    """Messages become .eml files."""

    kind: Literal["folder"] = key("What this transport is.", "folder")
    path: PathText = key("The folder the files go to.", "var/outbox")


class SendmailTable(Table):
    """Messages go to this machine's own sendmail program, one process for each."""

    kind: Literal["sendmail"] = key("What this transport is.", "sendmail")
    command: tuple[Line, ...] = key(
        "The program, by its whole path, and what to tell it before `-i -f SENDER -- READER`. No shell reads it.",
        ["/usr/sbin/sendmail"],
        default=("/usr/sbin/sendmail",),
        min_length=1,
    )
    processes: StrictInt = key("Of these at one time.", 4, default=4, ge=1, le=100)
    deadline: Duration = key(
        "How long one may take. Then it is ended, and nobody knows whether its message went.",
        "10m",
        default=timedelta(minutes=10),
        ge=timedelta(seconds=1),
    )


class DomainTable(Table):
    """What one recipient domain takes, e.g. `[transports.relay.domains."example.org"]`."""

    rate: Rate | None = key("Messages to it at most.", "20/s", otherwise="no limit", default=None)
    max_connections: StrictInt | None = key(
        "Messages to it under way at one time.", 5, otherwise="as many as connections", default=None, ge=1, le=1000
    )


class SmtpTable(Table):
    """Messages go to a mail server."""

    kind: Literal["smtp"] = key("What this transport is.", "smtp")
    host: Host = key("The mail server.", "localhost")
    port: StrictInt | None = key(
        "Its port.", 587, otherwise="587 for starttls, 465 for implicit, 25 for none", default=None, ge=1, le=65535
    )
    tls: Literal["starttls", "implicit", "none"] = key(
        "How the connection is encrypted. There is no falling back: a server that cannot do it gets nothing. "
        "`none` only towards this machine.",
        "starttls",
        default="starttls",
    )
    username: UserName | None = key(
        "Who logs in. Goes with `password`.", {"env": "SMTP_USERNAME"}, otherwise="no login", default=None
    )
    password: SecretValue | None = key(
        "From an environment variable, a file of mode 0600 or a systemd credential; never written here.",
        {"env": "SMTP_PASSWORD"},
        otherwise="no login",
        default=None,
    )
    max_connections: StrictInt = key("Connections open at one time.", 10, default=10, ge=1, le=1000)
    helo_name: Host | None = key(
        "The name this machine greets with.", "news.example.org", otherwise="this machine's name", default=None
    )
    per_connection: StrictInt = key("Messages over one connection before a new one.", 100, default=100, ge=1)
    connection_age: Duration = key("Age at which a connection is replaced.", "5m", default=timedelta(minutes=5))
    pipelining: Literal["auto", "grouped", "off"] = key(
        "What one write to the server may carry where it offers PIPELINING: `auto` a message and the whole envelope of "
        "the next one, `grouped` all but its DATA, `off` one command at a time. Without the offer, or after a surprise, "
        "it is off by itself.",
        "auto",
        default="auto",
    )
    rate: Rate | None = key(
        "Messages to it at most; `/s`, `/m`, `/h` or `/d`.", "50/s", otherwise="no limit", default=None
    )
    weight: StrictInt | None = key(
        "Its share of the load beside the other servers that have one; the first of `use` without one takes over when "
        "all of these are closed.",
        3,
        otherwise="none: tried in its turn",
        default=None,
        ge=1,
        le=1000,
    )
    domains: dict[Host, DomainTable] = key(
        "Rules for single recipient domains.", {}, otherwise="none", default_factory=dict
    )


class WebTable(Table):
    """Where the public pages listen."""

    host: Host = key("The address to listen on.", "127.0.0.1", default="127.0.0.1")
    port: StrictInt = key("The port to listen on; 0 takes a free one.", 8080, default=8080, ge=0, le=65535)
    trusted_proxies: tuple[Network, ...] = key(
        "Addresses or networks of reverse proxies whose word on the caller's address is taken.",
        ["127.0.0.1"],
        default=(),
    )


class ComposerTable(Table):
    """How long a message may be."""

    soft_bytes: StrictInt = key(
        "Bytes of HTML above which an issue is made shorter: small pictures go first, then teasers, optional blocks and "
        'rows, which become headlines under "more headlines".',
        87000,
        default=87_000,
        ge=20_000,
        le=10_000_000,
    )
    hard_bytes: StrictInt = key(
        "Bytes of HTML above which an issue is not sent: Gmail cuts a longer message off and hides the way out.",
        102400,
        default=102_400,
        ge=20_000,
        le=10_000_000,
    )


class SourceTable(Table):
    """Where articles come from. Exactly one of `url`, `path` and `urls`."""

    kind: Literal["feed", "page", "folder"] = key(
        "What this source is: `feed` (RSS, RDF or Atom), `page` (a section front whose links are followed to articles, "
        "or the articles of `urls`), `folder` (an editor's own notes).",
        "feed",
        default="feed",
    )
    url: SourceUrl | None = key(
        "The address of the feed or the section front.",
        "https://example.org/world.xml",
        otherwise="none",
        default=None,
    )
    urls: tuple[SourceUrl, ...] | None = key(
        "The addresses of single articles, for `page` alone.",
        ["https://example.org/news/harbour-reopens"],
        otherwise="none",
        default=None,
        min_length=1,
        max_length=30,
    )
    path: PathText | None = key(
        "The feed or an article's page as a file, or the folder of notes, beside config.toml unless absolute.",
        "samples/feeds/world.xml",
        otherwise="none",
        default=None,
    )
    outlet: Line | None = key(
        "Who publishes it, as readers see it.", "Example Times", otherwise="the feed's own title", default=None
    )
    section: Line | None = key("The section its articles belong to.", "World", otherwise="none", default=None)
    weight: StrictFloat = key(
        "How much it counts against other sources.", 1.5, default=1.0, ge=0, le=100, allow_inf_nan=False
    )
    every: Duration = key(
        "How often it is read, at most.", "30m", default=timedelta(minutes=30), ge=timedelta(minutes=1)
    )
    deadline: Duration = key(
        "How long one reading may take, at most 120 s.",
        "20s",
        default=timedelta(seconds=20),
        ge=timedelta(seconds=1),
        le=timedelta(seconds=120),
    )
    timezone: ZoneName | None = key("The zone of dates that name none.", "Europe/Berlin", otherwise="UTC", default=None)
    language: Language | None = key("Its language.", "de", otherwise="what the feed says", default=None)
    kickers: tuple[Line, ...] = key(
        "Categories and headline prefixes of this source that are kickers.", ["Speed Read"], default=()
    )
    byline: Literal["as-written", "last-first"] = key(
        'How it writes names: "last-first" turns "Marsh, Ada" round.', "last-first", default="as-written"
    )
    allow_private: StrictBool = key("Whether the address may be inside a private network.", example=True, default=False)
    page_images: StrictBool = key(
        "Where a feed gives an article no picture, the one its page declares is taken (ten pages a reading at most).",
        True,
        default=False,
    )
    newest_is_now: StrictBool = key(
        "Makes a `path` a sample: whenever an issue is picked its newest article is minutes old.",
        example=True,
        default=False,
    )
    username: UserName | None = key(
        "Who reads a feed that asks for a name. Goes with `password`; sent to the feed's own host alone.",
        {"env": "FEED_USERNAME"},
        otherwise="no login",
        default=None,
    )
    password: SecretValue | None = key(
        "As for a transport; never written here.", {"env": "FEED_PASSWORD"}, otherwise="no login", default=None
    )
    token: SecretValue | None = key(
        "A bearer token instead of a name and password.", {"env": "FEED_TOKEN"}, otherwise="none", default=None
    )
    updates: StrictBool = key(
        "Whether an article that stood in an issue may come back when the source says it was updated.",
        example=True,
        default=False,
    )
    include: tuple[Term, ...] = key(
        "Only articles that match one of these: plain words (whole, case and accents aside), `/regex/`, `kicker:X`, "
        "`tag:X`, `author:X`, `language:xx` or `paywall`.",
        ["kicker:Speed Read"],
        default=(),
    )
    exclude: tuple[Term, ...] = key("Never articles that match one of these.", ["puzzles"], default=())


class ConfigTable(Table):
    """config.toml."""

    site: SiteTable = key("Who sends.", {})
    store: StoreTable = key("Where articles, issues and deliveries are kept.", {}, default=StoreTable())
    transport: TransportTable = key("Which transports send.", {})
    transports: dict[str, Annotated[FolderTable | SendmailTable | SmtpTable, Discriminator("kind")]] = key(
        "How messages leave.", {}
    )
    composer: ComposerTable = key("How long a message may be.", {}, default=ComposerTable())
    web: WebTable = key("Where the public pages listen.", {}, default=WebTable())
    sources: dict[str, SourceTable] = key("Where articles come from.", {}, default_factory=dict)
    newsletters: dict[str, NewsletterTable] = key("What readers subscribe to.", {}, default_factory=dict)


# What stands where in the file: the heading of a table and its keys.
TABLES: tuple[tuple[str, type[Table]], ...] = (
    ("[site]", SiteTable),
    ("[store]", StoreTable),
    ("[transport]", TransportTable),
    ("[transports.NAME]", FolderTable),
    ("[transports.NAME]", SendmailTable),
    ("[transports.NAME]", SmtpTable),
    ("[transports.NAME.domains.DOMAIN]", DomainTable),
    ("[composer]", ComposerTable),
    ("[web]", WebTable),
    ("[sources.NAME]", SourceTable),
    ("[newsletters.NAME]", NewsletterTable),
    ("[newsletters.NAME.rank]", RankTable),
    ("[[newsletters.NAME.sections]]", SectionTable),
    ("[[newsletters.NAME.dkim]]", DkimTable),
)
SINGLE: dict[str, type[Table]] = {
    "site": SiteTable,
    "store": StoreTable,
    "transport": TransportTable,
    "composer": ComposerTable,
    "web": WebTable,
}
KINDS: dict[str, type[Table]] = {"folder": FolderTable, "sendmail": SendmailTable, "smtp": SmtpTable}


def keys_of(table: type[Table]) -> tuple[str, ...]:
    """The keys as they are written in the file, in the schema's order."""
    return tuple(field.alias or name for name, field in table.model_fields.items())
