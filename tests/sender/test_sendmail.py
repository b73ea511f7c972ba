"""Messages handed to a real program, and what its end says."""

import asyncio
import json
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from digest.errors import TransportError
from digest.model import Envelope, Message, OutcomeKind
from digest.sender.exits import outcome_of
from digest.sender.sendmail import SendmailTransport
from digest.testing.fakes import Recorder, a_delivery, a_message

# Keeps what it was called with and given; then does what `how.json` has for the reader, or ends well.
PROGRAM = """\
import json, os, signal, sys, time
here = os.path.dirname(os.path.abspath(__file__))
body = sys.stdin.buffer.read()
call = {"args": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(), "body": body.decode("latin-1")}
file = os.path.join(here, "calls", f"{os.getpid()}.json")
with open(file + ".part", "w") as out:
    json.dump(call, out)
os.rename(file + ".part", file)
how = json.load(open(os.path.join(here, "how.json"))).get(sys.argv[-1], {})
print(how.get("says", ""), file=sys.stderr, flush=True)
time.sleep(how.get("sleeps", 0))
if "signal" in how:
    os.kill(os.getpid(), how["signal"])
sys.exit(how.get("exits", 0))
"""


class Program:
    """A fake sendmail in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "sendmail"
        (folder / "calls").mkdir(parents=True)
        (folder / "program.py").write_text(PROGRAM)
        self.path.write_text(f'#!/bin/sh\nexec {sys.executable} -IS {folder}/program.py "$@"\n')
        self.path.chmod(0o755)
        self.how = {}

    def answer(self, number, **how):
        self.how[f"reader{number}@example.org"] = how

    def transport(self, **options):
        (self.folder / "how.json").write_text(json.dumps(self.how))
        return SendmailTransport(name="local", command=(str(self.path), "-oi"), **options)

    @property
    def calls(self):
        return [json.loads(file.read_text()) for file in (self.folder / "calls").glob("*.json")]

    def wait(self):
        """Until it was called."""
        while not self.calls:
            time.sleep(0.01)


@pytest.fixture
def program(tmp_path):
    return Program(tmp_path / "program")


def deliver(transport, numbers=(1,), *, messages=None, **options):
    seen = Recorder(messages or [a_message(a_delivery(number)) for number in numbers], **options)
    asyncio.run(transport.deliver(seen.next_message, seen.intend, seen.enter))
    return seen


def only(seen):
    ((outcome,),) = seen.outcomes.values()
    return outcome


def test_the_program_is_called_with_sender_and_reader_alone_and_given_the_whole_message(program):
    message = a_message(a_delivery(1), body="Good morning.\nFrom us.")
    seen = deliver(program.transport(), messages=[message])
    (call,) = program.calls
    assert call["args"] == ["-oi", "-i", "-f", "bounces@news.example.org", "--", "reader1@example.org"]
    assert call["body"].replace("\n", "\r\n").encode() == message.data
    assert only(seen).kind is OutcomeKind.SENT


def test_every_exit_code_has_the_meaning_of_its_class_and_no_other_is_for_good():
    expected = {0: OutcomeKind.SENT, 65: OutcomeKind.FAILED, 67: OutcomeKind.FAILED, 68: OutcomeKind.FAILED}
    for code in range(256):
        outcome, paused = outcome_of(code, "said"), code in {64, 77, 78}
        assert outcome.kind is expected.get(code, OutcomeKind.OWED if paused else OutcomeKind.DEFERRED), code
        assert bool(outcome.pause) is paused, code
        assert "said" in outcome.reply.text, code


def test_exit_codes_of_a_real_program_are_told_apart(program):
    for number, code in enumerate((0, 65, 67, 68, 75, 1, 69, 127), 1):
        program.answer(number, exits=code, says="5.1.1 no such\r\nmailbox here\x1b")
    seen = deliver(program.transport(), range(1, 9))
    sent, failed, deferred = OutcomeKind.SENT, OutcomeKind.FAILED, OutcomeKind.DEFERRED
    assert seen.kinds() == dict(enumerate((sent, failed, failed, failed, deferred, deferred, deferred, deferred), 1))
    assert seen.outcomes[3][0].reply.text == "exit 67 (no such user): 5.1.1 no such mailbox here\\x1b"


@pytest.mark.parametrize("code", [64, 77, 78])
def test_a_program_that_refuses_us_pauses_the_issue_and_fails_nobody(program, code):
    program.answer(1, exits=code, says="not allowed")
    outcome = only(deliver(program.transport()))
    assert outcome.kind is OutcomeKind.OWED
    assert f"exit {code}" in outcome.pause
    assert "not allowed" in outcome.pause


def test_a_program_that_dies_had_the_message_so_nobody_knows(program):
    program.answer(1, signal=9)
    outcome = only(deliver(program.transport()))
    assert (outcome.kind, outcome.reply.code) == (OutcomeKind.IN_DOUBT, 0)
    assert "signal 9" in outcome.reply.text


def test_a_program_that_does_not_end_is_ended_at_the_deadline_and_is_a_doubt(program):
    program.answer(1, sleeps=60, says="thinking")
    seen = deliver(program.transport(deadline=timedelta(seconds=1.5)), (1, 2))
    assert seen.kinds() == {1: OutcomeKind.IN_DOUBT, 2: OutcomeKind.SENT}
    assert "thinking" in seen.outcomes[1][0].reply.text


def test_what_a_program_prints_without_end_is_bounded(program, tmp_path):
    loud = tmp_path / "loud"
    loud.write_text("#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x >&2\nexit 75\n")
    loud.chmod(0o755)
    outcome = only(deliver(SendmailTransport(name="local", command=(str(loud),))))
    assert outcome.kind is OutcomeKind.DEFERRED
    assert 100 < len(outcome.reply.text) <= 500


def test_the_intent_is_durable_before_the_program_starts(program):
    calls = []

    async def run():
        seen = Recorder([a_message(a_delivery(1))])

        async def intend(delivery):
            calls.append(len(program.calls))
            return await seen.intend(delivery)

        await program.transport().deliver(seen.next_message, intend, seen.enter)

    asyncio.run(run())
    assert calls == [0]
    assert len(program.calls) == 1


def test_a_refused_intent_starts_nothing(program):
    seen = deliver(program.transport(), refuse=lambda _: True)
    assert (program.calls, seen.outcomes) == ([], {})


@pytest.mark.parametrize(("mark", "calls"), [("in_body", 0), ("after_dot", 1), ("after_reply", 1)])
def test_a_kill_of_ours_at_any_moment_leaves_the_program_the_whole_message_or_none(program, mark, calls):
    program.transport()
    script = (
        "import asyncio\n"
        "from digest.sender.sendmail import SendmailTransport\n"
        "from digest.testing import Recorder, a_delivery, a_message\n"
        "from digest.testing.__main__ import kill_at\n"
        "seen = Recorder([a_message(a_delivery(1), body='first line\\nlast line')])\n"
        f"way = SendmailTransport(name='local', command=({str(program.path)!r},), mark=kill_at({mark!r}, hit=1))\n"
        "asyncio.run(way.deliver(seen.next_message, seen.intend, seen.enter))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, timeout=60).returncode == -9
    if calls:
        program.wait()
    assert [call["body"].endswith("first line\nlast line\n") for call in program.calls] == [True] * calls


@pytest.mark.parametrize(
    "address", ["-oQ/tmp@example.org", "-bs@example.org", "--help@example.org", "$(id)@example.org"]
)
def test_t12_an_address_that_looks_like_an_option_is_an_address(program, address):
    message = a_message(a_delivery(1, address=address))
    if "(" in address:
        assert only(deliver(program.transport(), messages=[message])).kind is OutcomeKind.FAILED
        assert program.calls == []
        return
    deliver(program.transport(), messages=[message])
    assert program.calls[0]["args"][-2:] == ["--", address]


@pytest.mark.parametrize("sender", ["-X/etc/passwd@example.org", "a b@example.org", "", "é@example.org"])
def test_t12_a_return_path_that_could_be_an_option_starts_nothing_and_pauses(program, sender):
    delivery = a_delivery(1)
    message = Message(
        delivery=delivery, envelope=Envelope(sender=sender, recipient=delivery.address), pieces=(b"x\r\n",)
    )
    outcome = only(deliver(program.transport(), messages=[message]))
    assert (outcome.kind, bool(outcome.pause), program.calls) == (OutcomeKind.OWED, True, [])


def test_t18_nothing_of_our_environment_reaches_the_program(program, monkeypatch):
    monkeypatch.setenv("SMTP_PASSWORD", "canary")
    monkeypatch.setenv("LD_LIBRARY_PATH", "/canary")
    deliver(program.transport())
    (call,) = program.calls
    assert "canary" not in json.dumps(call["env"])
    assert {"PATH", "LC_ALL"} <= set(call["env"]) <= {
        "PATH", "LC_ALL", "HOME", "USER", "LOGNAME", "TZ", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"
    }  # fmt: skip
    assert call["cwd"] == "/"


def test_nothing_of_ours_stays_open_in_the_program(tmp_path):
    """Neither the ledger's files nor the next message."""
    lister = tmp_path / "lister"
    lister.write_text("#!/bin/sh\ncat > /dev/null\nls -l /proc/$$/fd >&2\nexit 75\n")
    lister.chmod(0o755)
    with (tmp_path / "ledger.db").open("w"):
        outcome = only(deliver(SendmailTransport(name="local", command=(str(lister),))))
    assert "memfd:said" in outcome.reply.text
    assert "ledger.db" not in outcome.reply.text


