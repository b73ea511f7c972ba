"""Policy `reconcile`: after a broken connection the relay's own records say who got the message."""

from datetime import UTC, datetime

import pytest

from digest.testing.sink import Act
from tests.end_to_end.situation import NOW, smtp

KEY = "morning@2026-03-10"
READERS = 8
KEPT, DROPPED = 3, 6  # the dots at which the line breaks: once behind a message that was taken, once before
SEND = ("send", "morning", "--as-of", NOW)
LATER = ("send", "morning", "--as-of", "2026-03-10T06:32Z")


def drops(step, count, _):
    return {KEPT: Act.KEEP_AND_DROP, DROPPED: Act.DROP}.get(count) if step == "dot" else None


@pytest.fixture
def relay(project, running_sink):
    """A relay that breaks two connections; two deliveries of the issue are in doubt."""
    sink = running_sink(script=drops)
    transport = smtp(sink.port, max_connections=1, relay_log="relay.log")
    project.configure(transport=transport, newsletter='doubt = "reconcile"\ndoubt_pause = "0s"')
    project.readers(READERS)
    (project.folder / "relay.log").write_text("")
    project.digest(*SEND, code=1)
    assert project.counts(KEY) == {"sent": READERS - 2, "in_doubt": 2}
    return sink


def received(sink):
    return sorted(message.message_id for message in sink.messages)


def as_csv(sink, since="2026-03-10T06:29:00Z"):
    rows = [f"<handshake@relay.example>,{since}", *(f"<{name}>,2026-03-10T06:30:01Z" for name in received(sink))]
    return "\n".join(("message_id,accepted_at", *rows, ""))


def as_postfix(sink, since="06:29:00"):
    """What Postfix would have logged of these messages, in this machine's zone; and of one that broke off."""
    day = datetime(2026, 3, 10, 6, 30, 1, tzinfo=UTC).astimezone()
    lines = [f"{day:%b %d} {since} mail postfix/anvil[3]: statistics: max cache size 1 at {day:%b %d} {since}"]
    for n, name in enumerate(received(sink)):
        lines += [
            f"{day:%b %d %H:%M:%S} mail postfix/smtpd[71]: 2F1A{n}: client=localhost[127.0.0.1]",
            f"{day:%b %d %H:%M:%S} mail postfix/cleanup[72]: 2F1A{n}: message-id=<{name}>",
            f"{day:%b %d %H:%M:%S} mail postfix/qmgr[9]: 2F1A{n}: from=<b@x>, size=4021, nrcpt=1 (queue active)",
        ]
    return "\n".join((*lines, ""))


def settled(project, relay):
    """Everybody has exactly one copy, and the doubts are gone."""
    project.digest(*LATER)
    assert project.state(KEY) == "done"
    assert project.counts(KEY) == {"sent": READERS}
    readers = [message.recipients[0] for message in relay.messages]
    assert (len(readers), len(set(readers))) == (READERS, READERS)


@pytest.mark.parametrize("records", [as_csv, as_postfix])
def test_what_was_taken_is_not_sent_again_and_what_was_not_is(project, relay, records):
    (project.folder / "relay.log").write_text(records(relay))
    settled(project, relay)
