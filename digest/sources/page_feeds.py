"""The feeds that a page links. Pure; run in a child process like everything that meets HTML."""

from __future__ import annotations

from digest.sources.page_markup import Markup, attribute, decode
from digest.sources.sanitize import literal_text

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_MORE_TYPES = ("application/json", "application/xml", "text/xml")
_MOST = 20


def feed_links(html: bytes, *, url: str, charset: str = "") -> list[tuple[str, str]]:
    """(address, title) of each `link rel=alternate` that may be a feed, sure types first, each address once."""
    page = Markup(decode(html, charset), url=url)
    found: dict[str, str] = {}
    for types in (_TYPES, _MORE_TYPES):
        for link in page.every('link[rel~="alternate" i][href]', 100):
            address = page.link(attribute(link, "href"))
            kind = attribute(link, "type").partition(";")[0].strip().lower()
            if address and kind in types and "oembed" not in address and "wp-json" not in address:
                found.setdefault(address, literal_text(attribute(link, "title")))
    return list(found.items())[:_MOST]
