"""Messages that go as usual, one behind the other: what the task does not wait for must end as if it had."""

import asyncio

import pytest

from digest.errors import StoreError
from digest.model import OutcomeKind
from digest.sender.groups import Level
from digest.sender.pipelining import Conversation
from digest.sender.terms import Deadlines, Offered
from digest.testing.fakes import a_delivery, a_message
from tests.sender.test_wire_deadlines import staged

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind
ACCEPTED = "250 ok\r\n250 ok\r\n354 go\r\n"
USUAL = "250 2.0.0 kept\r\n" + ACCEPTED


class Some:
    """An errand whose intents the test decides."""

    def __init__(self, count):
        self.coming = [a_message(a_delivery(number)) for number in range(1, count + 1)]
        self.first = self.coming.pop(0)
        self.asked, self.kinds, self.back, self.gone = {}, {}, [], []
        self.broken = None

    def ready(self):
        return self.coming.pop(0) if self.coming else None

    def give_back(self, message):
        self.back.append(message.delivery.id)

    def let_go(self, message):
        self.gone.append(message.delivery.id)

    def intend(self, delivery):
        if self.broken is not None:
            raise self.broken
        answer = self.asked[delivery.id] = asyncio.get_running_loop().create_future()
        return answer

    def settle(self, message, verdict):
        if message.delivery.id == 2 and isinstance(self.broken, KeyError):
            raise self.broken
        assert message.delivery.id not in self.kinds
        self.kinds[message.delivery.id] = verdict.outcome.kind


class Talk:
    """A conversation at full level about `count` messages, the first one's envelope accepted."""

    def __init__(self, stage, count):
        self.stage, self.errand = stage, Some(count)
        offered = Offered(pipelining=True)
        self.talk = Conversation(stage.wire, offered=offered, deadlines=Deadlines(), level=Level.FULL)
        self.task = asyncio.create_task(self.talk.converse(self.errand, self.errand.first))

    async def begun(self):
        await self.stage.passes(0)
        await self.stage.says(ACCEPTED)

    async def decide(self, number, *, granted=True):
        self.errand.asked[number].set_result(granted)
        await self.stage.passes(0)

    @property
    def bodies(self):
        return self.stage.line.written.count(b"\r\n.\r\n")


def conversed(act, count=5):
    async def run(stage):
        talk = Talk(stage, count)
        await talk.begun()
        await act(talk)
        if not talk.task.done():
            talk.task.cancel()
            await asyncio.gather(talk.task, return_exceptions=True)

    staged(run)


def test_no_body_leaves_before_its_own_intent_is_granted():
    async def act(talk):
        for number in (1, 2, 3, 4):
            assert list(talk.errand.asked) == list(range(1, number + 1))
            assert talk.bodies == number - 1
            await talk.decide(number)
            assert talk.bodies == number
            await talk.stage.says(USUAL)
            assert talk.errand.kinds == dict.fromkeys(range(1, number + 1), SENT)
        await talk.decide(5)
        await talk.stage.says("250 2.0.0 kept\r\n")
        await talk.task
        assert talk.errand.kinds == dict.fromkeys(range(1, 6), SENT)
        assert (talk.talk.carried, talk.talk.sent, talk.errand.back, talk.talk.open) == (5, 5, [], True)

    conversed(act)


def test_cancelled_before_its_intent_is_decided_a_message_is_not_written_and_its_intent_given_up():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        talk.task.cancel()
        await talk.stage.passes(0)
        assert talk.errand.asked[2].cancelled()
        assert talk.stage.line.aborted
        assert (talk.bodies, talk.errand.kinds, talk.errand.back) == (1, {1: SENT}, [3])
        assert talk.task.cancelled()

    conversed(act)


@pytest.mark.parametrize(("granted", "after"), [(True, {1: SENT, 2: DEFERRED}), (False, {1: SENT})])
def test_cancelled_at_the_moment_of_the_answer_a_granted_one_is_due_again_and_a_refused_one_let_go(granted, after):
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        talk.errand.asked[2].set_result(granted)
        talk.task.cancel()  # before anybody heard it
        await talk.stage.passes(0)
        assert (talk.bodies, talk.errand.kinds) == (1, after)
        assert (talk.errand.gone, talk.errand.back) == ([] if granted else [2], [3])

    conversed(act)


