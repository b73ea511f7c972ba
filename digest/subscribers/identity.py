"""Names for people, mailboxes and messages that never show an address: keyed hashes (SENDING.md 4)."""

from __future__ import annotations

import hashlib
import hmac

from digest.subscribers.address import mailbox
from digest.subscribers.keyed import KeyedHash, base32

PURPOSE = b"digest ledger v1"


class LedgerKey:
    """Made of the first line of var/secret, which is never rotated. Losing it would lose every "no"."""

    __slots__ = ("_hash", "raw")

    def __init__(self, first_line: bytes) -> None:
        """`first_line`: the 32 bytes of that line. `raw` is the 32-byte key, for the store's key check."""
        self.raw = hmac.digest(first_line, PURPOSE, hashlib.sha256)
        self._hash = KeyedHash(self.raw)

    def __repr__(self) -> str:
        """Three stars."""
        return "***"

    def subscriber_id(self, email: str) -> str:
        """16 letters and digits: the person's id where the file gives none, the same however the address is cased."""
        return base32(self._digest("id", mailbox(email))[:10])

    def address_hash(self, email: str) -> bytes:
        """16 bytes that know a mailbox again. Raises ValueError when a non-ASCII `email` is no address."""
        return self._digest("address", mailbox(email))[:16]

    def message_id(self, issue_key: str, subscriber: str, domain: str) -> str:
        """`LETTERS@domain` without angle brackets: the same for every attempt of one issue for one subscriber."""
        return f"{base32(self._digest('message', issue_key, subscriber)[:15])}@{domain}"

    def _digest(self, *fields: str) -> bytes:
        return self._hash.of("\0".join(fields).encode())
