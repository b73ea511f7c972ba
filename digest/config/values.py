"""The kinds of value config.toml knows beside plain text and numbers: what was written -> what it stands for.

Each function raises ValueError with one line for people: what is wrong; how to mend it. None shows a value that might
be a secret.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from email_validator import EmailNotValidError, validate_email

from digest.config.patterns import fault_of
from digest.model import Sender
from digest.times import zone

TERM_FIELDS = frozenset({"kicker", "tag", "author", "language"})

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-[A-Za-z0-9]{5,8})*", re.ASCII)
_MAILBOX = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_RATE = re.compile(r"(?P<count>\d{1,9}) ?/ ?(?P<unit>[smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*", re.ASCII)


def kind_of(value: object) -> str:
    """What a TOML value is, in words."""
    names = {bool: "true or false", int: "a number", float: "a fraction", str: "text", list: "a list", dict: "a table"}
    return names.get(type(value), "a date or time")


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: localhost, 127/8 or ::1. Nothing is looked up."""
    bare = host.strip("[]").casefold()
    try:
        return bare == "localhost" or ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def read_line(text: str) -> str:
    """One line of text that says something."""
    if not text.strip():
        raise ValueError("must not be empty")
    if any(unicodedata.category(letter) == "Cc" for letter in text):
        raise ValueError("must be one line without control characters")
    return text


def read_link_params(value: Any) -> tuple[tuple[str, str], ...]:
    """Parameters of links, name and value; `{slot}` and `{newsletter}` are filled later."""
    if not isinstance(value, dict):
        raise ValueError(f'must be a table such as {{ utm_source = "briefing" }}, not {kind_of(value)}')  # noqa: TRY004 - pydantic's validators raise ValueError
    for name, text in value.items():
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,60}", name, re.ASCII):
            raise ValueError(f"{name!r} is no name of a parameter; use letters, digits, _, . and -, at most 60")
        if not isinstance(text, str) or not text.isprintable() or not text:
            raise ValueError(f'{name} must be text in quotes; write {name} = "briefing"')
        for found in re.findall(r"\{[^{}]*\}?", text):
            if found not in {"{slot}", "{newsletter}"}:
                raise ValueError(f"{found} in {name} is not filled; known: {{slot}}, {{newsletter}}")
    return tuple(value.items())


def read_block(text: str) -> str:
    """One or more lines of text that say something."""
    if not text.strip():
        raise ValueError("must not be empty")
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in text):
        raise ValueError("must not hold control characters")
    return text


def read_rate(text: str) -> float:
    """`50/s`, `600/m`, `20000/h` or `100000/d` -> messages a second."""
    match = _RATE.fullmatch(text.strip())
    if match is None or int(match["count"]) == 0:
        raise ValueError(f'"{text}" is no rate; write for example "50/s", "600/m" or "20000/h"')
    return int(match["count"]) / _SECONDS[match["unit"]]


def read_zone(text: str) -> str:
    """An IANA zone's name."""
    return zone(text).key


def read_language(text: str) -> str:
    """A BCP 47 language tag: language, script, region, variants."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f'"{text}" is no language tag; write for example "en", "de" or "pt-BR"')
    return text


def read_sender(text: str) -> Sender:
    """`The Desk <desk@example.org>` or a bare address -> Sender. Raises ValueError with a mend.

    The address has its domain as a lower-case A-label. A local part beyond ASCII is refused: such a From could not
    go through every relay.
    """
    match = _MAILBOX.fullmatch(text.strip())
    if match is None and re.search(r"[<>\s]", text.strip()):
        raise ValueError('must be one sender; write "Name <address>", for example "The Desk <desk@example.org>"')
    name = match["name"].strip().strip('"').strip() if match else ""
    if any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in name):
        raise ValueError("the name must be plain text without control characters")
    return Sender(name=name, address=read_address(match["address"] if match else text))


def read_address(text: str) -> str:
    """One e-mail address, its domain as a lower-case A-label. Raises ValueError with the reason."""
    if "," in text or ";" in text:
        raise ValueError("must be one address, not several")
    try:
        valid = validate_email(
            text.strip(), check_deliverability=False, globally_deliverable=False, allow_smtputf8=False
        )
    except EmailNotValidError as error:
        why = str(error).rstrip(".")
        raise ValueError(f'"{text.strip()}" is no e-mail address: {why[:1].lower()}{why[1:]}') from None
    return f"{valid.local_part}@{valid.ascii_domain}"


def read_base_url(text: str) -> str:
    """`https://...` without its last slash, or ""."""
    if not text:
        return text
    parts = _split(text, example="https://news.example.org")
    if parts.query or parts.fragment:
        raise ValueError("must end before any ? or #; write for example https://news.example.org")
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError(f"http is only for this machine; write https://{parts.netloc}")
    return text.rstrip("/")


def read_feedback(text: str) -> str:
    """An e-mail address, or a https page with `{answer}` in it; "" for none."""
    if not text or ("@" in text and "/" not in text):
        return text and read_address(text)
    parts = _split(text, example="https://news.example.org/feedback?answer={answer}")
    if parts.scheme != "https" or "{answer}" not in text:
        raise ValueError("must be an address, or a https page with {answer} in it")
    return text


def read_source_url(text: str) -> str:
    """An address to read from; what it leads to is the guarded client's to judge."""
    _split(text)
    return text


