"""find_feeds: what a page links, and nothing inside a private network that nobody vouched for."""

import asyncio

import pytest

from digest.errors import SourceError
from digest.fetch import Fetcher
from digest.sources.finding import find_feeds


def test_t1_a_linked_feed_on_another_host_is_not_private_by_leave_of_the_page(serve, now):
    feed = b"<rss><channel><title>Inside</title><item><title>One</title><link>http://x.example/1</link></item></channel></rss>"

    async def act(host):
        site = {"/feeds/inside": (200, {}, feed)}
        async with serve(site) as server, Fetcher(site="x") as fetcher:
            link = server.url("/feeds/inside").replace("127.0.0.1", host)
            page = f'<link rel="alternate" type="application/rss+xml" href="{link}">'.encode()
            site["/"] = (200, {"Content-Type": "text/html"}, page)
            return await find_feeds(server.url("/"), fetcher=fetcher, allow_private=True, now=now)

    assert [one.title for one in asyncio.run(act("127.0.0.1"))] == ["Inside"]
    with pytest.raises(SourceError, match="no feed"):
        asyncio.run(act("localhost"))
