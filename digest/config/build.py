"""From checked tables to the values that parts are given: defaults that depend on other keys, absolute paths."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from digest.config.newsletters import DkimTable, NewsletterTable, RankTable, SectionTable
from digest.config.parts import Config, TransportSpec, WebSpec
from digest.config.positions import Positions
from digest.config.say import Loc
from digest.config.schema import ConfigTable, FolderTable, SendmailTable, SiteTable, SmtpTable, SourceTable
from digest.model import Budget, DkimKey, Newsletter, Rank, Secret, Section, Site, Source
from digest.times import Schedule

DAILY_WINDOW = timedelta(hours=24)
WEEKLY_WINDOW = timedelta(days=7)
SHORTEST_MAX_AGE = timedelta(hours=48)
DAILY_EXPIRY = timedelta(hours=8)
WEEKLY_EXPIRY = timedelta(hours=24)
DAILY_HALF_LIFE = timedelta(hours=8)
WEEKLY_HALF_LIFE = timedelta(days=3)
_PORTS = {"starttls": 587, "implicit": 465, "none": 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What build() needs beside the tables: where config.toml is, its lines, secrets by place.

    The place is that of the key, e.g. ("transports", "relay", "password"). `keys`: algorithm and bits of the DKIM keys,
    by the same places.
    """

    file: Path
    positions: Positions
    secrets: Mapping[Loc, Secret]
    keys: Mapping[Loc, tuple[str, int]] = field(default_factory=dict)

    def path(self, text: str) -> Path:
        """Absolute, seen from config.toml."""
        return Path(os.path.normpath(self.file.parent / text))


def build(table: ConfigTable, ground: Ground) -> Config:
    """The config that these tables, in which no mistake is left, stand for."""
    site = _site(table.site)
    sources = {name: _source(name, source, ground) for name, source in table.sources.items()}
    budget = Budget(soft=table.composer.soft_bytes, hard=table.composer.hard_bytes)
    return Config(
        file=ground.file,
        folder=ground.file.parent,
        site=site,
        secret=ground.path(table.site.secret.value),
        data=ground.path(table.site.data),
        drafts=ground.path(table.site.drafts),
        store_url=f"sqlite:///{ground.path(table.store.url.removeprefix('sqlite:///'))}",
        transports=tuple(_transport(name, table.transports[name], ground) for name in table.transport.use),
        sources=sources,
        newsletters={
            name: replace(_newsletter(name, newsletter, site, sources, ground), budget=budget)
            for name, newsletter in table.newsletters.items()
        },
        web=WebSpec(host=table.web.host, port=table.web.port, trusted_proxies=table.web.trusted_proxies),
    )


def _site(table: SiteTable) -> Site:
    return Site(
        name=table.name,
        id=table.id or _site_id(table.name),
        base_url=table.base_url,
        postal_address=table.postal_address,
        timezone=table.timezone,
        language=table.language,
        pages=("archive",) if table.base_url else (),  # what web serves
    )


def _site_id(name: str) -> str:
    """5 to 15 of a-z, 0-9 and -, the same for the same name."""
    folded = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:15].strip("-")
    return slug if len(slug) >= 5 else f"{slug}-site".strip("-").rjust(5, "x")


def _transport(name: str, table: FolderTable | SendmailTable | SmtpTable, ground: Ground) -> TransportSpec:
    options: dict[str, object]
    if isinstance(table, FolderTable):
        options = {"path": ground.path(table.path)}
    elif isinstance(table, SendmailTable):
        options = {"command": table.command, "processes": table.processes, "deadline": table.deadline}
    else:
        options = {
            "host": table.host,
            "port": table.port or _PORTS[table.tls],
            "tls": table.tls,
            "username": ground.secrets.get(("transports", name, "username")),
            "password": ground.secrets.get(("transports", name, "password")),
            "max_connections": table.max_connections,
            "helo_name": table.helo_name,
            "per_connection": table.per_connection,
            "connection_age": table.connection_age,
            "pipelining": table.pipelining,
            "rate": table.rate,
            "domains": {
                domain.lower(): {"rate": rules.rate, "max_connections": rules.max_connections}
                for domain, rules in table.domains.items()
            },
        }
    line = ground.positions.line(("transports", name))
    weight = table.weight if isinstance(table, SmtpTable) else None
    return TransportSpec(name=name, kind=table.kind, options=options, line=line, weight=weight)


