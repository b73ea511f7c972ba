"""Reading the sample feeds into Readings, in this process, beside feedparser alone on the same bytes."""

from __future__ import annotations

import io
import time
from pathlib import Path

import feedparser

from benchmarks.rounds import paired
from digest.sources.feed import parse_feed

FEEDS = Path(__file__).resolve().parent.parent / "samples" / "feeds"
TIMES = 4


def measure() -> dict[str, object]:
    """Articles a second, milliseconds a feed, and our time as a share of feedparser's."""
    feeds = [path.read_bytes() for path in sorted(FEEDS.iterdir())]
    articles = sum(len(parse_feed(data, url="").declared) for data in feeds)
    ours, peer, ratio = paired(lambda: _ours(feeds), lambda: _bare(feeds))
    return {
        "feeds": len(feeds),
        "articles": articles,
        "reading_ms_a_feed": round(ours / len(feeds) * 1000, 1),
        "articles_a_second": round(articles / ours),
        "feedparser_articles_a_second": round(articles / peer),
        "ratio": round(ratio, 2),
    }


def _ours(feeds: list[bytes]) -> float:
    start = time.process_time()
    for _ in range(TIMES):
        for data in feeds:
            parse_feed(data, url="https://feeds.example/feed.xml")
    return (time.process_time() - start) / TIMES


def _bare(feeds: list[bytes]) -> float:
    start = time.process_time()
    for _ in range(TIMES):
        for data in feeds:
            feedparser.parse(io.BytesIO(data))
    return (time.process_time() - start) / TIMES
