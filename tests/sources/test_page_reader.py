"""A section front and its articles over HTTP: politely, in time, and each article's page once."""

import asyncio
import functools
import struct
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import SourceError
from digest.fetch import Answer, Fetcher, FetchError
from digest.model import Declared, Image, Reading, Source, SourceState
from digest.sources import PageReader, WithPagePictures, gather, make
from digest.sources.page import read_page
from digest.sources.page_front import front_links, is_article_shaped
from digest.sources.pictures import choose

PAGES = Path(__file__).resolve().parent.parent / "data" / "pages"
OK = {"Content-Type": "text/html; charset=utf-8"}


def in_a_loop(test):
    @functools.wraps(test)
    def run(*args, **kwargs):
        return asyncio.run(test(*args, **kwargs))

    return run


def article(headline, day="2026-11-23T05:00:00Z"):
    html = f'<html lang="en"><head><title>{headline}</title><meta property="article:published_time" content="{day}">'
    html += f'<meta name="description" content="All about: {headline}. Told at length.">'
    return 200, OK, f"{html}</head><body><h1>{headline}</h1></body></html>".encode()


def front(*links):
    items = "".join(f'<h2><a href="{link}">x</a></h2>' for link in links)
    return 200, OK, f"<html><body><main>{items}</main></body></html>".encode()


@pytest.fixture
def site():
    return {
        "/robots.txt": (404, {}, b""),
        "/news": front("/2026/11/23/one", "/2026/11/23/two"),
        "/2026/11/23/one": article("The first story of the day"),
        "/2026/11/23/two": article("The second story of the day"),
    }


def asked(server):
    return [path for path, _ in server.requests]


class Here:
    """Runs a function in this process: a child costs a second to start."""

    def __init__(self, call):
        self.call = call

    def close(self):
        """Nothing to end."""


def read(server, now, *, state=None, known=None, **source):
    wanted = Source(**{"name": "coast", "kind": "page", "url": server.url("/news"), "allow_private": True, **source})

    async def run():
        async with Fetcher(site="https://news.example") as fetcher:
            callers = {"page": Here(read_page), "front": Here(front_links)}
            reader = PageReader(fetcher=fetcher, **callers, **({"known": known} if known else {}))
            try:
                return await reader.read(wanted, state or SourceState(name="coast"), now=now)
            finally:
                reader.close()

    return run()


def test_a_front_gives_its_articles_alone():
    links = front_links((PAGES / "front.html").read_bytes(), url="https://www.coast.example/news")
    assert links == (
        "https://www.coast.example/news/harbour-reopens-after-the-storm",
        "https://www.coast.example/2026/03/09/nets",
        "https://www.coast.example/story/1234567",
    )


def test_of_many_links_the_newest_are_taken_in_the_order_of_the_front():
    days = [f"/2026/03/{day:02}/x" for day in range(1, 29)]
    page = "".join(f'<a href="{path}">x</a>' for path in days).encode()
    links = front_links(b"<main>" + page + b"</main>", url="https://c.example/", most=3)
    assert links == tuple(f"https://c.example/2026/03/{day}/x" for day in (26, 27, 28))


@pytest.mark.parametrize(
    ("path", "shaped"),
    [
        ("/2026/03/09/nets", True),
        ("/news/harbour-reopens-after-storm", True),
        ("/a/1234567.html", True),
        ("/politik/20260309-hafen", True),
        ("/sport", False),
        ("/tag/four-words-in-a-tag", False),
        ("/login/2026/03/09/", False),
        ("/feed/12345678.xml", False),
        ("/", False),
    ],
)
def test_article_shaped_paths(path, shaped):
    assert is_article_shaped(f"https://c.example{path}") is shaped


@in_a_loop
async def test_links_are_followed_in_the_order_of_the_front(serve, site, now):
    async with serve(site) as server:
        reading = await read(server, now)
    assert [one.headline for one in reading.declared] == ["The first story of the day", "The second story of the day"]
    assert not reading.notes


