"""The composer's lint: what must not leave a theme (MAIL.md A and K). Pure; faults carry offsets, the caller knows lines.

tree      rendered MJML read strictly                elements  MJML's own elements and attributes (known.py)
markup    the HTML in it, links, pictures            nesting   which tag may stand in which
style     style attributes and blocks
issue     both finished parts against the issue
"""

from collections.abc import Iterator, Mapping
from typing import Any

from digest.composer.lint.elements import check_elements
from digest.composer.lint.fault import Fault, warning
from digest.composer.lint.issue import (
    check_both,
    check_html,
    check_left_over,
    check_text,
    check_voice,
    seen,
    stories,
)
from digest.composer.lint.markup import Palette, check_comments, check_markup
from digest.composer.lint.tree import MAX_DEPTH, in_characters, read_tree
from digest.composer.lint.words import written_words

__all__ = [
    "Fault",
    "warning",
    "Palette",
    "MAX_DEPTH",
    "check_mjml",
    "check_html",
    "check_text",
    "check_both",
    "stories",
    "seen",
    "written_words",
]


def check_mjml(mjml: str, palette: Palette, context: Mapping[str, Any]) -> list[Fault]:
    """Everything wrong with rendered MJML in the order of the text; offsets in characters."""
    data = mjml.encode("utf-8", "replace")
    tree = read_tree(data)

    def found() -> Iterator[Fault]:
        yield from tree.faults
        yield from check_elements(data, tree.nodes)
        yield from check_markup(data, tree.nodes, palette)
        yield from check_comments(tree.comments)
        if context:
            yield from check_voice(tree.nodes, context)
            yield from check_left_over(mjml, tree.nodes, context)

    faults = sorted(found(), key=lambda fault: fault.offset)
    if not any(fault.rule == "mjml-element" for fault in faults):
        # What could not be read to its end is named first: the rest may follow from it.
        faults.sort(key=lambda fault: fault not in tree.faults)
    return in_characters(data, faults)
