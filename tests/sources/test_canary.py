"""Two weeks of a paper's readings, and what is done to it on the tenth day: readers see nothing of it."""

import asyncio
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import Declared, Reading, Reason
from digest.sources import accept, gather
from digest.store import Store

START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WORDS = [
    "harbour",
    "storm",
    "council",
    "school",
    "bridge",
    "market",
    "river",
    "winter",
    "election",
    "hospital",
    "train",
    "garden",
    "museum",
    "strike",
]


def story(number, at, **changes):
    """A story of its own; number and words differ from any other's."""
    words = random.Random(number).sample(WORDS, 5)
    plain = {
        "headline": f"{' '.join(words).capitalize()} {number}",
        "url": f"https://news.example/{number}",
        "guid": f"tag:news.example,{number}",
        "published": at,
        "summary": f"What {words[0]} and {words[1]} have to do with {words[2]}, said in one sentence {number}.",
        "language": "en",
    }
    return Declared(**plain | changes)


def paper(now, *, per_day=24, holds=30):
    """The newest stories of a paper that publishes evenly, as of `now`."""
    gap = DAY / per_day
    newest = int((now - START + 30 * DAY) / gap)
    return [story(n, START - 30 * DAY + n * gap) for n in range(newest, newest - holds, -1)]


@dataclass
class Desk:
    """A store, and a source that gives what `reading` says; collects what was told."""

    store: Store
    source: object
    told: list = field(default_factory=list)

    async def read(self, declared, now, *, name=None, **more):
        reading = (
            declared if isinstance(declared, Reading) else Reading(declared=tuple(declared), language="en", **more)
        )
        source = replace(self.source, name=name or self.source.name)
        harvest = await gather([source], {"feed": _Gives(reading)}, self.store.articles, now=now)
        (result,) = harvest.results
        self.told += [result.alert] if result.alert else []
        return result

    async def offered(self, since=START, name="coast"):
        """Headlines that an issue could have, that entered at or after `since`."""
        articles = await self.store.articles.articles((name,), since=START - 90 * DAY)
        return {one.headline for one in articles if not one.refused and one.entered >= since}

    async def state(self, name="coast"):
        return (await self.store.articles.states())[name]


class _Gives:
    def __init__(self, reading):
        self.reading = reading

    async def read(self, source, state, *, now):  # noqa: ARG002 - a reader's signature
        return self.reading


@pytest.fixture
def desk(tmp_path, source):
    """desk(act) runs `await act(Desk)`."""

    def run(act, **options):
        async def within():
            store = await Store.open(f"sqlite:///{tmp_path}/digest.db", ledger_key=b"tests", clock=lambda: 0)
            try:
                return await act(Desk(store, source(**options)))
            finally:
                await store.close()

        return asyncio.run(within())

    return run


async def ten_days(desk, *, every=12 * HOUR, **kind):
    """Ten clean days; the instant after them."""
    now = START
    while now < START + 10 * DAY:
        result = await desk.read(paper(now, **kind), now)
        assert result.reason == ""
        now += every
    assert desk.told == []
    return now


@pytest.mark.parametrize(
    ("every", "kind"),
    [(3 * HOUR, {}), (DAY, {}), (6 * HOUR, {"per_day": 3}), (12 * HOUR, {"per_day": 400, "holds": 40})],
)
def test_nothing_trips_in_two_clean_weeks(desk, every, kind):
    async def act(desk):
        now = START
        while now < START + 14 * DAY:
            assert (await desk.read(paper(now, **kind), now)).reason == ""
            now += every
        return desk.told

    assert desk(act) == []


def test_a_paper_that_comes_whole_each_morning_is_no_flood_after_a_silent_weekend(desk):
    async def act(desk):
        for day in (*range(5), *range(7, 12)):
            morning = START + day * DAY
            for hour in range(0, 12, 2):
                stories = [story(1000 * day + n, morning) for n in range(40)]
                assert (await desk.read(stories, morning + hour * HOUR)).reason == ""
        return desk.told

    assert desk(act) == []


def churned(declared):
    return [replace(one, guid=f"new-{n}") for n, one in enumerate(declared)]


def flooded(declared, now):
    return [*[story(10_000 + n, now - n * HOUR) for n in range(200)], *declared]


FAULTS = {
    "new_guids": lambda stories, _: churned(stories),
    "flood": flooded,
    "redated": lambda stories, now: [replace(one, published=now - 3 * DAY) for one in stories],
    "ahead": lambda stories, _: [replace(one, published=one.published + 2 * DAY) for one in stories],
    "bare": lambda stories, _: [
        story(20_000 + n, one.published, summary="", headline=f"{one.headline} again") for n, one in enumerate(stories)
    ],
    "twins": lambda stories, _: [
        story(30_000 + n, one.published, headline="Please subscribe") for n, one in enumerate(stories)
    ],
    "strange": lambda stories, _: [
        story(40_000 + n, one.published, url=f"https://casino.example/{n}") for n, one in enumerate(stories)
    ],
    "script": lambda stories, _: [
        story(50_000 + n, one.published, headline=f"Новости дня {n}") for n, one in enumerate(stories)
    ],
    "language": lambda stories, _: [story(60_000 + n, one.published, language="de") for n, one in enumerate(stories)],
}


