"""The one guarded HTTP client: whatever goes out over HTTP goes through Fetcher.get().

The guard sits where the connection is made: a name is resolved once, every address it has is judged, and one of the
judged addresses is dialled, so neither an odd spelling of 127.0.0.1 nor a resolver that changes its mind gets past.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpcore2
import httpx2

from digest.errors import DigestError
from digest.model import Validators

MAX_BODY = 5_000_000  # bytes, after inflating (SOURCES.md 2)
MAX_HEADERS = 100_000
MAX_HOPS = 5
MAX_URL = 2048
_CONNECT_SECONDS = 5.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEPT_HEADERS = frozenset({"content-type", "cache-control", "date", "location", "retry-after"})

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]


class FetchError(DigestError):
    """Nothing usable came back. `status` is the HTTP status where an answer was the reason, else 0."""

    def __init__(self, why: str, *, status: int = 0) -> None:
        """`why` is one line for people."""
        self.status = status
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx answer, or a 304 to our validators (`not_modified`, empty body).

    `url` is where the last hop led, `headers` a few of its headers in lower case, `body` is inflated.
    """

    status: int
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    validators: Validators = field(default_factory=Validators)
    not_modified: bool = False


# ---------------------------------------------------------------- which addresses

# SOURCES.md 2. ipaddress 3.11.7 calls several of these global, so `is_global` alone is not enough.
_REFUSED_IPV4 = tuple(
    ipaddress.IPv4Network((number, bits))
    for number, bits in (
        *(("0.0.0.0", 8), ("10.0.0.0", 8), ("100.64.0.0", 10), ("127.0.0.0", 8), ("169.254.0.0", 16)),  # noqa: S104 - refused
        *(("172.16.0.0", 12), ("192.0.0.0", 24), ("192.0.2.0", 24), ("192.88.99.0", 24), ("192.168.0.0", 16)),
        *(("198.18.0.0", 15), ("198.51.100.0", 24), ("203.0.113.0", 24), ("224.0.0.0", 4), ("240.0.0.0", 4)),
    )
)
_ALLOWED_IPV6 = ipaddress.IPv6Network("2000::/3")
_REFUSED_IPV6 = tuple(ipaddress.IPv6Network(net) for net in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address that a name resolved to may be dialled; anything that is no address may not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is None:
            return ip in _ALLOWED_IPV6 and ip.is_global and not any(ip in net for net in _REFUSED_IPV6)
        ip = inner
    return ip.is_global and not any(ip in net for net in _REFUSED_IPV4)


async def system_resolver(host: str, port: int) -> Sequence[str]:
    """Every address the system knows for a name. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class _Dialler(httpcore2.AsyncNetworkBackend):
    """Connects to an address it has judged. TLS and Host still see the name: only the dialled address changes."""

    def __init__(self, resolve: Resolver, *, guarded: bool) -> None:
        self._resolve = resolve
        self._guarded = guarded
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface's own
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        private = [address for address in addresses if not is_public(address)] if self._guarded else []
        if private:
            name, found = _plain(host), _plain(private[0])
            said = name if name == found else f"{name} ({found})"
            raise FetchError(
                f"{said} is no public address; a source inside your own network needs allow_private = true"
            )
        failure: Exception = httpcore2.ConnectError(f"{_plain(host)} has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


# ---------------------------------------------------------------------- the client


class Fetcher:
    """Conditional GETs of public addresses; an async context manager.

    `site` is its URL or name, shown to servers in the one User-Agent `digest/VERSION (+site)`.
    `resolve` and `tls` are for tests and odd networks; proxies of the environment are never used.
    """

    def __init__(
        self, *, site: str, resolve: Resolver = system_resolver, tls: ssl.SSLContext | None = None, cap: int = MAX_BODY
    ) -> None:
        """Nothing is opened yet; `cap` is the largest inflated body in bytes."""
        shown = "".join(letter if " " <= letter <= "~" and letter not in "()\\" else "?" for letter in site)
        self.user_agent = f"digest/{import_module('digest').__version__} (+{shown})"
        self._resolve = resolve
        self._tls = tls
        self._cap = cap
        self._public: httpcore2.AsyncConnectionPool | None = None
        self._private: httpcore2.AsyncConnectionPool | None = None

    async def __aenter__(self) -> Self:
        """Open the pools: connections made for allow_private are never shared with guarded ones."""
        tls = self._tls or httpx2.create_ssl_context(trust_env=False)
        self._public, self._private = (
            httpcore2.AsyncConnectionPool(
                ssl_context=tls,
                max_connections=40,
                max_keepalive_connections=0,
                network_backend=_Dialler(self._resolve, guarded=guarded),
            )
            for guarded in (True, False)
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        for pool in (self._public, self._private):
            if pool is not None:
                await pool.aclose()
        self._public = self._private = None

    async def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        validators: Validators = Validators(),  # noqa: B008 - frozen
        deadline: timedelta = timedelta(seconds=20),
    ) -> Answer:
        """One GET, with its redirects, within `deadline` in all. Raises FetchError.

        `allow_private` lifts the address guard for the host of `url` alone, never for where it redirects to.
        """
        try:
            async with asyncio.timeout(deadline.total_seconds()):
                return await self._follow(url, allow_private=allow_private, validators=validators)
        except TimeoutError as error:
            raise FetchError(f"{_shown(url)}: no whole answer within {deadline.total_seconds():g} s") from error
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
            raise FetchError(f"{_shown(url)}: {_reason(error)}") from error

    async def _follow(self, url: str, *, allow_private: bool, validators: Validators) -> Answer:
        owner = target = _checked(url, None)
        seen = {str(owner)}
        while True:
            own_host = allow_private and target.host == owner.host
            answer = await self._one(target, validators, private=own_host)
            if answer.status not in _REDIRECTS:
                return answer
            target = _next_hop(target, answer.headers.get("location", ""), owner)
            if str(target) in seen:
                raise FetchError(f"{_shown(url)}: redirects in a circle")
            if len(seen) > MAX_HOPS:
                raise FetchError(f"{_shown(url)}: more than {MAX_HOPS} redirects")
            seen.add(str(target))

    async def _one(self, url: httpx2.URL, validators: Validators, *, private: bool) -> Answer:
        pool = self._private if private else self._public
        if pool is None:
            raise FetchError("the fetcher is closed")
        target = httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        waits = {"connect": _CONNECT_SECONDS}  # everything else is under the deadline of the whole
        async with pool.stream(
            "GET", target, headers=self._headers(url, validators), extensions={"timeout": waits}
        ) as response:
            headers = _read_headers(response.headers, url)
            if response.status == 304 and validators != Validators():
                return Answer(status=304, url=str(url), headers=headers, validators=validators, not_modified=True)
            kept = {name: value for name, value in headers.items() if name in _KEPT_HEADERS}
            if response.status in _REDIRECTS:
                return Answer(status=response.status, url=str(url), headers=kept)
            if not 200 <= response.status < 300:
                raise FetchError(f"{_shown(str(url))}: the server answered {response.status}", status=response.status)
            body = await _read_body(response, headers.get("content-encoding", ""), self._cap)
            own = Validators(etag=headers.get("etag", "")[:1000], last_modified=headers.get("last-modified", "")[:1000])
            return Answer(status=response.status, url=str(url), headers=kept, body=body, validators=own)

    def _headers(self, url: httpx2.URL, validators: Validators) -> list[tuple[bytes, bytes]]:
        asked = {
            b"Host": url.netloc,
            b"User-Agent": self.user_agent.encode("ascii"),
            b"Accept": b"application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
            b"Accept-Encoding": b"gzip, deflate",
            b"If-None-Match": validators.etag.encode("latin-1", "replace"),
            b"If-Modified-Since": validators.last_modified.encode("latin-1", "replace"),
        }
        return [(name, value) for name, value in asked.items() if value]


# -------------------------------------------------------------------------- parts


def _checked(url: str, owner: httpx2.URL | None) -> httpx2.URL:
    """The URL, parsed, if it may be asked for at all; `owner` is the URL the owner wrote, None for itself."""
    if len(url) > MAX_URL or "\\" in url or any(letter < " " or letter == "\x7f" for letter in url):
        raise FetchError(f"{_shown(url)}: not a URL that can be fetched")
    try:
        parsed = httpx2.URL(url.strip())
        port = parsed.port or {"http": 80, "https": 443}.get(parsed.scheme, 0)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"{_shown(url)}: not a URL that can be fetched") from error
    if parsed.scheme not in {"http", "https"} or not parsed.host or not 0 < port < 65_536:
        raise FetchError(f"{_shown(url)}: only http and https are fetched")
    if parsed.userinfo or "@" in parsed.netloc.decode("ascii"):
        raise FetchError(f"{_shown(url)}: a user name or password in a URL is not sent")
    if owner is not None and port not in {80, 443} and (parsed.host, port) != (owner.host, owner.port):
        raise FetchError(f"{_shown(url)}: port {port} is not one that a redirect may name")
    return parsed.copy_with(fragment=None)


def _next_hop(here: httpx2.URL, location: str, owner: httpx2.URL) -> httpx2.URL:
    if not location:
        raise FetchError(f"{_shown(str(here))}: a redirect without a target")
    if "\\" in location:
        raise FetchError(f"{_shown(str(here))}: redirects to what is not a URL")
    try:
        target = _checked(urljoin(str(here), location.strip()), owner)
    except ValueError as error:  # urljoin on a broken IPv6 host
        raise FetchError(f"{_shown(str(here))}: redirects to what is not a URL") from error
    if here.scheme == "https" and target.scheme == "http":
        raise FetchError(f"{_shown(str(here))}: redirects from https to http")
    return target


def _read_headers(raw: Sequence[tuple[bytes, bytes]], url: httpx2.URL) -> dict[str, str]:
    if sum(len(name) + len(value) for name, value in raw) > MAX_HEADERS:
        raise FetchError(f"{_shown(str(url))}: more than {MAX_HEADERS} bytes of headers")
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}


async def _read_body(response: httpcore2.Response, encoding: str, cap: int) -> bytes:
    """The body, inflated while it comes in, so that a bomb is cut when its first `cap` bytes are out."""
    inflate = _inflater(encoding.strip().lower())
    out = bytearray()
    received = 0
    async for chunk in response.aiter_stream():
        received += len(chunk)
        try:
            out += inflate.decompress(chunk, cap + 1 - len(out)) if inflate else chunk
        except zlib.error as error:
            raise FetchError("the answer is not the compressed data it says it is") from error
        if len(out) > cap or received > cap:
            raise FetchError(f"the answer is larger than {cap / 1e6:g} MB")
    if inflate is not None and received and not inflate.eof:
        raise FetchError("the answer was cut short")
    return bytes(out)


class _Inflater:
    """One layer of gzip or deflate. Deflate comes with or without zlib's two-byte header: both are met."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._zlib: zlib._Decompress | None = zlib.decompressobj(31) if gzip else None
        self._held = b""

    def decompress(self, chunk: bytes, room: int) -> bytes:
        data = self._held + chunk
        if self._zlib is None:
            if len(data) < 2:
                self._held = data
                return b""
            self._held = b""
            header = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
            self._zlib = zlib.decompressobj(15 if header else -15)
        out = self._zlib.decompress(data, room)
        while self._gzip and self._zlib.eof and self._zlib.unused_data and len(out) < room:
            rest = self._zlib.unused_data  # RFC 1952: members may follow one another
            self._zlib = zlib.decompressobj(31)
            out += self._zlib.decompress(rest, room - len(out))
        return out

    @property
    def eof(self) -> bool:
        return self._zlib is not None and self._zlib.eof


def _inflater(encoding: str) -> _Inflater | None:
    if encoding in {"", "identity"}:
        return None
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise FetchError(f"the answer is packed as {_plain(encoding)}, which was not asked for")
    return _Inflater(gzip=encoding != "deflate")


def _plain(text: str) -> str:
    """Hostile text for a message: short, one line, nothing but printable ASCII."""
    return ascii(text[:120])[1:-1]


def _shown(url: str) -> str:
    """A URL for messages, without its query, where keys are kept, and without user and password."""
    bare = url.partition("?")[0].partition("#")[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return _plain(f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}")


def _reason(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        return "no address is known for this name"
    return _plain(str(error)) or type(error).__name__
