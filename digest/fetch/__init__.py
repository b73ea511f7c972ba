"""The one guarded HTTP client: whatever goes out over HTTP goes through Fetcher.get().

The guard sits where the connection is made: a name is resolved once, every address it has is judged, and one of the
judged addresses is dialled, so neither an odd spelling of 127.0.0.1 nor a resolver that changes its mind gets past.

The client is looked up when it is asked for: the child that parses knows FetchError, and starts in half the time
without the HTTP library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from digest.fetch.answers import MAX_BODY, Answer, FetchError, Gets

if TYPE_CHECKING:
    from digest.fetch.addresses import is_public, system_resolver
    from digest.fetch.client import Fetcher

__all__ = ["Fetcher", "Answer", "FetchError", "Gets", "MAX_BODY", "is_public", "system_resolver"]

_LATER = {
    "Fetcher": "digest.fetch.client",
    "is_public": "digest.fetch.addresses",
    "system_resolver": "digest.fetch.addresses",
}


def __getattr__(name: str) -> Any:
    """Part of the client, from its module."""
    if name not in _LATER:
        raise AttributeError(f"digest.fetch has no {name}")
    return getattr(import_module(_LATER[name]), name)
