"""RSS 0.9x to 2.0, RDF and Atom: bytes -> Reading. Run in a child process: feedparser meets whatever comes.

Three things that are no feed are told apart and come back as Reading.failure, as does an entity declaration.
"""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from digest.model import Declared, Image, Reading
from digest.sources.dates import read_date
from digest.sources.feed_notes import A_PAGE, CUT_OFF, EMPTY, ENTITIES, JSON_FEED, NO_ARTICLES, NOT_A_FEED, TOO_LARGE
from digest.sources.polite import ttl_of
from digest.sources.sanitize import MAX_FIELD, body_text, clean, headline_text, literal_text
from digest.sources.urls import absolute_link

MAX_ARTICLES = 500
_MAX_TAGS = 30
_MAX_NAME = 300
_OTHER_MEDIA = re.compile(r"\.(?:mp[34]|m4[av]|m3u8?|webm|mov|ogg|wav|pdf|svg)$", re.IGNORECASE)
_CUT_ADDRESS = re.compile(r"\.[A-Za-z]{4}$")
_REST_OF_ADDRESS = re.compile(r"[a-z]{1,20}(?:\s*[(<](.*?)[)>]?)?")


def parse_feed(data: bytes, *, url: str, zone: str = "", charset: str = "", now: datetime | None = None) -> Reading:
    """What a feed says, in its order: at most 500 articles, at most 64 kB a field. Pure.

    `url` is where it came from (relative links count from the channel's link, else from it), `zone` the IANA name
    for dates without an offset, `charset` what HTTP said, `now` bounds dates that only the parser could read.
    Raises TypeError for anything but bytes: feedparser takes a str for a path or URL and opens it.
    """
    if not isinstance(data, bytes):
        raise TypeError(f"parse_feed takes bytes, not {type(data).__name__}")
    failure = _not_readable(data)
    if failure:
        return Reading(failure=failure)
    parsed = _parse(data, charset, base="")
    link = absolute_link(_string(parsed.feed, "link"), url)
    if b"xml:base" in data and (link or url):
        # Without an outer base feedparser lets one article's xml:base go on for all that follow.
        parsed = _parse(data, charset, base=link or url)
    feed, entries = parsed.feed, list(parsed.entries)
    torn = bool(entries) and bool(parsed.bozo) and _is_torn(data)
    if torn:
        entries.pop()
    if not entries:
        return Reading(failure=_why_nothing(data, parsed.get("version", ""), torn=torn))
    reader = _EntryReader(atom=parsed.version.startswith("atom"), base=link or url, zone=zone, now=now)
    return Reading(
        declared=tuple(reader.read(entry) for entry in entries[:MAX_ARTICLES]),
        title=headline_text(_string(feed, "title"))[:_MAX_NAME],
        language=clean(_string(feed, "language"))[:35],
        link=link,
        ttl=ttl_of(
            minutes=_string(feed, "ttl"),
            period=_string(feed, "sy_updateperiod"),
            frequency=_string(feed, "sy_updatefrequency"),
        ),
        notes=_notes(parsed, torn=torn, count=len(entries)),
    )


def _parse(data: bytes, charset: str, *, base: str) -> Any:
    kind = f"application/xml; charset={charset}" if charset else "application/xml"
    headers = {"content-type": kind, "content-location": base} if charset or base else {}
    # Through BytesIO: even bytes are tried as a file name first.
    return feedparser.parse(
        io.BytesIO(data), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )


def _not_readable(data: bytes) -> str:
    """Why these bytes are not handed to the parser, "" when they are."""
    squeezed = data.replace(b"\0", b"")  # UTF-16 as if it were ASCII
    text = squeezed.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
    if not text:
        return EMPTY
    if text[:1] in {b"{", b"["}:
        return JSON_FEED if b"jsonfeed.org" in text[:2000] or b'"items"' in text else NOT_A_FEED
    return ENTITIES if _declares_entities(text) else ""


def _declares_entities(text: bytes) -> bool:
    """A DOCTYPE before the root element with an ENTITY behind it."""
    at = 0
    while True:
        while text[at : at + 1].isspace():
            at += 1
        for opening, closing in ((b"<?", b"?>"), (b"<!--", b"-->")):
            if text.startswith(opening, at):
                end = text.find(closing, at)
                if end < 0:
                    return False
                at = end + len(closing)
                break
        else:
            return text[at : at + 9].upper() == b"<!DOCTYPE" and b"<!ENTITY" in text[at:].upper()


def _is_torn(data: bytes) -> bool:
    """Whether the document ends inside an article."""
    text = data.replace(b"\0", b"").lower()
    return any(text.rfind(b"<" + name) > text.rfind(b"</" + name) for name in (b"item", b"entry"))


def _why_nothing(data: bytes, version: str, *, torn: bool) -> str:
    if torn:
        return CUT_OFF
    if version:
        return NO_ARTICLES
    start = data.replace(b"\0", b"").lower()[:5000]
    if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start:
        return NO_ARTICLES
    return A_PAGE if b"<html" in start or b"<!doctype html" in start or b"<body" in start else NOT_A_FEED


def _notes(parsed: Any, *, torn: bool, count: int) -> tuple[str, ...]:
    notes = []
    if torn:
        notes.append("cut off: the last article is left out")
    elif parsed.bozo:
        notes.append(f"not well-formed: {clean(str(parsed.get('bozo_exception', '')))[:150]}")
    if count > MAX_ARTICLES:
        notes.append(f"{count} articles, of which the first {MAX_ARTICLES} are read")
    return tuple(notes)