@in_a_loop
async def test_known_articles_are_not_asked_for_again(serve, site, now):
    async with serve(site) as server:
        wanted = Source(name="coast", kind="page", url=server.url("/news"), allow_private=True)
        first = await read(server, now)
        stored = make(first, wanted, SourceState(name="coast"), now=now)
        site["/news"] = front("/2026/11/23/three", "/2026/11/23/one")
        site["/2026/11/23/three"] = article("The third story of the day")
        server.requests.clear()

        async def known(names, since):
            return stored

        state = SourceState(name="coast", body_hash=first.body_hash, first_reading=now)
        second = await read(server, now, state=state, known=known)
    assert [one.headline for one in second.declared] == ["The third story of the day", "The first story of the day"]
    assert sorted(set(asked(server))) == ["/2026/11/23/three", "/news", "/robots.txt"]
    again = make(second, wanted, state, now=now)
    assert set(again[1].keys) == set(stored[0].keys)


@in_a_loop
async def test_a_front_with_the_same_links_is_unchanged(serve, site, now):
    async with serve(site) as server:
        first = await read(server, now)
        site["/news"] = (*site["/news"][:2], site["/news"][2] + b"<!-- an advertisement -->")
        second = await read(server, now, state=SourceState(name="coast", body_hash=first.body_hash))
    assert second.unchanged


@in_a_loop
async def test_one_missing_article_is_named_and_tried_again(serve, site, now):
    site["/2026/11/23/two"] = (404, {}, b"")
    async with serve(site) as server:
        first = await read(server, now)
        assert len(first.declared) == 1
        assert "404" in first.notes[0]
        site["/2026/11/23/two"] = article("The second story of the day")
        second = await read(server, now, state=SourceState(name="coast", body_hash=first.body_hash))
    assert len(second.declared) == 2


@in_a_loop
async def test_robots_txt_is_obeyed_and_asked_once(serve, site, now):
    rules = b"User-agent: *\nAllow: /\n\nUser-agent: digest\nDisallow: /*/two$\nAllow: /2026/11/23/two/more\n"
    site["/robots.txt"] = (200, {"Content-Type": "text/plain"}, rules)
    async with serve(site) as server:
        reading = await read(server, now)
    assert [one.headline for one in reading.declared] == ["The first story of the day"]
    assert "robots.txt" in reading.notes[0]
    assert asked(server).count("/robots.txt") == 1
    assert "/2026/11/23/two" not in asked(server)


@in_a_loop
async def test_without_an_answer_for_robots_txt_nothing_is_read(serve, site, now):
    site["/robots.txt"] = (503, {}, b"")
    async with serve(site) as server:
        with pytest.raises(SourceError, match=r"robots\.txt"):
            await read(server, now)
    assert asked(server) == ["/robots.txt"]


@in_a_loop
async def test_what_was_read_before_the_deadline_is_kept(serve, site, now):
    async def hang(writer, headers):
        await asyncio.sleep(60)

    site["/2026/11/23/two"] = hang
    async with serve(site) as server:
        reading = await read(server, now, deadline=timedelta(seconds=3))
    assert [one.headline for one in reading.declared] == ["The first story of the day"]
    assert "next time" in reading.notes[0]


@in_a_loop
async def test_a_list_of_addresses_needs_no_front(serve, site, now):
    async with serve(site) as server:
        reading = await read(server, now, url=None, urls=(server.url("/2026/11/23/two"),))
    assert [one.headline for one in reading.declared] == ["The second story of the day"]


@in_a_loop
async def test_a_slogan_on_two_pages_is_nobody_s_teaser(serve, site, now):
    for name in ("one", "two"):
        status, headers, body = site[f"/2026/11/23/{name}"]
        cut = body.split(b'<meta name="description"')[0]
        slogan = b'<meta name="description" content="The best news of the whole coast, every day."></head>'
        site[f"/2026/11/23/{name}"] = (status, headers, cut + slogan + body.split(b"</head>")[1])
    async with serve(site) as server:
        reading = await read(server, now)
    assert [one.summary for one in reading.declared] == ["", ""]


