"""What a destination bears: connections, rests, rates."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import StoreError
from digest.sender.throttle import Bucket, Concurrency, Destination, Rate, Rest


class Remembered:
    """A RateStore that outlives its Rate."""

    def __init__(self):
        self.rows = {}

    async def load(self, destinations):
        return {name: self.rows[name] for name in destinations if name in self.rows}

    async def keep(self, destination, tokens, at):
        self.rows[destination] = (tokens, at)


def test_it_begins_with_five_connections_and_grows_by_one_over_n_for_each_message():
    bears = Concurrency(20)
    assert bears.limit == 5
    sent = 0
    while bears.limit < 7:
        bears.grow(0)
        sent += 1
    assert sent == 12  # 5 messages over 5 connections, then about 6 over 6
    for _ in range(400):
        bears.grow(0)
    assert bears.limit == 20


def test_with_fewer_connections_than_five_it_begins_with_those():
    assert Concurrency(3).limit == 3
    assert Concurrency(1).limit == 1


def test_it_shrinks_at_once_and_grows_no_further_than_that_for_ten_minutes():
    bears = Concurrency(20)
    for _ in range(400):
        bears.grow(0)
    bears.shrink(4, 1000)
    assert bears.limit == 4
    for _ in range(100):
        bears.grow(1599)
    assert bears.limit == 4
    for _ in range(5):
        bears.grow(1600)
    assert bears.limit > 4


@given(st.lists(st.one_of(st.none(), st.integers(-3, 40)), max_size=60))
def test_there_is_always_one_connection_and_never_more_than_allowed(events):
    bears = Concurrency(12)
    for now, event in enumerate(events):
        if event is None:
            bears.grow(now)
        else:
            bears.shrink(event, now)
        assert 1 <= bears.limit <= 12


def test_to_shrink_never_lets_more_through_than_before():
    bears = Concurrency(12)
    bears.shrink(8, 0)
    assert bears.limit == 5


def test_a_rest_doubles_from_a_minute_to_ten_and_a_success_ends_it():
    rest, now, lasted = Rest(), 0.0, []
    for _ in range(6):
        rest.begin(now)
        lasted.append(rest.until - now)
        now = rest.until
    assert lasted == [60, 120, 240, 480, 600, 600]
    rest.end()
    rest.begin(now)
    assert rest.until - now == 60


def test_a_clock_that_is_set_back_ends_a_rest_and_makes_none_longer():
    rest = Rest()
    rest.begin(90_000)
    assert rest.left(90_010) == 50
    assert rest.left(90_060) == 0
    assert rest.left(3_600) == 0
    rest.begin(3_600)
    assert rest.left(3_600) == 120


def test_a_rest_is_not_made_longer_by_what_happens_during_it():
    rest = Rest()
    rest.begin(0)
    rest.begin(30)
    assert rest.until == 60
    rest.begin(30, seconds=600)  # but by what asks for so long
    assert rest.until == 630


@given(
    st.floats(0.01, 500),
    st.lists(st.tuples(st.floats(0, 3), st.integers(0, 50)), max_size=40),
)
def test_a_bucket_never_gives_more_than_its_rate_and_one_second_of_it(per_second, steps):
    bucket, now, given_out = Bucket.full(per_second, 0), 0.0, 0
    for seconds, wanted in steps:
        now += seconds
        bucket = bucket.filled(now)
        count = min(wanted, int(bucket.tokens))
        bucket = bucket.taken(count)
        given_out += count
    assert given_out <= per_second * now + max(1.0, per_second) + 1e-6


def test_a_clock_that_went_back_fills_nothing():
    empty = Bucket(10, 0, 1000)
    assert empty.filled(500).tokens == 0
    assert empty.filled(500).filled(500.5).tokens == 5


def earned(rate, now):
    """How many messages may go at `now`."""
    asyncio.run(rate.earn(now))
    count = 0
    while rate.take():
        count += 1
    return count


def test_a_rate_gives_out_only_what_was_remembered_first():
    store = Remembered()
    rate = Rate(10, destination="relay:25", store=store)
    assert not rate.at_hand
    assert earned(rate, 0) == 10
    assert store.rows == {"relay:25": (0, 0)}
    assert earned(rate, 0.05) == 0
    assert asyncio.run(rate.wait(0.05)) == pytest.approx(0.15)
    assert earned(rate, 0.5) == 5


def test_a_rate_survives_a_restart():
    store = Remembered()
    assert earned(Rate(10, destination="relay:25", store=store), 100) == 10
    assert earned(Rate(10, destination="relay:25", store=store), 100.15) == 1
    assert earned(Rate(10, destination="other:25", store=store), 100.15) == 10


def test_a_slow_rate_is_one_message_at_a_time():
    rate = Rate(1 / 60, destination="relay:25", store=None)
    assert earned(rate, 0) == 1
    assert earned(rate, 59) == 0
    assert earned(rate, 60) == 1
    assert earned(rate, 3600) == 1


def test_what_was_remembered_of_a_faster_rate_or_a_clock_ahead_gives_nothing_more():
    store = Remembered()
    store.rows = {"relay:25": (500, 0)}
    assert earned(Rate(10, destination="relay:25", store=store), 0) == 10
    store.rows = {"relay:25": (0, 9_000)}
    rate = Rate(10, destination="relay:25", store=store)
    assert asyncio.run(rate.wait(100)) == pytest.approx(0.2)
    assert earned(rate, 100) == 0
    assert earned(rate, 101) == 10


def test_what_could_not_be_remembered_may_not_be_used():
    class Full(Remembered):
        async def keep(self, *_):
            raise StoreError("the disk is full")

    rate = Rate(10, destination="relay:25", store=Full())
    with pytest.raises(StoreError):
        asyncio.run(rate.earn(0))
    assert not rate.at_hand
    assert not rate.take()


def test_a_domains_rate_is_remembered_for_each_relay_by_itself():
    store = Remembered()
    for relay in ("one:25", "two:25"):
        rate = Destination("slow.test", most=5, per_second=10, store=store, behind=relay).rate
        assert earned(rate, 0) == 10
    assert set(store.rows) == {"one:25 slow.test", "two:25 slow.test"}
