"""An issue's frozen text and one delivery -> the bytes of one message.

Each variant is encoded once, holes left open (Compiled); a message joins those pieces with a few personal values and
three personal header fields, which alone are checked again. No template, no parser, no email.message (SENDING.md 10). Equal input gives equal bytes:
the Date is the issue's, the boundary comes from the Message-ID.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from digest.errors import DigestError
from digest.model import IN_REPLY_TO, Delivery, Envelope, Issue, IssueRow, Links, Message, Newsletter, Part, Variant
from digest.sender import headers, quoted

_BOUNDARY = b"\r\n--"
_KIND = b"\r\nContent-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
_PLAIN, _HTML = _KIND % b"plain", _KIND % b"html"
_SOFT = b"=\r\n"
_EDGE, _TEXT, _MARKUP = "boundary", "text", "html"  # names of places


class _Layout:
    """A message's bytes in order: what all messages share, between places that each one fills.

    Filling is a copy of a list and a few assignments, whatever the message's length.
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self._pieces: list[bytes] = []
        self._places: list[tuple[int, str]] = []

    def literal(self, octets: bytes) -> None:
        """Append what is the same in every message."""
        if self._pieces and not (self._places and self._places[-1][0] == len(self._pieces) - 1):
            self._pieces[-1] += octets
        else:
            self._pieces.append(octets)

    def place(self, name: str) -> None:
        """Append what filled()'s `values[name]` gives."""
        self._places.append((len(self._pieces), name))
        self._pieces.append(b"")

    def body(self, part: Part, kind: str) -> None:
        """Append a part in quoted-printable; its holes are places `KIND:HOLE`. Each piece ends a line.

        The last line break of a part belongs to the boundary that follows (RFC 2046 5.1.1), so a hole that ends a part
        is the place `KIND:HOLE:last`.
        """
        first, *others = map(quoted.literal, part.literals)
        self.literal(first if others else first.removesuffix(_SOFT))
        for number, (hole, piece) in enumerate(zip(part.holes, others, strict=True), 1):
            last = number == len(others)
            self.place(f"{kind}:{hole}:last" if last and not part.literals[-1] else f"{kind}:{hole}")
            self.literal(piece.removesuffix(_SOFT) if last else piece)

    def filled(self, values: Mapping[str, bytes]) -> list[bytes]:
        """The message's pieces."""
        pieces = self._pieces.copy()
        for number, name in self._places:
            pieces[number] = values[name]
        return pieces


class Compiled:
    """A variant encoded once for all its messages, between the header fields that they share."""

    def __init__(self, variant: Variant, shared: Sequence[bytes]) -> None:
        """`shared`: what stands before To, before Message-ID, before List-Unsubscribe and before Content-Type."""
        layout = _Layout()
        for octets, name in zip(shared, ("To", "Message-ID", "List-Unsubscribe"), strict=False):
            layout.literal(octets)
            layout.place(name)
        layout.literal(shared[-1])
        language = headers.structured("Content-Language", variant.audience.language)
        before, after = (_content_type(_SAMPLE) + language).split(_SAMPLE.encode())
        headers.check_block(before + _SAMPLE.encode() + after, ("Content-Type", "Content-Language"))
        layout.literal(before)
        layout.place(_EDGE)
        layout.literal(after)
        for kind, header, part in ((_TEXT, _PLAIN, variant.text), (_MARKUP, _HTML, variant.html)):
            layout.literal(_BOUNDARY)
            layout.place(_EDGE)
            layout.literal(header)
            layout.body(part, kind)
        layout.literal(_BOUNDARY)
        layout.place(_EDGE)
        layout.literal(b"--\r\n")
        self._layout = layout
        ends = {part.holes[-1] for part in (variant.text, variant.html) if part.holes and not part.literals[-1]}
        self._holes = tuple(
            (hole, f"{_TEXT}:{hole}", f"{_MARKUP}:{hole}", hole in ends)
            for hole in sorted({*variant.text.holes, *variant.html.holes})
        )
        self._last: dict[str, tuple[str, bytes, bytes]] = {}  # some holes are filled alike in all messages

    def filled(self, values: dict[str, bytes], fill: Mapping[str, str], boundary: str) -> list[bytes]:
        """The whole message in pieces. `values` has the personal fields, `fill` the personal values, not escaped."""
        values[_EDGE] = boundary.encode("ascii")
        for hole, in_text, in_markup, ends in self._holes:
            plain = _filled(fill, hole)
            known = self._last.get(hole)
            if known is None or known[0] != plain:
                known = self._last[hole] = (plain, *_both(plain))
            _, text, markup = known
            values[in_text], values[in_markup] = text, markup
            if ends:
                values[f"{in_text}:last"] = text.removesuffix(_SOFT)
                values[f"{in_markup}:last"] = markup.removesuffix(_SOFT)
        return self._layout.filled(values)