@in_a_loop
async def test_a_front_without_articles_and_one_on_a_private_host_are_failures(serve, site, now):
    site["/news"] = (200, OK, b"<html><body><a href='/sport'>Sport</a></body></html>")
    async with serve(site) as server:
        assert "no links" in (await read(server, now)).failure
        with pytest.raises(SourceError):
            await read(server, now, allow_private=False)


@pytest.mark.parametrize(
    "html", [b"<div>" * 60_000 + b"<h1>Deep down there</h1>", b"<p>" + b"<a href='/2026/01/01/x'>" * 60_000]
)
@in_a_loop
async def test_sixty_thousand_nested_tags_end_in_an_article_or_a_failure(serve, site, now, html, shelf):
    site["/2026/11/23/one"] = (200, OK, html)
    site["/news"] = (200, OK, html + site["/news"][2])
    async with serve(site) as server, Fetcher(site="x") as fetcher:
        reader = PageReader(fetcher=fetcher)
        sources = [Source(name="coast", kind="page", url=server.url("/news"), allow_private=True)]
        harvest = await gather(sources, {"page": reader}, shelf, now=now)
        reader.close()
    (result,) = harvest.results
    assert result.failure or result.read


@in_a_loop
async def test_an_article_with_another_canonical_url_is_known_by_its_link_too(serve, site, now):
    site["/news"] = front("/2026/11/23/one")
    status, headers, body = site["/2026/11/23/one"]
    canonical = b'<link rel="canonical" href="/story/7654321"></head>'
    site["/2026/11/23/one"] = (status, headers, body.replace(b"</head>", canonical))
    async with serve(site) as server:
        wanted = Source(name="coast", kind="page", url=server.url("/news"), allow_private=True)
        first = await read(server, now)
        stored = make(first, wanted, SourceState(name="coast"), now=now)
        assert stored[0].url.endswith("/story/7654321")
        site["/news"] = front("/2026/11/23/two", "/2026/11/23/one")
        server.requests.clear()

        async def known(names, since):
            return stored

        await read(server, now, state=SourceState(name="coast", body_hash=first.body_hash), known=known)
    assert "/2026/11/23/one" not in asked(server)


@in_a_loop
async def test_an_open_door_leads_to_the_named_host_alone(serve, site, now):
    async with serve(site) as server:
        site["/news"] = front(server.url("/2026/11/23/one", host="127.0.0.1"), "/2026/11/23/two")
        inside = await read(server, now)
        assert len(inside.declared) == 2
        elsewhere = server.url("/2026/11/23/one", host="localhost")
        listed = await read(server, now, url=None, urls=(server.url("/2026/11/23/two"), elsewhere))
        assert len(listed.declared) == 2  # both hosts are the owner's own words
        site["/news"] = front("http://127.0.0.2:1/2026/11/23/one", "/2026/11/23/two")
        assert [one.headline for one in (await read(server, now)).declared] == ["The second story of the day"]
    assert front_links(b"<main><a href='http://10.0.9.5/2026/01/01/x'>x</a></main>", url="http://10.0.0.5/") == ()


def png(width, height):
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)


@in_a_loop
async def test_t36_the_size_of_a_pages_picture_is_read_from_its_first_bytes(serve, site, now):
    async def endless(writer, _):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n" + png(1200, 800))
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    site |= {"/photo.png": endless, "/pixel.png": (200, {}, png(1, 1)), "/bomb.png": (200, {}, png(60_000, 60_000))}
    names = {"photo.png": (1200, 800), "pixel.png": (1, 1), "bomb.png": (60_000, 60_000), "gone.png": (0, 0)}
    async with serve(site) as server, Fetcher(site="x") as fetcher:
        for name in names:
            picture = f'<meta property="og:image" content="/{name}"></head>'.encode()
            status, headers, body = article(f"The story with {name}")
            site[f"/2026/11/23/{name}"] = (status, headers, body.replace(b"</head>", picture))
        source = Source(name="coast", url=server.url("/feed"), allow_private=True)
        pages = PageReader(fetcher=fetcher, page=Here(read_page), front=Here(front_links))
        found = await pages.pictures(source, [server.url(f"/2026/11/23/{name}") for name in names], now=now)
        sizes = {images[0].url.rpartition("/")[2]: (images[0].width, images[0].height) for images in found.values()}
        assert sizes == names
        fit = {link: choose(images) for link, images in found.items()}
        assert [bool(image) for image in fit.values()] == [True, False, False, True]