def test_stopped_before_its_intent_is_granted_a_message_is_due_again_and_was_not_written():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        talk.talk.stop()
        await talk.decide(2)
        await talk.task
        assert (talk.bodies, talk.errand.kinds, talk.errand.back) == (1, {1: SENT, 2: DEFERRED}, [3])

    conversed(act)


def test_stopped_with_a_body_out_its_answer_is_heard_and_nothing_more_is_asked_for():
    async def act(talk):
        await talk.decide(1)
        talk.talk.stop()
        assert not talk.stage.line.aborted
        await talk.stage.says(USUAL)
        await talk.task
        assert (list(talk.errand.asked), talk.errand.kinds) == ([1], {1: SENT})
        assert sorted(talk.errand.back) == [2, 3]

    conversed(act)


def test_lost_while_the_intent_is_asked_for_a_message_is_due_again():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        talk.stage.wire.connection_lost(None)
        await talk.decide(2)
        await talk.task
        assert (talk.bodies, talk.errand.kinds, talk.errand.back) == (1, {1: SENT, 2: DEFERRED}, [3])

    conversed(act)


def test_a_refused_intent_ends_the_connection_and_is_nobodys():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        await talk.decide(2, granted=False)
        await talk.task
        assert (talk.bodies, talk.errand.kinds) == (1, {1: SENT})
        assert (talk.errand.gone, talk.errand.back, talk.talk.left_by_us) == ([2], [3], True)

    conversed(act)


def test_a_refusal_in_the_middle_is_heard_and_the_rest_goes_on_as_usual():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says("250 2.0.0 kept\r\n250 ok\r\n550 5.1.1 who\r\n503 5.5.1 no\r\n")
        assert talk.errand.kinds == {1: SENT, 2: FAILED}
        assert talk.stage.line.written.count(b"RSET") == 1
        await talk.stage.says("250 ok\r\n" + ACCEPTED)
        await talk.decide(3)
        await talk.stage.says(USUAL)
        assert talk.errand.kinds == {1: SENT, 2: FAILED, 3: SENT}
        assert 4 in talk.errand.asked

    conversed(act)


@pytest.mark.parametrize("cut", [1, 10, 16, 17, 30])
def test_an_answer_in_two_pieces_is_the_same_answer(cut):
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL[:cut])
        await talk.stage.says(USUAL[cut:])
        assert (talk.errand.kinds, list(talk.errand.asked)) == ({1: SENT}, [1, 2])
        await talk.decide(2)
        await talk.stage.says(USUAL)
        assert (talk.errand.kinds, talk.bodies) == ({1: SENT, 2: SENT}, 2)

    conversed(act)


@pytest.mark.parametrize(
    "error", [StoreError("the disk is full"), KeyError("a mistake of ours")], ids=["asking", "settling"]
)
def test_what_goes_wrong_on_the_way_comes_out_of_the_conversation(error):
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        await talk.decide(2)
        talk.errand.broken = error
        await talk.stage.says(USUAL)
        with pytest.raises(type(error)):
            await talk.task
        assert talk.stage.line.aborted

    conversed(act)


def test_an_intent_that_could_not_be_committed_comes_out_of_the_conversation_and_its_body_stays():
    async def act(talk):
        await talk.decide(1)
        await talk.stage.says(USUAL)
        talk.errand.asked[2].set_exception(StoreError("the disk is full"))
        with pytest.raises(StoreError):
            await talk.task
        assert (talk.bodies, talk.errand.kinds, talk.errand.back) == (1, {1: SENT}, [3])

    conversed(act)


def test_stopped_while_it_looks_for_the_next_message_it_waits_for_nothing():
    async def run(stage):
        talk = Talk(stage, 3)
        talk.errand.ready = talk.talk.stop
        await stage.passes(0)
        assert talk.task.done()
        assert (talk.errand.kinds, talk.errand.back) == ({}, [1])
        talk.task.cancel()

    staged(run)
