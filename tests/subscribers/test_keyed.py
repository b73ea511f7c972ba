from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.subscribers.keyed import KeyedHash, base32


@given(key=st.binary(max_size=64), message=st.binary(max_size=300))
def test_a_keyed_hash_is_the_standard_librarys_hmac(key: bytes, message: bytes) -> None:
    keyed = KeyedHash(key)
    assert [keyed.of(message), keyed.of(message)] == [hmac.digest(key, message, hashlib.sha256)] * 2


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="64 octets"):
        KeyedHash(b"k" * 65)


def test_a_keyed_hash_never_shows_its_key() -> None:
    assert repr(KeyedHash(b"secret")) == "***"


@given(raw=st.lists(st.binary(min_size=5, max_size=5), max_size=6).map(b"".join))
def test_base32_is_the_standard_librarys_in_lower_case(raw: bytes) -> None:
    assert base32(raw) == base64.b32encode(raw).decode().lower()


def test_base32_has_no_padding_so_other_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 5"):
        base32(b"1234")
