"""One line or table of a list file, checked key by key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from digest.errors import Mistake, did_you_mean
from digest.subscribers.address import normalise
from digest.subscribers.doubles import Hashes, Suspects
from digest.subscribers.spool import Entry, Spool
from digest.times import zone

LONGEST_TEXT = 200  # characters of a name or a topic
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)  # no @: an id goes into links, an address never does
OURS = re.compile(r"[a-z2-7]{16}")  # as LedgerKey.subscriber_id makes them
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the rest of a line around
TYPES = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a table"}


class Row(NamedTuple):
    """What stands in the file about one person: raw values by key, and the line where it begins."""

    values: Mapping[str, object]
    line: int


def _where_it_begins(line: int, _: str) -> int:
    return line


@dataclass(slots=True, kw_only=True)
class Rows:
    """A list file, read as its rows are walked, once; only then `mistakes` and `broken` are complete.

    `mistakes` are single lines; `broken`: the file as a whole cannot be trusted. `table` stands before each key in
    messages, and `line_of` gives the line of a key in the row that begins on a line.
    """

    file: str
    title: str = ""
    table: str = ""
    rows: Iterable[Row] = ()
    line_of: Callable[[int, str], int] = _where_it_begins
    mistakes: list[Mistake] = field(default_factory=list)
    broken: list[Mistake] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Checked:
    """What the good rows of a file say together.

    `kinds`: each (language, topics). `ids`: whether any row gives an id, `like_ours` one that we might make ourselves.
    """

    mistakes: list[Mistake] = field(default_factory=list)
    kinds: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    ids: bool = False
    like_ours: bool = False


def check_rows(rows: Rows, people: Spool) -> Checked:
    """Puts the good rows into `people`; of two with one address or id the second is bad.

    The mistakes are those of all others, in the order of the rows.
    """
    found = Checked()
    told: list[tuple[int, Mistake]] = []  # with twice the good rows before it, one more where it is itself one
    emails, ids = Hashes(), Hashes()
    for row in rows.rows:
        fields, why = _check(row)
        if why:
            told += ((2 * len(people), _mistake(rows, row.line, key, words)) for key, words in why.items())
            continue
        entry = Entry(line=row.line, **fields)
        people.add(entry)
        emails.add(entry.mailbox)
        found.kinds.add((entry.language, entry.topics))
        if entry.id:
            ids.add(entry.id)
            found.ids = True
            found.like_ours = found.like_ours or OURS.fullmatch(entry.id) is not None
    for number, line, why in _doubled(people, emails.suspects(), ids.suspects()):
        told += ((2 * number + 1, _mistake(rows, line, key, words)) for key, words in why.items())
    found.mistakes = [mistake for _, mistake in sorted(told, key=itemgetter(0))]
    return found


def _doubled(people: Spool, emails: Suspects, ids: Suspects) -> list[tuple[int, int, dict[str, str]]]:
    """Leaves out who stands there again: number, line, and by key what is wrong."""
    told: list[tuple[int, int, dict[str, str]]] = []
    seen: dict[tuple[str, str], int] = {}
    for number, entry in people.numbered() if emails or ids else ():
        if entry.mailbox in emails or entry.id in ids:
            why = _doubles(entry, seen)
            if why:
                told.append((number, entry.line, why))
    for number, _, _ in told:
        people.leave_out(number)
    return told


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
    return Mistake(file=rows.file, line=rows.line_of(line, key), key=f"{rows.table} {key}".strip(), why=why, mend=mend)


def plain(raw: object) -> str:
    """Text on one line, blanks around it off. Raises ValueError, with a mend, for anything else."""
    if not isinstance(raw, str):
        raise ValueError(f"{TYPES.get(type(raw), 'a date')} instead of text; put it in quotes")  # noqa: TRY004 - data
    if len(raw) > LONGEST_TEXT:
        raise ValueError(f"{len(raw)} characters; write at most {LONGEST_TEXT}")
    # Whatever is printable is none of these.
    hidden = not raw.isprintable() and [
        char for char in raw if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} or char in BIDI
    ]
    if hidden:
        raise ValueError(f"holds the character U+{ord(hidden[0]):04X}; take it out")
    return raw.strip()


def _email(raw: object) -> dict[str, Any]:
    found = normalise(raw if isinstance(raw, str) else plain(raw))
    return {"email": found.stored, "warning": found.warning}


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