@pytest.mark.parametrize("answers", [True, False])
@in_a_loop
async def test_a_picture_is_taken_by_https_where_that_answers(site, now, answers):
    class Web:
        """What a fetcher is to a PageReader; no test can listen at port 443."""

        async def get(self, url, **_):
            if url == "https://img.example/a.png" and answers:
                return Answer(status=200, url=url, body=png(640, 427))
            if url == "http://img.example/a.png":
                return Answer(status=200, url=url, body=png(640, 427))
            if url == "https://coast.example/one":
                head = b'<meta property="og:image" content="http://img.example/a.png"></head>'
                return Answer(status=200, url=url, body=site["/2026/11/23/one"][2].replace(b"</head>", head))
            raise FetchError("nothing there", status=404)

    pages = PageReader(fetcher=Web(), page=Here(read_page), front=Here(front_links))
    source = Source(name="coast", url="https://coast.example/feed")
    ((image,),) = (await pages.pictures(source, ["https://coast.example/one"], now=now)).values()
    scheme = "https" if answers else "http"
    assert image == Image(url=f"{scheme}://img.example/a.png", width=640, height=427)


@in_a_loop
async def test_t4_a_link_to_another_port_is_not_followed(serve, site, now):
    async with serve(site) as server, serve(site) as other, Fetcher(site="x") as fetcher:
        source = Source(name="coast", url=server.url("/feed"), allow_private=True)
        pages = PageReader(fetcher=fetcher, page=Here(read_page), front=Here(front_links))
        found = await pages.pictures(source, [other.url("/2026/11/23/one"), server.url("/2026/11/23/two")], now=now)
        assert list(found) == [server.url("/2026/11/23/two")]
        assert asked(other) == []


@in_a_loop
async def test_a_feed_takes_missing_pictures_from_pages_once(serve, site, now):
    picture = b'<meta property="og:image" content="https://coast.example/ferry.jpg"></head>'
    status, headers, body = site["/2026/11/23/one"]
    site["/2026/11/23/one"] = (status, headers, body.replace(b"</head>", picture))

    class Feed:
        async def read(self, source, state, *, now):  # noqa: ARG002 - a SourceReader
            links = [server.url(f"/2026/11/23/{name}") for name in ("one", "two", "gone")]
            has = Declared(
                headline="Has one", url=server.url("/x"), images=(Image(url="https://coast.example/own.jpg"),)
            )
            return Reading(declared=(*(Declared(headline="News", url=link) for link in links), has))

    async with serve(site) as server, Fetcher(site="x") as fetcher:
        source = Source(name="coast", url=server.url("/feed"), allow_private=True, page_images=True)
        stored = []

        async def known(names, since):
            return tuple(stored)

        pages = PageReader(fetcher=fetcher, page=Here(read_page), front=Here(front_links))
        reader = WithPagePictures(Feed(), pages, known=known)
        first = await reader.read(source, SourceState(name="coast"), now=now)
        shown = [[image.url.rpartition("/")[2] for image in one.images] for one in first.declared]
        assert shown == [["ferry.jpg"], [], [], ["own.jpg"]]
        stored += make(first, source, SourceState(name="coast"), now=now)
        server.requests.clear()
        second = await reader.read(source, SourceState(name="coast"), now=now)
        off = await reader.read(replace(source, page_images=False), SourceState(name="coast"), now=now)
    assert second.declared == first.declared
    assert not off.declared[0].images
    assert asked(server) == []
