"""A private key in PEM, looked at before anything is signed with it."""

from __future__ import annotations

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

_BITS = range(1024, 4097)  # what receivers must be able to check, RFC 8301 3.2
_MAKE = "make one: openssl genpkey -algorithm ed25519 (or: rsa -pkeyopt rsa_keygen_bits:2048) -out FILE"


def examine(pem: str) -> tuple[str, int]:
    """("rsa", bits) or ("ed25519", 0). Raises ValueError with one line for people, behind the name of the file."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ValueError("is locked by a passphrase; write it without one: openssl pkey -in FILE -out OPEN") from None
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(f"is no private key in PEM; {_MAKE}") from None
    if isinstance(key, Ed25519PrivateKey):
        return "ed25519", 0
    if isinstance(key, RSAPrivateKey):
        if key.key_size in _BITS:
            return "rsa", key.key_size
        raise ValueError(f"is RSA of {key.key_size} bits, receivers check 1024 to 4096; {_MAKE}")
    raise ValueError(f"is no key for DKIM, which knows RSA and Ed25519; {_MAKE}")
