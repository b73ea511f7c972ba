"""Group commit: grouped, in order, and never silent."""

import asyncio

import pytest

from digest.errors import StoreError
from digest.model import Delivery, DeliveryState, Posted
from digest.store import Committer
from tests.store.world import NOW, answer, begin, owed, states


class Slow:
    """A ledger whose commits wait until they are let through; remembers each group and refuses even ids."""

    def __init__(self):
        self.groups = []
        self.through = asyncio.Semaphore(0)
        self.failures = []

    async def commit(self, posted, intents):
        self.groups.append(([one.delivery.id for one in posted], [one.delivery.id for one in intents]))
        await self.through.acquire()
        if self.failures:
            raise self.failures.pop(0)
        return frozenset((1, one.delivery.id) for one in intents if one.delivery.id % 2 == 0)

    def let(self, count):
        for _ in range(count):
            self.through.release()


def a_delivery(number):
    fields = {"subscriber": "", "address": "", "message_id": "", "variant": "en", "holes": {}, "due_at": 0, "doubts": 0}
    return Delivery(issue_id=1, id=number, state=DeliveryState.PENDING, attempt=0, **fields)


def posted(number):
    return Posted(delivery=a_delivery(number), attempt=1, outcome=answer("sent"))


async def until(condition):
    while not condition():  # noqa: ASYNC110 - a turn of the loop, not a time
        await asyncio.sleep(0)


def with_committer(act, **options):
    async def within():
        ledger = Slow()
        committer = Committer(ledger, clock=lambda: NOW, **options)
        return await act(ledger, committer)

    return asyncio.run(within())


def test_while_one_commit_runs_the_next_group_gathers():
    async def act(ledger, committer):
        first = asyncio.create_task(committer.intend(a_delivery(1)))
        await until(lambda: ledger.groups)
        rest = [asyncio.create_task(committer.intend(a_delivery(n))) for n in (2, 3)]
        committer.enter(posted(9))
        ledger.let(2)
        answers = [await first, *[await one for one in rest]]
        await committer.close()
        return answers, ledger.groups

    assert with_committer(act) == ([True, False, True], [([], [1]), ([9], [2, 3])])


def test_an_outcome_alone_is_committed_soon_and_before_closing_returns():
    async def act(ledger, committer):
        ledger.let(9)
        committer.enter(posted(1))
        await until(lambda: ledger.groups)
        committer.enter(posted(2))
        await committer.close()
        await committer.close()
        return ledger.groups

    assert with_committer(act) == [([1], []), ([2], [])]


def test_an_intent_granted_to_somebody_who_is_cancelled_in_that_moment_is_given_back():
    """Nobody would enter an outcome for it, and the row would be in doubt though no byte of its body left."""

    intending = []

    def mark(name):
        if name == "after_c4":  # runs before the answer wakes whoever waits for it
            asyncio.get_running_loop().call_soon(intending[0].cancel)

    async def act(ledger, committer):
        ledger.let(9)
        intending.append(asyncio.create_task(committer.intend(a_delivery(1))))
        with pytest.raises(asyncio.CancelledError):
            await intending[0]
        await committer.close()
        return ledger.groups

    groups = with_committer(act, mark=mark)
    assert groups[0] == ([], [1])
    assert [outcomes for outcomes, _ in groups[1:]] == [[1]]


def test_a_group_has_at_most_a_hundred():
    async def act(ledger, committer):
        ledger.let(9)
        for number in range(250):
            committer.enter(posted(number))
        await committer.close()
        return [len(outcomes) for outcomes, _ in ledger.groups]

    assert with_committer(act) == [100, 100, 50]


def test_marks_stand_around_the_commits_they_name():
    marks = []

    async def act(ledger, committer):
        ledger.let(9)
        await committer.intend(a_delivery(1))
        committer.enter(posted(1))
        await committer.close()

    with_committer(act, mark=marks.append)
    assert marks == ["before_c4", "after_c4", "after_c5"]


def test_a_failed_commit_fails_whoever_waits_and_whoever_comes_later():
    async def act(ledger, committer):
        ledger.failures = [StoreError("the disk is full")]
        waiting = [asyncio.create_task(committer.intend(a_delivery(n))) for n in (1, 2)]
        await until(lambda: ledger.groups)
        late = asyncio.create_task(committer.intend(a_delivery(3)))
        ledger.let(9)
        said = await asyncio.gather(*waiting, late, return_exceptions=True)
        with pytest.raises(StoreError, match="the disk is full"):
            await committer.intend(a_delivery(4))
        await committer.close()
        return [str(one) for one in said], ledger.groups

    assert with_committer(act) == (["the disk is full"] * 3, [([], [1, 2])])


