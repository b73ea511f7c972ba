"""What sources may write and what arrives: no header, no recipient and no line that we did not mean."""

import re
from datetime import timedelta

import pytest

from tests.end_to_end.situation import AS_OF, NOW, day, feed, smtp

KEY = "morning@2026-03-10"
NAMES = [
    "Date", "From", "To", "Subject", "Message-ID", "List-Id", "List-Unsubscribe", "List-Post", "Feedback-ID",
    "Auto-Submitted", "Precedence", "MIME-Version", "Content-Type", "Content-Language",
]  # fmt: skip


def newest(title, **more):
    return {"title": title, "date": AS_OF - timedelta(minutes=20), **more}


def raw(project):
    path = next((project.folder / "var" / "outbox" / KEY).glob("*.eml"))
    return path.read_bytes()


@pytest.mark.parametrize(
    "title",
    [
        "=?utf-8?q?Hi=0D=0ABcc:_all=40x.test?=",
        "Hello&#13;&#10;Bcc: all@x.test",
        "=?utf-8?b?SGkNCkJjYzogYWxsQHgudGVzdA==?=",
    ],
)
def test_t10_a_feed_title_makes_no_bcc_header(project, title):
    project.news([newest(title), *day(3)])
    project.digest("send", "morning", "--as-of", NOW)
    head = raw(project).partition(b"\r\n\r\n")[0].decode("ascii")
    assert re.findall(r"^([!-9;-~]+):", head, re.MULTILINE) == NAMES
    (message, *_) = project.messages(KEY)
    assert message["Bcc"] is None
    assert message["To"].addresses[0].domain == "example.org"


def test_markup_in_a_headline_is_literal_in_subject_text_and_html(project):
    project.news(
        [
            newest(
                "AT&amp;amp;T &amp;lt;b&amp;gt; merger", description="Less &amp;lt; more &amp;amp; so on, they say."
            ),
            *day(3),
        ]
    )
    project.digest("send", "morning", "--as-of", NOW)
    (message, *_) = project.messages(KEY)
    assert message["Subject"] == "AT&T <b> merger"
    assert "AT&T <b> merger" in message.get_body(("plain",)).get_content()
    assert "AT&amp;T &lt;b&gt; merger" in message.get_body(("html",)).get_content()


def test_template_text_in_a_headline_stays_text(project):
    project.news([newest("{{ 7*7 }} {% include 'x' %} [[unsubscribe_url]] %recipient%"), *day(3)])
    project.digest("send", "morning", "--as-of", NOW)
    (message, *_) = project.messages(KEY)
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content()
        assert "{{ 7*7 }}" in text
        assert "[[unsubscribe_url]]" in text


def test_a_long_list_unsubscribe_is_never_encoded(project):
    project.configure(site=f'base_url = "https://{"news-" * 11}desk.example.org"')
    project.digest("send", "morning", "--as-of", NOW)
    head = raw(project).partition(b"\r\n\r\n")[0].decode("ascii")
    field = re.search(r"^List-Unsubscribe: (.*(?:\r\n[ \t].*)*)", head, re.MULTILINE)[1]
    assert len(re.search(r"<https://[^>]+>", field)[0]) > 150
    assert "=?" not in field
    assert max(map(len, head.split("\r\n"))) <= 998


def test_row48_long_lines_breaks_and_leading_dots_reach_the_relay_as_legal_bytes(project, running_sink):
    sink = running_sink()
    project.configure(transport=smtp(sink.port))
    dots = "." * 80 + " .&#10;.&#10;&#13;." + " long" * 400
    project.news([newest(".", description=dots), newest("." * 300, link="https://times.example/dots"), *day(3)])
    project.digest("send", "morning", "--as-of", NOW)
    assert sink.breaches == []
    assert len(sink.messages) == 3
    for message in sink.messages:
        assert b"\n" not in message.data.replace(b"\r\n", b"")
        assert b"\r" not in message.data.replace(b"\r\n", b"")
        assert max(map(len, message.data.split(b"\r\n"))) <= 998
    wire = bytes(sink.sessions[0].raw) if sink.sessions[0].raw else b""
    assert b"\r\n.." not in wire, "nothing needs dot-stuffing: no line of ours begins with a dot"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "web page"),
        (b"not a feed at all", "not a feed"),
        (b"<rss version='2.0'><channel><title>T</title></channel></rss>", "without articles"),
        (b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><rss><channel/></rss>", "ENTITY"),
        (feed(day(4)).encode()[:250], ""),
    ],
)
def test_row55_one_broken_source_never_stops_the_others(project, content, why):
    broken = project.folder / "broken.xml"
    broken.write_bytes(content)
    config = project.folder / "config.toml"
    text = config.read_text().replace('sources = ["world"]', 'sources = ["world", "broken"]')
    config.write_text(f'{text}\n[sources.broken]\npath = "broken.xml"\n')
    out = project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}
    (line,) = [line for line in out.splitlines() if "source broken:" in line]
    assert why in line
    assert "source_failed" in project.digest(
        "explain", "morning", "--slot", "2026-03-11", "--as-of", "2026-03-10T07:00Z"
    )
    listed = {row["name"]: row for row in project.json("sources", "list")}
    assert listed["broken"]["health"].startswith("failing")
    assert listed["world"]["health"] == "ok"


def test_a_source_that_is_gone_keeps_its_articles(project):
    project.digest("sources", "fetch")
    (project.folder / "world.xml").unlink()
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace("world.xml", "later.xml"))
    assert "no such file" in project.digest("send", "morning", "--as-of", NOW, code=2)
    (project.folder / "later.xml").write_text("<html>")
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}
