"""Where articles come from: gather() reads sources into the article store, shift() keeps samples fresh.

FeedReader is looked up when it is asked for: it brings the HTTP client, and the child process that parses, which
imports this package too, starts sooner without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.sources.articles import make
from digest.sources.gather import BUILTIN, accept, gather
from digest.sources.health import health, reason_of
from digest.sources.known import Known
from digest.sources.polite import next_try, settled
from digest.sources.samples import shift

if TYPE_CHECKING:
    from digest.sources.folder import FolderReader
    from digest.sources.page_images import WithPagePictures
    from digest.sources.page_reader import PageReader
    from digest.sources.reader import FeedReader

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

_READERS = {
    "FeedReader": "digest.sources.reader",
    "FolderReader": "digest.sources.folder",
    "PageReader": "digest.sources.page_reader",
    "WithPagePictures": "digest.sources.page_images",
}


def __getattr__(name: str) -> Any:
    """A reader, from its module."""
    if name not in _READERS:
        raise AttributeError(f"digest.sources has no {name}")
    return getattr(import_module(_READERS[name]), name)
