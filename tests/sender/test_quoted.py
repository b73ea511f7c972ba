"""Quoted-printable in pieces: any joining of pieces decodes to the joined text, on legal lines."""

import quopri

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sender import quoted

law = settings(deadline=None, max_examples=300)
LITERALS = st.one_of(
    st.text(alphabet=".= \t\nAFrom é\U0001f600-", max_size=200), st.text(st.characters(codec="utf-8"), max_size=200)
)


def crlf(text):
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode()


def decoded(encoded):
    return quopri.decodestring(encoded)


@law
@given(st.lists(st.tuples(LITERALS, LITERALS), min_size=1, max_size=4))
def test_t11_pieces_side_by_side_decode_to_the_text_and_keep_to_legal_lines(pairs):
    encoded = b"".join(quoted.literal(literal) + quoted.value(value) for literal, value in pairs)
    assert decoded(encoded) == b"".join(crlf(literal) + crlf(value) for literal, value in pairs)
    assert not encoded or encoded.endswith(b"\r\n")
    for line in encoded.split(b"\r\n"):
        assert len(line) <= 76
        assert line.isascii()
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))
        assert b"\r" not in line
        assert b"\n" not in line


def test_a_value_cannot_end_a_line_of_its_own():
    assert quoted.value("a b\nc") == b"a=20b=0D=0Ac=\r\n"


def test_an_empty_value_leaves_nothing():
    assert quoted.literal("Good morning") + quoted.value("") + quoted.literal(".\n") == b"Good morning=\r\n=2E\r\n"


def test_a_lone_surrogate_is_written_as_the_replacement_character():
    assert decoded(quoted.value("\ud800")) == "\ufffd=".encode().rstrip(b"=")
