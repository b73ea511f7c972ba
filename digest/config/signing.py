"""What only `[[newsletters.NAME.dkim]]` asks for: its keys are read and looked at, its domains compared with `from`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from digest import plugins
from digest.config.fields import SecretValue
from digest.config.say import Finding, Loc
from digest.config.values import Reference, read_sender
from digest.model import Secret

# Named as text: reading keys needs a library that costs every command 50 ms, and few sign here.
_READ = {"pem": "digest.config.pem:examine"}
_SECRET: TypeAdapter[Reference] = TypeAdapter(SecretValue)


def references(document: Mapping[str, Any]) -> Iterator[tuple[Loc, Reference]]:
    """The place of each well-formed `key`, and where it is kept."""
    newsletters = document.get("newsletters")
    for name, newsletter in newsletters.items() if isinstance(newsletters, dict) else ():
        for number, table in _tables(newsletter):
            try:
                if "key" in table:
                    yield ("newsletters", name, "dkim", number, "key"), _SECRET.validate_python(table["key"])
            except ValidationError:  # the schema's to report
                continue


def examine(key: Secret) -> tuple[str, int]:
    """(rsa or ed25519, bits). Raises ValueError with one line for people that shows nothing of the key."""
    try:
        kind, bits = plugins.find("digest.keys", "pem", _READ)(key.reveal())
    except ValueError as error:
        raise ValueError(f"{key.origin.partition(' ')[2] or key.origin} {error}") from None
    return str(kind), int(bits)


def relations(loc: Loc, newsletter: Mapping[str, Any]) -> Iterator[Finding]:
    """A signature that is not `from`'s own is worth nothing (RFC 7489 3.1.1); two keys at one place cannot be."""
    own = _domain_of(newsletter.get("from"))
    seen: set[tuple[str, str]] = set()
    for number, table in _tables(newsletter):
        written = table.get("domain")
        domain = written.lower() if isinstance(written, str) else own
        if own and "." in own and not (own == domain or (own.endswith(f".{domain}") and "." in domain)):
            why = f"{domain} is neither {own}, which `from` has, nor a domain above it"
            yield (*loc, number, "domain"), why, "take it out, or write one of these"
        selector = table.get("selector")
        if isinstance(selector, str):
            if (selector, domain) in seen:
                yield (
                    (*loc, number, "selector"),
                    f'"{selector}" stands here twice',
                    "give each key a selector of its own",
                )
            seen.add((selector, domain))


def _tables(newsletter: object) -> list[tuple[int, Mapping[str, Any]]]:
    found = newsletter.get("dkim") if isinstance(newsletter, dict) else None
    return [(n, one) for n, one in enumerate(found) if isinstance(one, dict)] if isinstance(found, list) else []


def _domain_of(sender: object) -> str:
    try:
        return read_sender(sender).address.rpartition("@")[2] if isinstance(sender, str) else ""
    except ValueError:
        return ""