class MessageBuilder:
    """Makes the messages of one issue, with the header set of MAIL.md D in its order."""

    def __init__(
        self,
        issue: Issue,
        row: IssueRow,
        newsletter: Newsletter,
        *,
        fill: Callable[[Delivery, Links], Mapping[str, str]],
        links: Callable[[Delivery], Links],
        bounce_address: Callable[[Delivery], str],
        sign: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """Encode all that the issue's messages share.

        `fill` gives the plain values of model.HOLES ("name" is `, Ada` or "") for a delivery and its `links`,
        `bounce_address` the envelope's sender, `sign` a finished message its signature. Raises HeaderError when the newsletter's own values cannot be written.
        """
        self._fill = fill
        self._links = links
        self._bounce_address = bounce_address
        self._sign = sign
        sent = row.composed_at if row.composed_at is not None else row.due_at
        moment = datetime.fromtimestamp(sent / 1000, UTC)
        who = newsletter.sender
        date_from = headers.structured("Date", format_datetime(moment)) + headers.mailbox("From", who.name, who.address)
        reply_to = headers.mailbox("Reply-To", *_mailbox_parts(newsletter.reply_to)) if newsletter.reply_to else b""
        subject = reply_to + headers.text("Subject", issue.subject)
        domain = who.address.rpartition("@")[2]
        list_id = headers.list_id(newsletter.title, f"{newsletter.name}.{domain}")
        shared = (date_from, subject, list_id, _tail(issue.slot, newsletter))
        headers.check_block(
            b"".join(shared), tuple(name for name in _names(reply_to=bool(reply_to), one_click=False) if name in _FIXED)
        )
        self._compiled = {variant.audience.key: Compiled(variant, shared) for variant in issue.variants}

    def build(self, delivery: Delivery) -> Message:
        """The message of this delivery. Raises HeaderError when one of its values cannot be written."""
        try:
            compiled = self._compiled[delivery.variant]
        except KeyError:
            raise DigestError(f"delivery {delivery.id}: the issue has no variant {delivery.variant!r}") from None
        links = self._links(delivery)
        to = headers.mailbox("To", delivery.holes.get("name", ""), delivery.address)
        message_id = headers.structured("Message-ID", f"<{delivery.message_id}>")
        answers = _answers(delivery.holes.get(IN_REPLY_TO, ""))
        unsubscribe = _unsubscribe(links)
        names = _ONE_CLICK if links.unsubscribe else _BY_MAIL
        if answers:
            names = (*names[:2], "In-Reply-To", "References", *names[2:])
        message_id += answers
        headers.check_block(to + message_id + unsubscribe, names)
        fields = {"To": to, "Message-ID": message_id, "List-Unsubscribe": unsubscribe}
        pieces = compiled.filled(fields, self._fill(delivery, links), _boundary(delivery.message_id))
        return Message(
            delivery=delivery,
            envelope=Envelope(sender=self._bounce_address(delivery), recipient=delivery.address),
            pieces=pieces if self._sign is None else [self._sign(b"".join(pieces))],
        )


def _both(plain: str) -> tuple[bytes, bytes]:
    """A personal value as it stands in the text and in the markup."""
    text = quoted.value(plain)
    safe = escape(plain)
    return text, text if safe == plain else quoted.value(safe)


def _boundary(message_id: str) -> str:
    return f"=_{hashlib.sha256(message_id.encode()).hexdigest()[:32]}"


def _content_type(boundary: str) -> bytes:
    return headers.structured("Content-Type", f'multipart/alternative; boundary="{boundary}"')


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
    return headers.structured("List-Unsubscribe", f"<{links.unsubscribe}>, <{links.unsubscribe_mail}>") + _POST


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
_PERSONAL = frozenset({"To", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"})
_FIXED = frozenset(_names(reply_to=True, one_click=True)) - _PERSONAL - {"Content-Type", "Content-Language"}
_ONE_CLICK, _BY_MAIL = (
    tuple(name for name in _names(reply_to=False, one_click=one_click) if name in _PERSONAL)
    for one_click in (True, False)
)
_POST = headers.structured("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
_SAMPLE = _boundary("")  # all boundaries are of one length and of the same signs
