"""Signed links: who may do what for which subscriber, without an address inside (SECURITY.md 6).

A token is `v1.PAYLOAD.MAC`, PAYLOAD = base64url(newsletter NUL subscriber NUL key id NUL slot), MAC = base64url of
HMAC-SHA256(key of the purpose, "v1." PAYLOAD)[:16]. The MAC covers the text as it stands, so base64's spare bits
leave no second spelling of a token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from digest.subscribers.keyed import KeyedHash, base32

PURPOSES = ("unsubscribe", "preferences", "confirm", "review", "bounce", "archive", "form", "redirect")
VERSION = "v1"
LONGEST = 1024
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
BOUNCE_LENGTH = 40  # characters: 7 bytes of issue id, 8 of delivery id, 10 of MAC, in base32 without padding


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a valid token says; `slot` is the issue's."""

    newsletter: str
    subscriber: str
    slot: str


class Keyring:
    """The lines of var/secret, each giving one key per purpose: the last line signs, all verify."""

    __slots__ = ("_bounces", "_keys", "_signer", "_signing")

    def __init__(self, lines: Sequence[tuple[str, bytes]]) -> None:
        """`lines` are (id, 32 bytes) as in the file. Raises ValueError when there is none or an id comes twice."""
        if not lines or len({name for name, _ in lines}) < len(lines):
            raise ValueError("the secret file needs at least one line, and each line its own id")
        self._keys = {
            (name, purpose): hmac.digest(line, purpose.encode(), hashlib.sha256)
            for name, line in lines
            for purpose in PURPOSES
        }
        self._signer = lines[-1][0]
        # Two tokens are made for every message that is sent.
        self._signing = {purpose: KeyedHash(self._keys[self._signer, purpose]) for purpose in PURPOSES}
        self._bounces = self._signing["bounce"]

    def __repr__(self) -> str:
        """Three stars."""
        return "***"

    def sign(self, purpose: str, newsletter: str, subscriber: str, slot: str) -> str:
        """A token of one of PURPOSES. Raises ValueError for another purpose or a field that holds a NUL."""
        signing = self._signing.get(purpose)
        payload = f"{newsletter}\0{subscriber}\0{self._signer}\0{slot}"
        if signing is None or payload.count("\0") != 3:
            raise ValueError(f"no token for {purpose!r}, {newsletter!r}, {subscriber!r}, {slot!r}")
        signed = f"{VERSION}.{_base64url(payload.encode())}"
        return f"{signed}.{_base64url(signing.of(signed.encode())[:16])}"

    def verify(self, purpose: str, token: str) -> Claim | None:
        """What the token claims, or None unless we signed exactly it for this purpose. Never raises."""
        signed, dot, mac = token.rpartition(".")
        if not dot or len(token) > LONGEST or not token.isascii():
            return None
        # Nothing is decoded before the MAC is right; every key is tried, so the time tells nothing.
        found = [name for name, key in self._of(purpose) if hmac.compare_digest(_mac(key, signed), mac)]
        if not found:
            return None
        newsletter, subscriber, _, slot = _decoded(signed.partition(".")[2]).split("\0")
        return Claim(newsletter=newsletter, subscriber=subscriber, slot=slot)

    def bounce_token(self, issue_id: int, delivery_id: int) -> str:
        """The part of a return path that says which message came back: 40 letters and digits, lower case.

        Raises OverflowError beyond 7 bytes of issue id or 8 of delivery id.
        """
        ids = issue_id.to_bytes(7, "big") + delivery_id.to_bytes(8, "big")
        return base32(ids + self._bounces.of(ids)[:10])

    def verify_bounce(self, token: str) -> tuple[int, int] | None:
        """(issue id, delivery id), or None unless we made the token. Letter case is the mail systems' to change."""
        try:
            raw = base64.b32decode(token, casefold=True) if len(token) == BOUNCE_LENGTH else b""
        except ValueError:
            return None
        ids, mac = raw[:15], raw[15:]
        expected = [hmac.digest(key, ids, hashlib.sha256)[:10] for _, key in self._of("bounce")]
        if not any(hmac.compare_digest(mac, one) for one in expected):
            return None
        return int.from_bytes(ids[:7], "big"), int.from_bytes(ids[7:], "big")

    def _of(self, purpose: str) -> list[tuple[str, bytes]]:
        return [(name, key) for (name, its), key in self._keys.items() if its == purpose]


def _mac(key: bytes, signed: str) -> str:
    return _base64url(hmac.digest(key, signed.encode(), hashlib.sha256)[:16])


def _base64url(raw: bytes) -> str:
    return binascii.b2a_base64(raw, newline=False).translate(_URL_SAFE).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
