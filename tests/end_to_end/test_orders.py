"""retry, resume, resend, correct: what an operator orders once messages went out or did not. The command, in this process."""

import asyncio
import contextlib
import re
import sqlite3
from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from digest.app import open_app
from digest.testing.script import Act
from tests.end_to_end.situation import AS_OF, day, smtp

KEY = "morning@2026-03-10"
FIXED = "morning@2026-03-10.c1"


def to(message):
    return message.recipients[0].partition("@")[0]


def refusing(*readers, reply="550 5.1.1 no such user"):
    """A script that refuses these at RCPT for as long as `refuse` is set."""

    def script(step, _, argument):
        refused = step == "rcpt" and any(f"<{name}@" in argument for name in readers)
        return reply if refused and script.refuse else None

    script.refuse = True
    return script


# --- retry, resume


def test_retry_owes_those_again_whose_reply_begins_as_named(project, digest, running_sink):
    about_us, nobody = refusing("reader1", reply="554 5.7.1 blocked"), refusing("reader2")
    sink = running_sink(script=lambda *said: about_us(*said) or nobody(*said))
    project.configure(transport=smtp(sink.port))
    digest("send", "morning")
    assert project.counts(KEY) == {"sent": 1, "failed": 2}
    about_us.refuse = nobody.refuse = False
    assert "1 failed deliveries would be owed" in digest("issues", "retry", KEY, "--code", "5.7", "--dry-run")
    assert project.counts(KEY) == {"sent": 1, "failed": 2}
    assert "0 failed" in digest("issues", "retry", KEY, "--code", "5.7", "--domain", "else.example")
    assert project.state(KEY) == "done"
    assert "1 failed deliveries are owed again" in digest("issues", "retry", KEY, "--code", "5.7")
    assert (project.state(KEY), project.counts(KEY)) == ("sending", {"sent": 1, "failed": 1, "pending": 1})
    digest("send", "morning")
    assert (project.state(KEY), project.counts(KEY)) == ("done", {"sent": 2, "failed": 1})
    digest("issues", "retry", KEY, "--to", "reader2@example.org")
    digest("send", "morning")
    assert project.counts(KEY) == {"sent": 3}
    assert sorted(map(to, sink.messages)) == ["reader0", "reader1", "reader2"]
    show = digest("issues", "show", KEY)
    assert "retry: 1 rows (code 5.7)" in show
    assert "retry: 1 rows (1 named)" in show


def test_retry_of_an_expired_issue_is_refused_since_its_news_would_be_too_late(project, digest, clock, running_sink):
    sink = running_sink(script=refusing("reader1"))
    project.configure(transport=smtp(sink.port))
    digest("send", "morning")
    clock.on(hours=9)
    assert "has expired" in digest("issues", "retry", KEY, code=2)
    assert project.counts(KEY) == {"sent": 2, "failed": 1}


def test_retry_ends_no_pause_and_resume_is_kept_with_its_note(project, digest, running_sink):
    refused = refusing("reader1")
    sink = running_sink(script=lambda step, *_: "550 5.7.1 not from you" if step == "mail" and refused.refuse else None)
    project.configure(transport=smtp(sink.port))
    digest("send", "morning", code=1)
    assert project.state(KEY) == "paused"
    (line,) = (line for line in digest("status").splitlines() if line.startswith("paused: "))
    assert line.count(f"digest issues resume {KEY}") == 1
    refused.refuse = False
    digest("issues", "retry", KEY)
    digest("send", "morning", "--slot", "2026-03-10", code=1)
    assert project.counts(KEY) == {"pending": 3}
    digest("issues", "resume", KEY)
    assert "not paused" in digest("issues", "resume", KEY, code=2)
    digest("send", "morning")
    assert project.counts(KEY) == {"sent": 3}
    assert re.search(r"resume: .*550 5.7.1 not from you", digest("issues", "show", KEY))


