"""An issue's frozen text and one delivery -> the bytes of one message.

Each variant is encoded once, holes left open (Compiled); a message joins those pieces with a few personal values and
three personal header fields. No template, no parser, no email.message (SENDING.md 10). Equal input gives equal bytes:
the Date is the issue's, the boundary comes from the Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from digest.errors import DigestError
from digest.model import IN_REPLY_TO, Delivery, Envelope, Issue, IssueRow, Links, Message, Newsletter, Part, Variant
from digest.sender import headers, quoted

_BOUNDARY = b"\r\n--"
_KIND = b"\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_PLAIN, _HTML = _KIND % b"plain", _KIND % b"html"


class _Body:
    """A part in quoted-printable, cut at its holes: piece, hole, piece ... piece. Each piece ends a line.

    The last line break of a part belongs to the boundary that follows (RFC 2046 5.1.1).
    """

    def __init__(self, part: Part) -> None:
        *pieces, last = map(quoted.literal, part.literals)
        self._pieces = (*pieces, last.removesuffix(b"=\r\n"))
        self._ends_open = not last
        self.holes = part.holes

    def add_to(self, out: list[bytes], values: Mapping[str, bytes]) -> None:
        """Append the part, its holes filled."""
        out.append(self._pieces[0])
        for hole, piece in zip(self.holes, self._pieces[1:], strict=True):
            out += (values[hole], piece)
        if self._ends_open and self.holes:
            out[-2] = out[-2].removesuffix(b"=\r\n")


class Compiled:
    """A variant encoded once for all its messages."""

    def __init__(self, variant: Variant) -> None:
        """Encode both parts' literals."""
        self._text = _Body(variant.text)
        self._html = _Body(variant.html)
        self._holes = tuple({*variant.text.holes, *variant.html.holes})
        self.language = headers.structured("Content-Language", variant.audience.language)

    def add_to(self, out: list[bytes], fill: Mapping[str, str], boundary: str) -> None:
        """Append everything below the header block: text/plain first, text/html last. `fill` is not escaped."""
        line = boundary.encode("ascii")
        text, html = dict[str, bytes](), dict[str, bytes]()
        for hole in self._holes:
            plain = _filled(fill, hole)
            safe = escape(plain)
            text[hole] = quoted.value(plain)
            html[hole] = text[hole] if safe == plain else quoted.value(safe)
        out += (_BOUNDARY, line, _PLAIN)
        self._text.add_to(out, text)
        out += (_BOUNDARY, line, _HTML)
        self._html.add_to(out, html)
        out += (_BOUNDARY, line, b"--\r\n")


