"""The one encoder of header fields; nothing else writes a header.

The standard library's EmailMessage is not used: Python 3.11.7 turns a title `=?utf-8?q?Hi=0D=0ABcc:_all=40x.test?=`
into a real Bcc field, and folds a long List-Unsubscribe into an encoded word (SECURITY.md 2 a, MAIL.md D 1).

Three kinds of value. `text` is unstructured (Subject); `mailbox` is a name and an address (From, To, Reply-To);
`structured` is everything else: written as it is, never encoded, folded at spaces only. A folded field unfolds to
exactly the value by taking each CRLF out (RFC 5322 2.2.3).
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator
from functools import lru_cache

from digest.errors import DigestError

LINE = 998  # octets without CRLF, RFC 5322 2.1.1
FOLD = 78  # where we fold by ourselves, the same clause
WORD = 75  # an encoded word, RFC 2047 2; a line that has one is at most 76 long

_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_TOKENS = re.compile(r"[!-~]+(?: [!-~]+)*")
_FIELD = re.compile(rb"^([!-9;-~]+):", re.MULTILINE)
_VALUE = rb": [ -~]*\r\n(?: [ -~]*[!-~][ -~]*\r\n)*"
_LONG_TOKEN = re.compile(r"[^ ]{61}")  # would not fit beside any field name of ours on one folded line
_Q_LITERAL = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/")  # RFC 2047 5 (3)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)*(?!\d+\Z){_LABEL}")


class HeaderError(DigestError):
    """A value cannot be written into a header, or a finished block is not what it should be."""


def one_line(text: str) -> str:
    """`text` as a header can say it: each run of controls and blanks is one space, none at the ends.

    Controls are C0, DEL, C1 and the line and paragraph separators; a lone surrogate becomes U+FFFD. Everything else
    stays, so what looks like an encoded word stays the literal text it is.
    """
    return _SURROGATE.sub("\ufffd", _CONTROL.sub(" ", text)).strip(" ")


def text(name: str, value: str) -> bytes:
    """One unstructured field with its CRLF; it decodes to exactly `one_line(value)`."""
    value = one_line(value)
    if _plain(value):
        return _folded(name, value)
    return _line(name, "\r\n ".join(_words(value, room=WORD + 1 - len(name) - 2)))


def mailbox(name: str, display: str, address: str) -> bytes:
    """One field with one mailbox and its CRLF. Raises HeaderError unless is_address(address).

    A local part beyond ASCII cannot stand in a 7-bit header: such a reader is written as an empty group that is named
    after them (RFC 6857 3.1.8); the envelope alone carries the address.
    """
    if not is_address(address):
        raise HeaderError(f"{name}: {address!r} is no address that can be mailed")
    short = len(display) <= 60 and len(name) + len(display) + len(address) + 5 <= FOLD
    if short and address.isascii() and "=?" not in display and _ATOMS.fullmatch(display):
        return f"{name}: {display} <{address}>\r\n".encode(
            "ascii"
        )  # as most readers are written, at a tenth of the cost
    display = one_line(display)
    if not address.isascii():
        shown = "\r\n ".join(_words(display or address, room=WORD + 1 - len(name) - 2))
        return _line(name, f"{shown}:;")
    if not display:
        return _line(name, address)
    phrase = _phrase(display, room=WORD + 1 - len(name) - 2)
    last = len(name) + 2 + len(phrase) if "\r\n" not in phrase else len(phrase.rpartition("\r\n")[2])
    fold = "\r\n " if last + len(address) + 3 > FOLD else " "
    return _line(name, f"{phrase}{fold}<{address}>")


def structured(name: str, value: str) -> bytes:
    """One field with its CRLF, printable ASCII as it stands, folded at spaces where it is longer than 78.

    Raises HeaderError for anything that would need encoding, and where no space allows lines of at most 998.
    """
    if not _TOKENS.fullmatch(value):
        raise HeaderError(f"{name}: {value!r} must be printable ASCII with single spaces")
    if len(name) + 2 + len(value) <= FOLD:
        return f"{name}: {value}\r\n".encode("ascii")
    return _folded(name, value)


def list_id(title: str, identifier: str) -> bytes:
    """List-Id (RFC 2919): the title where it is plain ASCII, else the identifier alone; never an encoded word."""
    title = one_line(title)
    shown = f"{_quoted(title)} " if title and _plain(title) else ""
    return structured("List-Id", f"{shown}<{identifier}>")


def is_address(address: str) -> bool:
    """Whether `address` is a bare `local@domain` that may be written on the wire as it stands.

    Dot-atoms only: no quotes, comments, commas, angles, blanks, IP addresses; local part 64 octets, domain ASCII, 254
    in all (RFC 5321 4.5.3.1). The local part may go beyond ASCII by letters, marks and digits (no zero width).
    """
    local, _, domain = address.rpartition("@")
    if len(address) > 254 or not _LOCAL.fullmatch(local) or not _is_domain(domain):
        return False
    return len(local) <= 64 if local.isascii() else all(map(_seen, local)) and len(local.encode()) <= 64


@lru_cache(maxsize=256)  # many readers share one, and each message's return path has the newsletter's
def _is_domain(domain: str) -> bool:
    return _DOMAIN.fullmatch(domain) is not None


def check_block(block: bytes, names: tuple[str, ...]) -> None:
    """Raise HeaderError unless `block` holds exactly these fields in this order and is fit for the wire.

    CRLF only, no NUL, 7-bit, no empty line, lines of at most 998. `block` ends with the last field's CRLF.
    """
    if not _block_of(names).fullmatch(block):
        found = tuple(name.decode("ascii") for name in _FIELD.findall(block))
        if found != names:
            raise HeaderError(f"header fields are {list(found)}, not {list(names)}")
        raise HeaderError("a header line is not fit for the wire, or empty")
    if len(block) > LINE and any(len(line) > LINE for line in block.split(b"\r\n")):
        raise HeaderError(f"a header line is longer than {LINE} octets")


@lru_cache(maxsize=32)  # a message's personal fields are checked each time
def _block_of(names: tuple[str, ...]) -> re.Pattern[bytes]:
    return re.compile(b"".join(re.escape(name.encode("ascii")) + _VALUE for name in names))


def _seen(char: str) -> bool:
    return char.isascii() or unicodedata.category(char)[0] in "LMN"


def _plain(value: str) -> bool:
    """Whether a value may go out without encoded words."""
    return value.isascii() and "=?" not in value and not _LONG_TOKEN.search(value)


def _phrase(display: str, *, room: int) -> str:
    """A display name as RFC 5322's phrase: atoms, a quoted string or encoded words."""
    if _plain(display) and len(display) <= 60:
        return _quoted(display)
    return "\r\n ".join(_words(display, room=room))


