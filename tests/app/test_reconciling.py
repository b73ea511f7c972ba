"""Policy `reconcile`: what the relay's own records settle, and what they leave in doubt."""

import gzip
import os

import pytest

from digest.testing.sink import Act
from tests.end_to_end.situation import AS_OF, RunningSink, smtp

KEY = "morning@2026-03-10"
READERS = 6
KEPT, DROPPED = 2, 4  # the dots at which the line breaks: once behind a message that was taken, once before


def drops(step, count, _):
    return {KEPT: Act.KEEP_AND_DROP, DROPPED: Act.DROP}.get(count) if step == "dot" else None


@pytest.fixture
def sink():
    running = RunningSink(script=drops)
    yield running.start()
    running.stop()


@pytest.fixture
def records(project, sink):
    """The relay's log, empty; the project has two deliveries in doubt after the first publish()."""
    transport = smtp(sink.port, max_connections=1, relay_log="relay.log")
    project.configure(transport=transport, newsletter='doubt = "reconcile"\ndoubt_pause = "1m"')
    project.readers(READERS)
    file = project.folder / "relay.log"
    file.write_text("")
    return file


def taken(sink, since="06:29:00", at="06:30:00"):
    rows = (f"<{message.message_id}>,2026-03-10T{at}Z" for message in sink.messages)
    return "\n".join(("message_id,accepted_at", f"<handshake@relay.example>,2026-03-10T{since}Z", *rows, ""))


def story(clock, *between):
    """Publish, then again after each of these and two more minutes; what each report counts."""

    async def told(app):
        found = [(await app.publish("morning")).counts]
        for change in between:
            change()
            clock.on(minutes=2)
            found.append((await app.publish("morning", slot="2026-03-10")).counts)
        audit = await app.store.ledger.audit(await app.issue(KEY))
        assert audit.broken == ()
        return [{state: count for state, count in one.items() if count} for one in found], audit.in_doubt

    return told


IN_DOUBT = {"sent": READERS - 2, "in_doubt": 2}
ALL = {"sent": READERS}


def copies(sink):
    readers = [message.recipients[0] for message in sink.messages]
    return len(readers), len(set(readers))


def test_a_yes_ends_the_doubt_and_a_no_sends_again(act, clock, sink, records):
    found, _ = act(story(clock, lambda: records.write_text(taken(sink))))
    assert found == [IN_DOUBT, ALL]
    assert copies(sink) == (READERS, READERS)


def test_records_that_were_rotated_away_are_read_too(act, clock, sink, records):
    def rotate():
        with gzip.open(records.with_name("relay.log.1.gz"), "wt") as part:
            part.write(taken(sink))

    assert act(story(clock, rotate))[0] == [IN_DOUBT, ALL]
    assert copies(sink) == (READERS, READERS)


def test_a_no_counts_only_where_nothing_can_be_missing(act, clock, sink, records):
    def begins_too_late():
        records.write_text(taken(sink, since="06:30:30", at="06:30:31"))

    def has_no_dates():
        records.write_text("".join(f"<{message.message_id}>\n" for message in sink.messages))

    found, named = act(story(clock, begins_too_late, has_no_dates))
    one_left = {"sent": READERS - 1, "in_doubt": 1}
    assert found == [IN_DOUBT, one_left, one_left]
    assert len(named) == 1, "whoever is still in doubt is named"


def test_records_that_ended_before_the_intent_say_nothing(act, clock, records):
    def ended():
        records.write_text("message_id,at\n<handshake@relay.example>,2026-03-10T06:29:00Z\n")
        os.utime(records, (AS_OF.timestamp() - 60,) * 2)

    assert act(story(clock, ended))[0] == [IN_DOUBT, IN_DOUBT]


def test_records_that_cannot_be_read_settle_nothing_and_are_named(act, clock, sink, records, caplog):
    def gone():
        records.unlink()

    found, _ = act(story(clock, gone, lambda: records.write_text(taken(sink))))
    assert found == [IN_DOUBT, IN_DOUBT, ALL]
    assert [record.message for record in caplog.records] == ["a relay's records cannot be read"]


def test_a_doubt_is_asked_about_after_its_pause_and_then_less_and_less_often(act, clock, records):
    """The daemon looks every 30 s, and a log may be large."""

    async def told(app):
        await app.publish("morning")
        asked = []
        for minute in range(20):
            if await app.unfinished("morning"):
                asked.append(minute)
                await app.publish("morning", slot="2026-03-10")
            clock.on(minutes=1)
        return asked

    assert act(told) == [1, 2, 4, 8, 16]
