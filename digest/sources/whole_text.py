"""Whether a feed brings its articles whole, and how long they are. Pure."""

from __future__ import annotations

import html
import re

from digest.sources.tails import is_pointed_on, without_source

_ENOUGH = 150  # words beside a summary of their own; less is a second teaser
_ALONE = 300  # words of a field that has no other beside it
_TIMES = 3  # as long as the summary, at least
_LONGEST = 2_000_000  # characters
_TAG = re.compile(r"<[^<>]{0,8000}>")
_CUT = re.compile(r"(?:\.{3}|\u2026)[\])]?$")


def words_of_whole(summary: str, *bodies: str) -> int:
    """The words of the longest of a feed's fields where that is clearly the whole article, else 0: nobody knows.

    All are HTML or text as the feed has them. An excerpt ends in an ellipsis or in "Read more". Text without spaces
    (Chinese, Japanese, Thai) is not counted.
    """
    longest = max((summary, *bodies), key=len)
    if len(longest) < 2 * _ENOUGH - 1:  # a word and its space take two characters at least
        return 0
    text = _plain(longest)
    text = without_source(text).rstrip()
    count = len(text.split())
    own = [len(_plain(one).split()) for one in dict.fromkeys((summary, *bodies)) if one and one != longest]
    if count < (_ENOUGH if own else _ALONE) or count < _TIMES * max(own, default=0):
        return 0
    return 0 if is_pointed_on(text) or _CUT.search(text[-10:]) else count


def _plain(raw: str) -> str:
    """Near enough to what people read, for counting alone."""
    return html.unescape(_TAG.sub(" ", raw[:_LONGEST])).strip()
