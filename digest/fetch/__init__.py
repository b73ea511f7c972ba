"""The one guarded HTTP client: whatever goes out over HTTP goes through Fetcher.get().

The guard sits where the connection is made: a name is resolved once, every address it has is judged, and one of the
judged addresses is dialled, so neither an odd spelling of 127.0.0.1 nor a resolver that changes its mind gets past.
"""

from digest.fetch.addresses import is_public, system_resolver
from digest.fetch.answers import Answer, FetchError
from digest.fetch.client import MAX_BODY, Fetcher

__all__ = ["Fetcher", "Answer", "FetchError", "MAX_BODY", "is_public", "system_resolver"]