def test_rows_owed_again_in_the_moment_of_the_end_leave_the_issue_open(project, clock, running_sink):
    sink = running_sink(script=refusing("reader1"))
    project.configure(transport=smtp(sink.port))

    def retry(name):
        if name == "before_c6":
            with contextlib.closing(sqlite3.connect(project.folder / "var" / "digest.db")) as ledger, ledger:
                ledger.execute("UPDATE deliveries SET state = 'pending' WHERE state = 'failed'")

    async def act():
        async with open_app(project.folder / "config.toml", clock=clock, mark=retry) as app:
            return await app.publish("morning")

    report = asyncio.run(act())
    assert (report.state, report.owed, project.counts(KEY)) == ("sending", 1, {"sent": 2, "pending": 1})


# --- resend


@pytest.fixture
def doubted(project, digest, running_sink):
    """A `hold` issue whose first message was taken, but the answer was lost; (sink, its bytes)."""
    sink = running_sink(script=lambda step, count, _: Act.KEEP_AND_DROP if step == "dot" and count == 1 else None)
    project.configure(transport=smtp(sink.port, max_connections=1), newsletter='doubt = "hold"')
    digest("send", "morning")
    assert (project.state(KEY), project.counts(KEY)) == ("done", {"sent": 2, "in_doubt": 1})
    return sink


def test_resend_sends_what_is_in_doubt_once_more_bit_by_bit(project, digest, doubted):
    assert "1 deliveries in doubt would be sent" in digest("issues", "resend", KEY, "--dry-run")
    assert "0 deliveries" in digest("issues", "resend", KEY, "--to", "reader9@example.org")
    digest("issues", "resend", KEY)
    digest("send", "morning")
    assert (project.state(KEY), project.counts(KEY)) == ("done", {"sent": 3})
    first, again = (one for one in doubted.messages if to(one) == to(doubted.messages[0]))
    assert first.data == again.data
    assert (first.sender, first.recipients) == (again.sender, again.recipients)
    assert "resend: 1 rows" in digest("issues", "show", KEY)


def test_who_is_resent_often_is_no_broken_promise(project, digest, doubted):
    doubted.script = lambda step, *_: Act.KEEP_AND_DROP if step == "dot" else None
    for _ in range(3):
        digest("issues", "resend", KEY)
        digest("send", "morning")
    assert project.counts(KEY) == {"sent": 2, "in_doubt": 1}
    digest("issues", "audit", KEY)


# --- correct


def test_show_tells_how_far_a_sending_is_and_how_fast(digest, half_sent, clock):
    assert "6 of 6 (100 %), 3.0/s, 0 s left" in digest("issues", "show", KEY)
    clock.on(seconds=15)  # as quick as since it began
    assert "6 of 6 (100 %), 0.2/s, 0 s left" in digest("issues", "show", KEY)
    clock.on(minutes=1)
    assert "left" not in digest("issues", "show", KEY)


@pytest.fixture
def half_sent(project, digest, running_sink):
    """Six readers: three have it, three are put off; the sink takes everybody from now on."""
    later = refusing("reader3", "reader4", "reader5", reply="450 4.2.0 later")
    sink = running_sink(script=later)
    project.configure(transport=smtp(sink.port))
    project.readers(6)
    digest("send", "morning", code=1)
    assert project.counts(KEY) == {"sent": 3, "deferred": 3}
    later.refuse = False
    return sink


def test_a_correction_goes_to_those_not_reached_and_to_nobody_else(project, digest, half_sent, clock):
    old, _ = project.look(KEY)
    said = digest("issues", "correct", KEY, "--subject", "Correction: ferries do sail")
    assert f"{KEY} is corrected by {FIXED}, for 3 readers" in said
    assert (project.state(KEY), project.counts(KEY)) == ("cancelled", {"sent": 3, "skipped": 3})
    clock.on(minutes=1)
    digest("send", "morning")
    new, _ = project.look(FIXED)
    assert (new.state, project.counts(FIXED)) == ("done", {"sent": 3})
    assert (new.number, new.corrects, new.cutoff) == (old.number, old.id, old.cutoff)
    corrected = half_sent.messages[3:]
    assert sorted(map(to, corrected)) == ["reader3", "reader4", "reader5"]
    for message in corrected:
        parsed = message_from_bytes(message.data, policy=policy.default)
        assert parsed["Subject"] == "Correction: ferries do sail"
        assert parsed["In-Reply-To"] is None
    digest("issues", "audit", KEY)
    digest("issues", "audit", FIXED)
    assert f"corrects {KEY}" in digest("issues", "show", FIXED)
    assert "the same" in digest("issues", "verify", FIXED)


