"""Header fields: the raw block is read, not a library's idea of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.utils import getaddresses, parsedate_to_datetime

from digest.model.rules import words
from digest.sender.lint.raw import Note

Header = Mapping[str, Sequence[str]]

_ONCE = words(
    "date from sender reply-to to cc message-id in-reply-to references subject list-id list-unsubscribe",
    "list-unsubscribe-post list-post feedback-id mime-version content-type content-transfer-encoding content-language",
)
_OWED = ("date", "from", "to", "subject", "message-id", "mime-version", "content-type")
_STRUCTURED = words(
    "message-id date list-id list-unsubscribe list-unsubscribe-post list-archive list-help list-subscribe list-owner",
    "list-post feedback-id references in-reply-to content-type mime-version auto-submitted precedence dkim-signature",
)
FREEMAIL = words(
    "gmail.com googlemail.com yahoo.com ymail.com outlook.com hotmail.com live.com msn.com aol.com icloud.com me.com",
    "gmx.de gmx.net web.de mail.ru proton.me protonmail.com",
)
SUBJECT_LENGTH = 78
_REPLY = re.compile(r"(?:re|fwd?|aw|tr|wg|sv|antw)\s*(?:\[\d+\])?\s*:", re.IGNORECASE)
_LOOPBACK = re.compile(r"http://(?:127\.\d+\.\d+\.\d+|localhost|\[::1\])(?::\d+)?/", re.IGNORECASE)


def read(block: bytes) -> Header:
    """Field name in small letters -> its values, unfolded, in order."""
    found: dict[str, list[str]] = {}
    for line in re.sub(rb"\r\n(?=[ \t])", b"", block).split(b"\r\n"):
        name, _, value = line.partition(b":")
        found.setdefault(name.decode("latin-1").strip().lower(), []).append(value.decode("latin-1").strip())
    return found


def check(header: Header, *, folder_only: bool) -> Iterator[Note]:
    """Faults of the fields."""
    for name in sorted(_ONCE & header.keys()):
        if len(header[name]) > 1:
            yield Note("header-twice", f"{name} stands there {len(header[name])} times (RFC 5322 3.6)")
    for name in _OWED:
        if not header.get(name, [""])[0]:
            yield Note("header-missing", f"there is no {name}")
    for name in sorted(_STRUCTURED & header.keys()):
        if any("=?" in value for value in header[name]):
            yield Note("encoded-word", f"{name} holds an encoded word, where none may stand (Gmail 550 5.7.1)")
    yield from _identity(header)
    yield from _sender(header, folder_only=folder_only)
    yield from _subject(header)
    yield from _unsubscribe(header, folder_only=folder_only)
    yield from _lists(header)


def unsubscribe_links(header: Header) -> tuple[str, ...]:
    """The addresses in List-Unsubscribe, the https one first where there is one."""
    return tuple(re.findall(r"<([^<>]*)>", header.get("list-unsubscribe", [""])[0]))


def _identity(header: Header) -> Iterator[Note]:
    for value in header.get("message-id", [])[:1]:
        if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", value):
            yield Note("message-id", f"Message-ID {value[:60]!r} is none")
    for value in header.get("date", [])[:1]:
        try:
            parsedate_to_datetime(value)
        except (ValueError, TypeError):
            yield Note("date", f"Date {value[:60]!r} is none")


def _sender(header: Header, *, folder_only: bool) -> Iterator[Note]:
    mailboxes = getaddresses(list(header.get("from", [])))
    if len(mailboxes) != 1 or "@" not in mailboxes[0][1]:
        yield Note("from", f"From holds {len(mailboxes)} addresses: one is wanted")
        return
    name, address = mailboxes[0]
    domain = address.rpartition("@")[2].lower()
    if domain in FREEMAIL:
        yield Note("freemail", f"From is at {domain}: send from a domain of your own", folder_only)
    if any(unicodedata.category(sign) == "So" for sign in _decoded(name)):
        yield Note("from", "the sender's name holds a picture sign: the name alone is wanted")


def _subject(header: Header) -> Iterator[Note]:
    subject = _decoded(header.get("subject", [""])[0])
    if _REPLY.match(subject):
        yield Note("subject", f"the subject pretends to be an answer: {subject[:40]!r}")
    letters = [sign for sign in subject if sign.isalpha()]
    if (
        len(subject) > 8
        and subject == subject.upper()
        and re.search(r"[^\W\d_]{4}", subject)
        and subject != subject.lower()
    ):
        yield Note("subject", f"the subject shouts: {len(letters)} letters, all capitals")
    if len(subject) > SUBJECT_LENGTH:
        yield Note("subject", f"a subject of {len(subject)} characters: inboxes cut it off", warning=True)


def _unsubscribe(header: Header, *, folder_only: bool) -> Iterator[Note]:
    value = header.get("list-unsubscribe", [""])[0]
    post = header.get("list-unsubscribe-post", [""])[0]
    links = unsubscribe_links(header)
    https = [link for link in links if link.lower().startswith("https:")]
    mail = [link for link in links if link.lower().startswith("mailto:")]
    if not links:
        yield Note("list-unsubscribe", f"List-Unsubscribe names no address: {value[:60]!r} (RFC 2369)")
    if any(re.search(r"\s", link) for link in links):
        yield Note("list-unsubscribe", "a blank stands in an address of List-Unsubscribe")
    if any(link.lower().startswith("http:") and not _LOOPBACK.match(link) for link in links):
        yield Note("list-unsubscribe", "List-Unsubscribe leads to http: https is wanted (RFC 8058 3.1)")
    if len(https) > 1:
        yield Note("list-unsubscribe", f"List-Unsubscribe holds {len(https)} https addresses: one is wanted")
    if https and post != "List-Unsubscribe=One-Click":
        yield Note("one-click", "List-Unsubscribe-Post must be exactly List-Unsubscribe=One-Click (RFC 8058 3.1)")
    if post and not https and not any(_LOOPBACK.match(link) for link in links):
        yield Note("one-click", "List-Unsubscribe-Post without an https address to post to")
    if mail and not https and not folder_only:
        yield Note(
            "one-click", "unsubscribing by e-mail alone: large receivers want a page, set base_url", warning=True
        )


def _lists(header: Header) -> Iterator[Note]:
    for value in header.get("list-id", [""])[:1]:
        if not re.search(r"<[A-Za-z0-9._-]+\.[A-Za-z0-9.-]+>$", value):
            yield Note("list-id", f"List-Id {value[:60]!r} names no list (RFC 2919)")
    for value in header.get("feedback-id", [])[:1]:
        pieces = value.split(":")
        if len(pieces) > 4 or not 5 <= len(pieces[-1].strip()) <= 15:
            yield Note("feedback-id", "Feedback-ID has at most 4 fields, the last of 5 to 15 characters")
    for name in ("auto-submitted", "precedence"):
        if name not in header:
            yield Note("bulk", f"there is no {name}: vacation replies will come", warning=True)


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value