def test_no_more_programs_run_at_one_time_than_allowed(program):
    running, most = set(), []

    class Counting(Recorder):
        async def intend(self, delivery):
            running.add(delivery.id)
            most.append(len(running))
            return await super().intend(delivery)

        def enter(self, delivery, outcome):
            running.discard(delivery.id)
            super().enter(delivery, outcome)

    seen = Counting([a_message(a_delivery(number)) for number in range(1, 13)])
    asyncio.run(program.transport(processes=3).deliver(seen.next_message, seen.intend, seen.enter))
    assert max(most) == 3
    assert set(seen.kinds().values()) == {OutcomeKind.SENT}
    assert len(program.calls) == 12


@pytest.mark.parametrize("made", ["missing", "folder", "not executable"])
def test_a_program_that_is_not_there_closes_the_way_out_before_any_intent(tmp_path, made):
    path = tmp_path / "sendmail"
    if made == "folder":
        path.mkdir()
    elif made == "not executable":
        path.write_text("#!/bin/sh\n")
        path.chmod(0o644)
    seen = Recorder([a_message(a_delivery(1)), a_message(a_delivery(2))])
    transport = SendmailTransport(name="local", command=(str(path),))
    with pytest.raises(TransportError, match="is no program") as raised:
        asyncio.run(transport.deliver(seen.next_message, seen.intend, seen.enter))
    assert raised.value.permanent
    assert seen.intended == []
    assert set(seen.kinds()) == set(seen.pulled)
    assert set(seen.kinds().values()) == {OutcomeKind.OWED}