def _split(text: str, *, example: str = "https://example.org/feed.xml") -> SplitResult:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError(f"is no web address; write for example {example}") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"[\s\x00-\x1f\\]", text):
        raise ValueError(f"is no web address; write for example {example}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a name or password before the @; take it out")
    return parts


def read_store_url(text: str) -> str:
    """`sqlite:///PATH`."""
    if text.startswith(("postgresql", "postgres")):
        raise ValueError("only sqlite:/// in this version; PostgreSQL comes with a later one")
    path = text.removeprefix("sqlite:///")
    if path == text or not path or path == ":memory:" or "?" in path:
        raise ValueError('must be sqlite:/// and a file; write for example "sqlite:///var/digest.db"')
    return text


def read_host(text: str) -> str:
    """A host's name or its address."""
    bare = text.strip("[]")
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        if not _HOST.fullmatch(text.removesuffix(".")):
            raise ValueError(f'"{text}" is no host name; write for example "localhost" or "mail.example.org"') from None
        return text
    return bare


def read_selector(text: str) -> str:
    """A DKIM selector: labels of a host name, in small letters."""
    if not _HOST.fullmatch(text) or len(text) > 63 or text != text.lower():
        raise ValueError(f'"{text}" is no selector; use a-z, 0-9 and -, for example "2026a"')
    return text


def read_network(text: str) -> str:
    """An address or network in CIDR form."""
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        raise ValueError(f'"{text}" is no address or network; write for example "10.0.0.0/8"') from None


def read_term(text: str) -> str:
    """A filter: plain words, `/regex/`, `kicker:X`, `tag:X`, `author:X`, `language:xx` or `paywall` (SOURCES.md 9)."""
    written = text.strip()
    if len(written) > 2 and written.startswith("/") and written.endswith("/"):
        if fault := fault_of(written[1:-1]):
            raise ValueError(fault)
        return written
    field, colon, value = written.casefold().partition(":")
    value = value.strip() if colon and field.strip() in TERM_FIELDS else written
    if not any(char.isalnum() for char in value):
        raise ValueError(
            'is empty; write words, "/regex/", "kicker:...", "tag:...", "author:...", "language:en", "paywall"'
        )
    if colon and field.strip() == "language":
        read_language(value)
    return written


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value comes from instead of standing here: `how` is env, file, credential, or "" for plain text."""

    how: str
    value: str

    def __repr__(self) -> str:
        """Plain text may be a secret all the same, so it is not shown."""
        return f"Reference({self.how!r}, {self.value!r})" if self.how else "Reference('', '***')"


REFERENCES = '{ env = "NAME" }, { file = "path" } or { credential = "name" }'


def read_reference(value: Any) -> Reference:
    """A secret that stands elsewhere; one that stands here is refused without being shown."""
    if not isinstance(value, dict) or len(value) != 1 or not {*value} <= {"env", "file", "credential"}:
        why = "must not stand here itself" if isinstance(value, str) else "must name one place"
        raise ValueError(f"{why}; write {REFERENCES}")
    ((how, where),) = value.items()
    if not isinstance(where, str) or not where.strip():
        raise ValueError(f"{how} must be text; write {REFERENCES}")
    if how == "credential" and ("/" in where or where in {".", ".."}):
        raise ValueError("a credential is a bare name; systemd puts it into $CREDENTIALS_DIRECTORY")
    return Reference(how, where)


def read_plain_or_reference(value: Any) -> Reference:
    """A user name: plain text, or kept elsewhere."""
    return Reference("", read_line(value)) if isinstance(value, str) else read_reference(value)


def read_file_reference(value: Any) -> Reference:
    """The file that keys are kept in."""
    reference = read_reference(value)
    if reference.how != "file":
        raise ValueError('must be { file = "path" }: it is made and kept by digest itself')
    return reference
