"""What a strict server sees of hostile content: one message, legal bytes, nothing smuggled."""

import asyncio
import re

import pytest

from digest.model import OutcomeKind, Part
from digest.sender.smtp import SmtpTransport
from digest.testing.fakes import Recorder
from digest.testing.sink import Sink

# Every way of ending a message early that a lenient server somewhere takes for the end (SECURITY.md 2 m).
SMUGGLING = [
    "\n.\n",
    "\r\n.\r\n",
    "\n.\r\n",
    "\r\n.\n",
    "\r.\r",
    "\r\n.\r",
    "\r.\r\n",
    "\n.\r",
    "\r\n\0.\r\n",
    "\r\n.\0\r\n",
    "\r\r\n.\r\r\n",
    "\r\n..\r\n.\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<victim@x.test>\r\nDATA\r\n",
]


def on_the_wire(*messages):
    """What the sink got of these messages: (sink, every raw byte of its sessions)."""

    async def run():
        async with Sink() as sink:
            transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", max_connections=1)
            seen = Recorder(messages)
            await transport.deliver(seen.next_message, seen.intend, seen.enter)
            assert set(seen.kinds().values()) == {OutcomeKind.SENT}
            return sink, b"".join(bytes(session.raw) for session in sink.sessions)

    return asyncio.run(run())


def hostile(make, content, *, number=1):
    part = Part(literals=(content, f"{content}\n{content}"), holes=("name",))
    return make.builder(issue=make.issue(subject=content, html=part, text=part)).build(
        make.delivery(number, name=content)
    )


@pytest.mark.parametrize("sequence", SMUGGLING, ids=ascii)
def test_t11_a_smuggling_sequence_is_inert_wherever_it_stands(make, sequence):
    messages = [hostile(make, f"before{sequence}after"), hostile(make, sequence, number=2)]
    sink, raw = on_the_wire(*messages)
    assert [message.data for message in sink.messages] == [message.data for message in messages]
    assert sink.breaches == []
    assert sink.said("MAIL") == [
        f"MAIL FROM:<bounces+{n}@news.example.org> SIZE={len(m.data)}" for n, m in enumerate(messages, 1)
    ]
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", raw)


def test_t11_no_line_of_a_message_begins_with_a_dot_so_its_bytes_are_the_wires(make):
    message = hostile(make, ".\n..\n.hidden\n" + "." * 200)
    _, raw = on_the_wire(message)
    assert b"\r\n." not in message.data
    assert message.data + b".\r\n" in raw


@pytest.mark.parametrize(
    "content",
    ["x" * 5000, "é" * 3000, "a\nb\rc\r\nd", ".\n.\n", "tail \t\nnext", "<p>" + "word " * 2000],
    ids=lambda c: ascii(c)[:20],
)
def test_row48_long_lines_bare_breaks_and_leading_dots_are_legal_bytes_on_the_wire(make, content):
    sink, _ = on_the_wire(hostile(make, content))
    (message,) = sink.messages
    assert sink.breaches == []
    body = message.data.partition(b"\r\n\r\n")[2]
    assert max(map(len, body.split(b"\r\n"))) <= 76
    assert message.data.isascii()