def _quoted(display: str) -> str:
    """ASCII as atoms, or as a quoted string."""
    if _ATOMS.fullmatch(display):
        return display
    escaped = display.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _words(value: str, *, room: int) -> Iterator[str]:
    """`value` as encoded words, the first at most `room` long, cut between characters. Q or B, the shorter one."""
    raw = value.encode()
    q_length = sum(1 if byte in _Q_LITERAL or byte == 0x20 else 3 for byte in raw)
    kind, encode = ("q", _q) if q_length <= 4 * -(-len(raw) // 3) else ("b", _b)
    piece = b""
    for char in value:
        more = piece + char.encode()
        if piece and len(encode(more)) + 12 > room:
            yield f"=?utf-8?{kind}?{encode(piece)}?="
            piece, room = char.encode(), WORD
        else:
            piece = more
    yield f"=?utf-8?{kind}?{encode(piece)}?="


def _q(raw: bytes) -> str:
    return "".join("_" if byte == 0x20 else chr(byte) if byte in _Q_LITERAL else f"={byte:02X}" for byte in raw)


def _b(raw: bytes) -> str:
    return b64encode(raw).decode("ascii")


def _folded(name: str, value: str) -> bytes:
    """Break before a word that would pass column 78; a single longer word keeps a line of its own."""
    out: list[str] = []
    column = len(name) + 2
    for word in value.split(" "):
        if out and column + 1 + len(word) > FOLD:
            out.append("\r\n ")
            column = 1
        elif out:
            out.append(" ")
            column += 1
        out.append(word)
        column += len(word)
    return _line(name, "".join(out))


def _line(name: str, value: str) -> bytes:
    field = f"{name}: {value}\r\n".encode("ascii")
    if len(field) > LINE and any(len(line) > LINE for line in field.split(b"\r\n")):
        raise HeaderError(f"{name}: a line would be longer than {LINE} octets")
    return field
