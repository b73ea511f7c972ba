"""What makes two readings of an article the same article (SOURCES.md 4). Pure.

An article has up to four keys; sharing any one means being the same:

- note:SOURCE:FILE of an editor's folder alone
- url:CANONICAL
- guid:SOURCE:GUID:HEADLINE. The headline belongs to it because GUIDs are met that are made of the second of
  publishing: same GUID, other URL and other headline are two articles. With the same URL the url key decides alone.
- hash:CONTENT:WEEK, twice, from outlet, headline and teaser: a syndicated copy on another host. The two weeks
  overlap by half, so that copies up to three and a half days apart always meet and those over seven never do.
"""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import datetime

from digest.sources.urls import canonical

_WEEK = 7 * 86_400
_WORDS = re.compile(r"\W+")
_ASCII_SIGNS = {code: " " for code in range(128) if _WORDS.match(chr(code))}
_REVISION = re.compile(r"#\d{1,4}$")


def keys(
    *, source: str, url: str, guid: str, outlet: str, headline: str, teaser: str, published: datetime | None
) -> tuple[str, ...]:
    """Every identity key of an article, strongest first; none is empty."""
    found = []
    if url:
        found.append(f"url:{canonical(url)}")
    if guid:
        # A GUID that is a URL may carry a revision (`#1`): the same article, mended.
        found.append(f"guid:{source}:{_REVISION.sub('', guid) if '://' in guid else guid}:{_digest(fold(headline))}")
    if headline and teaser and published is not None:
        content = _digest("\n".join((fold(outlet), fold(headline), fold(teaser)[:200])))
        seconds = int(published.timestamp())
        found += [f"hash:{content}:{seconds // _WEEK}a", f"hash:{content}:{(seconds + _WEEK // 2) // _WEEK}b"]
    return tuple(found) or (f"hash:{_digest(fold(headline + teaser))}",)


def note_key(source: str, name: str) -> str:
    """The key of an editor's note: its file is its identity, whatever is changed in it."""
    return f"note:{source}:{name}"


def identify(source: str, strongest: str) -> str:
    """A short id for an article of a source: 16 characters a-z and 2-7, always the same for the same key."""
    return base64.b32encode(hashlib.sha256(f"{source}\n{strongest}".encode()).digest()[:10]).decode().lower()


def fold(text: str) -> str:
    """Letters and digits alone, case folded: what is left when typography is not counted."""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_SIGNS).split())
    return _WORDS.sub(" ", text.casefold()).strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]
