"""robots.txt: which pages of a host may be read by a machine (RFC 9309)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from protego import Protego

from digest.fetch import FetchError, Gets

FRESH = timedelta(hours=24)  # RFC 9309 2.4
_LARGEST = 500_000  # bytes that are read of it (RFC 9309 2.5)
_AGENT = "digest"
_WAIT = timedelta(seconds=8)
_MOST_HOSTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """One host's rules; `rules` None: nothing of it may be read now."""

    read_at: datetime
    rules: Protego | None


class Robots:
    """Asks each host once a day. Only for pages: feeds that the owner named are read regardless."""

    def __init__(self, fetcher: Gets) -> None:
        """Nothing is asked yet."""
        self._fetcher = fetcher
        self._known: dict[str, _Rules] = {}
        self._turns: dict[str, asyncio.Lock] = {}

    async def allows(self, url: str, *, owner: str = "", allow_private: bool = False, now: datetime) -> bool:
        """Whether `url` may be read: an answer of 4xx means yes, 5xx or no answer means not now.

        `owner` as in Gets.get(): the URL that vouches for the port of `url`.
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        async with self._turns.setdefault(site, asyncio.Lock()):
            known = self._known.get(site)
            if known is None or now - known.read_at >= FRESH:
                rules = await self._ask(site, owner=owner, allow_private=allow_private)
                if len(self._known) >= _MOST_HOSTS:
                    self._known.clear()
                known = _Rules(read_at=now, rules=rules)
                if rules is not None:  # a host that is down is asked again with the next reading
                    self._known[site] = known
        return known.rules is not None and bool(known.rules.can_fetch(url, _AGENT))

    async def _ask(self, site: str, *, owner: str, allow_private: bool) -> Protego | None:
        try:
            answer = await self._fetcher.get(
                f"{site}/robots.txt", owner=owner, allow_private=allow_private, deadline=_WAIT
            )
        except FetchError as error:
            return Protego.parse("") if 400 <= error.status < 500 and error.status != 429 else None
        return Protego.parse(answer.body[:_LARGEST].decode("utf-8", "replace"))
