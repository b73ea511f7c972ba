"""What can be wrong with a feed, in words that gather() and the parser share without sharing the parser's imports."""

from __future__ import annotations

EMPTY = "the answer is empty"
NOT_A_FEED = "this is not a feed"
A_PAGE = "this is a web page, not a feed"
NO_ARTICLES = "a feed without articles"
CUT_OFF = "the feed is cut off within its first article"
BROKEN_JSON = "the JSON of this feed is broken"
ENTITIES = "the feed declares entities of its own (DOCTYPE with ENTITY), which is refused"
UNSAFE_PARSER = (
    "the XML parser of this machine (expat) lets entity bombs go off: no XML is read; update Python or expat"
)
TOO_DEEP = "its elements nest deeper than 200, which no feed needs"
TOO_MUCH = "more markup than any feed has: not parsed"
TOO_LARGE = "headline, link or identifier larger than 64 kB"
MAX_ARTICLES = 500


def cut_short(count: int) -> str:
    """The note for a feed of more articles than are read."""
    return f"{count} articles, of which the first {MAX_ARTICLES} are read"
