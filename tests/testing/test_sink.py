"""The sink is strict, or what it accepts would prove nothing."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import time

import pytest

from digest.testing.sink import Act, Sink

ENVELOPE = b"EHLO c\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"
ONE = ENVELOPE + b"x\r\n.\r\nQUIT\r\n"


def talk(data, *, sink=None):
    """Send these bytes, then end: (the sink, everything it said)."""

    async def run():
        async with sink or Sink() as opened:
            return opened, await answers(opened.port, data)

    return asyncio.run(run())


async def answers(port, data):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    with contextlib.suppress(ConnectionError):
        writer.write(data)
        while more := await reader.read(4096):
            said += more
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return said.decode()


@pytest.mark.parametrize("ending", [b"\n.\n", b"\r\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\r"])
def test_only_crlf_dot_crlf_ends_a_message_and_anything_like_it_is_noted(ending):
    sink, _ = talk(ENVELOPE + b"one" + ending + b"MAIL FROM:<evil@x.test>\r\n.\r\nQUIT\r\n")
    assert [message.sender for message in sink.messages] == ["a@b.test"]
    assert "a bare CR or LF" in sink.breaches


def test_dots_are_unstuffed_once():
    sink, _ = talk(ENVELOPE + b"..one\r\n...two\r\n.\r\nQUIT\r\n")
    assert sink.messages[0].data == b".one\r\n..two\r\n"


def test_an_empty_message_is_a_message():
    assert talk(ENVELOPE + b".\r\nQUIT\r\n")[0].messages[0].data == b""


@pytest.mark.parametrize(
    "command", [b"RCPT TO:<a@b.test>", b"DATA", b"MAIL FROM:a@b.test", b"MAIL FROM:<a@b.test> x", b"NONSENSE"]
)
def test_a_command_out_of_order_or_out_of_form_is_refused(command):
    _, said = talk(b"EHLO c\r\n" + command + b"\r\nQUIT\r\n")
    assert said.splitlines()[-2][:1] == "5"


def test_eight_bits_long_lines_and_nuls_are_noted():
    sink, _ = talk(ENVELOPE + b"\xe9\r\n\0\r\n" + b"x" * 999 + b"\r\n.\r\nQUIT\r\n")
    assert set(sink.breaches) == {"8-bit", "a NUL", "a line over 998"}


def test_a_script_answers_for_the_nth_time_a_step_comes():
    def script(step, count, argument):
        return "550 5.1.1 no" if (step, count, argument) == ("rcpt", 1, "TO:<c@d.test>") else None

    sink, said = talk(ENVELOPE + b"QUIT\r\n", sink=Sink(script=script))
    assert "550 5.1.1 no" in said
    assert sink.messages == []


def test_kept_and_dropped_is_kept_without_an_answer():
    sink, said = talk(
        ENVELOPE + b"x\r\n.\r\n", sink=Sink(script=lambda s, *_: Act.KEEP_AND_DROP if s == "dot" else None)
    )
    assert len(sink.messages) == 1
    assert said.splitlines()[-1] == "354 go ahead"


def test_the_log_has_a_message_before_it_is_answered(tmp_path):
    log = tmp_path / "log"
    seen = []

    def script(step, *_):
        if step == "quit":
            seen.append(len(log.read_text().splitlines()))

    talk(ENVELOPE + b"Message-ID: <m@x>\r\n\r\nx\r\n.\r\nQUIT\r\n", sink=Sink(script=script, log=log))
    told = json.loads(log.read_text())
    assert seen == [1]
    assert (told["sender"], told["recipients"], told["message_id"]) == ("a@b.test", ["c@d.test"], "m@x")


def test_it_runs_as_a_program_and_drops_after_n(tmp_path):
    log, port_file = tmp_path / "log", tmp_path / "port"
    command = [
        sys.executable,
        "-m",
        "digest.testing",
        "sink",
        "--log",
        log,
        "--port-file",
        port_file,
        "--drop-after",
        "1",
    ]
    with subprocess.Popen(command) as process:
        try:
            until = time.monotonic() + 60
            while not port_file.exists():
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.02)
            said = [asyncio.run(answers(int(port_file.read_text()), ONE)) for _ in range(3)]
        finally:
            process.send_signal(signal.SIGTERM)
    assert ["kept" in answer for answer in said] == [True, False, True]
    assert len(log.read_text().splitlines()) == 3
    assert process.returncode == 0


def test_a_brief_sink_keeps_nothing_in_memory_and_no_text_in_its_log(tmp_path):
    log = tmp_path / "log"
    sink = Sink(log=log, brief=True, late=lambda: 0.01)
    assert "kept" in talk(ENVELOPE + b"Message-ID: <m@x>\r\n\r\nx\r\n.\r\nQUIT\r\n", sink=sink)[1]
    told = json.loads(log.read_text())
    assert sorted(told) == ["at", "message_id", "recipients", "sender", "size"]
    assert (sink.messages, sink.sessions) == ([], [])
