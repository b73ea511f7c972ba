"""A key that a newsletter's messages are signed with."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DkimKey:
    """One `[[newsletters.NAME.dkim]]` table. `key` is a private key in PEM, checked; `algorithm` rsa or ed25519.

    The public half is in DNS at `SELECTOR._domainkey.DOMAIN`. `bits` counts for rsa.
    """

    selector: str
    domain: str
    key: Secret
    algorithm: str
    bits: int = 0
    line: int = 0
