"""FeedReader: from a path or a server, through the child, with what makes a second reading cheap."""

import asyncio
import os
import signal
from dataclasses import replace

import pytest

from digest.child import Child, ChildDied
from digest.errors import SourceError
from digest.fetch import Fetcher
from digest.model import Reading, SourceState, Validators
from digest.sources import FeedReader, gather
from digest.sources.feed import parse_feed

NEW = SourceState(name="coast")


class Here:
    """parse_feed in this process, counted: the child itself has its own test."""

    def __init__(self):
        self.calls = []

    def call(self, data, **options):
        self.calls.append(options)
        return parse_feed(data, **options)

    def start(self):
        pass

    def close(self):
        pass


@pytest.fixture
def read(now):
    """One reading of a source in a fetcher's life; `parser` counts."""

    async def act(source, state=NEW, parser=None):
        async with Fetcher(site="tests") as fetcher:
            return await FeedReader(fetcher=fetcher, parser=parser or Here()).read(source, state, now=now)

    return act


def from_path(source, path, **options):
    return source(url=None, path=str(path), **options)


def test_a_path_is_read_and_parsed_in_a_real_child(source, feed_path, now):
    async def act():
        async with Fetcher(site="tests") as fetcher:
            reader = FeedReader(fetcher=fetcher)
            try:
                return await reader.read(from_path(source, feed_path("rss2.xml")), NEW, now=now)
            finally:
                reader.close()

    reading = asyncio.run(act())
    assert [declared.headline for declared in reading.declared][:1] == ["Harbour reopens after the storm"]


def test_the_same_bytes_are_not_parsed_again(read, source, feed_path):
    parser, own = Here(), from_path(source, feed_path("rss2.xml"))
    first = asyncio.run(read(own, parser=parser))
    again = asyncio.run(read(own, replace(NEW, body_hash=first.body_hash), parser=parser))
    assert (again.unchanged, again.declared, again.body_hash) == (True, (), first.body_hash)
    assert len(parser.calls) == 1


@pytest.mark.parametrize(
    "change", [{"outlet": "Ours"}, {"section": "World"}, {"kickers": ("Live",)}, {"timezone": "Asia/Tokyo"}]
)
def test_a_changed_config_makes_the_same_bytes_news(read, source, feed_path, change):
    first = asyncio.run(read(from_path(source, feed_path("rss2.xml"))))
    state = replace(NEW, body_hash=first.body_hash)
    assert not asyncio.run(read(from_path(source, feed_path("rss2.xml"), **change), state)).unchanged


def test_a_sample_is_never_unchanged(read, source, feed_path):
    own = from_path(source, feed_path("rss2.xml"), newest_is_now=True)
    first = asyncio.run(read(own))
    assert not asyncio.run(read(own, replace(NEW, body_hash=first.body_hash))).unchanged


@pytest.mark.parametrize("path", ["/nowhere/feed.xml", "/"])
def test_a_missing_file_is_one_clear_line(read, source, path):
    with pytest.raises(SourceError, match="there is no such file"):
        asyncio.run(read(from_path(source, path)))


def test_a_file_beyond_the_cap_is_refused(read, source, tmp_path):
    path = tmp_path / "big.xml"
    path.write_bytes(b" " * 5_000_001)
    with pytest.raises(SourceError, match="larger than 5 MB"):
        asyncio.run(read(from_path(source, path)))


def test_a_pipe_in_place_of_a_file_is_not_waited_for(read, source, tmp_path):
    os.mkfifo(tmp_path / "feed.xml")
    with pytest.raises(SourceError, match="no such file"):
        asyncio.run(read(from_path(source, tmp_path / "feed.xml")))


