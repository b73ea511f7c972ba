"""MJML's own elements: names, places, attributes and their values, as npm mjml's `--validate` and stricter (MAIL.md K)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from digest.composer.lint import known
from digest.composer.lint.fault import Fault, warning
from digest.composer.lint.tree import Node, attribute_at
from digest.errors import did_you_mean
from digest.model.colours import NAMED

HOLE = re.compile(r"h[0-9a-f]{32}x\d+e")  # a marker of digest.composer.holes
_WIDEST = 600  # px, the card; a wider picture scrolls sideways on a phone


def check_elements(data: bytes, nodes: Iterable[Node]) -> Iterator[Fault]:
    """Faults of the MJML elements among `nodes`; offsets in bytes."""
    for node in nodes:
        parent = node.parent.name if node.parent else ""
        if node.name.startswith("mj"):
            yield from _named(data, node, parent)
        elif parent.startswith("mj") and parent not in known.ELEMENTS:
            continue  # that the parent is not known says it all
        elif (parent not in known.HTML_INSIDE and parent.startswith("mj")) or not parent:
            where = parent or "the document"
            why = f"MJML drops <{node.name}> in <{where}> without a word: put it into <mj-text>"
            yield Fault(rule="mjml-dropped", why=why, offset=node.offset)
        if node.name in known.CHILDREN:
            lost = next(((text, offset) for text, offset in node.texts if text.strip()), None)
            if lost:
                blank = len(lost[0]) - len(lost[0].lstrip())
                why = f'MJML drops text in <{node.name}> without a word: "{lost[0].strip()[:40]}"'
                yield Fault(rule="mjml-dropped", why=why, offset=lost[1] + blank)


def _named(data: bytes, node: Node, parent: str) -> Iterator[Fault]:
    if node.name in known.REFUSED:
        yield Fault(rule="mjml-refused", why=known.REFUSED[node.name], offset=node.offset)
        return
    if node.name not in known.ELEMENTS:
        like = near(node.name, known.ELEMENTS)
        hint = f"; did you mean <{like}>?" if like else ""
        yield Fault(rule="mjml-element", why=f"no MJML element is called <{node.name}>{hint}", offset=node.offset)
        return
    if parent not in known.REFUSED and (not parent.startswith("mj-") or parent in known.ELEMENTS):
        yield from _placed(node, parent)
    if parent == "mj-attributes" and node.children:
        why = f"<{node.name}> in <mj-attributes> holds nothing: our MJML cannot read it"
        yield Fault(rule="mjml-refused", why=why, offset=node.offset)
    for name, value in node.attributes.items():
        for fault in _attribute(node, name, value):
            yield Fault(rule=fault.rule, why=fault.why, warning=fault.warning, offset=attribute_at(data, node, name))


def _placed(node: Node, parent: str) -> Iterator[Fault]:
    if node.name in known.CHILDREN.get(parent, frozenset()):
        return
    homes = [f"<{name}>" for name, inside in known.CHILDREN.items() if node.name in inside and name != "mj-attributes"]
    why = f"<{node.name}> may not stand in <{parent or 'the document'}>; it belongs in {' or '.join(homes)}"
    yield Fault(rule="mjml-nesting", why=why, offset=node.offset)


def _attribute(node: Node, name: str, value: str) -> Iterator[Fault]:
    if (node.name, name) in known.REFUSED_ATTRIBUTES:
        yield Fault(rule="mjml-refused", why=f"{name} of <{node.name}>: {known.REFUSED_ATTRIBUTES[node.name, name]}")
        return
    table = known.ATTRIBUTES[node.name]
    open_ended = "*" in table
    kind = table.get(name, known.ANY_ATTRIBUTE.get(name) if open_ended else None)
    if kind is None:
        like = near(name, known.ANY_ATTRIBUTE if open_ended else table)
        hint = f'; did you mean "{like}"?' if like else ""
        yield Fault(rule="mjml-attribute", why=f'<{node.name}> has no attribute "{name}"{hint}')
    elif kind:
        yield from _value(node, name, value, kind)
    if value == "justify":
        yield warning("type", "justified text is hard to read on a phone")
    if name == "mj-class" and len(value.split()) > 1:
        yield warning("mjml-value", "of several mj-class our MJML takes the first, others the last: name one")


def _value(node: Node, name: str, value: str, kind: str) -> Iterator[Fault]:
    if HOLE.search(value):  # the HTML's lint names it
        return
    if "|" in kind or kind not in known.KINDS:
        choices = kind.split("|")
        if value not in choices:
            yield Fault(rule="mjml-value", why=f'{name}="{value}": one of {", ".join(choices)} is wanted')
        return
    if not known.KINDS[kind].fullmatch(value) or (kind == "colour" and value.isalpha() and not _colour(value)):
        rule = "colour" if kind == "colour" else "mjml-value"
        yield Fault(rule=rule, why=f'{name}="{value}": write {known.WANTED[kind]}')
        return
    pixels = re.fullmatch(r"(\d+)(?:\.\d+)?px", value)
    if name == "width" and pixels and int(pixels[1]) > _WIDEST and node.name != "mj-breakpoint":
        why = f'{name}="{value}": wider than the {_WIDEST} px of a message, it scrolls sideways'
        yield Fault(rule="width", why=why, warning=node.name in {"mj-body", "mj-image"})
    if name == "font-size" and pixels and int(pixels[1]) < 13:
        yield warning("small-type", f'{name}="{value}": nothing below 13px can be read')


def _colour(name: str) -> bool:
    return name.lower() in NAMED or name.lower() in {"transparent", "inherit", "none"}


def near(word: str, names: Iterable[str]) -> str:
    """The one of `names` that was probably meant, "" when none is near."""
    said = did_you_mean(word, [name for name in names if name != "*"])
    return said.removeprefix('did you mean "').removesuffix('"?')
