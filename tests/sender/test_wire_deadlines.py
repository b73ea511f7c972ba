"""How long an answer is waited for, on a clock that the test moves."""

import asyncio

import pytest

from digest.model import OutcomeKind, Phase
from digest.sender.groups import Level
from digest.sender.pipelining import Conversation
from digest.sender.terms import Deadlines, Offered
from digest.sender.wire import END, ENVELOPE, Wire
from digest.testing.fakes import a_delivery, a_message

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind


class Line(asyncio.Transport):
    """A connection of which `left` bytes are still in this process; `written` is all that was handed over."""

    def __init__(self):
        self.left, self.written, self.aborted = 0, b"", False

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return self.left

    def write(self, data):
        self.written += data

    def abort(self):
        self.aborted = True


class Stage:
    """A wire, its line and the time."""

    def __init__(self, tick=1.0):
        self.now = 0.0
        asyncio.get_running_loop().time = lambda: self.now
        self.line = Line()
        self.wire = Wire(self.line, tick=tick)

    async def passes(self, seconds):
        self.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)

    async def says(self, text):
        data = text.encode()
        self.wire.get_buffer(-1)[: len(data)] = data
        self.wire.buffer_updated(len(data))
        for _ in range(5):
            await asyncio.sleep(0)


def staged(act):
    async def run():
        stage = Stage()
        await act(stage)
        stage.wire.abort()

    asyncio.run(run())


def test_each_answer_has_its_own_time_from_the_end_of_the_one_before():
    async def act(stage):
        asked = stage.wire.expect(ENVELOPE, (10, 20, 5))
        await stage.passes(9)
        await stage.says("250 ok\r\n")
        await stage.passes(19)
        await stage.says("250 ok\r\n")
        await stage.passes(4)
        assert stage.wire.lost == ""
        await stage.passes(1)
        assert "within 5 s" in stage.wire.lost
        assert [one.code for one in asked.found] == [250, 250, 0]

    staged(act)


def test_an_answer_in_drips_has_no_more_time_than_a_whole_one():
    async def act(stage):
        stage.wire.expect(END, (10,))
        for piece in "250 almost there":
            await stage.says(piece)
            await stage.passes(0.7)
        assert "within 10 s" in stage.wire.lost

    staged(act)


def test_what_is_asked_for_later_gives_what_was_asked_before_no_more_time():
    async def act(stage):
        stage.wire.expect(END, (10,))
        await stage.passes(9)
        stage.wire.expect(ENVELOPE, (300, 300, 120))
        await stage.passes(1)
        assert "within 10 s" in stage.wire.lost

    staged(act)


def test_a_message_has_its_own_time_to_leave_and_the_wait_for_its_answer_begins_then():
    async def act(stage):
        stage.wire.expect(END, (10,))
        stage.line.left = 1
        stage.wire.write(b"body", seconds=30)
        await stage.passes(29)
        assert stage.wire.lost == "", "the time for the answer has not begun"
        stage.line.left = 0
        stage.wire.resume_writing()
        await stage.passes(9)
        assert stage.wire.lost == ""
        await stage.passes(1)
        assert "within 10 s" in stage.wire.lost

    staged(act)


def test_what_is_written_behind_a_message_that_does_not_leave_gives_it_no_more_time():
    async def act(stage):
        stage.wire.expect(END, (600,))
        stage.line.left = 1
        stage.wire.write(b"one half", seconds=30)
        await stage.passes(29)
        stage.wire.write(b"the other", seconds=30)
        await stage.passes(1)
        assert "could not be written in time" in stage.wire.lost
        assert stage.line.aborted

    staged(act)


@pytest.mark.parametrize("piece", ["4", "421 4.3.2", "421 4.3.2 closing\r\n", "250-"])
def test_the_first_byte_that_nobody_asked_for_ends_the_connection(piece):
    async def act(stage):
        await stage.says(piece)
        assert stage.wire.lost == "bytes while nothing is expected"
        assert stage.wire.surprised

    staged(act)


class Two:
    """The errand of two messages."""

    def __init__(self):
        self.coming = [a_message(a_delivery(number)) for number in (1, 2)]
        self.first = self.coming.pop(0)
        self.kinds = {}

    def ready(self):
        return self.coming.pop(0) if self.coming else None

    def give_back(self, message):
        self.kinds[message.delivery.id] = None

    async def intend(self, _):
        return True

    def settle(self, message, verdict):
        self.kinds[message.delivery.id] = verdict.outcome.kind


@pytest.mark.parametrize(("more", "kind"), [(0, SENT), (1, IN_DOUBT)], ids=["behind the dot", "the dot itself"])
def test_an_answer_to_a_dot_counts_once_only_the_next_ones_envelope_is_still_here(more, kind):
    async def act(stage):
        errand = Two()
        talk = Conversation(stage.wire, offered=Offered(pipelining=True), deadlines=Deadlines(), level=Level.FULL)
        talking = asyncio.create_task(talk.converse(errand, errand.first))
        await stage.passes(0)
        await stage.says("250 ok\r\n250 ok\r\n354 go\r\n")
        body, dot, envelope = stage.line.written.rpartition(b"\r\n.\r\n")
        assert body
        assert dot
        assert envelope.startswith(b"MAIL FROM")
        stage.line.left = len(envelope) + more
        await stage.says("250 2.0.0 kept\r\n")
        assert errand.kinds[1] is kind
        assert bool(stage.wire.lost) is (kind is IN_DOUBT)
        stage.wire.abort()
        await talking

    staged(act)


def test_a_deadline_that_is_shorter_than_the_look_is_kept_all_the_same():
    async def act(stage):
        stage.wire.expect((Phase.MAIL,), (2.5,))
        await stage.passes(1)
        await stage.passes(1)
        await stage.passes(0.5)
        assert "within 2.5 s" in stage.wire.lost

    staged(act)
