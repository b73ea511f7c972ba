"""Where articles come from: gather() reads sources into the article store, shift() keeps samples fresh."""

from __future__ import annotations

from digest.sources.articles import make
from digest.sources.folder import FolderReader
from digest.sources.gather import BUILTIN, accept, gather
from digest.sources.health import health, reason_of
from digest.sources.known import Known
from digest.sources.page_images import WithPagePictures
from digest.sources.page_reader import PageReader
from digest.sources.polite import next_try, settled
from digest.sources.reader import FeedReader
from digest.sources.samples import shift

__all__ = [
    "BUILTIN",
    "FeedReader",
    "FolderReader",
    "Known",
    "PageReader",
    "WithPagePictures",
    "accept",
    "gather",
    "health",
    "make",
    "next_try",
    "reason_of",
    "settled",
    "shift",
]
