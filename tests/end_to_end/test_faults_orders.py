"""What an operator does while messages leave: SIGTERM once and twice (row 3), cancel (row 68); with the real command."""

import signal
import threading
from collections import Counter

import pytest

from digest.testing.script import Act
from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"
CONNECTIONS = 5


class Dots:
    """A script whose dots are answered late; `reached` is set when so many have come.

    With `hold` the sink stands still then, every connection, until `go` is set.
    """

    def __init__(self, count, *, act=Act.LATE, where="dot", hold=False):
        self.reached, self.go = threading.Event(), threading.Event()
        self._count, self._act, self._where, self._hold = count, act, where, hold

    def __call__(self, step, count, _):
        if step == self._where and count == self._count:
            self.reached.set()
            assert not self._hold or self.go.wait(100)
        return self._act if step == self._where else None


@pytest.fixture
def sending(project, running_sink):
    """sending(dots) -> (the process, the sink), the process past the `count`-th dot of a send to 120 readers."""
    running = []

    def start(dots, *, pipelining="auto", readers=120):
        sink = running_sink(script=dots)
        project.configure(transport=smtp(sink.port, max_connections=CONNECTIONS, pipelining=pipelining))
        project.readers(readers)
        running.append(project.start("send", "morning", "--as-of", NOW))
        assert dots.reached.wait(60)
        return running[-1], sink

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def twice(process):
    """SIGTERM, and once it is noticed again, and Ctrl-C on top; signals that come together are one."""
    process.send_signal(signal.SIGTERM)
    assert "stopping once" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    process.send_signal(signal.SIGINT)


def ended(process, *, within=25):
    """Its exit code and what it said; it ends by itself (P4)."""
    out, err = process.communicate(timeout=within)
    assert "Traceback" not in err, err
    return process.returncode, out + err


@pytest.mark.parametrize("pipelining", ["off", "auto"])
def test_row03_p4_sigterm_finishes_what_is_under_way_and_leaves_no_doubt(project, sending, pipelining):
    process, sink = sending(Dots(8), pipelining=pipelining)
    process.send_signal(signal.SIGTERM)
    code, said = ended(process)
    counts = project.counts(KEY)
    assert code == 1, said
    assert counts.keys() <= {"sent", "pending", "deferred"}
    assert counts["sent"] == len(sink.messages) < 120
    assert f"{counts['sent']:,} sent" in said
    sink.script = lambda *_: None
    project.digest("send", "morning", "--as-of", "2026-03-10T06:40Z")
    assert len({message.recipients for message in sink.messages}) == len(sink.messages) == 120


@pytest.mark.parametrize("pipelining", ["off", "auto"])
def test_row03_a_second_sigterm_waits_for_the_dots_at_hand_alone(project, sending, pipelining):
    process, sink = sending(Dots(2, act=Act.SLOW), pipelining=pipelining)
    twice(process)
    code, said = ended(process)
    counts = project.counts(KEY)
    assert code == 1, said
    assert counts.keys() <= {"sent", "pending", "deferred"}  # put off: intended, and no byte of the body left
    assert 2 <= counts["sent"] == len(sink.messages) <= 2 * CONNECTIONS


def test_row03_a_second_sigterm_does_not_wait_for_who_says_nothing_before_a_body(project, sending):
    process, sink = sending(Dots(1, act=Act.HANG, where="rcpt"))
    twice(process)
    code, said = ended(process, within=20)
    assert "stopped at once" in said
    assert (code, project.counts(KEY), sink.messages) == (1, {"pending": 120}, [])


@pytest.mark.parametrize("pipelining", ["off", "auto"])
def test_row68_after_a_cancel_no_dot_leaves_but_those_intended_before(project, sending, pipelining):
    dots = Dots(8, hold=True)
    process, sink = sending(dots, pipelining=pipelining)
    said = project.digest("issues", "cancel", KEY)
    at_the_commit = len(sink.messages)
    dots.go.set()
    code, told = ended(process)
    counts = project.counts(KEY)
    assert (project.state(KEY), counts.keys()) == ("cancelled", {"sent", "skipped"}), told
    assert counts["sent"] == len(sink.messages) <= at_the_commit + CONNECTIONS
    assert sum(counts.values()) == 120
    assert f"{KEY} is cancelled" in said
    assert (code, "cancelled" in told) == (0, True)
    # A refused intent behind a 354 costs its connection: that of what was pulled ahead, not of every row read.
    assert len(sink.sessions) <= 8 * CONNECTIONS


def test_whoever_is_on_the_wire_while_an_issue_is_corrected_gets_one_of_both(project, sending):
    """A dot put off after the correction was frozen must lose nobody; one that is taken costs one copy more."""
    dots = Dots(5, act=None, hold=True)

    def script(step, count, argument):
        dots(step, count, argument)
        return "451 4.3.0 later" if step == "dot" and count == 7 else None

    script.reached = dots.reached
    process, sink = sending(script, readers=40)
    project.digest("issues", "correct", KEY)
    dots.go.set()
    ended(process)
    assert project.state(KEY) == "cancelled"
    assert project.counts(KEY).keys() == {"sent", "skipped"}
    project.digest("send", "morning", "--as-of", "2026-03-10T06:40Z")
    copies = Counter(message.recipients[0] for message in sink.messages)
    assert len(copies) == 40
    assert sum(copies.values()) - 40 <= CONNECTIONS
    assert "correct: by morning@2026-03-10.c1" in project.digest("issues", "show", KEY)
