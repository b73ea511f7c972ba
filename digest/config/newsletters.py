"""The keys of `[newsletters.NAME]`, its rank and its sections; as schema.py has those of the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import StrictBool, StrictInt

from digest.config.fields import (
    Address,
    Boost,
    Cron,
    Duration,
    Feedback,
    From,
    Host,
    Language,
    Line,
    LinkParams,
    Name,
    SecretValue,
    Selector,
    Term,
    Weight,
    Words,
    ZoneName,
)
from digest.config.table import Table, key


class SectionTable(Table):
    """One part of the issue; parts fill in the order written."""

    name: Line = key("Its heading.", "World")
    sources: tuple[Name, ...] = key("Names of `[sources.NAME]` tables.", ["world"], min_length=1)
    max: StrictInt = key("Articles at most.", 5, default=5, ge=1, le=500)
    min: StrictInt = key(
        "With fewer articles the section is left out; they go to `more headlines`.", 2, default=0, ge=0, le=500
    )
    order: Literal["biggest", "newest", "features", "good"] = key(
        "`biggest`: by rank, most outlets first; `newest`; `features`: long reads alone; `good`: glad news alone.",
        "newest",
        default="biggest",
    )
    include: tuple[Term, ...] = key("As in a source, for this section.", ["tag:science"], default=())
    exclude: tuple[Term, ...] = key("As in a source, for this section.", ["tag:sport"], default=())
    style: Literal["rows", "numbered", "cards", "brief"] | None = key(
        "How its stories stand: `rows` with a small picture, `numbered`, `cards` two by two, `brief` for a short list.",
        "brief",
        otherwise="as the theme has it",
        default=None,
    )
    sub: Line | None = key("A line under its heading.", "What moved overnight", otherwise="none", default=None)


class RankTable(Table):
    """What each part of a rank weighs; 0 leaves a part out."""

    outlets: Weight = key("Times the natural logarithm of the number of outlets on the story.", 3.0, default=3.0)
    freshness: Weight = key("For an article just published; half of it after `half_life`.", 1.0, default=1.0)
    half_life: Duration | None = key(
        "The age at which freshness is worth half.",
        "8h",
        otherwise="8h; 3d for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    source: Weight = key("Times the `weight` of the source.", 1.0, default=1.0)
    place: Weight = key("For the first place in a feed; half of it ten places on.", 0.5, default=0.5)
    picture: Weight = key("For a picture.", 0.3, default=0.3)
    teaser: Weight = key("For a teaser of two lines; less for a shorter one.", 0.2, default=0.2)
    boost: dict[Term, Boost] = key(
        'What a filter\'s term adds where it matches, or takes away: `{ "tag:Climate" = 1.0 }`. It never lets in '
        "what a filter keeps out.",
        {"tag:Climate": 1.0},
        default={},
    )


class DkimTable(Table):
    """A key that every message of the newsletter is signed with. Several sign side by side."""

    selector: Selector = key("Where its public half is in DNS: at `SELECTOR._domainkey.DOMAIN`.", "2026a")
    domain: Host | None = key(
        "Who signs: the domain of `from`, or one above it.",
        "example.org",
        otherwise="the domain of `from`",
        default=None,
    )
    key: SecretValue = key(
        "The private key in PEM, RSA (2048 bits) or Ed25519, in a file of mode 0600.", {"file": "var/dkim-2026a.pem"}
    )


class NewsletterTable(Table):
    """What readers subscribe to. Exactly one of `schedule` and `cron`."""

    title: Line = key("Its name, as readers see it.", "The Morning Briefing")
    sender: From = key(
        "Who it is from: a name and one address.", "The Morning Desk <briefing@news.example.org>", alias="from"
    )
    reply_to: Address | None = key("Where answers go.", "editors@example.org", otherwise="the sender", default=None)
    lists: tuple[Name, ...] = key(
        "Who gets it: NAME stands for subscribers/NAME.toml or NAME.csv.", ["readers"], min_length=1
    )
    schedule: Words | None = key(
        "When it goes out, in words: `daily`, `weekdays`, `weekends`, weekdays by name, `first monday`; then the time.",
        "weekdays 06:30",
        otherwise="none",
        default=None,
    )
    cron: Cron | None = key(
        "When it goes out, as a cron line with weekdays by name.", "30 6 * * mon-fri", otherwise="none", default=None
    )
    timezone: ZoneName | None = key(
        "The zone of its schedule and dates.", "Europe/Paris", otherwise="the site's", default=None
    )
    theme: Name = key("A folder under templates/email/.", "briefing")
    subject: Line = key(
        "The subject, with the variables of the theme.",
        "{{ lead.headline }}",
        default="{{ lead.headline }}",
    )
    limit: StrictInt = key("Articles at most.", 12, default=12, ge=1, le=500)
    minimum: StrictInt = key("With fewer articles, see `when_short`.", 4, default=1, ge=1, le=500)
    when_short: Literal["skip", "send"] = key(
        "With too few articles: `skip` sends nothing and says so, `send` sends what there is.", "skip", default="skip"
    )
    window: Duration | None = key(
        "How far back the first issue looks; later ones look back to the issue before.",
        "24h",
        otherwise="24h; 7d for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    max_age: Duration | None = key(
        "Older articles are never taken.",
        "48h",
        otherwise="twice the window, at least 48h",
        default=None,
        gt=timedelta(0),
    )
    max_per_outlet: StrictInt = key(
        "Articles at most from one outlet, not counting sections that name a single source; 0 for no cap. Passed over "
        "only to reach `minimum`.",
        3,
        default=0,
        ge=0,
        le=500,
    )
    more: StrictInt = key(
        "Headlines at most under `more headlines`: what ranked next. 0 for none.", 5, default=10, ge=0, le=100
    )
    never_repeat_across: tuple[Name, ...] = key(
        "Names of newsletters whose articles never stand in this one.", ["morning"], default=()
    )
    rank: RankTable = key("What each part of a rank weighs.", {}, default=RankTable(), otherwise="see below")
    late_within: Duration = key("A slot missed by more than this is not made up for.", "6h", default=timedelta(hours=6))
    expires_after: Duration | None = key(
        "Nobody gets an issue later than this after it was due.",
        "8h",
        otherwise="8h; 24h for a weekly or rarer schedule",
        default=None,
        gt=timedelta(0),
    )
    doubt: Literal["once", "hold", "reconcile"] = key(
        "When a connection broke so that nobody knows whether a message arrived: `once` tries it one more time, "
        "`hold` waits for you, `reconcile` looks into the relay's log (see `relay_log`) and sends again what is proven "
        "not to have arrived.",
        "once",
        default="once",
    )
    doubt_pause: Duration = key("How long such a message waits first.", "10m", default=timedelta(minutes=10))
    language: Language | None = key("Its language.", "en", otherwise="the site's", default=None)
    link_params: LinkParams = key(
        "Added to the links of articles on our own hosts, those under base_url's domain: `{slot}` and `{newsletter}` are "
        "filled. Never added to unsubscribe links.",
        {"utm_source": "briefing", "utm_campaign": "{slot}"},
        otherwise="none",
        default=(),
    )
    all_hosts: StrictBool = key("Whether link_params go to every host.", example=True, default=False)
    feedback: Feedback = key(
        'Where the answers to "How was this issue?" go: an e-mail address, or a https page whose `{answer}` becomes '
        "`good`, `fair` or `poor` and `{slot}` the issue's day. Empty: the question is not asked.",
        "editors@example.org",
        default="",
    )
    dkim: tuple[DkimTable, ...] = key(
        "Keys that its messages are signed with, where the mail server does not sign. Each is a "
        "`[[newsletters.NAME.dkim]]` table.",
        [],
        otherwise="not signed here",
        default=(),
    )
    sections: tuple[SectionTable, ...] = key(
        "The parts of the issue, each a `[[newsletters.NAME.sections]]` table.",
        [{"name": "World", "sources": ["world"]}],
        min_length=1,
    )
