"""What can be wrong with a feed, in words that gather() and the parser share without sharing the parser's imports."""

from __future__ import annotations

EMPTY = "the answer is empty"
NOT_A_FEED = "this is not a feed"
A_PAGE = "this is a web page, not a feed"
NO_ARTICLES = "a feed without articles"
CUT_OFF = "the feed is cut off within its first article"
JSON_FEED = "JSON Feed is not read by this version"
ENTITIES = "the feed declares entities of its own (DOCTYPE with ENTITY), which is refused"
TOO_LARGE = "headline, link or identifier larger than 64 kB"
