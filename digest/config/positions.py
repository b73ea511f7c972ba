"""Where each key of a TOML text stands.

tomllib and pydantic know no lines. tree-sitter-toml reads the text once more, and the same paths that pydantic
reports (`("newsletters", "morning", "sections", 0, "max")`) lead to 1-based lines.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

Path = tuple[str | int, ...]


class Positions:
    """The lines of a TOML text that tomllib accepts."""

    def __init__(self, text: str) -> None:
        """Read `text` once; asking costs a look-up."""
        self._lines: dict[Path, int] = {}
        self._lengths: dict[Path, int] = {}  # of arrays of tables
        parser = Parser(Language(tree_sitter_toml.language()))
        for node in parser.parse(text.encode()).root_node.children:
            if node.type == "pair":
                self._pair(node, ())
            elif node.type in {"table", "table_array_element"}:
                self._table(node)

    def line(self, path: Path) -> int:
        """The line of the key, else of the nearest table around it; 1 where there is none."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)

    def _table(self, node: Node) -> None:
        keys = next(child for child in node.children if child.type.endswith("key"))
        path: Path = ()
        for name in _names(keys):
            # [a.b] below [[a]] belongs to the last of them.
            path = self._inside((*path, name))
        if node.type == "table_array_element":
            array = path[:-1] if isinstance(path[-1], int) else path
            path = (*array, self._lengths.get(array, 0))
            self._lengths[array] = self._lengths.get(array, 0) + 1
        self._mark(path, node)
        for child in node.children:
            if child.type == "pair":
                self._pair(child, path)

    def _inside(self, path: Path) -> Path:
        return (*path, self._lengths[path] - 1) if path in self._lengths else path

    def _pair(self, node: Node, path: Path) -> None:
        path = (*path, *_names(node.children[0]))
        self._mark(path, node)
        self._value(node.children[-1], path)

    def _value(self, node: Node, path: Path) -> None:
        if node.type == "inline_table":
            for child in node.children:
                if child.type == "pair":
                    self._pair(child, path)
        elif node.type == "array":
            members = [child for child in node.named_children if child.type != "comment"]
            for number, child in enumerate(members):
                self._mark((*path, number), child)
                self._value(child, (*path, number))

    def _mark(self, path: Path, node: Node) -> None:
        line = node.start_point.row + 1
        for length in range(1, len(path)):
            self._lines.setdefault(path[:length], line)  # [a.b] makes a, too
        self._lines[path] = line


def _names(node: Node) -> tuple[str, ...]:
    """The parts of a bare, quoted or dotted key, read by tomllib itself so that escapes mean the same."""
    found: Mapping[str, Any] = tomllib.loads(f"{(node.text or b'').decode()} = 0")
    names: list[str] = []
    while isinstance(found, dict):
        ((name, found),) = found.items()
        names.append(name)
    return tuple(names)
