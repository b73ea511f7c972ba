"""What a relay's own records prove about our messages. The lines are invented after what Postfix 3.7 writes."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sender.evidence import Answer, Taken, read_evidence
from digest.times import milliseconds

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ADA = "ada@news.example.org"
TAKEN = """\
{t} mail postfix/smtpd[71]: connect from localhost[127.0.0.1]
{t} mail postfix/smtpd[71]: 2F1A0: client=localhost[127.0.0.1]
{t} mail postfix/cleanup[72]: 2F1A0: message-id=<ada@news.example.org>
"""
ACTIVE = "{t} mail postfix/qmgr[9]: 2F1A0: from=<b@news.example.org>, size=40211, nrcpt=1 (queue active)\n"
STATUS = (
    "{t} mail postfix/smtp[80]: 2F1A0: to=<ada@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=0.4,"
    " delays=0.1/0/0.2/0.1, dsn={dsn}, status={status} ({reply})\n"
)
REMOVED = "{t} mail postfix/qmgr[9]: 2F1A0: removed\n"


def at(clock="06:30:01", day=23, month="Nov"):
    return f"{month} {day:>2} {clock}"


def read(*parts, **options):
    return read_evidence([part.splitlines() for part in parts], **{"now": NOW, "zone": UTC, **options})


def log(*lines, t=None, **more):
    return "".join(lines).format(t=t or at(), **more)


def ms(*parts):
    return milliseconds(datetime(*parts, tzinfo=UTC))


# --- a Postfix log


def test_a_message_in_the_active_queue_was_accepted():
    (trace,) = read(log(TAKEN, ACTIVE)).traces.values()
    assert (trace.taken, trace.at, trace.times) == (Taken.ACCEPTED, ms(2026, 11, 23, 6, 30, 1), 1)


@pytest.mark.parametrize(
    ("status", "dsn", "reply"),
    [("sent", "2.0.0", "250 2.0.0 Ok"), ("deferred", "4.4.1", "no route"), ("bounced", "5.1.1", "550 5.1.1 who?")],
)
def test_how_it_went_on_is_told_beside_that_it_was_accepted(status, dsn, reply):
    trace = read(log(TAKEN, ACTIVE, STATUS, status=status, dsn=dsn, reply=reply)).traces[ADA]
    assert (trace.taken, trace.onward, trace.reply) == (Taken.ACCEPTED, status, reply)


def test_an_expired_message_was_accepted_first():
    late = "{t} mail postfix/qmgr[9]: 2F1A0: from=<b@news.example.org>, status=expired, returned to sender\n"
    assert read(log(TAKEN, ACTIVE, late)).traces[ADA].onward == "expired"


def test_a_message_id_alone_is_unclear_since_the_queue_may_be_full():
    evidence = read(log(TAKEN))
    assert evidence.traces[ADA].taken is Taken.UNCLEAR
    assert evidence.answer(ADA, since=ms(2026, 11, 23, 6, 30, 1), until=ms(2026, 11, 23, 6, 30, 1)) is Answer.UNKNOWN


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (
            "postfix/smtpd[71]: lost connection after DATA (2201 bytes) from localhost[127.0.0.1]",
            "lost connection after DATA (2201 bytes) from localhost[127.0.0.1]",
        ),
        ("postfix/smtpd[71]: timeout after DATA (0 bytes) from localhost[127.0.0.1]", "timeout after DATA"),
        (
            "postfix/cleanup[72]: 2F1A0: milter-reject: END-OF-MESSAGE from localhost[127.0.0.1]: 5.7.1 spam; from=<b@x>",
            "5.7.1 spam; from=<b@x>",
        ),
        (
            "postfix/cleanup[72]: 2F1A0: reject: header Subject: hi from localhost[127.0.0.1]; from=<b@x>: 5.7.1 message content rejected",
            "5.7.1 message content rejected",
        ),
        (
            "postfix/smtpd[71]: 2F1A0: reject: END-OF-MESSAGE from localhost[127.0.0.1]: 554 5.7.1 no; from=<b@x>",
            "554 5.7.1 no; from=<b@x>",
        ),
        ("postfix/cleanup[72]: warning: 2F1A0: queue file size limit exceeded", "queue file size limit exceeded"),
    ],
)
def test_what_postfix_threw_away_was_refused(line, why):
    trace = read(log(TAKEN, "{t} mail ", line)).traces[ADA]
    assert trace.taken is Taken.REFUSED
    assert trace.reply.startswith(why)


def test_a_connection_lost_behind_the_dot_or_in_another_talk_refuses_nothing():
    lost = "{t} mail postfix/smtpd[%s]: lost connection after %s from localhost[127.0.0.1]\n"
    for pid, where in (("71", "END-OF-MESSAGE"), ("99", "DATA (12 bytes)"), ("71", "RCPT")):
        assert read(log(TAKEN, lost % (pid, where))).traces[ADA].taken is Taken.UNCLEAR


def test_a_refused_recipient_says_nothing_of_the_message():
    other = "{t} mail postfix/smtpd[71]: 2F1A0: reject: RCPT from localhost[127.0.0.1]: 550 5.1.1 who?; from=<b@x>\n"
    assert read(log(TAKEN, other, ACTIVE)).traces[ADA].taken is Taken.ACCEPTED
    assert read(log(TAKEN, other)).traces[ADA].taken is Taken.UNCLEAR


def test_an_acceptance_outlives_a_later_refusal_and_an_open_attempt_a_refused_one():
    again = TAKEN.replace("2F1A0", "2F1B1")
    broke = "{t} mail postfix/smtpd[71]: lost connection after DATA (1 bytes) from localhost[127.0.0.1]\n"
    assert read(log(TAKEN, ACTIVE, again, broke)).traces[ADA].taken is Taken.ACCEPTED
    assert read(log(TAKEN, again, broke)).traces[ADA].taken is Taken.UNCLEAR
    assert read(log(TAKEN, broke, again, broke)).traces[ADA].taken is Taken.REFUSED


def test_two_acceptances_from_us_are_counted_and_a_filters_copy_is_not():
    copy = log(TAKEN, ACTIVE).replace("2F1A0", "2F1B1")
    handed = log(STATUS, status="sent", dsn="2.0.0", reply="250 2.0.0 Ok: queued as 2F1B1")
    done = log(STATUS, status="sent", dsn="2.0.0", reply="250 2.0.0 theirs").replace("2F1A0", "2F1B1")
    first = log(TAKEN, ACTIVE)
    assert read(first + copy).traces[ADA].times == 2
    early, late = copy.splitlines(keepends=True)[:-1], copy.splitlines(keepends=True)[-1]
    for order in (first + copy + handed + done, first + "".join(early) + handed + late + done):
        trace = read(order).traces[ADA]
        assert (trace.times, trace.onward, trace.reply) == (1, "sent", "250 2.0.0 theirs")


def test_queue_ids_that_come_again_are_not_mixed_up():
    second = log(TAKEN, ACTIVE).replace(ADA, "ben@news.example.org")
    bounce = log(STATUS, status="bounced", dsn="5.0.0", reply="no")
    traces = read(log(TAKEN, ACTIVE, REMOVED) + second + bounce).traces
    assert [traces[one].onward for one in (ADA, "ben@news.example.org")] == ["", "bounced"]


@pytest.mark.parametrize(
    "stamp",
    [
        "2026-11-23T06:30:01.123456+00:00",
        "2026-11-23T07:30:01+01:00",
        "2026-11-23T06:30:01Z",
        "2026-11-23T06:30:01+0000",
    ],
)
def test_rfc_3339_timestamps_are_read(stamp):
    assert read(log(TAKEN, ACTIVE, t=stamp)).traces[ADA].at // 1000 == ms(2026, 11, 23, 6, 30, 1) // 1000


def test_a_priority_a_missing_host_and_an_instance_of_its_own_are_read():
    lines = log(TAKEN, ACTIVE).replace(" mail postfix/", " postfix-out/")
    assert read("".join(f"<22>{line}\n" for line in lines.splitlines())).traces[ADA].taken is Taken.ACCEPTED
    deep = log(TAKEN, ACTIVE).replace("postfix/smtpd", "postfix/submission/smtpd")
    assert read(deep).traces[ADA].taken is Taken.ACCEPTED


def test_long_queue_ids_are_read():
    assert read(log(TAKEN, ACTIVE).replace("2F1A0", "4Rk7Z12sK9z1Xqd")).traces[ADA].taken is Taken.ACCEPTED


def test_timestamps_without_a_year_are_of_the_last_one_that_is_not_ahead():
    spring = datetime(2027, 1, 2, tzinfo=UTC)
    assert read(log(TAKEN, ACTIVE, t=at(day=31, month="Dec")), now=spring).traces[ADA].at == ms(2026, 12, 31, 6, 30, 1)
    assert read(log(TAKEN, ACTIVE, t=at(day=1, month="Jan")), now=spring).traces[ADA].at == ms(2027, 1, 1, 6, 30, 1)
    assert read(log(TAKEN, ACTIVE, t=at(day=29, month="Feb")), now=spring).traces[ADA].at == ms(2024, 2, 29, 6, 30, 1)


def test_local_time_is_read_in_the_logs_zone_and_the_hour_that_comes_twice_in_order():
    berlin = ZoneInfo("Europe/Berlin")
    lines = [log(ACTIVE, t=at(clock, 25, "Oct")) for clock in ("02:10:00", "02:50:00", "02:10:00", "03:10:00")]
    evidence = read("".join(lines), zone=berlin)
    assert evidence.spans == ((ms(2026, 10, 25, 0, 10), ms(2026, 10, 25, 2, 10)),)


def test_what_postfix_3_7_wrote_down_of_one_taken_whole_one_torn_one_left_at_the_dot_and_one_refused(root):
    """Recorded: a body torn in its middle, a client gone right behind the dot, a header check that refuses."""
    lines = (root / "tests" / "data" / "relay" / "postfix-3.7.log").read_text().splitlines()
    traces = read_evidence([lines], now=datetime(2026, 11, 26, tzinfo=UTC), zone=UTC).traces
    assert {one: str(trace.taken) for one, trace in traces.items()} == {
        "full@n": "accepted",
        "half@n": "refused",
        "dot@n": "accepted",
        "ref@n": "refused",
    }
    assert traces["full@n"].onward == "sent"


# --- what is covered


def test_a_log_covers_from_its_first_line_to_its_last_whoever_wrote_them():
    evidence = read("Nov 23 06:00:00 mail cron[1]: x\n" + log(ACTIVE) + "Nov 23 07:00:00 mail sshd[1]: y\n")
    assert (evidence.since, evidence.until) == (ms(2026, 11, 23, 6), ms(2026, 11, 23, 7))
    assert evidence.covers(evidence.since, evidence.until)
    assert not evidence.covers(evidence.since, evidence.until + 1)


def test_no_counts_only_where_the_log_has_no_gap():
    line = "Nov 23 %s mail postfix/anvil[1]: statistics: x\n"
    whole = read(line % "06:00:00" + line % "07:00:00")
    torn = read(line % "06:00:00" + line % "06:20:00", line % "06:40:00" + line % "07:00:00")
    asked = {"since": ms(2026, 11, 23, 6, 10), "until": ms(2026, 11, 23, 6, 50)}
    assert whole.answer(ADA, **asked) is Answer.NO
    assert torn.answer(ADA, **asked) is Answer.UNKNOWN
    assert len(torn.spans) == 2


def test_rotated_parts_in_any_order_are_one_log():
    parts = log(TAKEN, t=at("06:29:58")), log(ACTIVE, t=at("06:30:01"))
    for order in (parts, parts[::-1]):
        evidence = read(*order)
        assert evidence.traces[ADA].taken is Taken.ACCEPTED
        assert evidence.spans == ((ms(2026, 11, 23, 6, 29, 58), ms(2026, 11, 23, 6, 30, 1)),)


@pytest.mark.parametrize(
    "said",
    [
        "rsyslogd: imuxsock lost 331 messages from pid 9 due to rate-limiting",
        "systemd-journald[1]: Suppressed 331 messages from postfix.service",
        'rsyslogd: [origin software="rsyslogd" x-pid="1"] exiting on signal 15.',
    ],
)
def test_a_logger_that_drops_lines_or_ends_leaves_a_gap(said):
    line = "Nov 23 %s mail %s\n"
    evidence = read(
        line % ("06:00:00", "cron[1]: x")
        + line % ("06:20:00", said)
        + line % ("06:20:40", "cron[1]: x")
        + line % ("07:00:00", "cron[1]: x")
    )
    assert not evidence.covers(ms(2026, 11, 23, 6), ms(2026, 11, 23, 7))
    assert evidence.covers(ms(2026, 11, 23, 6, 21), ms(2026, 11, 23, 7))


def test_from_the_first_dropped_line_to_the_count_of_them_nothing_is_covered():
    line = "Nov 23 %s mail %s\n"
    evidence = read(
        line % ("06:00:00", "cron[1]: x")
        + line % ("06:20:00", "rsyslogd: imuxsock begins to drop messages from pid 9 due to rate-limiting")
        + line % ("06:25:00", "cron[1]: x")
        + line % ("06:30:00", "rsyslogd: imuxsock lost 331 messages from pid 9 due to rate-limiting")
        + line % ("07:00:00", "cron[1]: x")
    )
    assert not evidence.covers(ms(2026, 11, 23, 6, 21), ms(2026, 11, 23, 6, 24))
    assert evidence.covers(ms(2026, 11, 23, 6, 30), ms(2026, 11, 23, 7))


def test_whoever_has_a_log_that_is_still_written_vouches_for_the_time_up_to_now():
    evidence = read(log(TAKEN, ACTIVE), until=NOW)
    assert evidence.until == milliseconds(NOW)
    assert evidence.answer("ben@news.example.org", since=ms(2026, 11, 23, 6, 31), until=milliseconds(NOW)) is Answer.NO


# --- a CSV, and the sink's log


def test_a_bare_list_of_message_ids_is_accepted_ones_and_covers_nothing():
    evidence = read(f"<{ADA}>\nben@news.example.org\n")
    assert [trace.taken for trace in evidence.traces.values()] == [Taken.ACCEPTED] * 2
    asked = {"since": milliseconds(NOW), "until": milliseconds(NOW)}
    assert evidence.answer(ADA, **asked) is Answer.YES
    assert evidence.answer("cleo@news.example.org", **asked) is Answer.UNKNOWN


def test_a_csv_whose_owner_vouches_for_its_span_says_no():
    evidence = read("message_id\nben@x\n", since=NOW - timedelta(hours=1), until=NOW)
    assert evidence.answer(ADA, since=milliseconds(NOW) - 1000, until=milliseconds(NOW)) is Answer.NO


@pytest.mark.parametrize("cut", [",", ";", "\t"])
def test_a_csv_with_a_head_tells_when_what_and_why(cut):
    rows = [
        ("Time", "Message-ID", "Status", "Response"),
        ("2026-11-23T06:30:01Z", f"<{ADA}>", "delivered", "250 ok"),
        ("1795415401", "ben@x", "Rejected", "550 no"),
        ("", "cleo@x", "whatever", ""),
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=cut).writerows(rows)
    traces = read("\ufeff" + text.getvalue()).traces
    ada, ben, cleo = (traces[one] for one in (ADA, "ben@x", "cleo@x"))
    assert (ada.taken, ada.at, ada.reply, ada.onward) == (
        Taken.ACCEPTED,
        ms(2026, 11, 23, 6, 30, 1),
        "250 ok",
        "sent",
    )
    assert (ben.taken, ben.at, ben.reply) == (Taken.REFUSED, ms(2026, 11, 23, 6, 30, 1), "550 no")
    assert cleo.taken is Taken.UNCLEAR


def test_several_events_of_one_message_are_one_acceptance_and_two_rows_of_a_list_are_two():
    head = "event,message_id\n"
    assert read(head + f"processed,{ADA}\ndeferred,{ADA}\nbounce,{ADA}\n").traces[ADA].times == 1
    assert read(head + f"processed,{ADA}\nbounce,{ADA}\n").traces[ADA].onward == "bounced"
    assert read(f"message_id\n{ADA}\n{ADA}\n").traces[ADA].times == 2


def test_the_sinks_log_is_read_whatever_the_size_of_its_messages():
    told = {"message_id": ADA, "at": ms(2026, 11, 23, 6, 30), "data": "x" * 50_000}
    evidence = read(json.dumps(told) + "\n" + json.dumps(told | {"message_id": "b@x", "at": ms(2026, 11, 23, 7)}))
    assert evidence.traces[ADA].taken is Taken.ACCEPTED
    assert evidence.spans == ((ms(2026, 11, 23, 6, 30), ms(2026, 11, 23, 7)),)


def test_only_what_is_wanted_is_kept():
    text = log(TAKEN, ACTIVE) + log(TAKEN, ACTIVE).replace(ADA, "x@else.example").replace("2F1A0", "2F1C2")
    assert set(read(text, wanted=lambda one: one.endswith("@news.example.org")).traces) == {ADA}


@given(
    st.lists(
        st.one_of(
            st.text(max_size=60),
            st.sampled_from(log(TAKEN, ACTIVE, REMOVED).splitlines()),
            st.builds(
                "Nov {} {:02}:{:02}:00 h postfix/{}[1]: {}".format,
                *[st.integers(0, 99)] * 3,
                st.text(max_size=8),
                st.text(max_size=40),
            ),
        ),
        max_size=12,
    )
)
def test_no_line_whatever_stands_in_it_stops_the_reading(lines):
    evidence = read_evidence([lines, lines[::-1]], now=NOW, zone=UTC)
    assert all(first <= last for first, last in evidence.spans)
