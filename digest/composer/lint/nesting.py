"""Which HTML tag may stand in which: browsers and Outlook mend the rest, each in its own way."""

from __future__ import annotations

from collections.abc import Iterator

from digest.composer.lint.fault import Fault
from digest.composer.lint.tree import Node
from digest.model.rules import words

_INLINE_ONLY = words("p h1 h2 h3 h4 h5 h6 b i em strong small span code cite sub sup u s q bdo")
_BLOCKS = words("p h1 h2 h3 h4 h5 h6 div table ul ol li blockquote pre hr dl tr td")
_ROWS = words("tbody thead tfoot tr caption colgroup col")
# Tags that hold these alone, and no text: what else stands there is moved out or dropped.
_INSIDE = {
    "table": _ROWS, "mj-table": _ROWS, "tbody": words("tr"), "thead": words("tr"), "tfoot": words("tr"),
    "tr": words("td th"), "ul": words("li"), "ol": words("li"), "dl": words("dt dd div"), "colgroup": words("col"),
}  # fmt: skip
_HOMES = {
    "td": {"tr"}, "th": {"tr"}, "tr": {"table", "tbody", "thead", "tfoot", "mj-table"}, "li": {"ul", "ol"},
    "tbody": {"table", "mj-table"}, "thead": {"table", "mj-table"}, "tfoot": {"table", "mj-table"},
    "dt": {"dl", "div"}, "dd": {"dl", "div"},
}  # fmt: skip


def nesting_faults(node: Node) -> Iterator[Fault]:
    """Faults of where an element stands, and of what stands directly in it; offsets are the caller's."""
    parent = node.parent.name if node.parent else ""
    homes = _HOMES.get(node.name)
    inside = _INSIDE.get(parent)
    above = list(_above(node))
    if node.name.startswith("mj"):
        pass
    elif homes and parent not in homes and parent not in {"mj-raw", ""}:
        yield Fault(rule="html-nesting", why=f"<{node.name}> may not stand in <{parent}>")
    elif inside and node.name not in inside:
        yield Fault(rule="html-nesting", why=f"<{node.name}> may not stand directly in <{parent}>")
    elif node.name in _BLOCKS and any(one in _INLINE_ONLY for one in above):
        holder = next(one for one in above if one in _INLINE_ONLY)
        yield Fault(rule="html-nesting", why=f"<{node.name}> may not stand in <{holder}>: close it first")
    elif node.name == "a" and "a" in above:
        yield Fault(rule="html-nesting", why="a link may not stand in a link")
    if node.name in _INSIDE and any(text.strip() for text, _ in node.texts):
        said = next(text.strip() for text, _ in node.texts if text.strip())
        yield Fault(rule="html-nesting", why=f'text may not stand directly in <{node.name}>: "{said[:40]}"')


def _above(node: Node) -> Iterator[str]:
    """Names of what an HTML element stands in, up to the table cell or MJML element that begins anew."""
    at = node.parent
    while at is not None and not at.name.startswith("mj"):
        yield at.name
        if at.name in {"td", "th"}:
            return
        at = at.parent