def _source(name: str, table: SourceTable, ground: Ground) -> Source:
    return Source(
        name=name,
        kind=table.kind,
        url=table.url,
        urls=table.urls,
        path=str(ground.path(table.path)) if table.path is not None else None,
        outlet=table.outlet or "",
        section=table.section or "",
        weight=table.weight,
        language=table.language or "",
        timezone=table.timezone or "",
        kickers=table.kickers,
        byline=table.byline,
        every=table.every,
        deadline=table.deadline,
        allow_private=table.allow_private,
        newest_is_now=table.newest_is_now,
        username=ground.secrets.get(("sources", name, "username")),
        password=ground.secrets.get(("sources", name, "password")),
        token=ground.secrets.get(("sources", name, "token")),
        updates=table.updates,
        page_images=table.page_images,
        include=table.include,
        exclude=table.exclude,
        line=ground.positions.line(("sources", name)),
    )


def _newsletter(
    name: str, table: NewsletterTable, site: Site, sources: Mapping[str, Source], ground: Ground
) -> Newsletter:
    schedule = table.schedule or table.cron or Schedule(words="")
    window = table.window or (WEEKLY_WINDOW if schedule.weekly_or_rarer else DAILY_WINDOW)
    named = dict.fromkeys(source for section in table.sections for source in section.sources)
    return Newsletter(
        name=name,
        title=table.title,
        sender=table.sender,
        lists=table.lists,
        sections=tuple(_section(name, n, section, ground) for n, section in enumerate(table.sections)),
        sources=tuple(sources[source] for source in named),
        schedule=schedule,
        timezone=table.timezone or site.timezone,
        theme=table.theme,
        subject=table.subject,
        reply_to=table.reply_to or "",
        limit=table.limit,
        minimum=table.minimum,
        when_short=table.when_short,
        window=window,
        max_age=table.max_age or max(2 * window, SHORTEST_MAX_AGE),
        max_per_outlet=table.max_per_outlet,
        more=table.more,
        never_repeat_across=table.never_repeat_across,
        rank=_rank(table.rank, weekly=schedule.weekly_or_rarer),
        late_within=table.late_within,
        expires_after=table.expires_after or (WEEKLY_EXPIRY if schedule.weekly_or_rarer else DAILY_EXPIRY),
        doubt=table.doubt,
        doubt_pause=table.doubt_pause,
        language=table.language or site.language,
        link_params=table.link_params,
        all_hosts=table.all_hosts,
        feedback=table.feedback,
        dkim=tuple(_dkim(name, n, one, table.sender.address, ground) for n, one in enumerate(table.dkim)),
        site=site,
        line=ground.positions.line(("newsletters", name)),
        subject_line=ground.positions.line(("newsletters", name, "subject")),
    )


def _section(newsletter: str, number: int, table: SectionTable, ground: Ground) -> Section:
    return Section(
        name=table.name,
        sources=table.sources,
        max=table.max,
        min=table.min,
        include=table.include,
        exclude=table.exclude,
        order=table.order,
        style=table.style or "",
        sub=table.sub or "",
        line=ground.positions.line(("newsletters", newsletter, "sections", number)),
    )


def _dkim(newsletter: str, number: int, table: DkimTable, sender: str, ground: Ground) -> DkimKey:
    place: Loc = ("newsletters", newsletter, "dkim", number)
    algorithm, bits = ground.keys[*place, "key"]
    return DkimKey(
        selector=table.selector,
        domain=(table.domain or sender.rpartition("@")[2]).lower(),
        key=ground.secrets[*place, "key"],
        algorithm=algorithm,
        bits=bits,
        line=ground.positions.line(place),
    )


def _rank(table: RankTable, *, weekly: bool) -> Rank:
    return Rank(
        outlets=table.outlets,
        freshness=table.freshness,
        half_life=table.half_life or (WEEKLY_HALF_LIFE if weekly else DAILY_HALF_LIFE),
        source=table.source,
        place=table.place,
        picture=table.picture,
        teaser=table.teaser,
        boosts=tuple(table.boost.items()),
    )
