"""MIME: the two parts, what they are called, how large they are, and that they say the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message

from digest.model.rules import LARGEST_HTML
from digest.sender.lint import page
from digest.sender.lint.raw import Note

_NEAR = 87_000  # bytes; from here on it is warned
_TEXT_LINE = 78


@dataclass(frozen=True, slots=True)
class Read:
    """A message's leaves: (content type, charset, transfer encoding, decoded bytes); `kind` is the message's own type."""

    kind: str
    leaves: tuple[tuple[str, str | None, str, bytes], ...]

    @property
    def html(self) -> str | None:
        """The HTML part's text, None without one."""
        return self._text("text/html")

    @property
    def text(self) -> str:
        """The text part's text, "" without one."""
        return self._text("text/plain") or ""

    def _text(self, kind: str) -> str | None:
        found = (_decoded(body, charset) for name, charset, _, body in self.leaves if name == kind)
        return next(found, None)


def read(data: bytes) -> Read:
    """The parts of a message, as a receiver takes them apart."""
    message: Message = message_from_bytes(data, policy=policy.compat32)
    leaves = tuple(
        (
            part.get_content_type(),
            part.get_content_charset(),
            str(part.get("Content-Transfer-Encoding", "7bit")).strip().lower(),
            bytes(part.get_payload(decode=True) or b""),
        )
        for part in message.walk()
        if not part.is_multipart()
    )
    return Read(message.get_content_type(), leaves)


def check(read: Read, *, largest: int) -> Iterator[Note]:
    """Faults of the parts by themselves."""
    kinds = [kind for kind, *_ in read.leaves]
    if read.kind != "multipart/alternative" or kinds[:1] != ["text/plain"] or kinds[-1:] != ["text/html"]:
        yield Note("parts", f"multipart/alternative with text first and HTML last is wanted, not {read.kind}: {kinds}")
    for kind, charset, encoding, body in read.leaves:
        if charset is None:
            yield Note("charset", f"{kind} names no charset: write charset=utf-8")
        elif charset.lower() != "utf-8":
            yield Note("charset", f"{kind} is in {charset}: write charset=utf-8")
        elif _decoded(body, charset).count("\ufffd"):
            yield Note("charset", f"{kind} is not {charset}")
        if encoding not in {"quoted-printable", "base64"} and not body.isascii():
            yield Note("encoding", f"{kind} is sent as {encoding}: quoted-printable is wanted")
    yield from _size(read.html, largest)
    for line in read.text.splitlines():
        if len(line) > _TEXT_LINE and "://" not in line and " " in line.strip():
            yield Note("text-line", f"a line of {len(line)} columns in the text part", warning=True)
            break


def _size(html: str | None, largest: int) -> Iterator[Note]:
    size = len((html or "").encode())
    if html is None:
        yield Note("parts", "there is no HTML part")
    elif size > largest:
        yield Note("size", f"{size} bytes of HTML: at most {largest} are sent, Gmail cuts off more than {LARGEST_HTML}")
    elif size > _NEAR:
        yield Note("size", f"{size} bytes of HTML: Gmail shows {LARGEST_HTML}", warning=True)


def check_both(read: Read, *, unsubscribe: Sequence[str]) -> Iterator[Note]:
    """Faults between the parts, and the way out in both (MAIL.md A 8, 15)."""
    seen = page.read(read.html or "")
    links = [link for link in dict.fromkeys(seen.links) if link.lower().startswith(("https:", "http:"))]
    text = read.text
    missing = [link for link in links if link not in text]
    if missing:
        why = f"{len(missing)} of {len(links)} links of the HTML are not in the text part: {missing[0][:80]}"
        yield Note("links-differ", why, warning=2 * len(missing) <= len(links))
    if len(text) < len(seen.text) / 4:
        yield Note("links-differ", f"the text part has {len(text)} characters where the HTML shows {len(seen.text)}")
    if not any(_leads_out(link, unsubscribe) for link in seen.links):
        yield Note("unsubscribe-link", "the HTML shows no unsubscribe link")
    if not any(_leads_out(link, unsubscribe) for link in re.findall(r"(?:https?://|mailto:)[^\s<>]+", text)):
        yield Note("unsubscribe-link", "the text part shows no unsubscribe link")


def _leads_out(link: str, unsubscribe: Sequence[str]) -> bool:
    """Whether a link is the header's, or one of its pages under another token."""
    return any(link == known or link.startswith(f"{known.rpartition('/')[0]}/") for known in unsubscribe if known) or (
        not unsubscribe and "unsubscribe" in link.lower()
    )


def _decoded(body: bytes, charset: str | None) -> str:
    try:
        text = body.decode(charset or "utf-8", "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    return re.sub(r"\r\n", "\n", text)
