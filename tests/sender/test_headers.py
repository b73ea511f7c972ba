"""Header fields as bytes: what goes in comes out, and nothing else does."""

import email
import email.header
import email.policy
import email.utils

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sender import headers
from digest.sender.headers import HeaderError, is_address

TRICK = "=?utf-8?q?Hi=0D=0ABcc:_all=40x.test?="
HOSTILE = st.one_of(
    st.text(max_size=200),
    st.text(alphabet='=?_"\\<>,:;@()[] \r\n\t\0Aé\u2028\ud800\U0001f600', max_size=120),
    st.sampled_from([TRICK, "a" * 3000, "a\r\nBcc: x@y.test", "=?", "?=", "x" * 61, "\r\n\r\nbody", ". .", '"', "\\"]),
)
law = settings(deadline=None, max_examples=300)


def parsed(block):
    return email.message_from_bytes(block + b"\r\n", policy=email.policy.default)


def display_name(block):
    """By the older parser: 3.11's newer one keeps the blank between two encoded words of a name (RFC 2047 6.2)."""
    phrase, _ = email.utils.parseaddr(block.decode().partition(": ")[2].replace("\r\n", ""))
    return str(email.header.make_header(email.header.decode_header(phrase)))


def wire_rules(block):
    assert block.isascii()
    assert block.endswith(b"\r\n")
    for line in block[:-2].split(b"\r\n"):
        assert 0 < len(line) <= 998
        assert b"\r" not in line
        assert b"\n" not in line
        assert b"\0" not in line


@law
@given(HOSTILE)
def test_t10_any_title_is_one_subject_that_reads_as_it_was_written(title):
    block = headers.text("Subject", title)
    wire_rules(block)
    message = parsed(block)
    assert message.keys() == ["Subject"]
    assert str(message["Subject"]) == headers.one_line(title)


@law
@given(HOSTILE)
def test_t10_any_display_name_is_one_mailbox_with_the_address_it_was_given(name):
    block = headers.mailbox("To", name, "ada@example.org")
    wire_rules(block)
    message = parsed(block)
    assert message.keys() == ["To"]
    (address,) = message["To"].addresses
    assert address.addr_spec == "ada@example.org"
    assert display_name(block) == headers.one_line(name)


@law
@given(HOSTILE)
def test_t10_any_list_title_leaves_the_identifier_alone_and_nothing_encoded(title):
    block = headers.list_id(title, "morning.news.example.org")
    wire_rules(block)
    assert parsed(block).keys() == ["List-Id"]
    assert b"=?" not in block
    assert block.replace(b"\r\n ", b" ").endswith(b"<morning.news.example.org>\r\n")


def test_t10_a_title_that_looks_encoded_makes_no_bcc():
    block = headers.text("Subject", TRICK)
    assert b"Bcc:" not in block
    assert str(parsed(block)["Subject"]) == TRICK


def test_encoded_words_are_at_most_75_long_and_cut_between_characters():
    block = headers.text("Subject", "Füße 🚢 " * 40)
    lines = block.removeprefix(b"Subject: ").split()
    assert all(len(word) <= 75 for word in lines)
    assert all(len(line) <= 76 for line in block.split(b"\r\n"))
    decoded = [email.header.decode_header(word.decode())[0] for word in lines]
    assert "".join(raw.decode(charset) for raw, charset in decoded) == headers.one_line("Füße 🚢 " * 40)


def test_plain_words_stay_plain_and_fold_at_spaces():
    block = headers.text("Subject", "ferry talks " * 20)
    assert b"=?" not in block
    assert all(len(line) <= 78 for line in block.split(b"\r\n"))


def test_a_control_in_a_title_becomes_one_space():
    assert headers.text("Subject", "a\r\n\t b\x00c\x1bd\u2028e") == b"Subject: a b c d e\r\n"


def test_a_long_list_unsubscribe_folds_at_its_space_and_is_never_encoded():
    https, mailto = f"<https://news.example.org/u/{'x' * 200}>", "<mailto:unsubscribe@news.example.org?subject=t>"
    block = headers.structured("List-Unsubscribe", f"{https}, {mailto}")
    assert block == f"List-Unsubscribe: {https},\r\n {mailto}\r\n".encode()


@pytest.mark.parametrize("value", ["a\r\nBcc: x", "a\nb", "é", "a\0b", " a", "a  b", "", "x" * 999])
def test_a_structured_field_takes_no_value_that_would_need_encoding(value):
    with pytest.raises(HeaderError):
        headers.structured("Message-ID", value)


def test_a_reader_beyond_ascii_is_named_in_the_header_and_addressed_in_the_envelope_alone():
    block = headers.mailbox("To", "Zoë", "zoë@example.org")
    assert block == b"To: =?utf-8?q?Zo=C3=AB?=:;\r\n"


@pytest.mark.parametrize(
    "address",
    [
        "a@b.test\r\nRSET",
        "a@b.test\n",
        "a\r@b.test",
        "victim@a.test, other@b.test",
        "a@b.test,c@d.test",
        "Ada <a@b.test>",
        "<a@b.test>",
        "a>@b.test",
        '"a b"@b.test',
        '"a"@b.test',
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "a\u200bb@b.test",
        "a@b\u200b.test",
        "\u202ea@b.test",
        "a@ex\u0430mple.org",
        "a" * 65 + "@b.test",
        "a@" + "b" * 64 + ".test",
        "a@" + "b." * 130 + "test",
        "a b@c.test",
        "a..b@c.test",
        ".a@c.test",
        "a@b..test",
        "a@-b.test",
        "a@",
        "@b.test",
        "a",
        "",
        "a@b@c.test",
        "a(comment)@b.test",
        "a@b.test SIZE=1",
        "a\0@b.test",
    ],
)
def test_t12_an_address_that_could_say_more_than_itself_is_refused(address):
    assert not is_address(address)
    with pytest.raises(HeaderError):
        headers.mailbox("To", "", address)


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org",
        "a.b+c@xn--bcher-kva.example",
        "o'hara@x.test",
        "root@localhost",
        "zoë@example.org",
        "अदा@x.test",
    ],
)
def test_t12_an_ordinary_address_is_taken_as_it_stands(address):
    assert is_address(address)


@pytest.mark.parametrize(
    "block",
    [
        b"To: a\r\nBcc: b\r\n",
        b"To: a\nBcc: b\r\n",
        b"To: a\rb\r\n",
        b"To: a\0\r\n",
        b"To: \xe9\r\n",
        b"To: a\r\n\r\nbody\r\n",
        b"To: a\r\n \r\n",
        b"To: " + b"x" * 995 + b"\r\n",
        b"To: a",
        b"Subject: a\r\n",
    ],
)
def test_t10_a_block_that_is_not_exactly_what_was_meant_is_refused(block):
    with pytest.raises(HeaderError):
        headers.check_block(block, ("To",))
