"""Answers are paired with what was asked, however the stream is cut: what is usual has a way of its own in."""

import asyncio

from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.model import Phase
from digest.sender.wire import END, ENVELOPE, Wire


class Still(asyncio.Transport):
    """A connection on which nothing moves by itself."""

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def abort(self):
        pass


def paired(chunks, *, before):
    """What comes to an envelope, and to what was asked `before` it in the same write."""

    async def run():
        wire = Wire(Still())
        groups = [wire.expect(before, (5.0,) * len(before))] if before else []
        groups.append(wire.expect(ENVELOPE, (5.0, 5.0, 5.0)))
        for chunk in chunks:
            wire.get_buffer(-1)[: len(chunk)] = chunk
            wire.buffer_updated(len(chunk))
        found = [[(one.phase, one.code) for one in group.found] for group in groups if group.found]
        texts = [one.text for group in groups for one in group.found or () if one.phase is Phase.DOT]
        lost = bool(wire.lost)  # why may depend on the cut
        wire.abort()
        return found, texts, lost

    return asyncio.run(run())


ANSWER = st.sampled_from(
    [
        *("250 2.0.0 kept as 4711", "250 ok", "251 kept", "354 go", "450 4.2.0 later", "550 5.1.1 who", "hm"),
        "250-kept\r\n250 as 4711",
    ]
)
USUAL = ["250 kept", "250 ok", "250 ok", "354 go"]
BEFORE = [(), END, (Phase.MAIL,), (Phase.DATA, Phase.MAIL)]  # nothing, a body, RSET, a lone dot and RSET


@settings(deadline=None, max_examples=200)
@given(
    answers=st.one_of(
        st.just(USUAL), st.just(["250-kept\r\n250 as 4711", *USUAL[1:]]), st.lists(ANSWER, min_size=3, max_size=5)
    ),
    before=st.sampled_from(BEFORE),
    cuts=st.lists(st.integers(1, 30), max_size=6),
)
@example(answers=USUAL, before=END, cuts=[len(USUAL[0]) + 2])  # the answer to the dot comes alone
def test_answers_in_one_piece_are_paired_as_answers_in_many(answers, before, cuts):
    stream = "".join(f"{answer}\r\n" for answer in answers).encode()
    chunks, rest = [], stream
    for cut in cuts:
        chunks, rest = [*chunks, rest[:cut]], rest[cut:]
    one_by_one = [stream[place : place + 1] for place in range(len(stream))]
    lines = [f"{line}\r\n".encode() for line in stream.decode().splitlines()]
    whole = paired([stream], before=before)
    assert whole == paired(one_by_one, before=before) == paired([*chunks, rest], before=before)
    assert whole == paired([lines[0], b"".join(lines[1:])], before=before)


def test_an_accepted_message_and_the_next_ones_envelope_are_told_apart():
    found, texts, lost = paired([b"250 2.0.0 kept as 4711\r\n250 ok\r\n250 ok\r\n354 go\r\n"], before=END)
    assert found == [[(Phase.DOT, 250)], [(Phase.MAIL, 250), (Phase.RCPT, 250), (Phase.DATA, 354)]]
    assert (texts, lost) == (["2.0.0 kept as 4711"], False)


def test_one_answer_too_many_ends_the_connection():
    assert paired([b"250 a\r\n250 b\r\n250 c\r\n354 go\r\n"], before=())[2]
