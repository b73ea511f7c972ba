"""The values in effect, for `digest config show`. A secret shows where it comes from, never itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

from digest.config.parts import Config
from digest.config.say import toml
from digest.model import Budget, Newsletter, Secret, Sender
from digest.times import Schedule, say_duration

_ELSEWHERE = frozenset(
    {"name", "line", "subject_line", "site", "sections", "sources", "rank", "boosts", "budget", "dkim"}
)
_SERVED = "pages"  # what app serves, not what anybody writes


def shown(config: Config) -> str:
    """Every value in effect, defaults included, as TOML to read (a secret is `"***"` with its origin behind it)."""
    site = {field.name: getattr(config.site, field.name) for field in fields(config.site) if field.name != _SERVED}
    parts = [
        f"# {config.file}\n",
        _table(
            "[site]", {**site, "secret": {"file": str(config.secret)}, "data": config.data, "drafts": config.drafts}
        ),
        _table("[store]", {"url": config.store_url}),
        _table("[transport]", {"use": [spec.name for spec in config.transports]}),
    ]
    parts += [_table(f"[transports.{spec.name}]", {"kind": spec.kind, **spec.options}) for spec in config.transports]
    budget = next((one.budget for one in config.newsletters.values()), Budget())
    parts.append(_table("[composer]", {"soft_bytes": budget.soft, "hard_bytes": budget.hard}))
    parts.append(_table("[web]", _values(config.web)))
    parts += [_table(f"[sources.{name}]", _values(source)) for name, source in config.sources.items()]
    for newsletter in config.newsletters.values():
        parts += _newsletter(newsletter)
    return "\n".join(parts)


def _newsletter(newsletter: Newsletter) -> Iterable[str]:
    values = {"from" if key == "sender" else key: value for key, value in _values(newsletter).items()}
    values["link_params"] = dict(newsletter.link_params) or None
    yield _table(f"[newsletters.{newsletter.name}]", values)
    boost = {"boost": dict(newsletter.rank.boosts)} if newsletter.rank.boosts else {}
    yield _table(f"[newsletters.{newsletter.name}.rank]", {**_values(newsletter.rank), **boost})
    for one in newsletter.dkim:
        values = {"selector": one.selector, "key": one.key, "domain": one.domain}
        yield _table(f"[[newsletters.{newsletter.name}.dkim]]", values)
    for section in newsletter.sections:
        own = {"name": section.name, "sources": section.sources}
        yield _table(f"[[newsletters.{newsletter.name}.sections]]", {**own, **_values(section)})


def _values(part: object) -> dict[str, object]:
    names = (field.name for field in fields(part) if field.name not in _ELSEWHERE)  # type: ignore[arg-type]
    return {name: getattr(part, name) for name in names}


def _table(heading: str, values: Mapping[str, object]) -> str:
    # What is not there cannot be written empty, except for base_url.
    lines = (_line(key, value) for key, value in values.items() if key == "base_url" or value not in (None, ""))
    return "\n".join([heading, *lines, ""])


def _line(key: str, value: object) -> str:
    match value:
        case Secret():
            return f'{key} = "***"  # {value.origin}'
        case timedelta():
            return f"{key} = {toml(say_duration(value))}"
        case Schedule():
            # A cron line begins with its minute, words with a day.
            return f"{'cron' if value.words[:1].isdigit() else key} = {toml(value.words)}"
        case Sender():
            return f"{key} = {toml(f'{value.name} <{value.address}>'.strip())}"
        case Path():
            return f"{key} = {toml(str(value))}"
    return f"{key} = {toml(value)}"
