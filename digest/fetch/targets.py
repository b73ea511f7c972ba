"""Which URLs may be asked for, and where a redirect may lead. Pure."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx2

from digest.fetch.answers import FetchError, shown

MAX_URL = 2048
_PORTS = {"http": 80, "https": 443}

Origin = tuple[str, str, int]


def checked(url: str, owner: httpx2.URL | None) -> httpx2.URL:
    """The URL, parsed, if it may be asked for at all; `owner` is the URL the owner wrote, None for itself."""
    if len(url) > MAX_URL or "\\" in url or any(letter < " " or letter == "\x7f" for letter in url):
        raise FetchError(f"{shown(url)}: not a URL that can be fetched")
    try:
        parsed = httpx2.URL(url.strip())
        port = parsed.port or _PORTS.get(parsed.scheme, 0)
    except (httpx2.InvalidURL, ValueError) as error:
        raise FetchError(f"{shown(url)}: not a URL that can be fetched") from error
    if parsed.scheme not in _PORTS or not parsed.host or not 0 < port < 65_536:
        raise FetchError(f"{shown(url)}: only http and https are fetched")
    if parsed.userinfo or "@" in parsed.netloc.decode("ascii"):
        raise FetchError(f"{shown(url)}: a user name or password in a URL is not sent")
    if owner is not None and port not in {80, 443} and (parsed.host, port) != (owner.host, owner.port):
        raise FetchError(f"{shown(url)}: port {port} is not one that a redirect or a link may name")
    return parsed.copy_with(fragment=None)


def next_hop(here: httpx2.URL, location: str, owner: httpx2.URL) -> httpx2.URL:
    """Where a redirect leads. Raises FetchError where it may not."""
    if not location:
        raise FetchError(f"{shown(str(here))}: a redirect without a target")
    if "\\" in location:
        raise FetchError(f"{shown(str(here))}: redirects to what is not a URL")
    try:
        target = checked(urljoin(str(here), location.strip()), owner)
    except ValueError as error:  # urljoin on a broken IPv6 host
        raise FetchError(f"{shown(str(here))}: redirects to what is not a URL") from error
    if here.scheme == "https" and target.scheme == "http":
        raise FetchError(f"{shown(str(here))}: redirects from https to http")
    return target


def origin(url: httpx2.URL) -> Origin:
    """Scheme, host and port: what counts as one host for connections and credentials."""
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme, 0)
