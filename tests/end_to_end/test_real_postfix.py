"""A real Postfix as the relay, delivering to a Maildir for each reader: whatever happens to it, everybody gets one."""

import asyncio
import re
import subprocess
import time
from dataclasses import replace

import pytest

from digest.model import OutcomeKind
from digest.sender.sendmail import SendmailTransport
from digest.sender.smtp import SmtpTransport
from digest.testing import Recorder, a_delivery, a_message
from tests.end_to_end import postfix
from tests.end_to_end.situation import NOW, smtp

pytestmark = pytest.mark.skipif(not postfix.THERE, reason=postfix.MISSING)

KEY = "morning@2026-03-10"
LATER = "2026-03-10T07:30Z"
READERS = 2_000


def test_postfix_stopped_in_the_middle_and_started_again_gives_everybody_one(project):
    """`postfix stop` at a moment when hundreds are on their way; a doubt is asked for again once, and is all that may double."""
    with postfix.Postfix(readers=READERS) as relay:
        project.configure(transport=smtp(relay.port, max_connections=10), newsletter='doubt_pause = "0s"')
        project.readers(READERS)
        sending = project.start("send", "morning", "--as-of", NOW)
        while relay.count() < READERS // 4:
            assert sending.poll() is None, sending.communicate()
            time.sleep(0.02)
        relay.stop()
        out, err = sending.communicate(timeout=60)
        assert sending.returncode == 1, out + err
        before = project.counts(KEY)
        assert 0 < before["sent"] < READERS
        doubts = doubted(project)
        relay.start()
        project.digest("send", "morning", "--as-of", LATER)
        assert project.counts(KEY) == {"sent": READERS}
        assert project.state(KEY) == "done"
        assert relay.settled(READERS) >= READERS
        boxes = relay.boxes()
    assert set(boxes) == {f"reader{n}" for n in range(READERS)}
    assert {len({message_id for _, message_id in found}) for found in boxes.values()} == {1}, "one Message-ID for ever"
    twice = {reader for reader, found in boxes.items() if len(found) > 1}
    assert len(twice) <= doubts <= 10, (twice, doubts)
    assert max(map(len, boxes.values())) <= 2


# Every third is unknown and every seventh is to come later: runs of refusals in every place of a group.
COUNT = 210
COME_LATER = {n for n in range(COUNT) if n % 7 == 0}
UNKNOWN = {n for n in range(COUNT) if n % 3 == 0} - COME_LATER


@pytest.fixture(scope="module")
def choosy():
    """A Postfix that takes some readers and not others."""
    with postfix.Postfix(readers=COUNT, refuse=any_of(UNKNOWN), later=any_of(COME_LATER)) as relay:
        yield relay
    left = subprocess.run(["pgrep", "-f", str(relay.home)], capture_output=True, text=True, check=False).stdout
    assert left == "", "it is still there"


@pytest.mark.parametrize("pipelining", ["auto", "grouped", "off"])
def test_readers_refused_inside_a_pipeline_cost_nobody_else_anything(choosy, pipelining):
    seen = Recorder([letter(n, pipelining) for n in range(COUNT)])
    way = SmtpTransport(
        name="relay", host="127.0.0.1", port=choosy.port, tls="none", max_connections=3, pipelining=pipelining
    )
    asyncio.run(way.deliver(seen.next_message, seen.intend, seen.enter))
    kinds = seen.kinds()
    assert {n for n, kind in kinds.items() if kind is OutcomeKind.FAILED} == UNKNOWN
    assert {n for n, kind in kinds.items() if kind is OutcomeKind.DEFERRED} == COME_LATER
    taken = {n for n, kind in kinds.items() if kind is OutcomeKind.SENT}
    assert taken == set(range(COUNT)) - UNKNOWN - COME_LATER
    assert arrived(choosy, pipelining, len(taken)) == dict.fromkeys(taken, 1)
    assert arrived(choosy, None, 0) == {}, "an empty message was delivered"


def test_sendmail_of_a_real_postfix_takes_each_message_whole(choosy):
    readers = range(1, 9)
    seen = Recorder([letter(n, "sendmail") for n in readers])
    asyncio.run(program(choosy.config).deliver(seen.next_message, seen.intend, seen.enter))
    assert seen.kinds() == dict.fromkeys(readers, OutcomeKind.SENT)
    assert arrived(choosy, "sendmail", len(readers)) == dict.fromkeys(readers, 1)
    (got,) = [file.read_bytes() for file in choosy.mail.glob("reader5/new/*") if b"sendmail5@" in file.read_bytes()]
    assert got.partition(b"\n\n")[2] == b"First line.\n.\nLast line of 5.\n"


def test_sendmail_of_a_real_postfix_that_is_not_set_up_sends_nothing_and_says_why(choosy):
    seen = Recorder([letter(1, "nowhere")])
    asyncio.run(program(choosy.home / "nowhere").deliver(seen.next_message, seen.intend, seen.enter))
    assert seen.kinds()[1] is not OutcomeKind.SENT
    assert "fatal: open" in seen.outcomes[1][0].reply.text


def program(config):
    return SendmailTransport(name="local", command=("/usr/sbin/sendmail", "-C", str(config)))


def letter(number, way):
    """A message that says whose it is and how it went; a lone dot in it ends nothing (SMTP doubles it: not ours to)."""
    delivery = replace(
        a_delivery(number), address=f"reader{number}@example.org", message_id=f"{way}{number}@news.example.org"
    )
    message = a_message(delivery, body=f"First line.\nLast line of {number}.")
    if way == "sendmail":
        message = replace(message, pieces=(message.data.replace(b"First line.\r\n", b"First line.\r\n.\r\n"),))
    return message


def arrived(relay, way, count):
    """reader's number -> how many messages that went this way lie in the box; None: those that say nothing."""
    relay.settled(count)
    ids = [one for found in relay.boxes().values() for _, one in found]
    if way is None:
        return {None: ids.count(None)} if None in ids else {}
    numbers = [int(found[1]) for one in ids if one and (found := re.match(rf"<{way}(\d+)@", one))]
    return {number: numbers.count(number) for number in numbers}


def any_of(numbers):
    return "^reader(" + "|".join(map(str, sorted(numbers))) + ")@"


def doubted(project):
    async def read(store):
        row = await store.issues.find(*KEY.split("@"))
        return (await store.issues.standing(row)).counts["in_doubt"]

    return project.store(read)
