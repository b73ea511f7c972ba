"""Rendered MJML as a tree, read strictly: mrml itself validates nothing and drops what it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.entities import html5
from xml.parsers import expat

from digest.composer.lint.fault import Fault

MAX_DEPTH = 100  # mrml overflows its stack near 9,000; no real theme is deeper than 30


@dataclass(slots=True)
class Node:
    """One element. `offset` is its first byte in the UTF-8 text; `text` what stands directly in it."""

    name: str
    attributes: dict[str, str]
    parent: Node | None
    offset: int
    children: list[Node] = field(default_factory=list)
    texts: list[tuple[str, int]] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What a reader sees of it, whole."""
        return "".join(text for text, _ in self.texts) + "".join(child.text for child in self.children)


@dataclass(slots=True)
class Tree:
    """`nodes` in document order; `faults` (offsets in bytes) what is wrong with the text; `comments` with their offsets."""

    nodes: list[Node] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    comments: list[tuple[str, int]] = field(default_factory=list)


class _TooDeepError(Exception):
    pass


class _Reader:
    """Handlers of one expat parse."""

    def __init__(self, data: bytes) -> None:
        self.tree = Tree()
        self.at: Node | None = None
        self._depth = 0
        self._data = data
        self._event = 0  # byte of the last tag
        parser = self._parser = expat.ParserCreate(encoding="utf-8")
        parser.UseForeignDTD(True)  # named entities pass
        parser.ExternalEntityRefHandler = lambda *_: 1
        parser.StartDoctypeDeclHandler = lambda *_: self._fault("mjml-syntax", "a DOCTYPE has no place in MJML")
        parser.StartCdataSectionHandler = self._cdata
        parser.CommentHandler = self._comment
        parser.SkippedEntityHandler = self._skipped
        parser.ProcessingInstructionHandler = lambda *_: self._fault("mjml-syntax", "<?...?> has no place in MJML")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.buffer_text = True  # else every entity is a piece of its own
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            offset = max(parser.ErrorByteIndex, 0)
            self.tree.faults.append(Fault(rule="mjml-syntax", why=_said(error, self.at), offset=offset))
        except _TooDeepError:
            self._fault("mjml-depth", f"elements are nested more than {MAX_DEPTH} deep")

    def _fault(self, rule: str, why: str) -> None:
        self.tree.faults.append(Fault(rule=rule, why=why, offset=self._parser.CurrentByteIndex))

    def _cdata(self) -> None:
        self._fault("mjml-syntax", "mrml cannot read CDATA: write the text as it is")

    def _comment(self, text: str) -> None:
        at = self._parser.CurrentByteIndex
        self.tree.comments.append((text, at))
        self._event = self._data.find(b"-->", at) + 2  # what follows begins behind its last sign

    def _skipped(self, name: str, _is_parameter: bool) -> None:  # noqa: FBT001 - as expat calls it
        if f"{name};" not in html5:
            self._fault("mjml-syntax", f"&{name}; is no sign that has a name: write & as &amp;")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._event = self._parser.CurrentByteIndex
        node = Node(name, attributes, self.at, self._event)
        if self._depth >= MAX_DEPTH:
            raise _TooDeepError
        self._depth += 1
        if self.at is not None:
            self.at.children.append(node)
        self.tree.nodes.append(node)
        self.at = node

    def _end(self, _name: str) -> None:
        self._depth -= 1
        self._event = self._parser.CurrentByteIndex
        if self.at is not None:
            self.at = self.at.parent

    def _text(self, text: str) -> None:
        if self.at is not None:
            begins = self._data.find(b">", self._event) + 1  # where it is flushed, the parser is already behind it
            self.at.texts.append((text, begins))


def read_tree(data: bytes) -> Tree:
    """The tree, as far as it could be read; never raises for what stands in `data`."""
    return _Reader(data).tree


def attribute_at(data: bytes, node: Node, name: str) -> int:
    """The byte where an attribute of the element begins; the element's own where it is not found."""
    end = data.find(b">", node.offset)
    tag = data[node.offset : end if end >= 0 else len(data)]
    for before in (b" ", b"\n", b"\t"):
        found = tag.find(before + name.encode() + b"=")
        if found >= 0:
            return node.offset + found + 1
    return node.offset


def in_characters(data: bytes, faults: Sequence[Fault]) -> list[Fault]:
    """The same faults with offsets in characters instead of bytes."""
    return [
        Fault(rule=one.rule, why=one.why, warning=one.warning, offset=len(data[: one.offset].decode(errors="replace")))
        if one.offset >= 0
        else one
        for one in faults
    ]


def _said(error: expat.ExpatError, at: Node | None) -> str:
    why = expat.errors.messages[error.code]
    where = f" in <{at.name}>" if at else ""
    mends = {
        "mismatched tag": "close every element in order; void ones as <br />",
        "not well-formed (invalid token)": "write & as &amp;, < as &lt;, and quote every attribute",
        "no element found": "the document is empty or an element is not closed",
        "duplicate attribute": "keep one",
    }
    mend = mends.get(why)
    return f"not well-formed MJML{where}: {why}" + (f"; {mend}" if mend else "")
