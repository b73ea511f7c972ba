"""A site's feed is found and added, its front is followed, an editor's note goes out: from the command line to the issue."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.end_to_end.situation import NOW, day, feed

ROBOTS = "User-agent: *\nDisallow: /2026/03/10/private\n"
NOTE = '+++\nheadline = "The desk moves house"\npublished = 2026-03-10T05:00:00Z\n+++\nFrom Monday we are at the harbour.\n'


def article(headline):
    return f"""<html lang="en"><head><title>{headline} - Coast</title><meta property="og:site_name" content="Coast">
    <meta property="article:published_time" content="2026-03-10T05:30:00Z"><meta name="author" content="Ada Marsh">
    <meta name="description" content="All that is known of this: {headline}."></head><body><h1>{headline}</h1></body></html>"""


PAGES = {
    "/robots.txt": ROBOTS,
    "/": """<html><head><title>Coast</title>
        <link rel="alternate" type="application/rss+xml" title="Coast - Comments" href="/comments/feed">
        <link rel="alternate" type="application/rss+xml" title="Coast short" href="/short.xml">
        <link rel="alternate" type="application/rss+xml" title="Coast" href="/all.xml"></head><body></body></html>""",
    "/comments/feed": feed(day(9, about="Reader says")),
    "/short.xml": feed(day(2, about="Short")),
    "/all.xml": feed(day(5, about="Coast")),
    "/bare": "<html><head><title>Nothing linked</title></head><body></body></html>",
    "/rss": feed(day(1, about="Usual")),
    "/news": """<html><body><main><a href="/2026/03/10/ferry">1</a><a href="/2026/03/10/private">2</a>
        <a href="/2026/03/10/nets">3</a></main></body></html>""",
    "/2026/03/10/ferry": article("The ferry sails again after weeks"),
    "/2026/03/10/nets": article("Nets are mended all along the coast"),
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        page = PAGES.get(self.path)
        self.send_response(404 if page is None else 200)
        self.end_headers()
        self.wfile.write((page or "").encode())

    def log_message(self, *_):
        """Quiet."""


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(project):
    project.configure()
    project.readers(2)
    project.news(day(4))
    return project


def test_the_feed_with_most_articles_is_added_and_comments_come_last(desk, site):
    said = desk.digest("sources", "add", site.address, "--allow-private", "--json")
    added = json.loads(said)
    assert [one["url"].removeprefix(site.address) for one in added["feeds"]] == [
        "/all.xml",
        "/short.xml",
        "/comments/feed",
    ]
    (name,) = added["names"]
    assert (
        f'[sources.{name}]\nurl = "{site.address}/all.xml"\nallow_private = true'
        in (desk.folder / "config.toml").read_text()
    )
    assert f"{name}: 5 articles, 5 new" in desk.digest("sources", "fetch", name)
    assert "already there" in desk.digest("sources", "add", site.address, "--allow-private", code=2)


def test_without_a_link_the_usual_addresses_are_tried(desk, site):
    before = (desk.folder / "config.toml").read_text()
    said = desk.digest("sources", "add", f"{site.address}/bare", "--allow-private", "--dry-run", "--name", "coast")
    assert "[sources.coast]" in said
    assert "/rss" in said
    assert (desk.folder / "config.toml").read_text() == before


def test_opml_goes_out_and_comes_in_again(desk):
    desk.configure(
        more='\n[sources.coast]\nurl = "https://coast.example/feed"\noutlet = "Coast & Sea"\nsection = "World"\n'
    )
    assert "not in it: world" in desk.digest("sources", "export", "-o", "mine.opml")
    assert "already there" in desk.digest("sources", "import", "mine.opml")
    desk.configure()
    assert "1 written into config.toml" in desk.digest("sources", "import", "mine.opml")
    desk.digest("sources", "export", "-o", "again.opml")
    assert (desk.folder / "again.opml").read_text() == (desk.folder / "mine.opml").read_text()


def test_a_front_and_a_folder_fill_the_issue(desk, site):
    desk.write("notes/move.md", NOTE)
    desk.write("notes/broken.md", "+++\nheadline = move\n+++\n")
    desk.configure(
        newsletter='limit = 20\n[[newsletters.morning.sections]]\nname = "Coast"\nsources = ["coast", "notes"]\n',
        more=f"""
[sources.coast]
kind = "page"
url = "{site.address}/news"
allow_private = true

[sources.notes]
kind = "folder"
path = "notes"
""",
    )
    fetched = desk.digest("sources", "fetch")
    assert "coast: 2 articles, 2 new" in fetched
    assert "robots.txt" in fetched
    assert "notes: 1 articles, 1 new" in fetched
    assert "broken.md:2: not TOML" in fetched
    assert "/2026/03/10/private" not in site.asked
    desk.digest("send", "morning", "--as-of", NOW)
    sent = next((desk.folder / "var" / "outbox").rglob("*.eml")).read_text()
    assert "The ferry sails again after weeks" in sent
    assert "The desk moves house" in sent
    asked = len(site.asked)
    desk.digest("sources", "fetch", "coast")
    assert [path for path in site.asked[asked:] if path.startswith("/2026")] == []


def test_a_page_on_disk_is_shown_as_json(desk):
    desk.write("page.html", article("The ferry sails again after weeks"))
    said = desk.digest("sources", "test", "page.html", "--as", "page", "--url", "https://coast.example/1", "--json")
    (one,) = json.loads(said)["articles"]
    assert (one["headline"], one["authors"], one["byline"]) == (
        "The ferry sails again after weeks",
        ["Ada Marsh"],
        "Ada Marsh",
    )
    assert (one["published"], one["url"]) == ("2026-03-10T05:30:00+00:00", "https://coast.example/1")
    assert one["article"]["outlet"] == "Coast"
    desk.write("nothing.html", "just words")
    assert "not a web page" in desk.digest("sources", "test", "nothing.html", "--as", "page", code=1)
    bad = desk.digest("sources", "test", "page.html", "--as", "page", "--url", "http://[::1/x", code=2)
    assert "whole address" in bad
    failed = json.loads(desk.digest("sources", "test", "nothing.html", "--as", "page", "--json", code=1))
    assert (failed["failure"], failed["articles"]) == ("this is not a web page", [])
