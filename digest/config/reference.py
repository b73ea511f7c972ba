"""The JSON Schema and the Markdown reference of config.toml, both made from schema.py."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from digest.config.say import toml
from digest.config.schema import (
    ConfigTable,
    FolderTable,
    NewsletterTable,
    RankTable,
    SectionTable,
    SiteTable,
    SmtpTable,
    SourceTable,
    StoreTable,
    Table,
    TransportTable,
    WebTable,
    keys_of,
)
from digest.config.values import Reference
from digest.times import say_duration

_DRAFT = "http://json-schema.org/draft-07/schema#"  # what TOML editors' language servers read
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_START = """# config.toml

Every key. This page is made from the same schema that checks the file; a test keeps it so.

- Paths are seen from the folder of config.toml.
- A duration is written `90s`, `45m`, `24h`, `7d` or `1h30m`.
- A filter is plain words (whole words in a row, capitals and accents aside), `/regex/`, `kicker:X`, `tag:X`, `author:X`,
  `language:xx` or `paywall`. [Ranking](ranking.md) says what each looks at.
- A secret is `{ env = "NAME" }`, `{ file = "path" }` (mode 0600, your own) or `{ credential = "name" }` (systemd).
- A key that is not on this page is a mistake, and so is a number in quotes. `digest check` tells every mistake at once.
"""

# What stands where in the file: the heading of a table and its keys.
TABLES: tuple[tuple[str, type[Table]], ...] = (
    ("[site]", SiteTable),
    ("[store]", StoreTable),
    ("[transport]", TransportTable),
    ("[transports.NAME]", FolderTable),
    ("[transports.NAME]", SmtpTable),
    ("[web]", WebTable),
    ("[sources.NAME]", SourceTable),
    ("[newsletters.NAME]", NewsletterTable),
    ("[newsletters.NAME.rank]", RankTable),
    ("[[newsletters.NAME.sections]]", SectionTable),
)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft-07) of config.toml, for editors."""
    schema = {"$schema": _DRAFT, **ConfigTable.model_json_schema(), "title": "config.toml of digest"}
    tables: list[type[Table]] = [ConfigTable, *(table for _, table in TABLES)]
    for table in tables:
        properties = (schema if table is ConfigTable else schema["$defs"][table.__name__])["properties"]
        for key, field in zip(keys_of(table), table.model_fields.values(), strict=True):
            _as_written(properties[key], field.default)
    return schema


def _as_written(about: dict[str, Any], default: object) -> None:
    """Take out what TOML cannot say (null, ISO durations), in place."""
    about.pop("title", None)
    if default is None:
        del about["default"]
        others = [way for way in about.pop("anyOf") if way.get("type") != "null"]
        about.update(others[0] if len(others) == 1 else {"anyOf": others})
        about.pop("gt", None)  # a duration's, which JSON Schema cannot compare
    elif isinstance(default, timedelta):
        about["default"] = say_duration(default)
    elif isinstance(default, Reference):
        about["default"] = {default.how: default.value}
    elif isinstance(default, Table):
        del about["default"]


def reference() -> str:
    """docs/reference/config.md: every key with its type, default, meaning and an example."""
    schema = json_schema()
    parts = [_START]
    for heading, table in TABLES:
        kind = table.model_fields.get("kind")
        of_kind = f' of kind "{kind.examples[0]}"' if heading == "[transports.NAME]" and kind and kind.examples else ""
        parts += [f"## `{heading}`{of_kind}\n", f"{(table.__doc__ or '').strip()}\n", _rows(table, schema)]
    return "\n".join(parts)


def _rows(table: type[Table], schema: dict[str, Any]) -> str:
    inner = schema["$defs"][table.__name__]
    required = inner.get("required", ())
    rows = ["| key | type | default | meaning | example |", "|---|---|---|---|---|"]
    for key, about in inner["properties"].items():
        example = f"`{key} = {toml(about['examples'][0])}`" if about["examples"][0] != {} else ""
        default = "**required**" if key in required else about.get("x-default") or f"`{toml(about['default'])}`"
        cells = (f"`{key}`", _type(about), default, about["description"], example)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows) + "\n"


def _type(about: dict[str, Any]) -> str:
    if "x-type" in about:
        return str(about["x-type"])
    if "enum" in about or "const" in about:
        return ", ".join(f"`{toml(value)}`" for value in about.get("enum", [about.get("const")]))
    if about.get("type") == "object":
        return f"table of {_type(about['additionalProperties'])}s"
    if "type" not in about:
        return "table"
    if about.get("type") == "array":
        return "tables" if "$ref" in about["items"] else f"list of {_type(about['items'])}s"
    return _WORDS[about["type"]]