def test_a_feed_over_http_keeps_its_validators_and_answers_304_next_time(read, serve, source, feed):
    known = {"ETag": '"v1"', "Last-Modified": "Mon, 23 Nov 2026 05:00:00 GMT", "Content-Type": "text/html"}

    async def page(writer, headers):
        fresh = headers.get("if-none-match") != '"v1"'
        body = feed("rss2.xml") if fresh else b""
        lines = [f"HTTP/1.1 {200 if fresh else 304} x", *(f"{name}: {value}" for name, value in known.items())]
        writer.write("\r\n".join([*lines, f"Content-Length: {len(body)}", "Connection: close", "", ""]).encode() + body)

    async def act():
        async with serve({"/feed": page}) as server:
            own = source(url=server.url("/feed"), allow_private=True)
            first = await read(own)
            state = replace(NEW, validators=first.validators, body_hash=first.body_hash)
            other = replace(own, outlet="Ours")
            return first, await read(own, state), await read(other, state), server.requests

    first, again, changed, requests = asyncio.run(act())
    assert first.validators == Validators(etag='"v1"', last_modified="Mon, 23 Nov 2026 05:00:00 GMT")
    assert len(first.declared) == 2
    assert (again.unchanged, again.validators, again.body_hash) == (True, first.validators, first.body_hash)
    assert len(changed.declared) == 2  # validators of another config are not sent
    assert ["if-none-match" in headers for _, headers in requests] == [False, True, False]


def test_the_charset_of_the_answer_reaches_the_parser(read, serve, source, feed):
    parser = Here()

    async def act():
        headers = {"Content-Type": 'text/xml; charset="windows-1251"'}
        async with serve({"/feed": (200, headers, feed("rss2.xml"))}) as server:
            await read(source(url=server.url("/feed"), allow_private=True, timezone="Europe/Berlin"), parser=parser)

    asyncio.run(act())
    assert (parser.calls[0]["charset"], parser.calls[0]["zone"]) == ("windows-1251", "Europe/Berlin")


def test_what_the_fetcher_refuses_is_the_sources_error(read, source):
    with pytest.raises(SourceError, match=r"^source coast: .*no public address"):
        asyncio.run(read(source(url="http://127.0.0.1/feed")))


def test_a_failure_of_the_feed_keeps_no_validators(read, source, feed_path):
    assert asyncio.run(read(from_path(source, feed_path("page.html")))) == Reading(
        failure="this is a web page, not a feed"
    )


class Dies:
    """A parser whose child dies on its first feed."""

    def __init__(self):
        self.times = 0

    def call(self, data, **options):
        self.times += 1
        if self.times == 1:
            raise ChildDied("digest.sources.feed:parse_feed died (SIGSEGV)")
        return parse_feed(data, **options)

    def start(self):
        pass

    def close(self):
        pass


def test_row55_a_parser_that_dies_costs_its_own_feed_alone(source, shelf, feed_path, now):
    async def act():
        async with Fetcher(site="tests") as fetcher:
            sources = [from_path(source, feed_path("rss2.xml"), name=name) for name in ("one", "two", "three")]
            return await gather(sources, {"feed": FeedReader(fetcher=fetcher, parser=Dies())}, shelf, now=now)

    failures = [result.failure for result in asyncio.run(act()).results]
    assert sorted(bool(failure) for failure in failures) == [False, False, True]
    assert any("died (SIGSEGV)" in failure for failure in failures)


def test_row55_every_kind_of_bad_feed_beside_good_ones(source, shelf, feed_path, now):
    bad = ("empty.xml", "page.html", "not_a_feed.txt", "no_articles.xml", "feed.json", "entity_bomb.xml")
    names = ("rss2.xml", *bad, "torn_text.xml", "atom.xml")

    async def act():
        async with Fetcher(site="tests") as fetcher:
            reader = FeedReader(fetcher=fetcher)
            sources = [from_path(source, feed_path(name), name=name) for name in names]
            try:
                return await gather(sources, {"feed": reader}, shelf, now=now)
            finally:
                reader.close()

    harvest = asyncio.run(act())
    assert {result.source for result in harvest.failures} == set(bad)
    assert {result.source: result.read for result in harvest.results if result.read} == {
        "rss2.xml": 2,
        "torn_text.xml": 2,
        "atom.xml": 2,
    }


def test_a_child_killed_from_outside_is_replaced_for_the_next_feed(feed):
    child = Child("digest.sources.feed:parse_feed", deadline=20, memory_mb=1024)
    try:
        options = {"url": "https://feeds.example/feed.xml"}
        assert child.call(feed("rss2.xml"), **options).declared
        os.kill(child._process.pid, signal.SIGKILL)
        with pytest.raises(ChildDied):
            child.call(feed("rss2.xml"), **options)
        assert child.call(feed("rss2.xml"), **options).declared
    finally:
        child.close()
