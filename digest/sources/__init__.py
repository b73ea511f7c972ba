"""Where articles come from: gather() reads sources into the article store, shift() keeps samples fresh.

The names are looked up when they are asked for: the child process that parses needs none of them, nor the HTTP client
that comes with them, and starts in half the time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.sources.articles import make
    from digest.sources.gather import BUILTIN, gather
    from digest.sources.reader import FeedReader
    from digest.sources.samples import shift

__all__ = ["BUILTIN", "FeedReader", "gather", "make", "shift"]

_MODULES = {"BUILTIN": "gather", "FeedReader": "reader", "gather": "gather", "make": "articles", "shift": "samples"}


def __getattr__(name: str) -> Any:
    """A public name, from its module."""
    if name not in _MODULES:
        raise AttributeError(f"digest.sources has no {name}")
    found = getattr(import_module(f"digest.sources.{_MODULES[name]}"), name)
    globals()[name] = found  # `gather` is a module too: the function is meant, also after that module was imported
    return found
