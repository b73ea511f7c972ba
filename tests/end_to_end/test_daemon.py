"""`digest run` as a process of its own: slots, lateness, the end, and two of them over one store."""

import queue
import socket
import threading
import time
from collections import Counter
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from digest.testing.script import Act
from tests.end_to_end.situation import NOW, day, feed, smtp

KEY = "morning@2026-03-10"
JUST_BEFORE = "2026-03-10T06:29:56Z"


@contextmanager
def feed_server(answer):
    """The URL of a feed; `answer(handler)` is called in a thread of its own for each request."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            answer(self)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/world.xml"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def from_url(project, url):
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('path = "world.xml"', f'url = "{url}"\nallow_private = true'))


def test_it_says_its_next_slots_sends_at_the_slot_and_ends_cleanly(project, daemon):
    running = daemon(JUST_BEFORE)
    running.saw(r"next slot newsletter=morning slot=2026-03-10 due=2026-03-10T06:30:00\+00:00")
    running.saw("sources read sources=1 new=5")
    running.saw(f"issue done issue={KEY} sent=3")
    assert running.end().rstrip().endswith("stopped")
    row = project.json("issues", "show", KEY)["row"]
    assert row["cutoff"] == row["due_at"] == 1_773_124_200_000
    assert row["note"] == ""


def test_a_slot_two_hours_ago_is_sent_at_once_and_marked_late(project, daemon):
    running = daemon("2026-03-10T08:30:00Z")
    running.saw(f"issue done issue={KEY} sent=3 owed=0 notes=2h late")
    running.end()
    assert project.json("issues", "show", KEY)["row"]["note"] == "2h late"


def test_a_slot_three_days_ago_is_missed_not_sent(project, daemon):
    project.digest("send", "morning", "--as-of", NOW)
    running = daemon("2026-03-13T20:00:00Z")
    running.saw("ERROR .* missed issue=morning@2026-03-13 late_within=6h")
    running.end()
    assert [one["row"]["state"] for one in project.json("issues", "list")] == ["missed", "done"]


def test_a_new_project_has_missed_nothing(project, daemon):
    running = daemon("2026-03-10T20:00:00Z")
    running.saw("sources read")
    assert "missed" not in running.end()
    assert project.json("issues", "list") == []


def test_sources_are_read_three_minutes_before_the_slot(project, daemon):
    asked = queue.Queue()

    def answer(handler):
        asked.put(handler.path)
        handler.send_response(200)
        handler.end_headers()
        handler.wfile.write(feed(day(5)).encode())

    with feed_server(answer) as url:
        from_url(project, url)
        running = daemon("2026-03-10T06:26:56Z")
        asked.get(timeout=20)  # at the start
        running.saw("sources read sources=1 new=5")
        asked.get(timeout=20)  # though read seconds ago
        running.saw("sources read sources=1 new=0")
        running.end()
    assert asked.empty()
    assert project.json("issues", "list") == []


def test_a_source_that_hangs_does_not_hold_up_the_end(project, daemon):
    asked, over = threading.Event(), threading.Event()

    def answer(_):
        asked.set()
        over.wait(30)

    with feed_server(answer) as url:
        from_url(project, url)
        running = daemon("2026-03-10T06:31:00Z")
        assert asked.wait(20)
        log = running.end()
        over.set()
    assert "broken off: stopped while sources were being read" in log
    assert project.json("issues", "list") == []


def test_sigterm_during_a_send_leaves_nobody_in_doubt(project, daemon, running_sink):
    under_way = threading.Event()

    def slowly(step, count, _):
        if step == "dot":
            time.sleep(0.02)
            if count == 20:
                under_way.set()

    sink = running_sink(script=slowly)
    project.configure(transport=smtp(sink.port, max_connections=4))
    project.readers(300)
    running = daemon("2026-03-10T06:30:10Z")
    assert under_way.wait(30)
    running.end()
    counts = project.counts(KEY)
    assert counts["sent"] == len(sink.messages) < 300
    assert counts == {"sent": counts["sent"], "pending": 300 - counts["sent"]}
    sink.script = lambda *_: None
    running = daemon("2026-03-10T06:35:00Z")
    running.saw(f"issue done issue={KEY}")
    running.end()
    assert Counter(message.recipients[0] for message in sink.messages).most_common(1)[0][1] == 1
    assert len(sink.messages) == 300


@pytest.mark.parametrize("where", ["banner", "rcpt"])
def test_a_relay_that_says_nothing_does_not_hold_up_the_end(project, daemon, running_sink, where):
    reached = threading.Event()

    def silent(step, *_):
        if step != where:
            return None
        reached.set()
        return Act.HANG

    project.configure(transport=smtp(running_sink(script=silent).port))
    running = daemon("2026-03-10T06:30:05Z")
    assert reached.wait(20)
    running.end()
    assert project.counts(KEY) == {"pending": 3}


def test_two_daemons_over_one_store_send_one_slot_once(project, daemon, running_sink):
    sink = running_sink()
    project.configure(transport=smtp(sink.port))
    project.readers(50)
    both = [daemon("2026-03-10T06:29:55Z") for _ in range(2)]
    for one in both:
        one.saw("issue done", within=20)
    for one in both:
        one.end()
    assert Counter(message.recipients[0] for message in sink.messages) == {
        f"reader{n}@example.org": 1 for n in range(50)
    }
    assert project.counts(KEY) == {"sent": 50}


def test_a_bad_line_is_named_and_the_others_get_their_message(project, daemon):
    path = project.folder / "subscribers" / "readers.toml"
    path.write_text(path.read_text() + '\n[[subscribers]]\nemail = "nobody at all"\n')
    line = len(path.read_text().splitlines())
    running = daemon("2026-03-10T06:30:10Z")
    running.saw(rf"issue done .*left out the bad line subscribers/readers\.toml:{line}\b")
    assert "nobody at all" not in running.end()
    assert project.counts(KEY) == {"sent": 3}


def test_pages_that_cannot_be_served_end_it_with_the_reason(project, daemon):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        project.configure(site=f'base_url = "http://127.0.0.1:{port}"', more=f"[web]\nport = {port}\n")
        running = daemon("2026-03-10T20:00:00Z")
        running.saw(rf"^cannot listen on 127\.0\.0\.1 port {port}: Address already in use")
        assert running.process.wait(10) == 1


def test_a_second_newsletter_is_sent_though_the_firsts_theme_is_broken(project, daemon):
    project.write("templates/email/own/theme.toml", 'title = "Own"\n')
    project.configure(
        more="""
[newsletters.evening]
title = "The Evening"
from = "The Morning Desk <evening@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "plain"
sections = [{ name = "World", sources = ["world"] }]
"""
    )
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('theme = "briefing"', 'theme = "own"'))
    running = daemon("2026-03-10T06:30:10Z")
    running.saw("ERROR .* failed, will be tried again: .*templates/email/own")
    running.saw("issue done issue=evening@2026-03-10 sent=3")
    running.end()
