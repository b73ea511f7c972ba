"""What config.toml becomes: values for app to hand to the parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.errors import Mistake
from digest.model import Newsletter, Site, Source


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportSpec:
    """One `[transports.NAME]` that is in use. `options` are the keyword arguments of its kind, checked.

    folder: path (Path, absolute). sendmail: command (path and arguments), processes, deadline (timedelta). smtp: host, port, tls (starttls | implicit | none), username and password
    (Secret or None), max_connections, helo_name (or None), per_connection, connection_age (timedelta), pipelining,
    rate (messages a second, or None), domains (each with rate and max_connections, or None). `weight`: its share of
    the load beside others that have one. `relay_log`: where the server writes down what it takes.
    """

    name: str
    kind: str
    options: Mapping[str, object]
    line: int
    weight: int | None = None
    relay_log: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSpec:
    """`[web]`: where the public pages listen. `trusted_proxies` are networks in CIDR form."""

    host: str = "127.0.0.1"
    port: int = 8080
    trusted_proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A config.toml without mistakes. All paths are absolute; mappings are in the file's order.

    `secret` is the file of keys (see load_keys), `store_url` an SQLAlchemy URL, `transports` those in use, in the
    order they are tried.
    """

    file: Path
    folder: Path
    site: Site
    secret: Path
    data: Path
    drafts: Path
    store_url: str
    transports: tuple[TransportSpec, ...]
    sources: Mapping[str, Source]
    newsletters: Mapping[str, Newsletter]
    web: WebSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What read() found: a config, or every mistake in it."""

    config: Config | None
    mistakes: tuple[Mistake, ...]