def test_a_program_that_cannot_start_leaves_the_row_due_again(tmp_path):
    path = tmp_path / "sendmail"
    path.write_text("#!/no/such/interpreter\n")
    path.chmod(0o755)
    seen = Recorder([a_message(a_delivery(1))])
    transport = SendmailTransport(name="local", command=(str(path),))
    with pytest.raises(TransportError, match="local: "):
        asyncio.run(transport.deliver(seen.next_message, seen.intend, seen.enter))
    assert (only(seen).kind, only(seen).retry_ms) == (OutcomeKind.DEFERRED, 0)


def cancelled(transport, seen, program, *, times):
    """Deliver, and cancel so many times once a program runs."""

    async def run():
        delivering = asyncio.create_task(transport.deliver(seen.next_message, seen.intend, seen.enter))
        await asyncio.to_thread(program.wait)
        for _ in range(times):
            delivering.cancel()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await delivering

    asyncio.run(run())


def test_a_cancelled_delivery_waits_for_the_program_that_runs_and_starts_no_other(program):
    program.answer(1, sleeps=0.5)
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2, 3)])
    cancelled(program.transport(processes=1), seen, program, times=1)
    assert seen.kinds() == {1: OutcomeKind.SENT}
    assert len(program.calls) == 1


def test_a_second_cancelling_ends_the_program_and_the_row_is_a_doubt(program):
    program.answer(1, sleeps=60)
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2)])
    cancelled(program.transport(processes=1), seen, program, times=2)
    assert seen.kinds() == {1: OutcomeKind.IN_DOUBT}


def test_a_program_that_is_being_started_when_nobody_may_wait_has_perhaps_taken_the_message(program, monkeypatch):
    """It has its whole input from its first moment on: to call its row untouched might bring somebody two copies."""
    seen = Recorder([a_message(a_delivery(number)) for number in (1, 2)])
    start = asyncio.create_subprocess_exec

    async def started_late(*words, **options):
        process = await start(*words, **options)
        try:
            for _ in range(2):  # one that waits for what runs, one that does not
                delivering.cancel()
                await asyncio.sleep(0)
                await asyncio.sleep(0)
        finally:
            process.kill()  # as asyncio does with one whose start was cancelled
            await process.wait()
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started_late)

    async def run():
        nonlocal delivering
        transport = program.transport(processes=1)
        delivering = asyncio.create_task(transport.deliver(seen.next_message, seen.intend, seen.enter))
        with pytest.raises(asyncio.CancelledError):
            await delivering

    delivering = None
    asyncio.run(run())
    assert seen.kinds() == {1: OutcomeKind.IN_DOUBT}
