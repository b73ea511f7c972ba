"""One entry as feedparser gives it -> Declared. Pure."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from digest.model import Declared, Image
from digest.sources.body_pictures import pictures_in
from digest.sources.dates import Habits, date_in
from digest.sources.feed_notes import TOO_LARGE
from digest.sources.sanitize import (
    MAX_FIELD,
    body_text,
    clean,
    headline_text,
    literal_text,
    reads_alike,
    spaced_text,
)
from digest.sources.urls import absolute_link, joined
from digest.sources.whole_text import words_of_whole

_MAX_TAGS = 100
_MAX_NAME = 300
CAPTION = "media:caption"  # our own name for a media:description that stands before the description
_DATES = ("published", "created", "updated")
_OTHER_MEDIA = re.compile(r"\.(?:mp[34]|m4[av]|m3u8?|webm|mov|ogg|wav|pdf|svg)$", re.IGNORECASE)
_PICTURE = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_CUT_ADDRESS = re.compile(r"\.[A-Za-z]{4}$")
_ADDRESS_AND_NAME = re.compile(r"^[^\s@()]{1,100}@[^\s@()]{1,100} \(([^()]{1,200})\)$")
_REST_OF_ADDRESS = re.compile(r"[a-z]{1,20}(?:\s*[(<](.*?)[)>]?)?")


def string(fields: Mapping[str, Any], key: str) -> str:
    """A text field, "" where there is none."""
    value = fields.get(key)
    return value.strip() if isinstance(value, str) else ""


def date_texts(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """All dates as written: together they show the feed's habits."""
    # `in` first: get() of feedparser's dict answers for "updated" with "published", and warns.
    return (str(entry[name]) for entry in entries for name in _DATES if name in entry)


