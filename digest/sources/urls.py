"""Links: made absolute, judged, freed of tracking, and brought to the one form that tells articles apart. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes, urljoin, urlsplit, urlunsplit

MAX_URL = 2048

# Parameters that say where a click came from, never what is shown (SOURCES.md 4).
_TRACKING = re.compile(
    r"(?:utm_\w*|at_\w+|ns_\w+|mc_cid|mc_eid|fbclid|gclid|dclid|msclkid|igshid|traffic_source|maca|ocid|cmp|cmpid|xtor"
    r"|wt_mc|wt_zmc|s_cid|ftag|ito|smid)",
    re.IGNORECASE,
)
_TRACKING_VALUES = frozenset({"partner=rss", "ref=rss"})
_SUBDOMAINS = ("www.", "m.", "amp.")
_PORTS = {"http": ":80", "https": ":443"}
_UNRESERVED = "-._~"
_PATH_SAFE = "/:@!$&'()*+,;="
_QUERY_SAFE = "/:@!$'()*,;?"
_LINK_SAFE = "%/:@!$&'()*+,;=?" + _UNRESERVED
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
_PLAIN = re.compile(
    r"https?://[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/[A-Za-z0-9/:@!$&'()*+,;=._~-]*(?:\?[A-Za-z0-9/:@!$&'()*+,;=?._~-]*)?"
)
_NAME = re.compile(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")


def absolute_link(link: str, base: str = "") -> str:
    """`link` as an absolute http or https URL with a host, white space and non-ASCII encoded; "" where it is none.

    `base` is what a relative link counts from. No user name, at most 2,048 characters.
    """
    text = _CONTROLS.sub("", link.strip())
    if not text or "\\" in text:
        return ""
    if _PLAIN.fullmatch(text) and len(text) <= MAX_URL and "/." not in text:
        return text  # what nearly every link is: nothing to join, encode or refuse
    try:
        parts = urlsplit(urljoin(base, text))
        host = _host(parts.netloc)
        _ = parts.port  # raises ValueError beyond 65535
        path, query, fragment = (quote(part, safe=_LINK_SAFE) for part in parts[2:])
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not host:
        return ""
    whole = urlunsplit((parts.scheme, host, path, query, fragment))
    return whole if len(whole) <= MAX_URL else ""


def joined(link: str, base: str = "") -> str:
    """`link` made absolute and otherwise as it is written; one that leads nowhere stays, for make() to refuse by name."""
    text = _CONTROLS.sub("", link.strip())[:3000]
    found = absolute_link(text, base)
    return urljoin(base, text) if found and found != text else text


def shown_link(url: str) -> str:
    """The link readers get: `url` (absolute) as it is, without tracking parameters."""
    if "?" not in url and "#" not in url:
        return url
    parts = urlsplit(url)
    return urlunsplit(parts._replace(query="&".join(_kept(parts.query))))


def canonical(url: str) -> str:
    """The form in which two links to one article are equal; not for opening. `url` is absolute. Idempotent."""
    parts = urlsplit(url)
    host = parts.netloc.lower().removesuffix(_PORTS.get(parts.scheme, ""))
    while host.startswith(_SUBDOMAINS) and host.count(".") > 1:
        host = host.partition(".")[2]
    path = _without_dots(_one_way(parts.path, _PATH_SAFE))
    while path.endswith(("/", "/amp")):
        path = path.removesuffix("/").removesuffix("/amp")
    query = "&".join(sorted(_one_way(pair, _QUERY_SAFE + "=+") for pair in _kept(parts.query)))
    return f"//{host}{path}" + (f"?{query}" if query else "")


def host_of(url: str) -> str:
    """The host of an absolute URL, without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _host(netloc: str) -> str:
    """The network part in ASCII and lower case; "" where it names no host, or a user."""
    name, colon, port = netloc.rpartition(":") if re.search(r":\d*$", netloc) else (netloc, "", "")
    ascii_name = name.lower() if name.isascii() else name.encode("idna").decode("ascii").lower()
    if not _NAME.fullmatch(ascii_name) or not ascii_name.strip("."):
        return ""
    return f"{ascii_name}{colon}{port}".removesuffix(":")


def _kept(query: str) -> list[str]:
    """The pairs of a query that are not tracking."""
    pairs = (pair for pair in query.split("&") if pair)
    return [
        pair
        for pair in pairs
        if not _TRACKING.fullmatch(pair.partition("=")[0]) and pair.lower() not in _TRACKING_VALUES
    ]


def _without_dots(path: str) -> str:
    """RFC 3986 5.2.4."""
    out: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            out = out[:-1] if len(out) > 1 else out
        elif segment != ".":
            out.append(segment)
    return "/".join(out)


def _one_way(text: str, safe: str) -> str:
    """Percent-encoding made one way: only what must be encoded is, in upper case."""
    if "%" not in text:
        return quote(text, safe=safe + _UNRESERVED)
    pieces = re.split(r"(%[0-9A-Fa-f]{2})", text)
    return "".join(_piece(piece, safe) for piece in pieces)


def _piece(piece: str, safe: str) -> str:
    if re.fullmatch(r"%[0-9A-Fa-f]{2}", piece):
        letter = unquote_to_bytes(piece).decode("latin-1")
        return letter if letter.isascii() and (letter.isalnum() or letter in _UNRESERVED) else piece.upper()
    return quote(piece, safe=safe + _UNRESERVED)
