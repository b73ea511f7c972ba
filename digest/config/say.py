"""What pydantic found, as lines for the people who write config.toml. No line shows a value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from digest.config.familiar import FAMILIAR
from digest.config.newsletters import DkimTable, NewsletterTable, RankTable, SectionTable
from digest.config.schema import KINDS, SINGLE, ConfigTable, PluginTable, SourceTable, keys_of, transport_kinds
from digest.config.table import Table
from digest.config.values import kind_of
from digest.errors import did_you_mean

Loc = tuple[str | int, ...]
Finding = tuple[Loc, str, str]

_WANTED = {
    "string": "text in quotes",
    "int": "a whole number without quotes",
    "float": "a number without quotes",
    "bool": "true or false without quotes",
    "tuple": 'a list such as ["one", "two"]',
    "dict": "a table",
    "model": "a table",
    "model_attributes": "a table",
}


def findings(error: ValidationError) -> Iterable[Finding]:
    """(path of the key, why, mend) of each mistake."""
    for detail in error.errors(include_url=False):
        kind, loc = detail["type"], detail["loc"]
        if kind == "too_short" and detail["input"]:
            continue  # pydantic counts only the members that are right; those that are not are told themselves
        why, _, mend = _sentence(kind, loc, detail.get("ctx", {}), detail["input"]).partition("; ")
        yield _plain(kind, loc), why, mend or (_example(loc) if isinstance(loc[-1], str) else "")


def _plain(kind: str, loc: Loc) -> Loc:
    """The path as it is written: without the kind that pydantic puts behind a transport's name."""
    if kind.startswith("union_tag"):
        return (*loc, "kind")
    return (*loc[:2], *loc[3:]) if loc[0] == "transports" else loc


def _sentence(kind: str, loc: Loc, context: Mapping[str, Any], value: object) -> str:
    """`why; mend`."""
    tag = str(context.get("tag", ""))
    match kind:
        case "value_error":
            said = str(context["error"])
        case "missing":
            said = f"is missing; {_example(loc)}"
        case "extra_forbidden":
            said = f"no such key; {_unknown(loc)}"
        case "literal_error":
            said = _choice(value, str(context["expected"]))
        case "union_tag_not_found":
            said = 'is missing; write kind = "smtp", "sendmail" or "folder"'
        case "union_tag_invalid":
            said = f'no kind of transport called "{tag}"; {suggest(tag, transport_kinds())}'
        case "string_pattern_mismatch":
            said = _pattern(loc)
        case "too_short":
            said = "needs at least one; " + _example(loc)
        case _:
            said = _measure(kind, context, value)
    return said


def _measure(kind: str, context: Mapping[str, Any], value: object) -> str:
    for word, limit in (("ge", "at least"), ("gt", "more than"), ("le", "at most"), ("lt", "less than")):
        if word in context:
            return f"must be {limit} {context[word]}"
    wanted = _WANTED.get(kind.removesuffix("_type").removesuffix("_from_float"))
    if kind == "finite_number":
        return "must be a number, not nan or inf"
    return f"must be {wanted}, not {kind_of(value)}" if wanted else "is not what this key can be"


def _choice(value: object, expected: str) -> str:
    known = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    if isinstance(value, str):
        return f'"{value}" is none of its values; {suggest(value, known)}'
    return f"must be text in quotes, not {kind_of(value)}; {suggest('', known)}"


def _pattern(loc: Loc) -> str:
    if loc == ("site", "id"):
        return 'must be 5 to 15 of a-z, 0-9 and -; write for example "morning-desk"'
    return "is no name; use letters, digits, - and _, at most 60"


def suggest(word: str, known: Iterable[str]) -> str:
    """`did you mean "a"? (known: a, b)`, as far as there is something near or known."""
    names = tuple(known)
    near, listed = did_you_mean(word, names), ", ".join(names)
    if near:
        return f"{near} (known: {listed})"
    return f"known: {listed}" if names else "there is none yet"


def _unknown(loc: Loc) -> str:
    """What was meant by an unknown key, by our names or those of other tools."""
    key, known = str(loc[-1]), keys_of(_table(loc))
    area = "sections" if _table(loc) is SectionTable else str(loc[0]) if len(loc) > 1 else ""
    familiar = FAMILIAR.get(area, {}).get(key.casefold().replace("-", "_"))
    if familiar in known:
        return f'did you mean "{familiar}"? (known: {", ".join(known)})'
    return suggest(key, known)


def _table(loc: Loc) -> type[Table]:
    """The schema's table that the key at pydantic's `loc` stands in."""
    match loc:
        case ("newsletters", _, ("sections" | "dkim") as name, _, _, *_):
            return SectionTable if name == "sections" else DkimTable
        case ("newsletters", _, name, *rest):
            return RankTable if name == "rank" and rest else NewsletterTable
        case ("sources", _, _, *_):
            return SourceTable
        case ("transports", _, kind, _, *_):
            return KINDS.get(str(kind), PluginTable)
        case ("site" | "store" | "transport" | "composer" | "web" as name, _, *_):
            return SINGLE[name]
        case _:
            return ConfigTable


def _example(loc: Loc) -> str:
    """`write theme = "briefing"`."""
    key = str(loc[-1])
    for name, field in _table(loc).model_fields.items():
        if (field.alias or name) == key and field.examples and field.examples[0] != {}:
            return f"write {key} = {toml(field.examples[0])}"
    return f"add the table [{key}]"


def toml(value: object) -> str:
    """A value as config.toml would have it, on one line."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{_toml_key(key)} = {toml(inner)}" for key, inner in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    # JSON's text, numbers and booleans are TOML's, too.
    return json.dumps(value, ensure_ascii=False)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
