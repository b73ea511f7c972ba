"""A section front -> the addresses of its articles. Pure; run in a child process like everything that meets HTML."""

from __future__ import annotations

import math
import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.sources.page_about import registrable
from digest.sources.page_dates import day_in_path
from digest.sources.page_markup import Markup, attribute, decode, words_of
from digest.sources.urls import canonical, host_of, shown_link

_MAX_LINKS = 3_000
_AROUND = re.compile(
    r"(?<![a-z])(?:nav|menu|footer|header|masthead|breadcrumb|cookie|social|share|login|comment)s?(?![a-z])"
)
_NO_ARTICLE = re.compile(
    r"/(?:tags?|topics?|themen?|category|categories|kategorie|categoria|rubrik|section|author|authors|autor|autoren|auteur|people|profile"
    r"|login|signin|register|account|subscribe|abo|search|suche|newsletter|impressum|datenschutz|privacy|terms|about|contact|kontakt"
    r"|help|faq|jobs|shop|archive|archiv|page|seite|feed|rss|video|videos|gallery|live)(?:/|$)",
    re.IGNORECASE,
)
_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|zip|xml|json|css|js)$", re.IGNORECASE)
_LONG_ID = re.compile(r"(?<!\d)\d{5,}(?!\d)")
_SLUG_WORDS = 4


def front_links(html: bytes, *, url: str, charset: str = "", most: int = 30) -> tuple[str, ...]:
    """The article links of a front, in its order: same site, outside navigation, the `most` newest by their path."""
    page = Markup(decode(html, charset), url=url)
    links: dict[str, str] = {}
    main = page.every("main a[href], article a[href], [role=main] a[href]", _MAX_LINKS)
    anchors = main if len(main) >= 5 else page.every("a[href]", _MAX_LINKS)
    own = registrable(host_of(url))
    for anchor in anchors:
        link = page.link(attribute(anchor, "href"))
        if link and registrable(host_of(link)) == own and is_article_shaped(link) and not _is_around(anchor):
            shown = shown_link(link.partition("#")[0])
            links.setdefault(canonical(shown), shown)
    links.pop(canonical(url), None)
    return tuple(_newest(list(links.values()), most))


def is_article_shaped(url: str) -> bool:
    """Whether a path looks like an article's: a date, a long number or a slug of at least four words in it."""
    path = urlsplit(url).path
    if _NO_ARTICLE.search(path) or _FILE.search(path):
        return False
    if day_in_path(url) is not None or _LONG_ID.search(path):
        return True
    last = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return len([word for word in re.split(r"[-_]", last) if word]) >= _SLUG_WORDS


def _newest(links: list[str], most: int) -> list[str]:
    """Where paths are dated the newest of them, in the front's order; undated ones count as new."""
    if len(links) <= most:
        return links
    days = {link: day_in_path(link) for link in links}
    chosen = set(sorted(links, key=lambda link: -at.timestamp() if (at := days[link]) else -math.inf)[:most])
    return [link for link in links if link in chosen]


def _is_around(anchor: LexborNode) -> bool:
    """Whether a link belongs to what surrounds every page of a site."""
    node: LexborNode | None = anchor
    for _ in range(12):
        if node is None or node.tag in {"body", "html", "main", "article"}:
            return False
        if node.tag in {"nav", "footer", "form", "aside"} or _AROUND.search(words_of(node)):
            return True
        node = node.parent
    return False