class _EntryReader:
    """One entry of feedparser's -> Declared."""

    def __init__(self, *, atom: bool, base: str, zone: str, now: datetime | None) -> None:
        self._atom = atom
        self._base = base
        self._zone = zone
        self._now = now

    def read(self, entry: Mapping[str, Any]) -> Declared:
        raw_link, from_guid = _link_of(entry)
        guid = clean(_string(entry, "id"))
        large = max(len(_string(entry, "title")), len(raw_link), len(guid)) > MAX_FIELD
        names = _names(entry)
        published, updated = self._dates(entry)
        return Declared(
            headline="" if large else self._text(entry, "title", headline_text),
            url="" if large else self._url(raw_link, from_guid=from_guid),
            guid="" if large else guid,
            guid_is_url=bool(absolute_link(guid)) and not large,
            published=published,
            updated=updated,
            byline=", ".join(names),
            authors=names,
            summary=self._summary(entry),
            images=self._images(entry),
            tags=_tags(entry),
            outlet=_outlet(entry),
            language=clean(_string(entry, "language"))[:35],
            notes=(TOO_LARGE,) if large else (),
        )

    def _url(self, raw: str, *, from_guid: bool) -> str:
        """Absolute where it can be; a link that cannot stays as it is, for make() to refuse."""
        if from_guid:
            return absolute_link(raw)
        return absolute_link(raw, self._base) or clean(raw)[:3000]

    def _text(self, entry: Mapping[str, Any], key: str, plain: Callable[[str], str]) -> str:
        """A text field; in Atom type="text" means what it says, everywhere else markup is met in any field."""
        detail = entry.get(f"{key}_detail") or {}
        literal = self._atom and detail.get("type") == "text/plain"
        return (literal_text if literal else plain)(_string(entry, key))

    def _summary(self, entry: Mapping[str, Any]) -> str:
        found = self._text(entry, "summary", body_text)
        if found:
            return found
        bodies = (body for body in entry.get("content") or () if body.get("value"))
        richest = sorted(bodies, key=lambda body: body.get("type") == "text/plain")  # HTML first
        return body_text(str(richest[0]["value"])) if richest else ""

    def _dates(self, entry: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        read = {name: self._date(entry, name) for name in ("published", "created", "updated")}
        published = read["published"] or read["created"]
        return (published, read["updated"]) if published else (read["updated"], None)

    def _date(self, entry: Mapping[str, Any], name: str) -> datetime | None:
        # `in` first: get() of feedparser's dict answers for "updated" with "published", and warns.
        if name not in entry:
            return None
        parts = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
        guess = _instant(parts) if parts else None
        return read_date(str(entry[name]), zone=self._zone, guess=guess, now=self._now)

    def _images(self, entry: Mapping[str, Any]) -> tuple[Image, ...]:
        enclosures = [{**link, "url": link.get("href")} for link in entry.get("links") or () if _is_enclosure(link)]
        itunes = [{"url": (entry.get("image") or {}).get("href", "")}]
        declared = [*(entry.get("media_content") or ()), *enclosures, *(entry.get("media_thumbnail") or ()), *itunes]
        found: dict[str, Image] = {}
        for media in declared:
            url = absolute_link(str(media.get("url") or ""), self._base)
            if url and _is_image(media, url):
                found.setdefault(
                    url, Image(url=url, width=_px(media, "width"), height=_px(media, "height"), alt=self._alt(entry))
                )
        return tuple(found.values())

    def _alt(self, entry: Mapping[str, Any]) -> str:
        """media:description and media:text, which feedparser keeps as plain content beside the picture."""
        if self._atom or not entry.get("media_content"):
            return ""
        texts = (body for body in entry.get("content") or () if body.get("type") == "text/plain")
        return next((headline_text(str(body.get("value", "")))[:_MAX_NAME] for body in texts), "")


def _link_of(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """The declared link, and whether it is only the GUID: that one is no relative link."""
    link = _string(entry, "feedburner_origlink") or _string(entry, "link")
    guid = _string(entry, "id")
    if not link and guid.startswith(("http://", "https://")):
        return guid, True
    return link, bool(link) and link == guid and bool(entry.get("guidislink"))


def _string(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value.strip() if isinstance(value, str) else ""


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    named = [_name(author) for author in entry.get("authors") or ()]
    if not any(author.get("name") for author in entry.get("authors") or ()):
        named = [_string(entry, "author")]
    cleaned = (headline_text(name)[:_MAX_NAME] for name in named[:10])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _name(author: Mapping[str, Any]) -> str:
    """The name, where feedparser cut an address after four letters: "desk@coast.exam" and "ple (Ada Marsh"."""
    name, email = str(author.get("name") or ""), str(author.get("email") or "")
    rest = _REST_OF_ADDRESS.fullmatch(name) if _CUT_ADDRESS.search(email) else None
    return (rest[1] or "") if rest else name


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    terms = (str(tag.get("label") or tag.get("term") or "") for tag in (entry.get("tags") or ())[:_MAX_TAGS])
    cleaned = (headline_text(term)[:_MAX_NAME] for term in terms)
    return tuple(dict.fromkeys(term for term in cleaned if term))


def _outlet(entry: Mapping[str, Any]) -> str:
    source = entry.get("source") or {}
    return headline_text(_string(source, "title") or _string(entry, "publisher"))[:_MAX_NAME]


def _is_enclosure(link: Mapping[str, Any]) -> bool:
    return link.get("rel") == "enclosure" and str(link.get("type") or "").startswith("image/")


def _is_image(media: Mapping[str, Any], url: str) -> bool:
    said = str(media.get("medium") or media.get("type") or "").lower()
    if said and not said.startswith("image"):
        return False
    return "svg" not in said and not _OTHER_MEDIA.search(url.partition("?")[0])


def _px(media: Mapping[str, Any], key: str) -> int:
    text = str(media.get(key) or "").strip().removesuffix("px")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _instant(parts: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None