@pytest.mark.parametrize("wire", FAULTS)
def test_row58_an_odd_reading_is_held_shown_and_told_once_and_the_issue_has_nothing_of_it(desk, wire):
    async def act(desk):
        now = await ten_days(desk)
        result = await desk.read(FAULTS[wire](paper(now), now), now)
        state = await desk.state()
        assert (result.reason, result.failure) == (Reason.QUARANTINED, "")
        assert wire in state.quarantine.wires
        assert await desk.offered(since=now) == set()
        again = await desk.read(FAULTS[wire](paper(now), now + HOUR), now + HOUR)
        assert again.reason == Reason.QUARANTINED
        assert len(desk.told) == 1
        assert "odd reading" in desk.told[0]
        return await desk.offered()

    before = desk(act)
    assert before  # what was good before is still there


def test_a_good_reading_ends_the_quarantine_and_brings_its_news(desk):
    async def act(desk):
        now = await ten_days(desk)
        await desk.read(flooded(paper(now), now), now)
        later = now + 6 * HOUR
        result = await desk.read(paper(later), later)
        assert result.reason == ""
        assert len(desk.told) == 2
        assert "is offered again" in desk.told[1]
        return await desk.offered(since=later), {
            one.headline for one in paper(later) if one.published > now - 12 * HOUR
        }

    offered, news = desk(act)
    assert offered == news


@pytest.mark.parametrize("unchanged", [False, True])
def test_three_equal_readings_are_how_the_source_is_now(desk, unchanged):
    async def act(desk):
        now = await ten_days(desk)
        flood = flooded(paper(now), now)
        reasons = [(await desk.read(flood, now, body_hash="x:1")).reason]
        for n in (1, 2):
            reading = Reading(unchanged=True, body_hash="x:1") if unchanged else flood
            reasons.append((await desk.read(reading, now + n * HOUR)).reason)
        assert reasons == ["quarantined", "quarantined", ""]
        assert (await desk.state()).quarantine is None
        return await desk.offered(since=now + 2 * HOUR)

    assert len(desk(act)) >= 200


def test_accept_offers_what_was_held_and_learns_the_new_habit(desk):
    async def act(desk):
        now = await ten_days(desk)
        await desk.read(flooded(paper(now), now), now)
        freed = await accept(desk.source, desk.store.articles, now=now + HOUR)
        assert freed >= 200
        assert len(await desk.offered(since=now + HOUR)) == freed
        assert await accept(desk.source, desk.store.articles, now=now + HOUR) is None
        result = await desk.read(flooded(paper(now), now), now + 2 * HOUR)
        return result.reason

    assert desk(act) == ""


def test_row58_changed_identifiers_bring_nothing_back_even_when_they_stay_changed(desk):
    async def act(desk):
        now = await ten_days(desk)
        for n in range(5):
            await desk.read(churned(paper(now)), now + n * HOUR)
        return await desk.offered(since=now), await desk.state()

    offered, state = desk(act)
    news = [one for one in paper(START + 10 * DAY) if one.published > START + 10 * DAY - 12 * HOUR]
    assert offered == {one.headline for one in news}
    assert state.quarantine is None


def test_a_feed_whose_identifiers_always_change_is_as_it_always_is(desk):
    async def act(desk):
        now, told = START, []
        while now < START + 4 * DAY:
            declared = [replace(one, guid=f"{now:%d%H}-{n}") for n, one in enumerate(paper(now))]
            told.append((await desk.read(declared, now)).reason)
            now += 6 * HOUR
        return told, len(await desk.offered(since=START + HOUR))

    told, offered = desk(act)
    assert set(told[8:]) == {""}
    assert offered == 4 * 24 - 6


def test_row55_an_emptied_feed_is_held_and_keeps_the_old_articles(desk):
    async def act(desk):
        now = await ten_days(desk)
        before = await desk.offered()
        first = await desk.read(Reading(failure="a feed without articles"), now)
        assert (first.reason, first.fact[:33]) == ("quarantined", "0 articles where 30 are usual; di")
        assert await desk.offered() == before
        reasons = [(await desk.read(Reading(failure="a feed without articles"), now + n * HOUR)).reason for n in (1, 2)]
        assert reasons == ["quarantined", "source_failed"]
        back = await desk.read(paper(now + 3 * HOUR), now + 3 * HOUR)
        return back.reason

    assert desk(act) == ""


def test_an_emptied_feed_that_is_back_unchanged_is_offered_again(desk):
    async def act(desk):
        now = await ten_days(desk)
        await desk.read(Reading(failure="a feed without articles"), now)
        await desk.read(Reading(unchanged=True), now + HOUR)
        return (await desk.state()).quarantine

    assert desk(act) is None


def test_a_sample_is_as_it_is(desk):
    async def act(desk):
        now = await ten_days(desk)
        return (await desk.read(flooded(paper(now), now), now)).reason

    assert desk(act, newest_is_now=True, url=None, path="sample.xml") == ""
