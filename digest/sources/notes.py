"""One note of an editor's folder: front matter and Markdown -> Declared. Pure.

Two forms: a `.md` file with front matter between `+++` lines (TOML) or `---` lines (`key: value`), and a `.toml` file
whose `text` key holds the Markdown. HTML in the Markdown is text like any other.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, tzinfo
from difflib import get_close_matches
from typing import Any
from zoneinfo import ZoneInfo

from markdown_it import MarkdownIt

from digest.errors import DigestError
from digest.model import Declared, Image
from digest.sources.dates import read_date
from digest.sources.sanitize import body_text, clean, literal_text
from digest.sources.urls import absolute_link

KEYS = (
    *("headline", "url", "published", "updated", "kicker", "byline", "image", "alt", "expires", "section", "sponsor"),
    *("summary", "outlet", "language", "tags"),
)
_TIMES = frozenset({"published", "updated", "expires"})
_ADDRESSES = frozenset({"url", "image"})
_PLAIN = re.compile(r"([A-Za-z_]+)\s*:\s*(.*)")
_WORDS = re.compile(r"\w+")
_MAX_TAGS = 30
_MARKDOWN = MarkdownIt("commonmark", {"html": False})


class NoteError(DigestError):
    """A note that cannot be read; `line` counts from 1."""

    def __init__(self, line: int, why: str) -> None:
        """One line for people, without the file's name."""
        self.line, self.why = line, why
        super().__init__(f"{line}: {why}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """Front matter and what follows it; `lines` says where each key stands."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]
    text: str


def read_note(text: str, *, name: str, zone: str = "", written: datetime) -> Declared:
    """The article that a note is. `name` (the file's) is its identity and tells its form.

    `written` is its date where it gives none; naive times are of `zone` (IANA, "" for UTC). Raises NoteError.
    """
    front = _split(text.removeprefix("\ufeff").replace("\r\n", "\n"), name)
    unknown = next((key for key in front.values if key not in KEYS), None)
    if unknown is not None:
        near = get_close_matches(unknown, KEYS, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"known: {', '.join(KEYS)}"
        raise NoteError(front.lines.get(unknown, 1), f'no key called "{unknown}"; {hint}')
    headline, body = _headline(front)
    read = {key: _value(front, key, zone) for key in KEYS}
    summary = read["summary"] or body_text(_MARKDOWN.render(body))
    byline = read["byline"] or ""
    return Declared(
        headline=headline,
        url=read["url"] or "",
        guid=name,
        published=read["published"] or written,
        updated=read["updated"],
        byline=byline,
        authors=(byline,) if byline else (),
        summary=summary,
        images=(Image(url=read["image"], alt=read["alt"] or ""),) if read["image"] else (),
        tags=_tags(front),
        outlet=read["outlet"] or "",
        language=read["language"] or "",
        kicker=read["kicker"] or "",
        section=read["section"] or "",
        words=len(_WORDS.findall(summary)),
        expires=read["expires"],
        sponsor=read["sponsor"] or "",
    )


def expired(note: Declared, at: datetime) -> Declared:
    """The note as one that is over since `at`."""
    return replace(note, expires=at)


def _split(text: str, name: str) -> _Front:
    if name.endswith(".toml"):
        values, lines = _toml(text, first=1)
        body = values.pop("text", "")
        if not isinstance(body, str):
            raise NoteError(lines.get("text", 1), "text: must be text in quotes")
        return _Front(values=values, lines=lines, text=body)
    fence = text[:3]
    if fence not in {"+++", "---"} or text[3:4] not in {"\n", ""}:
        return _Front(values={}, lines={}, text=text)
    end = re.search(rf"^{re.escape(fence)}[ \t]*$", text[4:], re.MULTILINE)
    if end is None:
        raise NoteError(1, f"the front matter has no closing {fence} line; is the file still being written?")
    head, body = text[4 : 4 + end.start()], text[4 + end.end() :]
    values, lines = _toml(head, first=2) if fence == "+++" else _simple(head)
    return _Front(values=values, lines=lines, text=body)


def _toml(text: str, *, first: int) -> tuple[dict[str, Any], dict[str, int]]:
    """`first` is the number of the text's first line in its file."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        why, _, place = str(error).partition(" (at ")
        found = re.search(r"line (\d+)", place)
        line = int(found[1]) if found else text.count("\n") + 1
        raise NoteError(line + first - 1, f"not TOML: {why[:1].lower()}{why[1:]}") from error
    except RecursionError as error:
        raise NoteError(first, "is nested too deeply") from error
    keys = ((number, re.match(r'\s*"?([\w-]+)"?\s*=', line)) for number, line in enumerate(text.split("\n"), first))
    return values, {key[1]: number for number, key in reversed([*keys]) if key}


def _simple(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """`key: value` lines, a value with quotes or without, a list as [a, b]."""
    values: dict[str, Any] = {}
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _PLAIN.fullmatch(line.strip())
        if match is None or line[0].isspace():
            raise NoteError(number, "not a `key: value` line; write +++ lines around TOML for more")
        key, value = match[1].lower(), match[2].strip()
        if value[:1] == "[" and value[-1:] == "]":
            values[key] = [part.strip().strip("\"'") for part in value[1:-1].split(",") if part.strip()]
        else:
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            values[key] = value[1:-1] if quoted else value
        lines[key] = number
    return values, lines


def _headline(front: _Front) -> tuple[str, str]:
    """The headline and the Markdown without it: the key's, else the first heading's."""
    said = front.values.get("headline")
    if said is not None:
        if not isinstance(said, str) or not literal_text(said):
            raise NoteError(front.lines.get("headline", 1), "headline: must be text")
        return literal_text(said), front.text
    match = re.match(r"\s*#{1,2} +(.+?) *#*(?:\n|$)", front.text)
    heading = body_text(_MARKDOWN.renderInline(match[1])) if match else ""
    if match is None or not heading:
        raise NoteError(1, 'has no headline; write headline = "..." or begin the text with "# ..."')
    return heading, front.text[match.end() :]


def _value(front: _Front, key: str, zone: str) -> Any:
    """A key's value, checked, or None; `headline` and `tags` are read elsewhere."""
    said = front.values.get(key)
    if said is None or said == "" or key in {"headline", "tags"}:
        return None
    line = front.lines.get(key, 1)
    if key in _TIMES:
        at = _instant(said, zone)
        if at is None:
            raise NoteError(line, f"{key}: write a date such as 2026-11-23 or 2026-11-23T06:30:00+01:00")
        return at
    if not isinstance(said, str):
        raise NoteError(line, f"{key}: must be text in quotes")
    if key in _ADDRESSES:
        link = absolute_link(said)
        if not link:
            raise NoteError(line, f"{key}: write a whole address such as https://example.org/1")
        return link
    return literal_text(said)


def _instant(said: object, zone: str) -> datetime | None:
    own: tzinfo = ZoneInfo(zone) if zone else UTC
    if isinstance(said, datetime):
        return said if said.tzinfo else said.replace(tzinfo=own)
    if isinstance(said, date):
        return datetime.combine(said, time(), own)
    return read_date(said, zone=zone) if isinstance(said, str) else None


def _tags(front: _Front) -> tuple[str, ...]:
    said = front.values.get("tags") or []
    listed = said.split(",") if isinstance(said, str) else said
    if not isinstance(listed, list) or not all(isinstance(tag, str) for tag in listed):
        raise NoteError(front.lines.get("tags", 1), 'tags: write a list such as ["town", "sea"]')
    return tuple(dict.fromkeys(tag for one in listed[:_MAX_TAGS] if (tag := clean(one))))
