"""Reading a list from TOML: tomllib for the values, tree-sitter for the lines they stand on."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from digest.errors import Mistake, did_you_mean
from digest.subscribers.rows import Row, Rows, plain

TABLE = "subscribers"
TOP = ("title", TABLE)
POSITION = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")


def read_toml(data: bytes, file: str) -> Rows:
    """A list file's rows; `file` is how messages name it."""
    try:
        text = data.decode("utf-8-sig")
        values = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Rows(file=file, broken=[Mistake(file=file, line=line, why="not UTF-8", mend="save the file as UTF-8")])
    except RecursionError:
        why = "lists nested too deeply"
        return Rows(file=file, broken=[Mistake(file=file, why=why, mend="write [[subscribers]] tables")])
    except ValueError as error:
        return Rows(file=file, broken=[_syntax(text, file, str(error))])
    root = Parser(Language(tree_sitter_toml.language())).parse(text.encode()).root_node
    broken = list(_top_mistakes(values, root, file))
    if broken:
        return Rows(file=file, broken=broken)
    tables = values.get(TABLE, [])
    nodes: list[Node | None] = list(_tables(root))
    # Both read the same text; should they ever disagree, no line is better than a wrong one.
    places = nodes if len(nodes) == len(tables) else [None] * len(tables)
    return Rows(
        file=file,
        title=values.get("title", ""),
        table=f"[[{TABLE}]]",
        rows=(Row(table, _line(node)) for table, node in zip(tables, places, strict=True)),
        line_of=partial(_line_in, {_line(node): node for node in reversed(places)}),
    )


def _line_in(tables: Mapping[int, Node | None], line: int, key: str) -> int:
    """The line of a key in the table that begins on this line."""
    return _line_of(tables.get(line), key)


def _syntax(text: str, file: str, error: str) -> Mistake:
    found = POSITION.search(error)
    line = int(found[1]) if found and found[1] else text.count("\n") + 1
    why = POSITION.sub("", error).splitlines()[0]
    return Mistake(file=file, line=line, why=f"not TOML: {why[:1].lower()}{why[1:]}", mend="mend the line")


def _top_mistakes(values: dict[str, object], root: Node, file: str) -> Iterator[Mistake]:
    for key in values.keys() - set(TOP):
        mend = f"{did_you_mean(key, TOP)} (known: {', '.join(TOP)})".strip()
        yield Mistake(file=file, line=_line_of(root, key), key=key, why="unknown key", mend=mend)
    try:
        plain(values.get("title", ""))
    except ValueError as error:
        why, _, mend = str(error).partition("; ")
        yield Mistake(file=file, line=_line_of(root, "title"), key="title", why=why, mend=mend)
    tables = values.get(TABLE, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        line = _line_of(root, TABLE)
        yield Mistake(file=file, line=line, key=TABLE, why="no tables", mend="begin each person with [[subscribers]]")


def _tables(root: Node) -> Iterator[Node]:
    """The node of each subscriber, written as [[subscribers]] or as an inline table, in the file's order."""
    for node in root.children:
        if node.type == "table_array_element" and _key(node.children[1]) == TABLE:
            yield node
        elif node.type == "pair" and _key(node.children[0]) == TABLE:
            yield from (one for one in node.children[-1].children if one.type == "inline_table")


def _line(node: Node | None) -> int:
    return node.start_point[0] + 1 if node else 0


def _line_of(node: Node | None, key: str) -> int:
    """The line of a key in a table, or of a table in the document; the node's own where it is not found."""
    for child in node.children if node else ():
        named = child.children[0 if child.type == "pair" else 1] if len(child.children) > 1 else child
        if _key(named) == key:
            return _line(child)
    return _line(node)


def _key(node: Node) -> str:
    """The first part of a bare, quoted or dotted key."""
    first = node.children[0] if node.type == "dotted_key" else node
    return (first.text or b"").decode(errors="replace").strip("\"'")
