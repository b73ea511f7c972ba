"""Adding a person to a TOML list and taking one out, by tomlkit, which keeps comments; checked by tomllib."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from itertools import dropwhile
from typing import Any

import tomlkit
from tomlkit.items import AoT, Comment, InlineTable, Item, Key, Table

from digest.subscribers.address import same_mailbox
from digest.subscribers.toml_list import TABLE

BOM = b"\xef\xbb\xbf"
Body = list[tuple[Key | None, Item]]


def toml_with(data: bytes, values: Mapping[str, object]) -> bytes:
    """The file with one more subscriber at its end. Raises ValueError when that cannot be done safely."""
    text, people = _read(data)
    inline = people != [] and f"[[{TABLE}]]" not in text.replace(" ", "")
    if text and not inline:
        text = text.rstrip("\n") + "\n\n"
    document = tomlkit.parse(text)
    array: Any = document.setdefault(TABLE, tomlkit.aot())
    table: Table | InlineTable = tomlkit.table() if isinstance(array, AoT) else tomlkit.inline_table()
    for key, value in values.items():
        table.add(key, value)
    array.append(table)
    return _written(data, document, [*people, dict(values)])


def toml_without(data: bytes, address: str) -> bytes:
    """The file without this address, or `data` itself. Comments behind a table are about the next one: they stay.

    Raises ValueError when that cannot be done safely.
    """
    text, people = _read(data)
    gone = [place for place, one in enumerate(people) if same_mailbox(str(one.get("email", "")), address)]
    if not gone:
        return data
    document = tomlkit.parse(text)
    array: Any = document[TABLE]
    for place in reversed(gone):
        if isinstance(array, AoT):
            _keep_comments(document, array, place)
        del array[place]
    return _written(data, document, [one for place, one in enumerate(people) if place not in gone])


def _keep_comments(document: tomlkit.TOMLDocument, array: AoT, place: int) -> None:
    """Move what stands behind a table's last key to the end of the table before it, or of what precedes them all."""
    body = array[place].value.body
    last = max(number for number, (key, _) in enumerate(body) if key is not None)
    left: Body = list(dropwhile(lambda pair: not isinstance(pair[1], Comment), body[last + 1 :]))
    if place:
        array[place - 1].value.body.extend(left)
    else:
        first = next(number for number, (_, item) in enumerate(document.body) if item is array)
        document.body[first:first] = left


def _read(data: bytes) -> tuple[str, list[dict[str, object]]]:
    """The text with LF ends, and its people."""
    text = data.removeprefix(BOM).decode().replace("\r\n", "\n")
    people: list[dict[str, object]] = tomllib.loads(text).get(TABLE, [])
    return text, people


def _written(before: bytes, document: tomlkit.TOMLDocument, people: Sequence[Mapping[str, object]]) -> bytes:
    """The document's bytes as `before` was written (BOM, line ends), once it is proven to say what was wanted."""
    text = tomlkit.dumps(document)
    told = tomllib.loads(text)
    wanted = tomllib.loads(before.removeprefix(BOM).decode())
    if told.pop(TABLE, []) != people or told != {key: value for key, value in wanted.items() if key != TABLE}:
        raise ValueError("the file is written in a way that cannot be edited safely; edit it by hand")
    end = "\r\n" if b"\r\n" in before else "\n"
    return (BOM if before.startswith(BOM) else b"") + text.replace("\n", end).encode()
