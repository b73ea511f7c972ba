"""DKIM signatures over finished messages (RFC 6376; Ed25519: RFC 8463), relaxed/relaxed.

The whole body is hashed for each reader, since each body is another one; that and one signature per key is the cost.
There is no t= and no x=: equal input gives equal bytes, so a message sent again is the same one.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from digest.errors import DigestError
from digest.model import DkimKey
from digest.sender.headers import structured

# MAIL.md A 3. What is named twice cannot be added a second time on the way; a field that is not there (Reply-To, the
# -Post without a public page) cannot be added at all. Blanks are where the field may be folded.
_SIGNED = (
    "From:From:To:Subject:Subject:Date:Date: Reply-To:Reply-To:Message-ID:MIME-Version:Content-Type: "
    "List-Id:List-Unsubscribe:List-Unsubscribe-Post:Feedback-ID"
)
_NAMES = tuple(name.strip().lower().encode() for name in _SIGNED.split(":"))
_LINE = 72  # base64 on a line of the field


class Signer:
    """Signs with all keys of a newsletter at once: one hash of the body, one walk through the header."""

    def __init__(self, keys: Sequence[DkimKey]) -> None:
        """Read the keys, which the config has looked at. Raises DigestError where one is no key all the same."""
        self._keys = tuple(map(_Key, keys))

    def sign(self, message: bytes) -> bytes:
        """The message with its signatures on top. `message` has CRLF line ends and an empty line below its header."""
        header, _, body = message.partition(b"\r\n\r\n")
        digest = b64encode(hashlib.sha256(relaxed_body(body)).digest())
        fields = _signed_fields(header)
        return b"".join((*(key.field(fields, digest) for key in self._keys), message))


class _Key:
    """One key and all of its field that is the same in every message."""

    def __init__(self, key: DkimKey) -> None:
        self._sign = _signing(key)
        name = {"rsa": "rsa-sha256", "ed25519": "ed25519-sha256"}[key.algorithm]
        value = f"v=1; a={name}; c=relaxed/relaxed; d={key.domain}; s={key.selector}; h={_SIGNED};"
        self._head = structured("DKIM-Signature", value).removesuffix(b"\r\n")
        self._canonical = f"dkim-signature:{value}".encode("ascii")

    def field(self, fields: bytes, digest: bytes) -> bytes:
        """The whole DKIM-Signature field. `fields` are those signed, canonical; `digest` is bh=."""
        signature = b64encode(self._sign(b"%b%b bh=%b; b=" % (fields, self._canonical, digest)))
        lines = (signature[place : place + _LINE] for place in range(0, len(signature), _LINE))
        return b"%b\r\n bh=%b;\r\n b=%b\r\n" % (self._head, digest, b"\r\n ".join(lines))


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4. `body` has CRLF line ends alone.

    Done by whole-string replacing: a message has few runs of blanks, so each is one quick look through 40 kB.
    """
    if b"\t" in body:
        body = body.replace(b"\t", b" ")
    while b"  " in body:
        body = body.replace(b"  ", b" ")
    if body and not body.endswith(b"\r\n"):
        body += b"\r\n"
    if b" \r\n" in body:
        body = body.replace(b" \r\n", b"\r\n")
    end = len(body)
    while body.endswith(b"\r\n\r\n", 0, end):
        end -= 2
    return b"" if body[:end] == b"\r\n" else body[:end]


def _signed_fields(header: bytes) -> bytes:
    """The fields that are signed, each canonical (RFC 6376 3.4.2) with its CRLF, the last of a name first (5.4.2)."""
    found: dict[bytes, list[bytes]] = {}
    for line in header.replace(b"\r\n ", b" ").replace(b"\r\n\t", b" ").split(b"\r\n"):
        name, _, value = line.partition(b":")
        name = name.strip().lower()
        found.setdefault(name, []).append(b"%b:%b\r\n" % (name, b" ".join(value.split())))
    return b"".join(found[name].pop() for name in _NAMES if found.get(name))


def _signing(key: DkimKey) -> Callable[[bytes], bytes]:
    """What makes a signature over canonical bytes."""
    # The config checked the numbers of the key; doing so again takes some milliseconds.
    private = load_pem_private_key(key.key.reveal().encode(), password=None, unsafe_skip_rsa_key_validation=True)
    if isinstance(private, RSAPrivateKey):
        return lambda data: private.sign(data, PKCS1v15(), SHA256())
    if isinstance(private, Ed25519PrivateKey):
        return lambda data: private.sign(hashlib.sha256(data).digest())  # RFC 8463 3: the hash is what is signed
    raise DigestError(f"the DKIM key {key.selector} is neither RSA nor Ed25519")