def test_told_readers_get_the_correction_as_an_answer_to_the_first(project, digest, half_sent):
    first = {to(message): message.message_id for message in half_sent.messages}
    digest("issues", "correct", KEY, "--tell")
    digest("send", "morning")
    assert project.counts(FIXED) == {"sent": 6}
    for message in half_sent.messages[3:]:
        parsed = message_from_bytes(message.data, policy=policy.default)
        answered = first.get(to(message))
        assert parsed["In-Reply-To"] == parsed["References"] == (f"<{answered}>" if answered else None)
        assert parsed["Message-ID"] != f"<{answered}>"


def test_a_corrections_articles_stay_used_and_the_next_issue_follows_its_number(project, digest, half_sent, clock):
    digest("issues", "correct", KEY, "--drop", "headline2")
    digest("send", "morning")
    assert "Headline2" not in half_sent.messages[-1].data.decode()
    assert "Headline3" in half_sent.messages[-1].data.decode()
    clock.on(days=1)
    project.news(day(5) + day(3, until=AS_OF + timedelta(days=1), about="Other"))
    digest("send", "morning")
    row, _ = project.look("morning@2026-03-11")
    assert (row.state, row.number) == ("done", 2)
    assert "Headline" not in half_sent.messages[-1].data.decode()


def test_a_correction_has_what_its_sources_and_its_theme_say_now(project, digest, half_sent):
    changed = [one | {"description": "It was a mistake, and this is what is right about it."} for one in day(5)]
    project.news(changed)
    digest("sources", "fetch")
    digest("issues", "correct", KEY)
    digest("send", "morning")
    assert "this is what is right" in half_sent.messages[-1].data.decode().replace("=\r\n", "")


def test_a_correction_of_a_done_issue_is_for_those_it_is_told_to(project, digest, running_sink):
    sink = running_sink()
    project.configure(transport=smtp(sink.port))
    digest("send", "morning")
    assert "nobody is left" in digest("issues", "correct", KEY, code=1)
    assert project.state(KEY) == "done"
    digest("issues", "correct", KEY, "--tell")
    assert (project.state(KEY), project.counts(FIXED)) == ("done", {"pending": 3})
    assert f"corrected by {FIXED}: correct that one" in digest("issues", "correct", KEY, "--tell", code=2)
    digest("issues", "correct", FIXED, "--subject", "Once more")
    assert (project.state(FIXED), project.counts("morning@2026-03-10.c2")) == ("cancelled", {"pending": 3})


def test_whoever_left_gets_no_correction(project, digest, half_sent):
    digest("subscribers", "leave", "reader1@example.org")
    digest("subscribers", "leave", "reader4@example.org")
    digest("issues", "correct", KEY, "--tell")
    digest("send", "morning")
    assert sorted(map(to, half_sent.messages[3:])) == ["reader0", "reader2", "reader3", "reader5"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("correct", KEY, "--drop", "Nothing of it"), "no URL or headline of an article"),
        (("retry", KEY, "--code", "abc"), "is no code"),
        (("cancel", "morning@2020-01-01"), "no issue"),
    ],
)
def test_a_mistyped_order_changes_nothing(project, digest, half_sent, words, why):
    assert why in digest("issues", *words, code=2)
    assert (project.state(KEY), project.counts(KEY)) == ("sending", {"sent": 3, "deferred": 3})


def test_a_theme_that_breaks_leaves_the_first_issue_as_it_is(project, digest, half_sent):
    project.write("templates/email/briefing/theme.toml", "no toml")
    digest("issues", "correct", KEY, code=1)
    assert (project.state(KEY), project.counts(KEY)) == ("sending", {"sent": 3, "deferred": 3})


def test_what_is_over_cannot_be_cancelled_or_sent_again(project, digest):
    digest("send", "morning")
    assert "is done: there is nothing to cancel" in digest("issues", "cancel", KEY, code=2)
    assert "0 failed" in digest("issues", "retry", KEY)


def test_labels_of_corrections_are_kept_for_them(project, digest):
    assert "c1 is kept for corrections" in digest("send", "morning", "--slot", "2026-03-10.c1", code=2)
