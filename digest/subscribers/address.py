"""An e-mail address as it is stored and as it goes into the envelope: ASCII, its domain lower-case A-labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

LONGEST_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
# What most addresses are: nothing that needs a second look but their domain, and a list has few of those.
_USUAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*@[A-Za-z0-9.-]+", re.ASCII)
_USUAL_LENGTH = 200  # characters; an address may have 254
MEND = "write it like ada@example.org"

# Scripts that one label may mix: the "highly restrictive" level of Unicode TS 39, section 5.2.
ALLOWED_MIXES = tuple(
    map(
        frozenset,
        (
            ("LATIN", "CJK", "HIRAGANA", "KATAKANA"),
            ("LATIN", "CJK", "BOPOMOFO"),
            ("LATIN", "CJK", "HANGUL"),
        ),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`stored`: ASCII, local part as given. `warning`: one line on a domain that may imitate another, else ""."""

    stored: str
    warning: str = ""


def normalise(text: str) -> Address:
    """The address written in `text`, no DNS asked. Raises ValueError, with what to write instead, when it is none.

    Names reserved for examples and tests (example.org, .example, .test) are taken.
    """
    local, at, domain = text.rpartition("@")
    if len(text) <= _USUAL_LENGTH and len(local) <= LONGEST_LOCAL and _USUAL.fullmatch(text) and _good(domain):
        return Address(stored=f"{local}@{domain.lower()}")
    if hidden := [char for char in text if _unseen(char)]:
        what = "a blank" if hidden[0] == " " else f"the character U+{ord(hidden[0]):04X}"
        raise ValueError(f"{_quoted(text)} holds {what}; {MEND}")
    if not at or not local or not domain:
        raise ValueError(f"{_quoted(text)} is no address; {MEND}")
    if not local.isascii():
        raise ValueError(f"{_quoted(text)}: relays take only ASCII before the @; {MEND}")
    if len(local) > LONGEST_LOCAL:
        raise ValueError(f"{_quoted(text)}: {len(local)} characters before the @; at most {LONGEST_LOCAL} are allowed")
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError as error:
        why = str(error).splitlines()[0].rstrip(".")
        raise ValueError(f"{_quoted(text)}: {why[:1].lower()}{why[1:]}; {MEND}") from error
    # The library lower-cases "Postmaster" and its like; the envelope must equal what the owner wrote.
    return Address(stored=f"{local}@{found.ascii_domain.lower()}", warning=_imitation(found.domain))


@lru_cache(maxsize=4096)
def _good(domain: str) -> bool:
    """Whether any usual local part makes an address with this ASCII domain, and there is nothing to say about it."""
    if "xn--" in domain.lower():
        return False
    try:
        found = validate_email(f"a@{domain}", check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return False
    return found.ascii_domain.lower() == domain.lower() and not _imitation(found.domain)


def mailbox(email: str) -> str:
    """What two addresses of one mailbox share: all lower-case, the domain as A-labels. Raises ValueError as above."""
    return (email if email.isascii() else normalise(email).stored).lower()


def same_mailbox(one: str, other: str) -> bool:
    """Whether two texts name one mailbox; texts that are no addresses are compared as they stand, case aside."""
    return _loosely(one) == _loosely(other)


def _loosely(text: str) -> str:
    try:
        return mailbox(text)
    except ValueError:
        return text.lower()


def _unseen(char: str) -> bool:
    """Controls, zero-width and bidi characters, blanks, surrogates, unassigned: nothing that an address holds."""
    return unicodedata.category(char)[0] in "CZ"


def _quoted(text: str) -> str:
    shown = "".join(f"<U+{ord(char):04X}>" if _unseen(char) and char != " " else char for char in text[:80])
    return f'"{shown}{"..." if len(text) > 80 else ""}"'


def _imitation(domain: str) -> str:
    for label in domain.split("."):
        scripts = frozenset(unicodedata.name(char, "?").split()[0] for char in label if char.isalpha())
        if len(scripts) > 1 and not any(scripts <= allowed for allowed in ALLOWED_MIXES):
            names = " and ".join(sorted(script.capitalize() for script in scripts))
            return f'the domain "{domain}" mixes {names} letters and may imitate another'
    return ""
