"""An address is stored as it goes into the envelope, or refused with what to write instead."""

import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.subscribers.address import mailbox, normalise, same_mailbox


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("ada@example.org", "ada@example.org"),
        ("Ada.B+news@Example.ORG", "Ada.B+news@example.org"),
        ("Postmaster@example.org", "Postmaster@example.org"),
        ("ada@b\u00fccher.example", "ada@xn--bcher-kva.example"),
        ("ada@XN--BCHER-KVA.example", "ada@xn--bcher-kva.example"),
        ("ada@example.test", "ada@example.test"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_keeps_its_local_part_and_gets_an_ascii_domain(text, stored):
    assert normalise(text).stored == stored
    assert normalise(text).warning == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a@b.test\r\nRSET", r"U\+000D"),
        ("a@b.test\n", r"U\+000A"),
        ("a\x00@b.test", r"U\+0000"),
        ("a\u200b@b.test", r"U\+200B"),
        ("a@b\u200d.test", r"U\+200D"),
        ("a@b.test\u202e", r"U\+202E"),
        (" a@b.test", "a blank"),
        ("victim@a.test, other@b.test", "a blank"),
        ("victim@a.test,other@b.test", "invalid characters"),
        ("<a@b.test>", "angle brackets"),
        ("Ada<a@b.test>", "angle brackets"),
        ('"a"@b.test', "[Qq]uoting"),
        ("a@[127.0.0.1]", "bracketed IP"),
        ("a@1.2.3.4", "top-level"),
        ("a" * 65 + "@b.test", "65 characters before the @"),
        ("\u00e4@b.test", "only ASCII before the @"),
        ("a@" + "b" * 64 + ".test", "too many"),
        ("a@b..test", "period"),
        ("a@b_c.test", "invalid characters"),
        ("a@localhost", "period"),
        ("a.test", "is no address"),
        ("@b.test", "is no address"),
        ("", "is no address"),
    ],
)
def test_t12_what_could_add_a_recipient_or_hide_one_is_refused(text, why):
    with pytest.raises(ValueError, match=why) as caught:
        normalise(text)
    assert "\n" not in str(caught.value)
    assert "\r" not in str(caught.value)


@pytest.mark.parametrize(
    ("domain", "warned"),
    [
        ("p\u0430ypal.test", True),  # a Cyrillic a among Latin letters
        ("xn--pypal-4ve.test", True),  # the same, written as its A-label
        ("\u03b1lpha.test", True),
        ("b\u00fccher.test", False),
        ("\u043f\u043e\u0447\u0442\u0430.test", False),  # all Cyrillic
        ("\u30b5\u30f3\u30d7\u30eb\u6f22\u5b57ab.test", False),  # kana, Han and Latin go together
    ],
)
def test_t12_a_domain_of_mixed_scripts_is_warned_of(domain, warned):
    assert ("may imitate" in normalise(f"ada@{domain}").warning) is warned


def taken(text):
    """What is stored, or what is said."""
    try:
        return normalise(text).stored, ""
    except ValueError as error:
        return "", str(error)


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters(codec="utf-8"), max_size=20), st.sampled_from(["@", "@b.test", "@b.test\r\n", ""]))
def test_t12_whatever_is_taken_is_one_ascii_token(text, rest):
    stored, told = taken(text + rest)
    assert told.isprintable()
    if told:
        return
    assert stored.isascii()
    assert not set(stored) & set('\r\n\0 ,<>"[]:;()\\')
    assert stored.count("@") == 1
    assert normalise(stored).stored == stored


def test_one_mailbox_is_known_however_it_is_typed():
    assert mailbox("Ada@B\u00dcCHER.example") == mailbox("ada@xn--bcher-kva.example")
    assert same_mailbox("ADA@example.org", "ada@EXAMPLE.org")
    assert same_mailbox("not an address", "Not an address")
    assert not same_mailbox("a@example.org", "b@example.org")


@settings(max_examples=500)
@given(
    st.lists(st.sampled_from(["a", "B", "0", ".", "_", "-", "+", "'", '"', "(", "%", "\\"]), max_size=8),
    st.lists(
        st.sampled_from(["a", "B", "0", "-", ".", "org", ".test", "xn--", "bcher-kva", "_", "localhost"]), max_size=6
    ),
)
def test_the_usual_addresses_are_taken_and_refused_as_the_library_does(local, domain):
    text = f"{''.join(local)}@{''.join(domain)}"
    try:
        found = validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(ValueError, match="write it like"):
            normalise(text)
    else:
        assert normalise(text).stored == f"{''.join(local)}@{found.ascii_domain.lower()}"


@pytest.mark.parametrize("length", [150, 191, 192, 200, 240, 253])
def test_a_long_domain_is_judged_with_its_local_part(length):
    domain = ("d" * 60 + ".") * 4
    text = "l" * 14 + "@" + domain[: length - 4] + ".org"
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        with pytest.raises(ValueError, match="write it like"):
            normalise(text)
    else:
        assert normalise(text).stored == text
