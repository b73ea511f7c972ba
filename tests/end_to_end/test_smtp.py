"""Against a real SMTP server: what a relay may answer, and what becomes of each reader."""

import os
import signal
import socket
import subprocess
import time
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from digest.testing.script import Act
from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"


class Mailbox:
    """aiosmtpd's handler: keeps what it is given."""

    def __init__(self):
        self.envelopes = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 - aiosmtpd names it
        self.envelopes.append(envelope)
        return "250 OK"


def test_every_subscriber_gets_exactly_one_message_through_aiosmtpd(project):
    mailbox = Mailbox()
    port = free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        project.configure(transport=smtp(port))
        project.readers(40)
        project.digest("send", "morning", "--as-of", NOW)
    finally:
        controller.stop()
    assert sorted(envelope.rcpt_tos[0] for envelope in mailbox.envelopes) == sorted(
        f"reader{n}@example.org" for n in range(40)
    )
    parsed = message_from_bytes(mailbox.envelopes[0].content, policy=policy.default)
    assert [part.get_content_type() for part in parsed.iter_parts()] == ["text/plain", "text/html"]


def test_a_refused_reader_does_not_stop_the_rest(project, running_sink):
    sink = running_sink(
        script=lambda step, _, to: "550 5.1.1 no such user" if step == "rcpt" and "reader1@" in to else None
    )
    project.configure(transport=smtp(sink.port))
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 2, "failed": 1}
    assert project.state(KEY) == "done"
    show = project.digest("issues", "show", KEY)
    assert "550 5.1.1 no such user" in show
    assert "reader1@example.org" not in show


def test_a_reader_put_off_is_owed_again_and_then_served(project, running_sink):
    sink = running_sink(
        script=lambda step, count, to: "450 4.2.0 later" if step == "rcpt" and "reader1@" in to and count <= 3 else None
    )
    project.configure(transport=smtp(sink.port, max_connections=1))
    out = project.digest("send", "morning", "--as-of", NOW, code=1)
    assert "1 owed (next 06:3" in out
    project.digest("send", "morning", "--as-of", "2026-03-10T06:50Z")
    assert project.counts(KEY) == {"sent": 3}
    assert len(sink.messages) == 3


def test_a_connection_lost_after_acceptance_is_one_doubt_and_one_copy_with_the_same_id(project, running_sink):
    sink = running_sink(script=lambda step, count, _: Act.KEEP_AND_DROP if step == "dot" and count == 1 else None)
    project.configure(transport=smtp(sink.port, max_connections=1), newsletter='doubt_pause = "0s"')
    project.digest("send", "morning", "--as-of", NOW, code=1)
    project.digest("send", "morning", "--as-of", "2026-03-10T06:31Z")
    assert project.counts(KEY) == {"sent": 3}
    ids = [message.message_id for message in sink.messages]
    assert len(ids) == 4
    assert len(set(ids)) == 3


def test_a_dead_relay_hands_everybody_to_the_next_one(project, running_sink):
    sink = running_sink()
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = closed.getsockname()[1]
        project.configure(transport=smtp(dead), more=f"\n[transports.second]\n{smtp(sink.port)}\n")
        config = project.folder / "config.toml"
        config.write_text(config.read_text().replace('use = ["out"]', 'use = ["out", "second"]'))
        project.digest("send", "morning", "--as-of", NOW)
    assert len(sink.messages) == 3


def test_with_no_relay_at_all_everybody_is_owed_and_nobody_failed(project):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        project.configure(transport=smtp(closed.getsockname()[1]))
        project.digest("send", "morning", "--as-of", NOW, code=1)
    assert project.counts(KEY) == {"pending": 3}
    assert project.state(KEY) == "sending"


def test_a_wrong_password_pauses_the_issue_and_fails_nobody(project, running_sink):
    project.env = {"RELAY_PASSWORD": "wrong-canary"}
    sink = running_sink(auth=("digest", "right"))
    project.configure(transport=smtp(sink.port, username="digest") + '\npassword = { env = "RELAY_PASSWORD" }')
    out = project.digest("send", "morning", "--as-of", NOW, code=1)
    assert project.state(KEY) == "paused"
    assert project.counts(KEY) == {"pending": 3}
    assert "wrong-canary" not in out
    assert len(sink.said("AUTH")) == 1, "a wrong password is tried once, not in every mechanism"
    sink.auth = ("digest", "wrong-canary")
    project.digest("issues", "resume", KEY)
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}


@pytest.mark.parametrize("pipelining", ["auto", "off"])
def test_kill_9_half_way_and_the_next_run_serves_everybody(project, running_sink, pipelining):
    sink = running_sink()
    project.configure(
        transport=smtp(sink.port, max_connections=4, pipelining=pipelining), newsletter='doubt_pause = "0s"'
    )
    project.readers(300)
    process = project.start("send", "morning", "--as-of", NOW)
    deadline = time.monotonic() + 60
    while len(sink.messages) < 100 and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    project.digest("send", "morning", "--as-of", NOW)
    copies = [message.recipients[0] for message in sink.messages]
    assert len(set(copies)) == 300
    assert len(copies) - 300 <= 4
    assert project.counts(KEY) == {"sent": 300}


def test_a_second_process_waits_and_names_the_first(project, running_sink):
    sink = running_sink(script=lambda step, *_: Act.HANG if step == "data" else None)
    project.configure(transport=smtp(sink.port))
    process = project.start("send", "morning", "--as-of", NOW)
    while not sink.said("DATA") and process.poll() is None:
        time.sleep(0.01)
    try:
        assert str(process.pid) in project.digest("send", "morning", "--as-of", NOW, code=1)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(not Path("/usr/sbin/smtp-sink").exists(), reason="postfix's smtp-sink is not installed")
def test_through_postfix_smtp_sink_everybody_once(project, tmp_path):
    port = free_port()
    dump = tmp_path / "dump"
    dump.mkdir(mode=0o777)
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    tmp_path.chmod(0o755)
    command = ["/usr/sbin/smtp-sink", *as_user, "-d", "%M.", f"127.0.0.1:{port}", "100"]
    dump.chmod(0o777)
    sink = subprocess.Popen(command, cwd=dump)
    try:
        wait_for(port)
        project.configure(transport=smtp(port, max_connections=10))
        project.readers(100)
        project.digest("send", "morning", "--as-of", NOW)
    finally:
        sink.terminate()
        sink.wait()
    assert project.counts(KEY) == {"sent": 100}


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError("smtp-sink did not start")
