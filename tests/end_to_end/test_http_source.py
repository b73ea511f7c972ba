"""A source over HTTP: guarded, conditional, and its news committed together with its validators."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from tests.end_to_end.situation import AS_OF, NOW, day, feed

KEY = "morning@2026-03-10"


class Feeds(BaseHTTPRequestHandler):
    """One feed with an ETag; remembers what was asked."""

    articles = day(3, about="Wire")
    asked: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self):
        known = self.headers.get("If-None-Match")
        self.asked.append((self.headers["User-Agent"], known))
        tag = f'W/"{len(self.articles)}"'
        body = feed(self.articles).encode()
        self.send_response(304 if known == tag else 200)
        self.send_header("ETag", tag)
        self.end_headers()
        if known != tag:
            self.wfile.write(body)

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def server(project):
    handler = type("Fresh", (Feeds,), {"asked": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/wire.xml"
    config = project.folder / "config.toml"
    text = config.read_text().replace('sources = ["world"]', 'sources = ["world", "wire"]')
    config.write_text(f'{text}\n[sources.wire]\nurl = "{url}"\nevery = "1m"\nallow_private = true\n')
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_feed_over_http_is_read_and_asked_again_with_its_etag(project, server):
    assert "wire: 3 articles, 3 new" in project.digest("sources", "fetch")
    assert "wire: unchanged" in project.digest("sources", "fetch")
    assert [known for _, known in server.asked] == [None, 'W/"3"']
    assert server.asked[0][0].startswith("digest/")
    project.digest("send", "morning", "--as-of", NOW)
    assert len(project.json("issues", "show", KEY)["picks"]["chosen"]) == 8


def test_validators_never_come_without_their_articles(project, server):
    """Feed read, process killed before C0: the next run picks from the store although the server says 304."""
    project.crash("before_c0", "send", "morning", "--as-of", NOW)
    project.digest("send", "morning", "--as-of", "2026-03-10T06:35Z")
    assert [known for _, known in server.asked] == [None, 'W/"3"']
    assert len(project.json("issues", "show", KEY)["picks"]["chosen"]) == 8


def test_without_allow_private_this_machine_is_refused_and_the_rest_is_sent(project, server):
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace("allow_private = true", ""))
    out = project.digest("send", "morning", "--as-of", NOW)
    assert "source wire: 127.0.0.1 is no public address" in out
    assert server.asked == []
    assert project.counts(KEY) == {"sent": 3}


def test_an_article_that_comes_after_the_issue_stands_in_the_next_one_and_none_in_both(project, server):
    project.digest("send", "morning", "--as-of", NOW)
    server.articles = [*day(2, about="Late", until=AS_OF + timedelta(hours=1)), *Feeds.articles]
    project.digest("send", "morning", "--as-of", "2026-03-11T06:30Z")
    first, second = (
        {pick["article"]["headline"] for pick in project.json("issues", "show", key)["picks"]["chosen"]}
        for key in (KEY, "morning@2026-03-11")
    )
    assert second == {"Late0", "Late1"}
    assert first & second == set()
