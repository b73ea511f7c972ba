"""What signing costs a message of 40 kB, in CPU, beside dkimpy signing the same one and beside not signing at all."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable

import dkim
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from benchmarks.rounds import paired
from digest.model import DkimKey, Secret
from digest.sender.dkim import Signer

_MESSAGES = 300
_PEER_MESSAGES = 30
_LINE = '<td style=3D"padding:0 24px 8px"><a href=3D"https://times.example/a">A headline of the day</a>\r\n'


def measure() -> dict[str, object]:
    """Microseconds of CPU per message, and how many times dkimpy takes longer, median of paired rounds."""
    message = _message()
    rsa_key = rsa.generate_private_key(65537, 2048)
    ed_key = ed25519.Ed25519PrivateKey.generate()
    rsa_pem = rsa_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    ed_seed = b64encode(ed_key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    ours = {"rsa": _ours("rsa", rsa_key), "ed25519": _ours("ed25519", ed_key)}
    both = Signer([_key("rsa", rsa_key), _key("ed25519", ed_key)])
    peers = {"rsa": _peer(b"rsa-sha256", rsa_pem), "ed25519": _peer(b"ed25519-sha256", ed_seed)}
    found: dict[str, object] = {"message_bytes": len(message), "both_us": round(_each(both.sign, message, _MESSAGES))}
    for kind, sign in ours.items():
        peer = peers[kind]
        mine, theirs, ratio = paired(
            lambda sign=sign: _each(sign, message, _MESSAGES), lambda peer=peer: _each(peer, message, _PEER_MESSAGES)
        )
        found |= {
            f"{kind}_us": round(mine),
            f"{kind}_dkimpy_us": round(theirs),
            f"{kind}_times_dkimpy": round(1 / ratio, 1),
        }
    _check(ours, {"rsa": rsa_key, "ed25519": ed_key}, message)
    return found


def _each(sign: Callable[[bytes], bytes], message: bytes, count: int) -> float:
    started = time.process_time()
    for _ in range(count):
        sign(message)
    return (time.process_time() - started) / count * 1e6


def _ours(kind: str, private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> Callable[[bytes], bytes]:
    return Signer([_key(kind, private)]).sign


def _key(kind: str, private: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> DkimKey:
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return DkimKey(selector="s", domain="example.org", key=Secret(pem, origin="made here"), algorithm=kind)


def _peer(algorithm: bytes, key: bytes) -> Callable[[bytes], bytes]:
    names = [b"From", b"To", b"Subject", b"Date", b"Message-ID", b"List-Unsubscribe", b"List-Unsubscribe-Post"]

    def sign(message: bytes) -> bytes:
        head: bytes = dkim.sign(
            message, b"s", b"example.org", key, canonicalize=(b"relaxed", b"relaxed"),
            signature_algorithm=algorithm, include_headers=names,
        )  # fmt: skip
        return head + message

    return sign


def _check(
    ours: dict[str, Callable[[bytes], bytes]],
    keys: dict[str, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey],
    message: bytes,
) -> None:
    """A fast signature that does not verify would be no figure."""
    for kind, sign in ours.items():
        public = keys[kind].public_key()
        raw = (
            public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            if kind == "rsa"
            else public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        )
        record = b"v=DKIM1; k=%b; p=%b" % (kind.encode(), b64encode(raw))
        if not dkim.verify(sign(message), dnsfunc=lambda _, timeout=5, record=record: record):  # noqa: ARG005 - dkimpy names it
            raise RuntimeError(f"{kind}: our signature does not verify")


def _message() -> bytes:
    fields = (
        "Date: Tue, 10 Mar 2026 06:30:00 +0000", "From: The Morning Desk <briefing@example.org>",
        "To: Reader <reader@example.org>", "Subject: Ferry talks", "Message-ID: <a@example.org>",
        "List-Id: <morning.example.org>", "List-Unsubscribe: <https://example.org/u/v1.a>, <mailto:u@example.org>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click", "MIME-Version: 1.0", "Content-Type: text/html; charset=utf-8",
    )  # fmt: skip
    return ("\r\n".join(fields) + "\r\n\r\n" + _LINE * (40_000 // len(_LINE))).encode()
