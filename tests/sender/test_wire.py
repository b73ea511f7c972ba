"""Replies out of a stream of bytes, however they are cut."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sender.wire import LONGEST_LINE, LONGEST_REPLY, GarbageError, ReplyReader


def read(*chunks):
    reader = ReplyReader()
    return [reply for chunk in chunks for reply in reader.feed(chunk)]


def test_a_reply_of_several_lines_is_one_reply():
    assert read(b"250-first\r\n250-\r\n250 last\r\n") == [(250, "first\n\nlast")]


def test_a_bare_code_is_a_reply():
    assert read(b"250\r\n") == [(250, "")]


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), max_size=12))
def test_how_the_bytes_are_cut_changes_nothing(cuts):
    stream = b"250-one\r\n250 two\r\n550 5.1.1 \xff no\n354 go\r\n"
    chunks, rest = [], stream
    for cut in cuts:
        chunks, rest = [*chunks, rest[:cut]], rest[cut:]
    assert read(*chunks, rest) == [(250, "one\ntwo"), (550, "5.1.1 \ufffd no"), (354, "go")]


@pytest.mark.parametrize(
    "garbage",
    [
        b"hello\r\n",
        b"199 no\r\n",
        b"600 no\r\n",
        b"25 no\r\n",
        b"2500\r\n",
        b"250_no\r\n",
        b"\r\n",
        b"250-a\r\n251 b\r\n",
        b"250 " + b"x" * LONGEST_LINE + b"\r\n",
        b"x" * (LONGEST_LINE + 1),
        b"250-more\r\n" * (LONGEST_REPLY // 10 + 1),
    ],
    ids=lambda garbage: ascii(garbage[:12]),
)
def test_what_is_no_reply_is_garbage(garbage):
    with pytest.raises(GarbageError):
        read(garbage)


def test_the_reply_before_garbage_still_counts():
    reader = ReplyReader().feed(b"250 ok\r\ngarbage\r\n")
    assert next(reader) == (250, "ok")
    with pytest.raises(GarbageError):
        next(reader)


@pytest.mark.parametrize(
    "endless", [b"9" * 4096, b"250-more\r\n" * 409, b"250-" + b"x" * 4000 + b"\r\n"], ids=["line", "lines", "long"]
)
def test_row40_an_answer_without_end_is_given_up_before_it_is_larger_than_any_may_be(endless):
    reader = ReplyReader()

    def taken():
        for pieces in range(1, LONGEST_REPLY):
            try:
                assert list(reader.feed(endless)) == []
            except GarbageError:
                return pieces * len(endless)
        return None

    assert taken() <= LONGEST_REPLY + len(endless)
