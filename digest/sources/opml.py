"""OPML 2.0: lists of feeds, in and out. Pure.

Only the elements and attributes that name feeds count; a DOCTYPE is refused, so no entity is ever defined.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from xml.parsers import expat  # without a DOCTYPE expat expands nothing (SECURITY.md 2 i)
from xml.sax.saxutils import quoteattr

from digest.errors import DigestError
from digest.sources.sanitize import literal_text
from digest.sources.urls import absolute_link, canonical

MAX_FEEDS = 5_000
_MAX_DEPTH = 50
_MAX_NAME = 60
_MAX_TEXT = 300
_OURS = "urn:digest-mailer"  # marks the one attribute that OPML has no place for: a source's name
_BETWEEN = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed of an OPML file: `section` is the path of the outlines around it, `site` the page it belongs to."""

    name: str = ""
    title: str = ""
    url: str
    site: str = ""
    section: str = ""


def read_opml(data: bytes) -> tuple[Subscription, ...]:
    """The feeds of an OPML file in its order, each canonical URL once, each with a name of its own.

    Raises DigestError for what is not OPML, has a DOCTYPE, or holds more than 5,000 feeds.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise DigestError(f"line {error.lineno}: not XML: {expat.ErrorString(error.code)}") from error
    if not reader.is_opml:
        raise DigestError("this is not OPML: its first element is not <opml>")
    return named(_once(reader.found))


def write_opml(subscriptions: Iterable[Subscription], *, title: str) -> str:
    """An OPML 2.0 document; feeds of one section that stand together share an outline."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:digest="{_OURS}">',
        f"  <head><title>{_text(title)}</title></head>",
        "  <body>",
    ]
    for section, group in groupby(subscriptions, key=lambda one: one.section):
        inner = [_outline(one) for one in group]
        if section:
            inner = [f"<outline text={quoteattr(section)}>", *(f"  {line}" for line in inner), "</outline>"]
        lines += [f"    {line}" for line in inner]
    return "\n".join([*lines, "  </body>", "</opml>", ""])


def named(subscriptions: Iterable[Subscription], taken: Iterable[str] = ()) -> tuple[Subscription, ...]:
    """Each with a name that none of the others and none of `taken` has; the same list always gives the same names."""
    used = set(taken)
    found = []
    for one in subscriptions:
        wanted = one.name or name_from(one.title or one.url)
        name, number = wanted, 2
        while name in used:
            name = f"{wanted[: _MAX_NAME - 6]}-{number}"
            number += 1
        used.add(name)
        found.append(replace(one, name=name))
    return tuple(found)


def name_from(text: str) -> str:
    """A short name for a source: small letters, digits and -, from its title or address."""
    bare = re.sub(r"^https?://(?:www\.)?", "", text)
    folded = unicodedata.normalize("NFKD", bare.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded)[:40].strip("-") or "source"


def _once(subscriptions: Sequence[Subscription]) -> list[Subscription]:
    by_url: dict[str, Subscription] = {}
    for one in subscriptions:
        by_url.setdefault(canonical(one.url), one)
    return list(by_url.values())


def _text(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _outline(one: Subscription) -> str:
    attributes = {"type": "rss", "text": one.title or one.name, "xmlUrl": one.url, "digest:name": one.name}
    if one.title:
        attributes["title"] = one.title
    if one.site:
        attributes["htmlUrl"] = one.site
    return f"<outline {' '.join(f'{key}={quoteattr(value)}' for key, value in attributes.items())} />"


class _Reader:
    """expat's events -> subscriptions. No recursion: nesting costs nothing but a list."""

    def __init__(self) -> None:
        self.parser: Any = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.found: list[Subscription] = []
        self.is_opml = False
        self._first = True
        self._around: list[str] = []

    def _doctype(self, *_: object) -> None:
        raise DigestError("the file has a DOCTYPE, which is refused")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._first:
            self._first = False
            self.is_opml = name.lower() == "opml"
        if name.lower() != "outline":
            return
        given = {key.lower(): value for key, value in attributes.items()}
        title = literal_text(given.get("title") or given.get("text", ""))[:_MAX_TEXT]
        url = absolute_link(given.get("xmlurl", ""))
        self._around.append("" if url else title)
        if len(self._around) > _MAX_DEPTH:
            raise DigestError(f"outlines are nested more than {_MAX_DEPTH} deep")
        if not url:
            return
        if len(self.found) >= MAX_FEEDS:
            raise DigestError(f"more than {MAX_FEEDS} feeds")
        own = given.get("digest:name", "")
        own = own if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", own) else ""
        if own and "title" not in given:
            title = ""  # we write a name where there is no title
        section = _BETWEEN.join(part for part in self._around[:-1] if part)[:_MAX_TEXT]
        site = absolute_link(given.get("htmlurl", ""))
        self.found.append(Subscription(name=own, title=title, url=url, site=site, section=section))

    def _end(self, name: str) -> None:
        if name.lower() == "outline" and self._around:
            self._around.pop()
