"""A DKIM signature, where a message has one: what it covers, and whether the body is still the signed one (RFC 6376)."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterator

from digest.sender.lint.fields import Header
from digest.sender.lint.raw import Note

_COVERED = (
    "from", "to", "subject", "date", "message-id", "mime-version", "content-type", "list-id", "list-unsubscribe",
    "list-unsubscribe-post", "feedback-id",
)  # fmt: skip


def check(header: Header, body: bytes) -> Iterator[Note]:
    """Faults of the first signature; the key itself is not looked up."""
    for value in header.get("dkim-signature", [])[:1]:
        tags = dict(re.findall(r"(?:^|;)\s*(\w+)\s*=([^;]*)", value))
        tags = {name: re.sub(r"\s", "", text) for name, text in tags.items()}
        signed = tags.get("h", "").lower().split(":")
        for name in _COVERED:
            if name in header and name not in signed:
                yield Note("dkim", f"DKIM does not cover {name}", name == "content-type")
        if "l" in tags:
            yield Note("dkim", "DKIM with l=: anybody may append to the message")
        if signed.count("from") < 2:
            yield Note("dkim", "DKIM names From once: a second From could be put before it", warning=True)
        ways = tags.get("c", "simple/simple").split("/")
        if tags.get("a", "").endswith("sha256") and tags.get("bh") != _hash(
            body, ways[1] if len(ways) > 1 else "simple"
        ):
            yield Note("dkim", "the body is not the one that was signed")
        sender = re.findall(r"@([A-Za-z0-9.-]+)", header.get("from", [""])[0])
        domain = tags.get("d", "").lower()
        if sender and not _aligned(sender[-1].lower(), domain):
            yield Note("dkim", f"DKIM signs for {domain}, From is at {sender[-1]}: DMARC fails")


def _hash(body: bytes, way: str) -> str:
    if way == "relaxed":
        body = re.sub(rb"[ \t]+(?=\r\n)", b"", re.sub(rb"[ \t]+", b" ", body))
    body = re.sub(rb"(?:\r\n)+\Z", b"", body)
    if body or way == "simple":
        body += b"\r\n"
    return b64encode(hashlib.sha256(body).digest()).decode("ascii")


def _aligned(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
