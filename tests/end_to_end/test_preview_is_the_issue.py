"""What the preview shows is byte for byte what is frozen and arrives."""

import http.client
import re
import signal
import subprocess
from urllib.parse import urlsplit

import pytest

from tests.end_to_end.situation import NOW

KEY = "morning@2026-03-10"
FILES = ("issue.html", "issue.txt", "issue.mjml")


def test_preview_out_writes_the_bytes_that_send_freezes(project):
    project.digest("preview", "morning", "--as-of", NOW, "--out", "shown")
    project.digest("send", "morning", "--as-of", NOW)
    for name in FILES:
        shown = (project.folder / "shown" / name).read_bytes()
        assert shown == (project.folder / "var" / "outbox" / KEY / name).read_bytes()
        assert len(shown) > 500


def test_the_message_is_the_preview_with_its_holes_filled(project):
    project.digest("preview", "morning", "--as-of", NOW, "--out", "shown")
    project.digest("send", "morning", "--as-of", NOW)
    message = project.messages(KEY)[0]
    for kind, name in (("html", "issue.html"), ("plain", "issue.txt")):
        shown = (project.folder / "shown" / name).read_text()
        pattern = "".join(
            "(?s:.*?)" if part.startswith("[[") else re.escape(part) for part in re.split(r"(\[\[\w+\]\])", shown)
        )
        got = message.get_body((kind,)).get_content().replace("\r\n", "\n")
        assert re.fullmatch(pattern, got) or re.fullmatch(pattern, got.rstrip("\n"))
        assert "[[" not in got


def test_preview_writes_no_issue_and_uses_nothing_up(project):
    project.digest("preview", "morning", "--as-of", NOW, "--out", "shown")
    assert project.json("issues", "list") == []


def test_after_todays_slot_is_filled_the_preview_shows_the_next_one(project):
    project.digest("send", "morning", "--as-of", NOW)
    out = project.digest("preview", "morning", "--as-of", "2026-03-10T09:00Z", "--out", "shown", code=1)
    assert "morning@2026-03-11: no article to show" in out


@pytest.fixture
def served(project):
    """(url of the preview, http.client connection)."""
    process = project.start("preview", "morning", "--as-of", NOW, "--no-open")
    url = urlsplit(re.search(r"http://\S+", process.stdout.readline())[0])
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=20)
    yield url, connection
    connection.close()
    process.send_signal(signal.SIGTERM)
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    assert process.returncode == 0


def test_the_page_shows_the_same_bytes(project, served):
    url, connection = served
    token = url.path.split("/")[1]
    shown = {}
    for name in FILES:
        connection.request("GET", f"/{token}/raw/morning.{name.partition('.')[2]}")
        answer = connection.getresponse()
        assert answer.status == 200
        shown[name] = answer.read()
    project.digest("send", "morning", "--as-of", NOW)
    for name, content in shown.items():
        assert content == (project.folder / "var" / "outbox" / KEY / name).read_bytes()
