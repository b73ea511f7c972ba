"""`digest run` with a base_url serves the links of its messages: looking changes nothing, one press leaves."""

import http.client
import re
import threading
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.daemon import free_port
from tests.end_to_end.situation import AS_OF, FOLDER, NOW, day, smtp

KEY = "morning@2026-03-10"
TOMORROW = "2026-03-11T06:30Z"
JUST_AFTER = "2026-03-10T06:30:05Z"
ONE_CLICK = "List-Unsubscribe=One-Click"
SECOND = """
[newsletters.evening]
title = "The Evening"
from = "The Morning Desk <evening@news.example.org>"
lists = ["readers"]
schedule = "daily 17:00"
theme = "plain"
sections = [{ name = "World", sources = ["world"] }]
"""


@pytest.fixture
def site(project):
    """site(transport) -> the project with two newsletters and pages on a free port."""

    def configure(transport=FOLDER):
        port = free_port()
        base = f'base_url = "http://127.0.0.1:{port}"'
        project.configure(site=base, transport=transport, more=f"{SECOND}\n[web]\nport = {port}\n")
        return project

    return configure


@pytest.fixture
def sent(site, daemon):
    """(the running daemon, the project) after today's morning issue."""
    project = site()
    running = daemon(JUST_AFTER)
    running.saw(f"issue done issue={KEY} sent=3")
    return running, project


def test_the_issue_can_be_read_on_the_web_and_holds_nothing_of_a_reader(sent):
    _, project = sent
    (message, *_), found = project.messages(KEY), set()
    html, text = (message.get_body((kind,)).get_content() for kind in ("html", "plain"))
    found = set(re.findall(r"http://127\.0\.0\.1:\d+/archive/[^\"<>]+", html))
    assert found == set(re.findall(r"http://127\.0\.0\.1:\d+/archive/[^\"<>]+", text))
    (link,) = found
    status, page = ask("GET", link)
    assert status == 200
    assert page.count("<h3") == html.count("<h3") > 0
    assert not re.search(r"/u/|v1\.|Ada", page)
    assert ask("GET", link.replace("morning", "evening"))[0] == 404
    assert "Unsubscribing is personal" in ask("GET", re.search(r"http://[^\"]+/u(?=\")", page)[0])[1]


def link_to(message):
    return re.match(r"<(http://127\.0\.0\.1:\d+/u/[^>]+)>", message["List-Unsubscribe"])[1]


def link_for(project, reader):
    (found,) = (link_to(one) for one in project.messages(KEY) if one["To"].addresses[0].addr_spec == reader)
    return found


def ask(method, link, body=None, kind="application/x-www-form-urlencoded"):
    url = urlsplit(link)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    try:
        connection.request(method, url.path, body, {"Content-Type": kind} if body else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def receivers(project, key):
    return sorted(message["To"].addresses[0].addr_spec for message in project.messages(key))


def why(project, reader):
    return project.json("subscribers", "why", reader)["newsletters"]


def tomorrow(project):
    project.news(day(6, until=AS_OF + timedelta(hours=23), about="Fresh news"))
    for newsletter in ("morning", "evening"):
        project.digest("send", newsletter, "--as-of", TOMORROW)


def test_t21_looking_shows_a_button_and_changes_nothing(sent):
    running, project = sent
    link = link_for(project, "reader1@example.org")
    for _ in range(2):
        status, page = ask("GET", link)
        assert status == 200
        assert re.search(r'<form method="post">.*<button[^>]*>Leave <bdi>The Morning Briefing</bdi>', page, re.DOTALL)
        assert ask("HEAD", link) == (200, "")
    running.end()
    assert why(project, "reader1@example.org")["morning"] == "yes: on readers"
    tomorrow(project)
    assert len(receivers(project, "morning@2026-03-11")) == 3


def test_t21_one_click_leaves_this_newsletter_alone_and_may_come_twice(sent):
    running, project = sent
    link = link_for(project, "reader1@example.org")
    multipart = '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    assert ask("POST", link, ONE_CLICK)[0] == 200
    assert ask("POST", link, multipart, "multipart/form-data; boundary=x")[0] == 200
    log = running.end()
    assert "public pages" in log
    assert "/u/" not in log, "a link in a log could be used by whoever reads it"
    assert why(project, "reader1@example.org") == {"morning": "no: has left", "evening": "yes: on readers"}
    tomorrow(project)
    assert receivers(project, "morning@2026-03-11") == ["reader0@example.org", "reader2@example.org"]
    assert len(receivers(project, "evening@2026-03-11")) == 3


def test_the_second_button_leaves_everything(sent):
    running, project = sent
    status, page = ask("POST", link_for(project, "reader2@example.org"), f"{ONE_CLICK}&leave=everything")
    assert (status, "You have left everything" in page) == (200, True)
    running.end()
    assert why(project, "reader2@example.org") == {"morning": "no: has left", "evening": "no: has left"}
    tomorrow(project)
    assert "reader2@example.org" not in receivers(project, "evening@2026-03-11")


def test_somebody_taken_off_the_files_can_still_leave(sent):
    running, project = sent
    link = link_for(project, "reader1@example.org")
    project.digest("subscribers", "remove", "reader1@example.org")
    assert ask("POST", link, ONE_CLICK)[0] == 200
    running.end()
    project.digest("subscribers", "add", "reader1@example.org")
    assert why(project, "reader1@example.org")["morning"] == "no: has left"


def test_t20_a_link_that_is_not_ours_is_not_found_and_changes_nothing(sent):
    running, project = sent
    link = link_for(project, "reader1@example.org")
    middle = len(link) - 30
    forged = [f"{link}x", link[:-1], link[:middle] + ("A" if link[middle] != "A" else "B") + link[middle + 1 :]]
    for one in (*forged, link.rpartition("/")[0] + "/v1.x.y"):
        assert ask("GET", one)[0] == 404
        assert ask("POST", one, ONE_CLICK)[0] == 404
    log = running.end()
    assert "Traceback" not in log
    assert set(why(project, "reader1@example.org").values()) == {"yes: on readers"}


def test_row66_leaving_during_the_send_counts_for_whom_it_has_not_reached(site, daemon, running_sink):
    under_way, left = threading.Event(), threading.Event()

    def wait_at_the_first(step, count, _):
        if step == "data" and count == 2:  # the first was the test send's
            under_way.set()
            left.wait(20)

    links = []
    sink = running_sink(script=wait_at_the_first)
    project = site(smtp(sink.port, max_connections=1))
    # A test send carries the link that the issue will carry.
    project.digest("send", "morning", "--to", "reader2@example.org", "--as-of", NOW)
    links.append(re.search(rb"List-Unsubscribe: <(http://127[^>]+)>", sink.messages.pop().data)[1].decode())
    running = daemon(JUST_AFTER)
    assert under_way.wait(30)
    assert ask("POST", links[0], ONE_CLICK)[0] == 200
    left.set()
    running.saw(f"issue done issue={KEY} sent=2")
    running.end()
    assert project.counts(KEY) == {"sent": 2, "skipped": 1}
    assert [message.recipients[0] for message in sink.messages] == ["reader0@example.org", "reader1@example.org"]


def test_without_a_base_url_nothing_listens(project, daemon):
    port = free_port()
    project.configure(more=f"[web]\nport = {port}\n")
    running = daemon(JUST_AFTER)
    running.saw("sources read")
    with pytest.raises(ConnectionRefusedError):
        ask("GET", f"http://127.0.0.1:{port}/health")
    assert "public pages" not in running.end()
