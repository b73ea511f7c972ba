"""Several children of one target: a hung or dead call costs no other call."""

import threading
import time

import pytest

from digest.child import Children, ChildTimeout


@pytest.fixture
def children():
    made = []

    def make(target, **options):
        made.append(Children(target, **{"count": 2, "deadline": 5, **options}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_one_call_after_another_needs_one_child(children):
    several = children("os:getpid")
    assert len({several.call() for _ in range(4)}) == 1


def test_they_are_started_ahead_one_at_a_time(children):
    several = children("os:getpid")
    running = []
    for _ in range(3):
        several.start()
        running.append(sum(child.runs for child in several._all))
    assert running == [1, 2, 2]


def test_row55_a_call_that_hangs_leaves_the_other_child_free(children):
    several = children("time:sleep", deadline=3)
    ended = []

    def hang():
        with pytest.raises(ChildTimeout):
            several.call(60)
        ended.append("hung")

    thread = threading.Thread(target=hang)
    thread.start()
    while several._free.qsize() == 2:
        time.sleep(0.01)  # until the call has its child
    several.call(0)
    ended.append("quick")
    thread.join()
    assert ended == ["quick", "hung"]


def test_after_a_child_was_killed_both_answer_again(children):
    several = children("time:sleep", deadline=0.5)
    with pytest.raises(ChildTimeout):
        several.call(60)
    assert [several.call(0) for _ in range(3)] == [None] * 3
