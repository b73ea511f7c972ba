"""The client: conditional GETs, redirects by hand, everything under one deadline."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from types import TracebackType
from typing import Self

import httpcore2
import httpx2

from digest.fetch.addresses import Dialler, Resolver, system_resolver
from digest.fetch.answers import MAX_BODY, Answer, FetchError, plain, shown
from digest.fetch.inflate import ACCEPTED, read_body
from digest.fetch.targets import checked, next_hop, origin
from digest.fetch.turns import IN_ALL, Turns
from digest.model import Validators

MAX_HEADERS = 100_000
MAX_HOPS = 5
_CONNECT_SECONDS = 5.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_KEPT_HEADERS = frozenset({"content-type", "cache-control", "date", "age", "location", "retry-after"})


class Fetcher:
    """Conditional GETs of public addresses; an async context manager.

    `site` is its URL or name, shown to servers in the one User-Agent `digest/VERSION (+site)`.
    `resolve` and `tls` are for tests and odd networks; proxies of the environment are never used.
    """

    def __init__(
        self, *, site: str, resolve: Resolver = system_resolver, tls: ssl.SSLContext | None = None, cap: int = MAX_BODY
    ) -> None:
        """Nothing is opened yet; `cap` is the largest inflated body in bytes."""
        said = "".join(letter if " " <= letter <= "~" and letter not in "()\\" else "?" for letter in site)
        self.user_agent = f"digest/{import_module('digest').__version__} (+{said})"
        self._resolve = resolve
        self._tls = tls
        self._cap = cap
        self._turns = Turns()
        self._entered = False
        self._public: httpcore2.AsyncConnectionPool | None = None
        self._private: httpcore2.AsyncConnectionPool | None = None

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request: reading the certificates costs 30 ms, and most commands fetch nothing."""
        self._entered = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        self._entered = False
        for pool in (self._public, self._private):
            if pool is not None:
                await pool.aclose()
        self._public = self._private = None

    def _pool(self, *, private: bool) -> httpcore2.AsyncConnectionPool:
        """One of the two: connections made for allow_private are never shared with guarded ones."""
        if not self._entered:
            raise FetchError("the fetcher is closed")
        if self._public is None or self._private is None:
            tls = self._tls or httpx2.create_ssl_context(trust_env=False)
            self._public, self._private = (
                httpcore2.AsyncConnectionPool(
                    ssl_context=tls,
                    max_connections=IN_ALL,
                    max_keepalive_connections=0,
                    network_backend=Dialler(self._resolve, guarded=guarded),
                )
                for guarded in (True, False)
            )
        return self._private if private else self._public

    async def get(
        self,
        url: str,
        *,
        owner: str = "",
        allow_private: bool = False,
        validators: Validators = Validators(),  # noqa: B008 - frozen
        deadline: timedelta = timedelta(seconds=20),
        authorization: str = "",
        first: int = 0,
    ) -> Answer:
        """One GET, with its redirects, within `deadline` in all once its turn has come. Raises FetchError.

        `owner` is the URL the owner wrote, where `url` was only found in what that gave (a link on a front page, a
        robots.txt, the place it moved to). `allow_private` lifts the address guard for the owner's host alone, never
        for where a redirect or link leads; `authorization` goes to the owner's scheme, host and port alone. `first`:
        only so many bytes of the body are wanted and read (a picture's header), whatever follows.
        """
        own = checked(owner or url, None)
        target = checked(url, own) if owner else own
        asking = _Asking(
            own, allow_private=allow_private, validators=validators, authorization=authorization, first=first
        )
        try:
            # The turn comes before the deadline: a busy host is nobody's fault.
            async with self._turns.take(origin(target)):
                end = asyncio.get_running_loop().time() + deadline.total_seconds()
                async with asyncio.timeout_at(end):
                    answer = await self._one(target, asking)
            async with asyncio.timeout_at(end):
                return await self._follow(target, answer, asking)
        except TimeoutError as error:
            raise FetchError(f"{shown(url)}: no whole answer within {deadline.total_seconds():g} s") from error
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise FetchError(f"{shown(url)}: {_reason(error)}") from error

    async def _follow(self, first: httpx2.URL, answer: Answer, asking: _Asking) -> Answer:
        """The answer at the end of the redirects that `answer`, from `first`, begins."""
        target, seen, moved_to, for_good = first, {str(first)}, "", True
        while answer.status in _REDIRECTS:
            for_good = for_good and answer.status in _FOR_GOOD
            target = next_hop(target, answer.headers.get("location", ""), asking.owner)
            if str(target) in seen:
                raise FetchError(f"{shown(str(first))}: redirects in a circle")
            if len(seen) > MAX_HOPS:
                raise FetchError(f"{shown(str(first))}: more than {MAX_HOPS} redirects")
            seen.add(str(target))
            moved_to = str(target) if for_good else moved_to
            async with self._turns.take(origin(target)):
                answer = await self._one(target, asking)
        return replace(answer, moved_to=moved_to)

    async def _one(self, url: httpx2.URL, asking: _Asking) -> Answer:
        pool = self._pool(private=asking.is_private(url))
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        waits = {"connect": _CONNECT_SECONDS}  # everything else is under the deadline of the whole
        async with pool.stream(
            "GET", target, headers=self._headers(url, asking), extensions={"timeout": waits}
        ) as response:
            headers = _read_headers(response.headers, url)
            kept = {name: value for name, value in headers.items() if name in _KEPT_HEADERS}
            validators = asking.validators
            if response.status == 304 and validators != Validators():
                return Answer(status=304, url=str(url), headers=kept, validators=validators, not_modified=True)
            if response.status in _REDIRECTS:
                return Answer(status=response.status, url=str(url), headers=kept)
            if not 200 <= response.status < 300:
                why = f"{shown(str(url))}: the server answered {response.status}"
                raise FetchError(why, status=response.status, headers=kept)
            body = await read_body(
                response.aiter_stream(), headers.get("content-encoding", ""), self._cap, first=asking.first
            )
            own = Validators(etag=headers.get("etag", "")[:1000], last_modified=headers.get("last-modified", "")[:1000])
            return Answer(status=response.status, url=str(url), headers=kept, body=body, validators=own)

    def _headers(self, url: httpx2.URL, asking: _Asking) -> list[tuple[bytes, bytes]]:
        asked = {
            b"Host": url.netloc,
            b"User-Agent": self.user_agent.encode("ascii"),
            b"Accept": b"application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
            b"Accept-Encoding": ACCEPTED.encode("ascii"),
            b"If-None-Match": asking.validators.etag.encode("latin-1", "replace"),
            b"If-Modified-Since": asking.validators.last_modified.encode("latin-1", "replace"),
            b"Range": f"bytes=0-{asking.first - 1}".encode("ascii") if asking.first else b"",
            b"Authorization": asking.credentials(url).encode("latin-1", "replace"),
        }
        return [(name, value) for name, value in asked.items() if value]


class _Asking:
    """What one get() says at every hop, and to whom; no dataclass, so that no repr shows the credentials."""

    def __init__(
        self, owner: httpx2.URL, *, allow_private: bool, validators: Validators, authorization: str, first: int
    ) -> None:
        self.owner = owner
        self.validators = validators
        self.first = first
        self._allow_private = allow_private
        self._authorization = authorization

    def is_private(self, url: httpx2.URL) -> bool:
        """Whether this hop may be inside a private network."""
        return self._allow_private and url.host == self.owner.host

    def credentials(self, url: httpx2.URL) -> str:
        """What this hop is told of who we are."""
        return self._authorization if origin(url) == origin(self.owner) else ""


def _read_headers(raw: Sequence[tuple[bytes, bytes]], url: httpx2.URL) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in raw) > MAX_HEADERS:
        raise FetchError(f"{shown(str(url))}: more than {MAX_HEADERS} bytes of headers")
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no address is known for this name"
    return plain(str(error)) or type(error).__name__
