"""A token is exactly what we signed, for exactly the purpose we signed it for, or nothing."""

import base64
import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subscribers.identity import LedgerKey
from digest.subscribers.tokens import PURPOSES, Claim, Keyring

RING = Keyring([("one", b"1" * 32), ("two", b"2" * 32)])
CLAIM = Claim(newsletter="morning", subscriber="abcdefgh23456777", slot="2026-11-23.pm")
TOKEN = RING.sign("unsubscribe", "morning", "abcdefgh23456777", "2026-11-23.pm")
ALPHABET = string.ascii_letters + string.digits + "-_.=+/~ %\u00e9\0\n"


def mutated(token, chance):
    """One to three characters changed, put in, taken out or swapped."""
    letters = list(token)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(letters))
        act = chance.randrange(4)
        if act == 0:
            letters[place] = chance.choice(ALPHABET)
        elif act == 1:
            letters.insert(place, chance.choice(ALPHABET))
        elif act == 2:
            del letters[place]
        else:
            other = chance.randrange(len(letters))
            letters[place], letters[other] = letters[other], letters[place]
    return "".join(letters)


def test_a_token_says_who_and_what():
    assert RING.verify("unsubscribe", TOKEN) == CLAIM
    assert len(TOKEN) < 120


def test_t20_ten_thousand_mutations_are_refused():
    chance = random.Random(20)
    tries = [one for one in (mutated(TOKEN, chance) for _ in range(12_000)) if one != TOKEN][:10_000]
    assert len(tries) == 10_000
    assert not [one for one in tries if RING.verify("unsubscribe", one)]


def test_t20_a_spare_bit_of_base64_makes_no_second_token():
    assert not [
        letter for letter in ALPHABET if letter != TOKEN[-1] and RING.verify("unsubscribe", TOKEN[:-1] + letter)
    ]
    assert RING.verify("unsubscribe", TOKEN + "=") is None


def test_t20_a_token_of_one_purpose_is_refused_for_every_other():
    for purpose in PURPOSES:
        made = RING.sign(purpose, "morning", "s", "2026-11-23")
        assert [other for other in PURPOSES if RING.verify(other, made)] == [purpose]
    assert RING.verify("no such purpose", TOKEN) is None


@settings(deadline=None, max_examples=300)
@given(st.text() | st.binary().map(lambda raw: "v1." + base64.urlsafe_b64encode(raw).decode() + ".AAAA"))
def test_t20_any_text_at_all_is_answered(text):
    assert RING.verify("unsubscribe", text) is None
    assert RING.verify_bounce(text) is None


def test_t23_the_last_line_signs_and_every_line_verifies():
    old = Keyring([("one", b"1" * 32)])
    made = old.sign("unsubscribe", "morning", "abcdefgh23456777", "2026-11-23.pm")
    assert RING.verify("unsubscribe", made) == CLAIM
    assert old.verify("unsubscribe", TOKEN) is None
    assert RING.verify_bounce(old.bounce_token(3, 4)) == (3, 4)


def test_t39_a_token_holds_no_address():
    person = LedgerKey(b"k" * 32).subscriber_id("ada@mailbox.example")
    made = RING.sign("unsubscribe", "morning", person, "2026-11-23")
    payload = made.split(".")[1]
    assert b"mailbox" not in base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))


@pytest.mark.parametrize("lines", [[], [("one", b"1"), ("one", b"2")]])
def test_a_ring_needs_lines_with_an_id_each(lines):
    with pytest.raises(ValueError, match="own id"):
        Keyring(lines)


@pytest.mark.parametrize(("purpose", "person"), [("frobnicate", "s"), ("unsubscribe", "s\0t")])
def test_nothing_else_is_signed(purpose, person):
    with pytest.raises(ValueError, match="no token for"):
        RING.sign(purpose, "morning", person, "2026-11-23")


@given(st.integers(0, 2**56 - 1), st.integers(0, 2**63 - 1))
def test_a_return_path_names_its_message_in_forty_characters(issue, delivery):
    token = RING.bounce_token(issue, delivery)
    assert len(token) <= 40
    assert token.isalnum()
    assert token == token.lower()
    assert RING.verify_bounce(token) == RING.verify_bounce(token.upper()) == (issue, delivery)


def test_t20_a_changed_return_path_names_nothing():
    chance = random.Random(39)
    token = RING.bounce_token(17, 4711)
    tries = {mutated(token, chance) for _ in range(3000)}
    assert not [one for one in tries if one.lower() != token and RING.verify_bounce(one)]


def test_a_ring_does_not_show_its_keys():
    assert repr(RING) == "***"
