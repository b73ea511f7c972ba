"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1) -> Reading. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from digest.model import Declared, Image, Reading
from digest.sources.body_pictures import pictures_in
from digest.sources.dates import Habits, date_in, habits_of
from digest.sources.feed_notes import BROKEN_JSON, MAX_ARTICLES, NO_ARTICLES, NOT_A_FEED, TOO_LARGE, cut_short
from digest.sources.sanitize import MAX_FIELD, body_text, clean, headline_text, literal_text, spaced_text
from digest.sources.urls import absolute_link, joined
from digest.sources.whole_text import words_of_whole

_MAX_NAME = 300
_MAX_TAGS = 100


def read(text: str, *, url: str, zone: str = "", language: str = "", now: datetime | None = None) -> Reading:
    """What a JSON Feed says, in its order; a named failure where it is none."""
    try:
        feed = json.loads(text.strip(" \t\r\n\0\ufeff"))
    except (ValueError, RecursionError):
        return Reading(failure=BROKEN_JSON if "jsonfeed.org" in text[:2000] or '"items"' in text else NOT_A_FEED)
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return Reading(failure=NOT_A_FEED)
    entries = [item for item in items if isinstance(item, dict)]
    if not entries:
        return Reading(failure=NO_ARTICLES)
    named = clean(_string(feed, "language"))[:35]
    texts = (_string(item, key) for item in entries for key in ("date_published", "date_modified"))
    habits = habits_of(texts, zone=zone, language=named or language, now=now)
    link = absolute_link(_string(feed, "home_page_url"), url)
    house = _authors(feed)
    return Reading(
        declared=tuple(_declared(item, link or url, habits, house) for item in entries[:MAX_ARTICLES]),
        title=headline_text(_string(feed, "title"))[:_MAX_NAME],
        language=named,
        link=link,
        notes=(cut_short(len(entries)),) if len(entries) > MAX_ARTICLES else (),
    )


def _declared(item: Mapping[str, Any], base: str, habits: Habits, house: tuple[str, ...]) -> Declared:
    """`house`: the feed's authors, who stand for items that name none."""
    link = _string(item, "url") or _string(item, "external_url")
    guid = clean(_identifier(item))
    large = max(len(_string(item, "title")), len(link), len(guid)) > MAX_FIELD
    names = _authors(item) or house
    published = date_in(_string(item, "date_published"), habits)
    modified = date_in(_string(item, "date_modified"), habits)
    summary, prose = _summary(item)
    return Declared(
        headline="" if large else headline_text(_string(item, "title")),
        url="" if large else joined(link or guid, base) if link or absolute_link(guid) else "",
        guid="" if large else guid,
        published=published or modified,
        updated=modified if published else None,
        byline=", ".join(names),
        authors=names,
        summary=summary,
        prose=prose,
        images=tuple(_images(item, base)),
        pictures=pictures_in(_string(item, "content_html"), base=base),
        tags=_tags(item),
        words=words_of_whole(_string(item, "summary"), _string(item, "content_html") or _string(item, "content_text")),
        language=clean(_string(item, "language"))[:35],
        notes=(TOO_LARGE,) if large else (),
    )


def _summary(item: Mapping[str, Any]) -> tuple[str, str]:
    for key in ("summary", "content_html"):
        found = spaced_text(_string(item, key))
        if found:
            prose = body_text(_string(item, key))
            return found, prose if prose != found else ""
    return literal_text(_string(item, "content_text")), ""


def _images(item: Mapping[str, Any], base: str) -> Iterator[Image]:
    attachments = item.get("attachments")
    attached = [one for one in attachments if isinstance(one, dict)] if isinstance(attachments, list) else []
    pictures = [_string(one, "url") for one in attached if _string(one, "mime_type").startswith("image/")]
    for raw in dict.fromkeys((_string(item, "image"), _string(item, "banner_image"), *pictures)):
        url = absolute_link(raw, base) if raw else ""
        if url:
            yield Image(url=url)


def _authors(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """`authors` of 1.1, else `author` of 1.0."""
    many, one = fields.get("authors"), fields.get("author")
    listed = many if isinstance(many, list) and many else [one]
    names = (_string(author, "name") if isinstance(author, dict) else author for author in listed[:10])
    cleaned = (headline_text(name)[:_MAX_NAME] for name in names if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _tags(item: Mapping[str, Any]) -> tuple[str, ...]:
    tags = item.get("tags")
    texts = (
        headline_text(tag)[:_MAX_NAME]
        for tag in (tags if isinstance(tags, list) else ())[:_MAX_TAGS]
        if isinstance(tag, str)
    )
    return tuple(dict.fromkeys(text for text in texts if text))


def _identifier(item: Mapping[str, Any]) -> str:
    """Numbers are met although the specification asks for a string."""
    value = item.get("id")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else _string(item, "id")


def _string(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    return value.strip() if isinstance(value, str) else ""
