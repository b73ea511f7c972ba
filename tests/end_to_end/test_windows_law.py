"""The law of windows (SOURCES.md 7): whatever the calendar, the delays and the crashes, every article that was read
stands in exactly one window of a newsletter, through the real gather(), store and pick()."""

import asyncio
import itertools
import random
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from digest.model import Declared, IssueState, Newsletter, Reading, Reason, Section, Sender, Site, Source
from digest.picker import pick
from digest.sources import gather
from digest.store import Store
from digest.times import Schedule, milliseconds
from tests.store.world import KEY, a_row, an_issue

START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
LONG = timedelta(days=3000)
SITE = Site(name="Desk", id="desk1", base_url="", postal_address="1 Road", timezone="UTC", language="en")
SOURCES = tuple(Source(name=name, url=f"https://{name}.example/feed") for name in ("coast", "hills"))


def newsletter(name):
    return Newsletter(
        name=name,
        title=name,
        sender=Sender(name="Desk", address="desk@example.org"),
        lists=("readers",),
        sections=(Section(name="All", sources=("coast", "hills"), max=500),),
        sources=SOURCES,
        schedule=Schedule(words="daily 06:30"),
        timezone="UTC",
        theme="briefing",
        site=SITE,
        limit=500,
        minimum=1,
        window=LONG,
        max_age=LONG,
    )


def headline(n):
    """Words of its own for each article: the law is about windows, and articles that read alike would be one story."""
    roll = random.Random(n)
    return " ".join("".join(roll.choice("bdfgklmnprstvz") + roll.choice("aeiou") for _ in range(3)) for _ in range(6))


class World:
    """Two feeds that grow, a clock that goes on, and the issues that were committed."""

    def __init__(self, store):
        self.store = store
        self.now = START
        self.numbers = itertools.count()
        self.feeds = {source.name: [] for source in SOURCES}
        self.windows = {"morning": [], "evening": []}

    async def read(self, source, state, *, now):  # noqa: ARG002 - a reader's signature
        return Reading(declared=tuple(self.feeds[source.name]), body_hash=f"{len(self.feeds[source.name])}")

    def publish(self, source, ago):
        n = next(self.numbers)
        self.feeds[source].append(
            Declared(
                headline=headline(n),
                url=f"https://{source}.example/{n}",
                guid=f"{source}-{n}",
                published=self.now - ago,
                summary=f"{headline(n + 5000)}: all that is known.",
            )
        )

    async def gather(self):
        """Read everything; the recording is kept back, so that anything may happen before it."""
        kept_back = KeptBack(self.store.articles)
        await gather(SOURCES, {"feed": self}, kept_back, now=self.now)
        return kept_back.pending

    async def record(self, pending):
        for state, articles in pending:
            await self.store.articles.record(state, articles)

    async def issue(self, name, cutoff, *, between, crash):
        """C0, pick, whatever happens `between`, and C1 unless it crashes before."""
        slot = f"2026-11-02.{len(self.windows[name])}"
        history = await self.store.articles.history(name)
        cutoff = max(cutoff, history.since + timedelta(milliseconds=1)) if history.since else cutoff
        at = milliseconds(cutoff)
        row, _ = await self.store.issues.plan(name, slot, due_at=at, expires_at=None, cutoff=at, doubt="once")
        stored = await self.store.articles.articles([one.name for one in SOURCES], since=START - LONG)
        picks = pick(stored, newsletter(name), history=history, now=cutoff)
        await self.record(between)
        if crash or not picks.chosen:
            return
        issue = replace(
            an_issue(slot, name, cutoff=cutoff), picks=picks, number=await self.store.issues.next_number(name)
        )
        frozen = await self.store.issues.freeze(row, issue, [a_row("reader1")], now=at, expires_at=None)
        assert frozen.row.state is IssueState.COMPOSED
        self.windows[name].append(picks)


class KeptBack:
    """The store, but for record()."""

    def __init__(self, articles):
        self._articles = articles
        self.pending = []

    async def states(self):
        return await self._articles.states()

    async def articles(self, sources, *, since):
        return await self._articles.articles(sources, since=since)

    async def history(self, newsletter):
        return await self._articles.history(newsletter)

    async def record(self, state, articles):
        self.pending.append((state, tuple(articles)))
        return 0


def calendar(seed):
    """A life of 10 to 40 steps; even chances throughout, since the races hide between steps that follow closely."""
    roll = random.Random(seed)
    step = {
        "publish": lambda: (roll.choice(("coast", "hills")), roll.randrange(3000)),
        "gather": lambda: (roll.random() < 0.5,),
        "issue": lambda: (
            roll.choice(("morning", "morning", "evening")),
            roll.choice((0, 0, 1, 2, 60)),  # seconds between a slot's instant and its picking
            roll.random() < 0.5,
            roll.random() < 0.3,
        ),
        "wait": lambda: (roll.randrange(1, 100_000),),
    }
    names = roll.choices(("publish", "gather", "issue", "wait"), (4, 3, 3, 1), k=roll.randint(10, 40))
    return [(name, *step[name]()) for name in names]


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """A store that was made once and is copied for each example."""
    path = tmp_path_factory.mktemp("law") / "digest.db"

    async def make():
        await (await Store.open(f"sqlite:///{path}", ledger_key=KEY, clock=lambda: 0)).close()

    asyncio.run(make())
    return path


async def live(store, steps):
    world = World(store)
    for source in SOURCES:
        world.publish(source.name, timedelta(hours=1))
    await world.record(await world.gather())
    late = []  # read, and not recorded yet
    for what, *how in steps:
        world.now += timedelta(seconds=1)
        match what:
            case "publish":
                world.publish(how[0], timedelta(minutes=how[1]))
            case "gather":
                await world.record(late)
                late = await world.gather()
                if not how[0]:  # else the recording is late: beside or after an issue, or lost in a crash
                    await world.record(late)
                    late = []
            case "issue":
                name, lag, beside, crash = how
                cutoff = world.now - timedelta(seconds=lag)  # the slot's instant, a little ago
                between, late = (late, []) if beside else ([], late)
                await world.issue(name, cutoff, between=between, crash=crash)
            case "wait":
                await world.record(late)  # a gathering takes two minutes at most
                late = []
                world.now += timedelta(seconds=how[0])
    await world.record(late)
    world.now += timedelta(hours=1)
    await world.record(await world.gather())
    world.now += timedelta(hours=1)
    for name in world.windows:
        await world.issue(name, world.now, between=[], crash=False)
    return world


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(min_value=0))
def test_every_article_stands_in_exactly_one_window_of_each_newsletter(empty, tmp_path, seed):
    steps = calendar(seed)
    note(str(steps))
    path = tmp_path / "digest.db"
    shutil.copy(empty, path)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)

    async def within():
        store = await Store.open(f"sqlite:///{path}", ledger_key=KEY, clock=lambda: 0)
        try:
            return await live(store, steps)
        finally:
            await store.close()

    world = asyncio.run(within())
    published = sorted(one.url for feed in world.feeds.values() for one in feed)
    for name, issues in world.windows.items():
        assert sorted(one.article.url for picks in issues for one in picks.chosen) == published, name
        twice = [out for picks in issues for out in picks.left_out if out.reason is Reason.ALREADY_USED]
        assert twice == [], name
