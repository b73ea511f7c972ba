"""Where articles come from: gather() reads sources into the article store, shift() keeps samples fresh.

FeedReader is looked up when it is asked for: it brings the HTTP client, and the child process that parses, which
imports this package too, starts sooner without.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.sources.articles import make
from digest.sources.gather import BUILTIN, gather
from digest.sources.samples import shift

if TYPE_CHECKING:
    from digest.sources.reader import FeedReader

__all__ = ["BUILTIN", "FeedReader", "gather", "make", "shift"]


def __getattr__(name: str) -> Any:
    """FeedReader, from its module."""
    if name != "FeedReader":
        raise AttributeError(f"digest.sources has no {name}")
    return import_module("digest.sources.reader").FeedReader