def test_outcomes_are_tried_once_more_after_a_failure():
    async def act(ledger, committer):
        ledger.failures = [StoreError("busy")]
        ledger.let(9)
        committer.enter(posted(1))
        await until(lambda: not ledger.failures)
        committer.enter(posted(2))
        await committer.close()
        return ledger.groups

    assert with_committer(act) == [([1], []), ([1, 2], [])]


def test_outcomes_that_cannot_be_kept_are_never_silent():
    async def act(ledger, committer):
        ledger.failures = [StoreError("busy"), StoreError("gone")]
        ledger.let(9)
        committer.enter(posted(1))
        with pytest.raises(StoreError, match="gone"):
            await committer.close()

    with_committer(act)


def test_a_mistake_in_the_writer_ends_the_sending():
    async def act(ledger, committer):
        ledger.failures = [KeyError("a mistake of ours")]
        ledger.let(9)
        with pytest.raises(StoreError, match="a mistake of ours"):
            await committer.intend(a_delivery(1))
        with pytest.raises(StoreError, match="a mistake of ours"):
            await committer.intend(a_delivery(2))
        with pytest.raises(KeyError):
            await committer.close()

    with_committer(act)


def test_after_a_failed_commit_every_outcome_is_tried_once_more_however_many_there_are():
    async def act(ledger, committer):
        ledger.failures = [StoreError("the disk is full")]
        for number in range(250):
            committer.enter(posted(number))
        ledger.let(9)
        await until(lambda: ledger.groups)
        await committer.close()
        return [len(outcomes) for outcomes, _ in ledger.groups]

    assert with_committer(act) == [100, 100, 100, 50]


def test_after_a_failed_commit_nobody_waits_for_what_will_not_be_durable():
    async def act(ledger, committer):
        ledger.failures = [StoreError("the disk is full")]
        committer.enter(posted(1))
        waiting = asyncio.create_task(committer.settled())
        await until(lambda: ledger.groups)
        ledger.let(9)
        async with asyncio.timeout(5):
            await waiting
            await committer.settled()
        await committer.close()

    with_committer(act)


@pytest.mark.parametrize("final", [True, False])
def test_whoever_waits_for_an_intent_hears_whether_the_disk_failed_for_good(final):
    async def act(ledger, committer):
        ledger.failures = [StoreError("the disk", final=final)]
        ledger.let(9)
        for number in (1, 2):
            with pytest.raises(StoreError) as told:
                await committer.intend(a_delivery(number))
            assert told.value.final is final
        await committer.close()

    with_committer(act)


def test_closing_is_waited_for_even_by_someone_who_is_cancelled():
    async def act(ledger, committer):
        committer.enter(posted(1))
        closing = asyncio.create_task(committer.close())
        await until(lambda: ledger.groups)
        closing.cancel()
        await asyncio.sleep(0)
        assert not closing.done()
        ledger.let(1)
        with pytest.raises(asyncio.CancelledError):
            await closing
        return ledger.through.locked()

    assert with_committer(act)


def test_no_intent_is_taken_once_the_end_has_begun():
    async def act(ledger, committer):
        await committer.close()
        with pytest.raises(StoreError, match="ending"):
            await committer.intend(a_delivery(1))

    with_committer(act)


def test_a_row_whose_asker_was_cancelled_is_owed_and_not_in_doubt(opened):
    async def act(store):
        row = await begin(store, 2)
        first, second = await owed(store, row)
        committer = store.committer()
        in_time = asyncio.create_task(committer.intend(first))
        await asyncio.sleep(0)
        in_time.cancel()
        await committer.intend(second)
        await committer.close()
        return await states(store, row)

    assert opened(act) == {"reader001": "pending", "reader002": "sending"}


def test_a_row_whose_asker_was_cancelled_during_the_commit_is_given_back():
    async def act(ledger, committer):
        asking = asyncio.create_task(committer.intend(a_delivery(1)))
        await until(lambda: ledger.groups)
        asking.cancel()
        await asyncio.sleep(0)
        ledger.let(9)
        await committer.close()
        return ledger.groups

    assert with_committer(act) == [([], [1]), ([1], [])]


def test_whoever_gives_an_intent_up_is_told_at_once_and_not_again():
    async def act(ledger, committer):
        told = []
        ledger.let(9)
        for number in (1, 2):
            committer.ask(a_delivery(number), lambda delivery, granted: told.append((delivery.id, granted)))
        committer.ask(a_delivery(3), lambda delivery, granted: told.append((delivery.id, granted))).cancel()
        assert told == [(3, None)]
        await committer.intend(a_delivery(4))
        await committer.close()
        return told

    assert with_committer(act) == [(3, None), (1, True), (2, False)]  # this ledger refuses the second
