"""Logs: one event is one line, whatever stands in it, and nobody's address is in it."""

import io
import json
import logging
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.operations import logs
from digest.operations.logs import JsonLines, TextLines, escaped

NASTY = "one\r\ntwo\x1b[31mred\x1b[0m\x00\x85\u2028\u202ethree"
HOSTILE = st.text() | st.sampled_from([NASTY, "\n", "\x1b]0;title\x07", '"}\n{"level": "INFO"', "\ud800"])


def record(message="sent", *, level=logging.INFO, exc_info=None, **fields):
    made = logging.LogRecord("digest.test", level, __file__, 1, message, (), exc_info)
    vars(made).update(fields)
    return made


@given(message=HOSTILE, field=HOSTILE)
def test_t19_a_text_line_stays_one_line_without_controls(message, field):
    line = TextLines().format(record(message.replace("%", "%%"), subject=field))
    assert line.isprintable()
    assert line.splitlines() in ([line], [])


@given(message=HOSTILE, field=HOSTILE)
def test_t19_a_json_line_stays_one_line_and_reads_back(message, field):
    line = JsonLines().format(record(message, subject=field))
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line).keys() == {"at", "level", "logger", "event", "subject"}


def test_t19_cr_lf_and_esc_are_seen_as_what_they_are():
    assert escaped(NASTY) == r"one\r\ntwo\x1b[31mred\x1b[0m\x00\x85\u2028\u202ethree"


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_t19_a_traceback_is_on_the_line_of_its_event(lines):
    line = lines.format(record("failed", level=logging.ERROR, exc_info=(ValueError, ValueError(NASTY), None)))
    assert "ValueError: one" in line
    assert line.isprintable()


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
@pytest.mark.parametrize(
    "text",
    [
        "550 5.1.1 <ada@example.org>: User unknown",
        "ada@example.org",
        "RCPT TO:<ada@example.org> refused; mailto:ada@example.org?subject=x",
        '"ada@example.org"',
    ],
)
def test_t39_an_address_in_a_field_a_message_or_a_traceback_is_masked(lines, text):
    line = lines.format(record(text, why=text, exc_info=(ValueError, ValueError(text), None)))
    assert "ada@" not in line
    assert "***@example.org" in line


@pytest.mark.parametrize("key", ["morning@2026-11-23", "morning@2026-11-23.pm", "good-news@2026-11-23.c1"])
def test_an_issues_key_is_no_address(key):
    assert f"issue={key}" in TextLines().format(record(issue=key))
    assert json.loads(JsonLines().format(record(issue=key)))["issue"] == key


def test_with_vv_an_address_may_be_seen():
    assert "ada@example.org" in TextLines().format(record(level=logging.DEBUG, to="ada@example.org"))


@pytest.mark.parametrize("text", ["a" * 100_000, "a@" * 50_000, "a" * 99_999 + "@", "@" * 100_000])
def test_t35_masking_takes_no_time_on_its_worst_case(text):
    start = time.process_time()
    logs.discreet(text, record())
    assert time.process_time() - start < 1


def test_the_lines_read_well():
    made = record("next slot", newsletter="morning", slot="2026-11-23", notes="")
    made.created = 1_795_415_400
    assert (
        TextLines().format(made)
        == "2026-11-23T06:30:00Z INFO digest.test: next slot newsletter=morning slot=2026-11-23"
    )


@pytest.fixture
def logged(monkeypatch):
    """logged(verbose) -> what loggers at every level wrote to stderr after setup(verbose)."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in logs._CHATTY}

    def start(verbose):
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        logs.setup(verbose)
        for name in ("digest.test", "httpx2"):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING):
                logging.getLogger(name).log(level, "%s %s", name, logging.getLevelName(level))
        return sys.stderr.getvalue()

    yield start
    root.handlers[:], level, chatty = before
    root.setLevel(level)
    for name, one in chatty.items():
        logging.getLogger(name).setLevel(one)


@pytest.mark.parametrize(
    ("verbose", "seen", "unseen"), [(0, "WARNING", "INFO"), (1, "INFO", "DEBUG"), (2, "DEBUG", "?")]
)
def test_each_v_tells_more(logged, verbose, seen, unseen):
    said = logged(verbose)
    assert f"digest.test {seen}" in said
    assert f"digest.test {unseen}" not in said


def test_a_library_that_tells_every_step_is_heard_from_vv_on_only(logged):
    assert "httpx2 INFO" not in logged(1)
    assert "httpx2 INFO" in logged(2)


def test_digest_log_json_gives_one_document_a_line(logged, monkeypatch):
    monkeypatch.setenv("DIGEST_LOG", "json")
    events = [json.loads(line) for line in logged(1).splitlines()]
    assert [event["event"] for event in events] == ["digest.test INFO", "digest.test WARNING", "httpx2 WARNING"]
