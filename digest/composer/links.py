"""The addresses that an issue's articles and pictures are linked by: https, and with the owner's parameters."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, urlsplit, urlunsplit

from digest.composer.blocks import mailto
from digest.model import Newsletter

# Names under which a country's registry sells, as in example.co.uk; enough to tell hosts of one owner.
_SECOND_LEVEL = frozenset(
    {"ac", "co", "com", "edu", "gov", "go", "gob", "ltd", "me", "ne", "net", "nhs", "or", "org", "plc"}
)


def linked(context: dict[str, Any], newsletter: Newsletter, slot: str) -> dict[str, Any]:
    """The context with every article's and picture's address as it is sent, `share` a link; holes are no part of it."""
    filled = [(name, _filled(value, newsletter, slot)) for name, value in newsletter.link_params]
    own = registrable(_home(newsletter))

    def walk(value: Any, *, picture: bool = False) -> Any:
        if isinstance(value, dict):
            return {
                key: address(inner, picture=picture)
                if key == "url" and isinstance(inner, str)
                else walk(inner, picture=key == "image")
                for key, inner in value.items()
            }
        return [walk(one) for one in value] if isinstance(value, list) else value

    def address(url: str, *, picture: bool) -> str:
        url = secure(url)
        host = _host(url)
        if picture or not filled or not host or not (newsletter.all_hosts or (own and registrable(host) == own)):
            return url
        return with_params(url, filled)

    walked: dict[str, Any] = walk(context)
    share = walked["share"]
    return {**walked, "share": mailto(subject=share["subject"], body=share["url"])}


def secure(url: str) -> str:
    """`http:` as `https:`, as browsers open it anyway: a link without it is a mark of spam (MAIL.md A 18).

    Addresses with a port, and those of machines without a name, stay as they are.
    """
    parts = _parts(url)
    if parts is None or parts.scheme != "http" or parts.port or not registrable(parts.hostname or ""):
        return url
    return "https" + url[4:]


def with_params(url: str, params: Sequence[tuple[str, str]]) -> str:
    """The address with these parameters behind its own query; one that is there already is left alone."""
    parts = _parts(url)
    if parts is None or parts.scheme not in {"http", "https"}:
        return url
    there = {name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = [f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in params if name not in there]
    query = "&".join(filter(None, (parts.query, *added)))
    return urlunsplit(parts._replace(query=query))


def registrable(host: str) -> str:
    """The part of a host name that one owner has registered: `example.co.uk` of `news.example.co.uk`.

    A rule of thumb instead of the public suffix list; "" for an IP address or a name without a dot.
    """
    labels = host.lower().rstrip(".").split(".")
    if len(labels) < 2 or _is_address(host):
        return ""
    registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3:] if registry else labels[-2:])


def _home(newsletter: Newsletter) -> str:
    """The host that is ours: of the public pages, else of the address that mails."""
    return _host(newsletter.site.base_url) or newsletter.sender.address.rpartition("@")[2]


def _filled(value: str, newsletter: Newsletter, slot: str) -> str:
    return value.replace("{slot}", slot).replace("{newsletter}", newsletter.name)


def _host(url: str) -> str:
    parts = _parts(url)
    return (parts.hostname or "") if parts else ""


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
