"""Words that a template says itself: readers of another language get them as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator

_COMMENT = re.compile(r"\{#.*?#\}|<!--.*?-->|<mj-style\b.*?</mj-style>", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>", re.DOTALL)
_PIECE = re.compile(r"[^{}<\n]*\{[^{}]*\}|[\w-]+=\"[^\"\n]*\"")  # a macro may write a style rule or an attribute
_WORDS = re.compile(r"[^\W\d_]{3,}(?:[ ,'\u2019-]+[^\W\d_]+)*")


def written_words(source: str) -> Iterator[tuple[int, str]]:
    """(1-based line, words) of the text between tags that is neither Jinja's nor a comment's."""
    bare = source
    for pattern in (_COMMENT, _JINJA, _TAG, _PIECE):
        bare = pattern.sub(lambda found: "\n" * found[0].count("\n") or " ", bare)
    for number, line in enumerate(bare.splitlines(), 1):
        found = _WORDS.search(line)
        if found:
            yield number, found[0]
