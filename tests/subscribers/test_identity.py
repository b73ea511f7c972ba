"""Ids, hashes and Message-IDs: stable, keyed, and without the address."""

import base64
import hashlib
import hmac

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subscribers.identity import LedgerKey

KEY = LedgerKey(b"k" * 32)
LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=3, max_size=20)


def digest(text):
    key = hmac.new(b"k" * 32, b"digest ledger v1", hashlib.sha256).digest()
    assert key == KEY.raw
    return hmac.new(key, text, hashlib.sha256).digest()


def base32(raw):
    return base64.b32encode(raw).decode().rstrip("=").lower()


def test_ids_are_made_as_the_ledger_says():
    assert KEY.subscriber_id("Ada@example.org") == base32(digest(b"id\0ada@example.org")[:10])
    assert KEY.address_hash("Ada@b\u00fccher.example") == digest(b"address\0ada@xn--bcher-kva.example")[:16]
    expected = base32(digest(b"message\0morning@2026-11-23\0s1")[:15])
    assert KEY.message_id("morning@2026-11-23", "s1", "news.example.org") == f"{expected}@news.example.org"


def test_a_mailbox_has_one_hash_and_one_id_however_it_is_typed():
    assert KEY.address_hash("ADA@EXAMPLE.ORG") == KEY.address_hash("ada@example.org")
    assert KEY.subscriber_id("ada@B\u00dcCHER.example") == KEY.subscriber_id("ada@xn--bcher-kva.example")


def test_another_secret_gives_other_names():
    other = LedgerKey(b"x" * 32)
    assert other.subscriber_id("ada@example.org") != KEY.subscriber_id("ada@example.org")
    assert other.address_hash("ada@example.org") != KEY.address_hash("ada@example.org")


@settings(deadline=None)
@given(LOCAL)
def test_t39_no_name_holds_the_address(local):
    email = f"{local}@mailbox.example"
    person = KEY.subscriber_id(email)
    names = (person, KEY.address_hash(email).hex(), KEY.message_id("morning@2026-11-23", person, "news.test"))
    assert all("mailbox" not in name for name in names)
    assert all(base32(local.encode()) not in name for name in names)
    assert len(person) == 16
    assert len(names[2].partition("@")[0]) == 24


def test_a_key_does_not_show_itself():
    assert repr(KEY) == "***"
