"""gather(): all sources at once, each kept whole or not at all, one failure nobody else's."""

import asyncio
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import DigestError, SourceError, StoreError
from digest.model import Reading, SourceState, Validators
from digest.sources import gather

DUE = {"due_only": True}


class Reads:
    """A SourceReader that gives each source what `answers` has for it: a Reading, an error, or a coroutine."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def read(self, source, state, *, now):  # noqa: ARG002 - a reader's signature
        self.asked.append(source.name)
        answer = self.answers[source.name]
        if isinstance(answer, BaseException):
            raise answer
        return await answer() if callable(answer) else answer


class Nowhere:
    """An article store that keeps nothing."""

    async def states(self):
        return {}

    async def record(self, _, articles):
        return len(articles)


@pytest.fixture
def good(declared):
    return Reading(declared=(declared(),), title="Coast", validators=Validators(etag='"1"'), body_hash="x:1")


@pytest.fixture
def harvest(shelf, source, now):
    """gather() over sources named as `answers`; results by name, and the reader."""

    def run(answers, *, at=now, asked=None, **options):
        reader = Reads(answers)
        sources = [source(**{"name": name, "url": f"https://{name}.example/feed", **options}) for name in answers]
        found = asyncio.run(gather(sources, {"feed": reader}, shelf, now=at, **(asked or {})))
        assert [result.source for result in found.results] == list(answers)
        return {result.source: result for result in found.results}, reader

    return run


def test_articles_and_validators_are_kept_in_one_call(harvest, shelf, good, now):
    results, _ = harvest({"coast": good})
    assert (results["coast"].read, results["coast"].new, results["coast"].failure) == (1, 1, "")
    ((state, articles),) = shelf.recorded
    assert [article.headline for article in articles] == ["Harbour reopens after the storm"]
    assert replace(state, figures=()) == SourceState(
        name="coast",
        about="https://coast.example/feed",
        readings=1,
        validators=Validators(etag='"1"'),
        body_hash="x:1",
        title="Coast",
        first_reading=now,
        last_try=now,
        last_success=now,
        articles=1,
    )


def test_an_unchanged_source_moves_its_last_success_and_keeps_its_articles(harvest, shelf, good, now):
    harvest({"coast": good})
    later = now + timedelta(hours=1)
    results, _ = harvest({"coast": Reading(unchanged=True, validators=good.validators, body_hash="x:1")}, at=later)
    assert (results["coast"].unchanged, results["coast"].read) == (True, 0)
    state = shelf.known["coast"]
    assert (state.last_success, state.first_reading, state.articles) == (later, now, 1)
    assert len(shelf.kept["coast"]) == 1


class OddError(Exception):
    """What nobody expects from a reader."""


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (SourceError("bad", "the server answered 503"), "the server answered 503"),
        (DigestError("the child died"), "the child died"),
        (OddError("surprise"), "its reader failed: OddError: surprise"),
        (Reading(failure="this is not a feed"), "this is not a feed"),
        (Reading(), "a feed without articles"),
    ],
)
def test_row55_one_failing_source_never_stops_the_others(harvest, shelf, good, fault, why):
    results, _ = harvest({"first": good, "bad": fault, "last": good})
    assert [bool(result.failure) for result in results.values()] == [False, True, False]
    assert results["bad"].failure == why
    assert set(shelf.kept) == {"first", "last"}
    assert (shelf.known["bad"].error, shelf.known["bad"].streak, shelf.known["bad"].last_success) == (why, 1, None)


def test_a_source_that_hangs_ends_at_its_own_deadline(harvest, good):
    async def hang():
        await asyncio.sleep(60)

    results, _ = harvest({"slow": hang, "good": good}, deadline=timedelta(seconds=0.2))
    assert results["slow"].failure == "not read within 0.2 s"
    assert results["good"].failure == ""


def test_sources_are_read_at_the_same_time(harvest, good):
    both = asyncio.Barrier(2)

    async def meet():
        await both.wait()
        return good

    results, _ = harvest({"one": meet, "two": meet}, deadline=timedelta(seconds=10))
    assert [result.failure for result in results.values()] == ["", ""]


def test_a_kind_that_nobody_reads_is_a_failure_of_that_source(harvest, good):
    results, _ = harvest({"one": good}, kind="pigeon")
    assert results["one"].failure == "nothing here reads sources of kind 'pigeon'"


def test_a_failure_counts_up_and_a_success_ends_it(harvest, shelf, good, now):
    for _ in range(3):
        harvest({"coast": SourceError("coast", "gone")})
    assert (shelf.known["coast"].streak, shelf.known["coast"].first_reading) == (3, None)
    harvest({"coast": good})
    assert (shelf.known["coast"].streak, shelf.known["coast"].error) == (0, "")


@pytest.mark.parametrize("empty", [Reading(failure="a feed without articles"), Reading()])
def test_row55_none_where_yesterday_had_thirty_warns_and_keeps_the_old(harvest, shelf, declared, good, empty):
    thirty = [
        declared(guid=f"{n}", url=f"https://news.example/{n}", headline=f"Story {n}", summary="") for n in range(30)
    ]
    harvest({"coast": replace(good, declared=tuple(thirty))})
    results, _ = harvest({"coast": empty})
    assert results["coast"].failure == "a feed without articles"
    assert results["coast"].notes == ("0 articles where the last reading had 30: those are kept",)
    assert len(shelf.kept["coast"]) == 30
    state = shelf.known["coast"]
    assert (state.articles, state.validators) == (30, Validators(etag='"1"'))


def test_row55_none_where_there_were_few_is_a_failure_without_that_warning(harvest, good):
    harvest({"coast": good})
    assert harvest({"coast": Reading(failure="a feed without articles")})[0]["coast"].notes == ()


def test_without_the_store_nothing_goes_on(harvest, shelf, good, monkeypatch):
    async def broken(*_):
        raise StoreError("disk full")

    monkeypatch.setattr(shelf, "record", broken)
    with pytest.raises(StoreError):
        harvest({"one": good, "two": good})


def test_due_only_leaves_out_what_was_read_within_every(harvest, good, now):
    harvest({"coast": good})
    for minutes, skipped in ((0, True), (29, True), (30, False)):
        results, reader = harvest({"coast": good}, asked=DUE, at=now + timedelta(minutes=minutes))
        assert results["coast"].skipped is skipped
        assert reader.asked == ([] if skipped else ["coast"])


def test_a_source_that_failed_waits_and_says_why_it_gives_nothing(harvest, good, now):
    harvest({"coast": good})
    harvest({"coast": SourceError("coast", "no answer")})
    result = harvest({"coast": good}, asked=DUE)[0]["coast"]
    assert (result.skipped, result.reason) == (True, "source_failed")
    assert result.fact.startswith("no answer; failing since 2026-11-23 06:30 UTC, next try 2026-11-23 0")
    assert not harvest({"coast": good}, asked=DUE, at=now + timedelta(minutes=36))[0]["coast"].skipped


def test_a_source_that_failed_is_tried_once_more_before_a_slot(harvest, good):
    harvest({"coast": good})
    harvest({"coast": SourceError("coast", "no answer")})
    assert not harvest({"coast": good}, asked={"due_only": True, "before_slot": True})[0]["coast"].skipped


def test_a_clock_set_back_makes_a_source_due(harvest, good, now):
    harvest({"coast": good})
    assert not harvest({"coast": good}, asked=DUE, at=now - timedelta(days=1))[0]["coast"].skipped


def test_a_file_that_changed_since_is_due(harvest, good, tmp_path):
    path, at = tmp_path / "feed.xml", datetime.now(UTC)
    path.write_bytes(b"<rss/>")
    own = {"url": None, "path": str(path)}
    os.utime(path, (at.timestamp() - 60,) * 2)
    harvest({"coast": good}, at=at, **own)
    assert harvest({"coast": good}, asked=DUE, at=at, **own)[0]["coast"].skipped
    os.utime(path, (at.timestamp() + 60,) * 2)
    assert not harvest({"coast": good}, asked=DUE, at=at, **own)[0]["coast"].skipped


def test_an_undated_article_keeps_the_time_it_was_first_given(harvest, shelf, declared, good, now):
    undated = replace(good, declared=(declared(published=None),))
    harvest({"coast": good})
    shelf.kept.clear()
    for hours in range(3):
        harvest({"coast": undated}, at=now + timedelta(hours=hours))
    assert [article.published for article in shelf.kept["coast"]] == [now]


def test_a_wholly_undated_feed_is_never_news_because_it_is_read_again(harvest, shelf, declared, good, now):
    undated = replace(good, declared=(declared(published=None),))
    for hours in range(3):
        harvest({"coast": undated}, at=now + timedelta(hours=hours))
    assert [article.refused for article in shelf.kept["coast"]] == ["undated_first_reading"]
