"""Which addresses may be dialled, and the dialling."""

from __future__ import annotations

import asyncio
import functools
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpcore2

from digest.fetch.answers import FetchError, plain

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

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

# Threads of their own: a look-up that hangs cannot be broken off, and must not stand in the way of parsing.
_RESOLVING = ThreadPoolExecutor(max_workers=40, thread_name_prefix="resolve")


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
    look_up = functools.partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVING, look_up)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


class Dialler(httpcore2.AsyncNetworkBackend):
    """Connects to an address it has judged. TLS and Host still see the name: only the dialled address changes."""

    def __init__(self, resolve: Resolver, *, guarded: bool) -> None:
        """Without `guarded` every address is dialled: for the host of a source with allow_private."""
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
        """A connection within `timeout` seconds over all addresses. Raises FetchError for a private one."""
        try:
            async with asyncio.timeout(timeout):
                return await self._connect(host, port, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"{plain(host)} did not answer within {timeout or 0:g} s") from error

    async def _connect(
        self,
        host: str,
        port: int,
        local_address: str | None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        private = [address for address in addresses if not is_public(address)] if self._guarded else []
        if private:
            name, found = plain(host), plain(private[0])
            said = name if name == found else f"{name} ({found})"
            raise FetchError(
                f"{said} is no public address; a source inside your own network needs allow_private = true"
            )
        failure: Exception = httpcore2.ConnectError(f"{plain(host)} has no address")
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    address, port, local_address=local_address, socket_options=socket_options
                )
            except httpcore2.ConnectError as error:
                failure = error
        raise failure
