"""One line or table of a list file, checked key by key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from digest.errors import Mistake, did_you_mean
from digest.subscribers.address import mailbox, normalise
from digest.times import zone

LONGEST_TEXT = 200  # characters of a name or a topic
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # no @: an id goes into links, an address never does
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the rest of a line around
TYPES = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What stands in the file about one person: raw values, where it begins, and the line of each key."""

    values: Mapping[str, object]
    line: int
    line_of: Callable[[str], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list file as read. `mistakes` are single lines; `broken`: the file as a whole cannot be trusted.

    `table` stands before each key in messages.
    """

    file: str
    title: str = ""
    table: str = ""
    rows: tuple[Row, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    broken: tuple[Mistake, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A checked row; `id` is "" where the file gives none, `mailbox` is the address lower-cased."""

    line: int
    email: str
    mailbox: str
    warning: str = ""
    name: str = ""
    language: str = ""
    timezone: str = ""
    topics: tuple[str, ...] = ()
    id: str = ""


def check_rows(rows: Rows) -> tuple[tuple[Entry, ...], tuple[Mistake, ...]]:
    """The good rows as entries, and every mistake of the others; of two with one address or id the second is bad."""
    entries: list[Entry] = []
    mistakes: list[Mistake] = []
    seen: dict[tuple[str, str], int] = {}
    for row in rows.rows:
        fields, why = _check(row)
        if not why:
            entry = Entry(line=row.line, **fields)
            why = _doubles(entry, seen)
            if not why:
                entries.append(entry)
        mistakes += (_mistake(rows, row.line_of(key), key, words) for key, words in why.items())
    return tuple(entries), tuple(mistakes)


def _check(row: Row) -> tuple[dict[str, Any], dict[str, str]]:
    """An Entry's fields, and for each bad key what is wrong with it."""
    fields: dict[str, Any] = {}
    why: dict[str, str] = {}
    for key, raw in row.values.items():
        try:
            fields |= KEYS[key](raw) if key in KEYS else _unknown(key)
        except ValueError as error:
            why[key] = str(error)
    if not row.values.get("email"):
        why["email"] = "missing; every subscriber needs an email"
    return fields, why


def _unknown(key: str) -> dict[str, Any]:
    near = did_you_mean(key, KEYS)
    raise ValueError(f"unknown key; {near + ' ' if near else ''}(known: {', '.join(KEYS)})")


def _doubles(entry: Entry, seen: dict[tuple[str, str], int]) -> dict[str, str]:
    pairs = {"email": entry.mailbox, "id": entry.id}
    known = {key: seen[key, value] for key, value in pairs.items() if value and (key, value) in seen}
    if not known:
        seen.update(dict.fromkeys(pairs.items(), entry.line))
    return {key: f'"{pairs[key]}" stands on line {line} already; remove one of the two' for key, line in known.items()}


def _mistake(rows: Rows, line: int, key: str, words: str) -> Mistake:
    why, _, mend = words.partition("; ")
    return Mistake(file=rows.file, line=line, key=f"{rows.table} {key}".strip(), why=why, mend=mend)


def plain(raw: object) -> str:
    """Text on one line, blanks around it off. Raises ValueError, with a mend, for anything else."""
    if not isinstance(raw, str):
        raise ValueError(f"{TYPES.get(type(raw), 'a date')} instead of text; put it in quotes")  # noqa: TRY004 - data
    if len(raw) > LONGEST_TEXT:
        raise ValueError(f"{len(raw)} characters; write at most {LONGEST_TEXT}")
    hidden = [char for char in raw if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in BIDI]
    if hidden:
        raise ValueError(f"holds the character U+{ord(hidden[0]):04X}; take it out")
    return raw.strip()


def _email(raw: object) -> dict[str, Any]:
    found = normalise(raw if isinstance(raw, str) else plain(raw))
    return {"email": found.stored, "mailbox": mailbox(found.stored), "warning": found.warning}


def _language(raw: object) -> dict[str, Any]:
    if (text := plain(raw)) and not LANGUAGE.fullmatch(text):
        raise ValueError(f'"{text}" is no language tag; write for example en, de or pt-BR')
    return {"language": text}


def _timezone(raw: object) -> dict[str, Any]:
    if text := plain(raw):
        zone(text)
    return {"timezone": text}


def _topics(raw: object) -> dict[str, Any]:
    if not isinstance(raw, list) or not all(isinstance(one, str) and one.strip() for one in raw):
        raise ValueError('no list of names; write for example ["World", "Science"]')
    return {"topics": tuple(dict.fromkeys(map(plain, raw)))}


def _id(raw: object) -> dict[str, Any]:
    if (text := plain(raw)) and not ID.fullmatch(text):
        raise ValueError(f'"{text}" is no id; write at most 64 of a-z, A-Z, 0-9, ".", "_" and "-"')
    return {"id": text}


KEYS: Mapping[str, Callable[[object], dict[str, Any]]] = {
    "email": _email,
    "name": lambda raw: {"name": plain(raw)},
    "language": _language,
    "timezone": _timezone,
    "topics": _topics,
    "id": _id,
}