class MessageBuilder:
    """Makes the messages of one issue, with the header set of MAIL.md D in its order."""

    def __init__(
        self,
        issue: Issue,
        row: IssueRow,
        newsletter: Newsletter,
        *,
        fill: Callable[[Delivery], Mapping[str, str]],
        links: Callable[[Delivery], Links],
        bounce_address: Callable[[Delivery], str],
        sign: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """Encode all that the issue's messages share.

        `fill` gives the plain values of model.HOLES ("name" is `, Ada` or ""), `bounce_address` the envelope's
        sender, `sign` a finished message its signature. Raises HeaderError when the newsletter's own values cannot be written.
        """
        self._fill = fill
        self._links = links
        self._bounce_address = bounce_address
        self._sign = sign
        self._compiled = {variant.audience.key: Compiled(variant) for variant in issue.variants}
        sent = row.composed_at if row.composed_at is not None else row.due_at
        moment = datetime.fromtimestamp(sent / 1000, UTC)
        who = newsletter.sender
        self._date_from = headers.structured("Date", format_datetime(moment)) + headers.mailbox(
            "From", who.name, who.address
        )
        reply_to = headers.mailbox("Reply-To", *_mailbox_parts(newsletter.reply_to)) if newsletter.reply_to else b""
        self._subject = reply_to + headers.text("Subject", issue.subject)
        domain = who.address.rpartition("@")[2]
        self._list_id = headers.list_id(newsletter.title, f"{newsletter.name}.{domain}")
        self._tail = _tail(issue.slot, newsletter)
        fixed = self._date_from + self._subject + self._list_id + self._tail
        headers.check_block(
            fixed, [name for name in _names(reply_to=bool(reply_to), one_click=False) if name in _FIXED]
        )

    def build(self, delivery: Delivery) -> Message:
        """The message of this delivery. Raises HeaderError when one of its values cannot be written."""
        try:
            compiled = self._compiled[delivery.variant]
        except KeyError:
            raise DigestError(f"delivery {delivery.id}: the issue has no variant {delivery.variant!r}") from None
        boundary = f"=_{hashlib.sha256(delivery.message_id.encode()).hexdigest()[:32]}"
        links = self._links(delivery)
        to = headers.mailbox("To", delivery.holes.get("name", ""), delivery.address)
        message_id = headers.structured("Message-ID", f"<{delivery.message_id}>")
        answers = _answers(delivery.holes.get(IN_REPLY_TO, ""))
        unsubscribe = _unsubscribe(links)
        kind = headers.structured("Content-Type", f'multipart/alternative; boundary="{boundary}"') + compiled.language
        names = _ONE_CLICK if links.unsubscribe else _BY_MAIL
        if answers:
            names = [*names[:2], "In-Reply-To", "References", *names[2:]]
        message_id += answers
        headers.check_block(to + message_id + unsubscribe + kind, names)
        out = [self._date_from, to, self._subject, message_id, self._list_id, unsubscribe, self._tail, kind]
        compiled.add_to(out, self._fill(delivery), boundary)
        data = b"".join(out)
        if self._sign is not None:
            data = self._sign(data)
        return Message(
            delivery=delivery,
            envelope=Envelope(sender=self._bounce_address(delivery), recipient=delivery.address),
            data=data,
        )


def _filled(fill: Mapping[str, str], hole: str) -> str:
    try:
        return fill[hole]
    except KeyError:
        raise DigestError(f"the theme leaves [[{hole}]] open and nothing fills it") from None


def _mailbox_parts(written: str) -> tuple[str, str]:
    """`Name <address>` or `address` as (name, address)."""
    name, angle, rest = written.rpartition("<")
    return (name.strip().strip('"'), rest.rstrip().removesuffix(">")) if angle else ("", written.strip())


def _answers(first: str) -> bytes:
    """What puts a correction under the message it corrects (RFC 5322 3.6.4); nothing for the others."""
    if not first:
        return b""
    return headers.structured("In-Reply-To", f"<{first}>") + headers.structured("References", f"<{first}>")


def _unsubscribe(links: Links) -> bytes:
    if not links.unsubscribe:
        return headers.structured("List-Unsubscribe", f"<{links.unsubscribe_mail}>")
    both = headers.structured("List-Unsubscribe", f"<{links.unsubscribe}>, <{links.unsubscribe_mail}>")
    return both + headers.structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def _tail(slot: str, newsletter: Newsletter) -> bytes:
    fields = {
        "List-Post": "NO",
        "Feedback-ID": f"{slot}:{newsletter.name}:digest:{newsletter.site.id}",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "MIME-Version": "1.0",
    }
    return b"".join(headers.structured(name, value) for name, value in fields.items())


def _names(*, reply_to: bool, one_click: bool) -> list[str]:
    """MAIL.md D: the field names of a message, in order."""
    return [
        "Date",
        "From",
        "To",
        *(["Reply-To"] if reply_to else []),
        "Subject",
        "Message-ID",
        "List-Id",
        "List-Unsubscribe",
        *(["List-Unsubscribe-Post"] if one_click else []),
        "List-Post",
        "Feedback-ID",
        "Auto-Submitted",
        "Precedence",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    ]


# What is the same in all messages of an issue is checked once, what is not with every message.
_FIXED = frozenset(_names(reply_to=True, one_click=True)) - {
    "To",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Content-Type",
    "Content-Language",
}
_ONE_CLICK = [name for name in _names(reply_to=False, one_click=True) if name not in _FIXED]
_BY_MAIL = [name for name in _names(reply_to=False, one_click=False) if name not in _FIXED]