class EntryReader:
    """Reads the entries of one feed. `base` is what relative links count from."""

    def __init__(self, *, atom: bool, base: str, habits: Habits) -> None:
        """Nothing is read yet."""
        self._atom = atom
        self._base = base
        self._habits = habits

    def read(self, entry: Mapping[str, Any]) -> Declared:
        """What one entry declares. One with a headline, link or GUID over 64 kB keeps nothing of them, with a note."""
        raw_link, from_guid = _link_of(entry, atom=self._atom)
        guid = clean(string(entry, "id"))
        large = max(len(string(entry, "title")), len(raw_link), len(guid)) > MAX_FIELD
        names = _names(entry)
        published, updated = self._dates(entry)
        summary, prose = self._summary(entry)
        return Declared(
            headline="" if large else self._text(entry, "title", headline_text),
            url="" if large else self._url(raw_link, from_guid=from_guid),
            origin="" if large else absolute_link(string(entry, "feedburner_origlink")),
            guid="" if large else guid,
            published=published,
            updated=updated,
            byline=_byline(entry, names, atom=self._atom),
            authors=names,
            summary=summary,
            prose=prose,
            images=self._images(entry),
            pictures=self._pictures(entry),
            tags=_tags(entry),
            words=self._words(entry),
            outlet=_outlet(entry),
            language=clean(string(entry, "language"))[:35],
            notes=(TOO_LARGE,) if large else (),
        )

    def _url(self, raw: str, *, from_guid: bool) -> str:
        if from_guid:  # a GUID is no relative link
            return absolute_link(raw) and joined(raw)
        return joined(raw, self._base)

    def _text(self, entry: Mapping[str, Any], key: str, plain: Callable[[str], str]) -> str:
        """A text field; in Atom type="text" means what it says, everywhere else markup is met in any field."""
        return (literal_text if self._is_literal(entry, key) else plain)(string(entry, key))

    def _is_literal(self, entry: Mapping[str, Any], key: str) -> bool:
        return self._atom and (entry.get(f"{key}_detail") or {}).get("type") == "text/plain"

    def _summary(self, entry: Mapping[str, Any]) -> tuple[str, str]:
        """The description, else the content; and how it reads on, where that differs."""
        if self._is_literal(entry, "summary"):
            literal = literal_text(string(entry, "summary"))
            if literal:
                return literal, ""
        bodies = [str(body["value"]) for body in _bodies(entry)]
        first = string(entry, "summary")
        if bodies and not self._atom and (entry.get("summary_detail") or {}).get("type") == "text/plain":
            first, bodies = (
                bodies[0],
                [first],
            )  # an itunes:summary or media:description that stands before the description
        for raw in (first, *bodies):
            found = spaced_text(raw)
            if found:
                prose = found if reads_alike(raw) else body_text(raw)
                return found, prose if prose != found else ""
        return "", ""

    def _words(self, entry: Mapping[str, Any]) -> int:
        return words_of_whole(string(entry, "summary"), *(str(body["value"]) for body in _bodies(entry)))

    def _dates(self, entry: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
        read = {name: self._date(entry, name) for name in _DATES}
        published = read["published"] or read["created"]
        return (published, read["updated"]) if published else (read["updated"], None)

    def _date(self, entry: Mapping[str, Any], name: str) -> datetime | None:
        if name not in entry:
            return None
        parts = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
        return date_in(str(entry[name]), self._habits, guess=_instant(parts) if parts else None)

    def _images(self, entry: Mapping[str, Any]) -> tuple[Image, ...]:
        enclosures = [{**link, "url": link.get("href")} for link in entry.get("links") or () if _is_enclosure(link)]
        itunes = [{"url": (entry.get("image") or {}).get("href", "")}]
        own = string(entry, "href")  # <image><url> within an article
        itunes += [{"url": own}] if _PICTURE.search(own.partition("?")[0]) else []
        declared = [*(entry.get("media_content") or ()), *enclosures, *(entry.get("media_thumbnail") or ()), *itunes]
        found: dict[str, Image] = {}
        for media in declared:
            url = absolute_link(str(media.get("url") or ""), self._base)
            if url and _is_image(media, url):
                found.setdefault(
                    url, Image(url=url, width=_px(media, "width"), height=_px(media, "height"), alt=self._alt(entry))
                )
        return tuple(found.values())

    def _pictures(self, entry: Mapping[str, Any]) -> tuple[Image, ...]:
        """Those of the text, the fullest text first."""
        for body in (*_bodies(entry), entry.get("summary_detail") or {}):
            found = pictures_in(string(body, "value"), base=string(body, "base") or self._base)
            if found:
                return found
        return ()

    def _alt(self, entry: Mapping[str, Any]) -> str:
        """media:description and media:text, which feedparser keeps as plain content beside the picture."""
        if self._atom or not entry.get("media_content"):
            return ""
        if string(entry, CAPTION.replace(":", "_")):
            return headline_text(string(entry, CAPTION.replace(":", "_")))[:_MAX_NAME]
        texts = (body for body in entry.get("content") or () if body.get("type") == "text/plain")
        return next((headline_text(str(body.get("value", "")))[:_MAX_NAME] for body in texts), "")


def _bodies(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    bodies = (body for body in entry.get("content") or () if isinstance(body.get("value"), str))
    return sorted(bodies, key=lambda body: bool(body.get("type") == "text/plain"))


def _link_of(entry: Mapping[str, Any], *, atom: bool) -> tuple[str, bool]:
    """The declared link, and whether it is only the GUID: that one is no relative link."""
    # RSS: the first. feedparser's own `link` is the last, and related articles within an article have links too.
    alternates = (link for link in entry.get("links") or () if link.get("rel") == "alternate" and not atom)
    link = next((href for one in alternates if (href := string(one, "href"))), "") or string(entry, "link")
    guid = string(entry, "id")
    if not link and guid.startswith(("http://", "https://")):
        return guid, True
    return link, bool(link) and link == guid and bool(entry.get("guidislink"))


def _byline(entry: Mapping[str, Any], names: tuple[str, ...], *, atom: bool) -> str:
    """The first author as the source writes it, with an address that stands in the same text; Atom's has its own place."""
    whole = headline_text(string(entry, "author"))[:_MAX_NAME]
    return names[0] if names and (atom or len(entry.get("authors") or ()) > 1) else whole


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    named = [_name(author) for author in entry.get("authors") or ()]
    if not any(author.get("name") for author in entry.get("authors") or ()):
        named = [string(entry, "author")]
    cleaned = (_ADDRESS_AND_NAME.sub(r"\1", headline_text(name)[:_MAX_NAME]) for name in named[:10])
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _name(author: Mapping[str, Any]) -> str:
    """The name, where feedparser cut an address after four letters: "desk@coast.exam" and "ple (Ada Marsh"."""
    name, email = str(author.get("name") or ""), str(author.get("email") or "")
    rest = _REST_OF_ADDRESS.fullmatch(name) if _CUT_ADDRESS.search(email) else None
    return (rest[1] or "") if rest else name


def _tags(entry: Mapping[str, Any]) -> tuple[str, ...]:
    cleaned = (headline_text(_term(tag))[:_MAX_NAME] for tag in (entry.get("tags") or ())[:_MAX_TAGS])
    return tuple(dict.fromkeys(term for term in cleaned if term))


def _term(tag: Mapping[str, Any]) -> str:
    """The term, its label where the term is only a link or missing."""
    term, label = str(tag.get("term") or ""), str(tag.get("label") or "")
    return label if label and (not term or "://" in term) else term


def _outlet(entry: Mapping[str, Any]) -> str:
    source = entry.get("source") or {}
    return headline_text(string(source, "title") or string(entry, "publisher"))[:_MAX_NAME]


def _is_enclosure(link: Mapping[str, Any]) -> bool:
    said = str(link.get("type") or "")
    named = not said and bool(_PICTURE.search(str(link.get("href") or "").partition("?")[0]))
    return link.get("rel") == "enclosure" and (named or said.startswith("image/"))


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
