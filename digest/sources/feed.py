"""Feeds of every kind: bytes -> Reading. Run in a child process: the parser meets whatever comes.

RSS 0.9x to 2.0, RDF and Atom by feedparser, JSON Feed by digest.sources.jsonfeed; told apart by content alone. What is
no feed comes back as Reading.failure, each kind with its own name.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import feedparser

from digest.model import Reading
from digest.sources import charset as charsets
from digest.sources import jsonfeed
from digest.sources.dates import habits_of
from digest.sources.entries import CAPTION, EntryReader, date_texts, string
from digest.sources.feed_notes import (
    A_PAGE,
    CUT_OFF,
    EMPTY,
    ENTITIES,
    MAX_ARTICLES,
    NO_ARTICLES,
    NOT_A_FEED,
    UNSAFE_PARSER,
    cut_short,
)
from digest.sources.polite import ttl_of
from digest.sources.sanitize import clean, headline_text, literal_text
from digest.sources.urls import absolute_link
from digest.sources.wellformed import Prepared, expands_entities, prepare

_MAX_NAME = 300
_PAGE = re.compile(r"(?:\s|<!--(?:[^-]|-(?!->))*-->){0,20}<(?:!doctype\s{1,5}html|html)[\s>]", re.IGNORECASE)
_ARTICLE_START = re.compile(rb"(?=<item[\s>])")
_FEEDS = frozenset({"rss", "feed", "RDF", "rdf", "channel"})
_UNSAFE = expands_entities()  # tried once, when the child starts: no list of versions


def parse_feed(
    data: bytes, *, url: str, zone: str = "", charset: str = "", language: str = "", now: datetime | None = None
) -> Reading:
    """What a feed says, in its order: at most 500 articles, at most 64 kB a field. Pure.

    `url` is where it came from (relative links count from xml:base, else from the channel's link, else from it), `zone`
    the IANA name for dates without an offset, `charset` what HTTP said, `language` the source's, where the feed names
    none; `now` bounds dates that only a library could read.
    Raises TypeError for anything but bytes: feedparser takes a str for a path or URL and opens it.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"parse_feed takes bytes, not {type(data).__name__}")
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return Reading(failure=EMPTY)
    text, note = charsets.decode(data, said=charset)
    start = text.lstrip(" \t\r\n\0\ufeff")[:1]
    if start in {"{", "["}:
        return jsonfeed.read(text, url=url, zone=zone, language=language, now=now)
    failure = UNSAFE_PARSER if _UNSAFE else A_PAGE if _PAGE.match(text) else "" if "<" in text else NOT_A_FEED
    if failure:
        return Reading(failure=failure)
    prepared = prepare(text)
    if prepared.entities or prepared.refused:
        return Reading(failure=ENTITIES if prepared.entities else prepared.refused)
    return _read(prepared, url, note=note, zone=zone, language=language, now=now)


def _read(prepared: Prepared, url: str, *, note: str, zone: str, language: str, now: datetime | None) -> Reading:
    prepared = replace(prepared, data=_captioned(prepared.data))
    parsed = _parse(prepared.data, base="")
    link = absolute_link(string(parsed.feed, "link"), url)
    if b"xml:base" in prepared.data and (link or url):
        # Without an outer base feedparser lets one article's xml:base go on for all that follow.
        parsed = _parse(prepared.data, base=link or url)
    feed, entries = parsed.feed, list(parsed.entries) if prepared.root.lower() != "html" else []
    torn = prepared.torn or (bool(entries) and bool(prepared.error) and _is_torn(prepared.data))
    if torn and not prepared.torn:
        entries.pop()
    if not entries:
        return Reading(failure=_why_nothing(prepared, parsed.get("version", ""), torn=torn))
    named = clean(string(feed, "language"))[:35]
    habits = habits_of(date_texts(entries), zone=zone, language=named or language, now=now)
    reader = EntryReader(atom=parsed.version.startswith("atom"), base=link or url, habits=habits)
    return Reading(
        # As plain dicts: feedparser's own look each name up several times.
        declared=tuple(reader.read(dict(entry)) for entry in entries[:MAX_ARTICLES]),
        title=_title(feed)[:_MAX_NAME],
        language=named,
        link=link,
        ttl=ttl_of(
            minutes=string(feed, "ttl"),
            period=string(feed, "sy_updateperiod"),
            frequency=string(feed, "sy_updatefrequency"),
        ),
        notes=_notes(prepared, torn=torn, count=max(len(entries), prepared.count), first=note),
    )


def _captioned(data: bytes) -> bytes:
    """A media:description before an article's own under another name: feedparser takes the first for the article's."""
    if b"<media:description" not in data:
        return data
    articles = _ARTICLE_START.split(data)
    for place, article in enumerate(articles):
        if 0 <= article.find(b"<media:description") < article.find(b"<description"):
            articles[place] = article.replace(b"media:description", CAPTION.encode())
    return b"".join(articles)


def _title(feed: Any) -> str:
    """The feed's name; in Atom, type="text" means what it says."""
    literal = (feed.get("title_detail") or {}).get("type") == "text/plain"
    return (literal_text if literal else headline_text)(string(feed, "title"))


def _parse(data: bytes, *, base: str) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    if base:
        headers["content-location"] = base
    # Through BytesIO: even bytes are tried as a file name first.
    return feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _is_torn(data: bytes) -> bool:
    """Whether the document ends inside an article."""
    text = data.lower()
    return any(text.rfind(b"<" + name) > text.rfind(b"</" + name) for name in (b"item", b"entry"))


def _why_nothing(prepared: Prepared, version: str, *, torn: bool) -> str:
    if torn:
        return CUT_OFF
    if version or prepared.root in _FEEDS:
        return NO_ARTICLES
    start = prepared.data[:5000].lower()
    return A_PAGE if any(mark in start for mark in (b"<html", b"<!doctype html", b"<body")) else NOT_A_FEED


def _notes(prepared: Prepared, *, torn: bool, count: int, first: str) -> tuple[str, ...]:
    notes = [first] if first else []
    if torn:
        notes.append("cut off: the last article is left out")
    elif prepared.error:
        notes.append(f"not well-formed: {clean(prepared.error)[:150]}")
    elif prepared.mended:
        notes.append("not well-formed, mended")
    if prepared.dropped:
        notes.append(f"{prepared.dropped} articles left out: their markup nests too deep")
    if count - prepared.dropped > MAX_ARTICLES:
        notes.append(cut_short(count))
    return tuple(notes)
