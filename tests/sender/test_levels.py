"""The three levels of a conversation, and the table of what happens when a body is not wanted any more (SENDING.md 7.4)."""

import asyncio
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import StoreError, TransportError
from digest.model import OutcomeKind, Phase
from digest.sender.groups import weigh
from digest.sender.replies import Connection, read_reply
from digest.sender.smtp import SmtpTransport
from digest.sender.terms import Deadlines
from digest.testing.fakes import Recorder, a_delivery, a_message
from digest.testing.script import Act, as_usual
from digest.testing.sink import Sink

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind
QUICK = Deadlines(connect=5, command=5, data=5, body=5, dot=5, quit=1)


def messages(count, **kwargs):
    return [a_message(a_delivery(number), **kwargs) for number in range(1, count + 1)]


def deliver(mail, script=as_usual, *, refuse=lambda _: False, connections=1, intend=None, **options):
    """Deliver to a sink that offers PIPELINING: (what was recorded, the sink)."""

    async def run():
        async with Sink(script=script, offers=("PIPELINING", "SIZE")) as sink:
            seen = Recorder(mail, refuse=refuse)
            options.setdefault("deadlines", QUICK)
            transport = SmtpTransport(
                name="relay",
                host="127.0.0.1",
                port=sink.port,
                tls="none",
                max_connections=connections,
                pause=lambda _: 0,
                **options,
            )
            wrapped = seen.intend if intend is None else lambda delivery: intend(sink, seen, delivery)
            await transport.deliver(seen.next_message, wrapped, seen.enter)
            return seen, sink

    return asyncio.run(run())


def at(step, reply, *, only=1):
    """A script: `reply` at the `only`-th time of `step` (None: each time)."""
    return lambda name, count, _: reply if name == step and only in {None, count} else None


# --- what one write carries


def conversation(level, turns):
    """Deliver three messages to a server that answers each write only when it has read everything of it."""

    async def run():
        said = []

        async def serve(reader, writer):
            writer.write(b"220 x\r\n")
            body = False
            while chunk := await reader.read(1 << 20):
                lines = chunk.split(b"\r\n")
                written = []
                for line in lines[:-1]:
                    if body and line != b".":
                        continue
                    word = line.split(b" ")[0].decode()
                    written.append(word)
                    replies = {"EHLO": b"250-x\r\n250 PIPELINING\r\n", "DATA": b"354 go\r\n", "QUIT": b"221 bye\r\n"}
                    body = word == "DATA"
                    writer.write(replies.get(word, b"250 ok\r\n"))
                said.append(" ".join(written))
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            seen = Recorder(messages(3))
            transport = SmtpTransport(
                name="relay", host="127.0.0.1", port=port, tls="none", max_connections=1, pipelining=level
            )
            await transport.deliver(seen.next_message, seen.intend, seen.enter)
        assert seen.kinds() == {1: SENT, 2: SENT, 3: SENT}
        return said

    assert asyncio.run(run()) == turns


def test_serial_is_one_command_at_a_time():
    conversation("off", ["EHLO", *["MAIL", "RCPT", "DATA", "."] * 3, "QUIT"])


def test_grouped_writes_a_body_with_the_next_ones_sender_and_recipient():
    conversation("grouped", ["EHLO", "MAIL RCPT", "DATA", ". MAIL RCPT", "DATA", ". MAIL RCPT", "DATA", ".", "QUIT"])


def test_full_writes_a_body_with_the_whole_envelope_of_the_next_one():
    conversation("auto", ["EHLO", "MAIL RCPT DATA", ". MAIL RCPT DATA", ". MAIL RCPT DATA", ".", "QUIT"])


def test_without_the_relays_offer_nothing_is_grouped():
    async def run():
        async with Sink(offers=("SIZE 1000000",)) as sink:
            seen = Recorder(messages(3))
            transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", max_connections=1)
            await transport.deliver(seen.next_message, seen.intend, seen.enter)
            return seen.kinds(), sink.sessions[0].ahead

    assert asyncio.run(run()) == ({1: SENT, 2: SENT, 3: SENT}, 0)


def test_full_asks_for_an_intent_once_the_recipient_is_accepted_and_before_any_byte_of_the_body():
    seen_at_intent = []

    async def intend(sink, seen, delivery):
        seen_at_intent.append((len(sink.said("RCPT")), sink.sessions[0].raw.count(b"Subject")))
        return await seen.intend(delivery)

    deliver(messages(2), intend=intend)
    assert seen_at_intent == [(1, 0), (2, 1)]


def test_the_outcome_of_one_message_is_entered_before_the_next_ones_intent():
    order = []

    async def intend(_, seen, delivery):
        order.append((sorted(seen.outcomes), delivery.id))
        return await seen.intend(delivery)

    deliver(messages(3), intend=intend)
    assert order == [([], 1), ([1], 2), ([1, 2], 3)]


# --- when the body is not wanted any more: each row of the table


@pytest.mark.parametrize("data", ["503 5.5.1 no recipients", "554 5.5.1 no valid recipients", "451 4.3.0 later"])
@pytest.mark.parametrize(("rcpt", "kind"), [("550 5.1.1 unknown", FAILED), ("450 4.2.0 greylisted", DEFERRED)])
def test_a_refused_recipient_with_a_refused_data_is_followed_by_rset_and_judged_by_the_recipient(rcpt, kind, data):
    def script(step, count, _):
        return {"rcpt": rcpt, "data": data}.get(step) if count == 2 else None

    seen, sink = deliver(messages(3), script)
    assert seen.kinds() == {1: SENT, 2: kind, 3: SENT}
    assert seen.intended == [1, 3]
    assert (len(sink.sessions), sink.lone_dots) == (1, 0)
    assert sink.said("RSET") == ["RSET"]
    assert [line[:4] for line in sink.sessions[0].lines[4:]] == [
        b"MAIL", b"RCPT", b"DATA", b"RSET", b"MAIL", b"RCPT", b"DATA", b"QUIT"
    ]  # fmt: skip


@pytest.mark.parametrize("answer", [None, "250 2.0.0 queued", "451 4.3.0 later"])
def test_a_refused_recipient_with_354_gets_a_lone_dot_and_its_answer_is_never_a_delivery(answer):
    def script(step, count, _):
        if step == "lone dot":
            return answer
        return {"rcpt": "550 5.1.1 unknown", "data": "354 go"}.get(step) if count == 2 else None

    seen, sink = deliver(messages(3), script)
    assert seen.kinds() == {1: SENT, 2: FAILED, 3: SENT}
    assert [reply.reply.text for reply in seen.outcomes[2]] == ["5.1.1 unknown"]
    assert (sink.lone_dots, sink.breaches, len(sink.sessions)) == (1, [], 1)
    assert sink.said("RSET") == ["RSET"]
    assert [message.recipients[0] for message in sink.messages] == ["reader1@example.org", "reader3@example.org"]


@pytest.mark.parametrize(
    ("mail", "kind"), [("451 4.3.0 later", OWED), ("552 5.3.4 too large", FAILED), ("550 5.7.1 not you", OWED)]
)
def test_a_refused_sender_with_an_accepted_recipient_and_354_is_out_of_step(mail, kind):
    def script(step, count, _):
        answers = {"mail": mail, "rcpt": "250 2.1.5 ok", "data": "354 go"}
        return answers.get(step) if count == 2 else None

    seen, sink = deliver(messages(3), script)
    kinds = seen.kinds()
    assert kinds[1] is SENT
    assert kinds[2] in ({SENT} if mail.startswith("451") else {kind})
    assert sink.lone_dots == 0
    assert not sink.sessions[1].ahead, "this relay is spoken to one command at a time from now on"
    assert all(len(message.data) > 50 for message in sink.messages)


def test_a_refused_intent_behind_354_hangs_up_without_a_dot_and_the_next_one_goes_over_a_fresh_connection():
    seen, sink = deliver(messages(3), refuse=lambda delivery: delivery.id == 2)
    assert seen.kinds() == {1: SENT, 3: SENT}
    assert (len(sink.sessions), sink.lone_dots, sink.said("RSET")) == (2, 0, [])
    assert [message.recipients[0] for message in sink.messages] == ["reader1@example.org", "reader3@example.org"]
    assert sink.sessions[1].ahead, "a refused intent is no fault of the relay's"
    assert sink.sessions[0].raw.count(b"DATA\r\n") == 2, "whatever came behind it would be text of a message"


@pytest.mark.parametrize("answer", ["421 4.3.2 closing", "503 5.5.1 what?", Act.DROP], ids=str)
def test_a_relay_that_does_not_take_rset_is_left_and_the_next_one_goes_over_a_fresh_connection(answer):
    def script(step, count, _):
        return "550 5.1.1 unknown" if step == "rcpt" and count == 2 else answer if step == "rset" else None

    seen, sink = deliver(messages(3), script)
    assert seen.kinds() == {1: SENT, 2: FAILED, 3: SENT}
    assert len(sink.sessions) == 2
    assert [message.recipients[0] for message in sink.messages] == ["reader1@example.org", "reader3@example.org"]


@pytest.mark.parametrize("pipelining", ["off", "grouped"])
def test_a_line_that_dies_between_the_354_and_the_body_leaves_no_doubt(pipelining):
    script = at("data", "354 go\r\n421 4.3.2 but not here", only=1)
    seen, sink = deliver(messages(2), script, pipelining=pipelining)
    assert seen.kinds() == {1: DEFERRED, 2: SENT}
    assert "nothing is expected" in seen.outcomes[1][0].reply.text
    assert [message.recipients[0] for message in sink.messages] == ["reader2@example.org"]


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("answer", [Act.DROP, "421 4.3.2 closing"], ids=str)
def test_a_relay_that_hangs_up_once_is_still_spoken_to_in_groups(step, answer):
    _, sink = deliver(messages(5), at(step, answer, only=3))
    assert len(sink.sessions) == 2
    assert all(session.ahead for session in sink.sessions)


def test_everybody_suppressed_between_recipient_and_intent_gets_nothing_and_the_rest_go():
    seen, sink = deliver(messages(12), refuse=lambda delivery: delivery.id % 3 == 0, connections=3)
    assert seen.kinds() == {number: SENT for number in range(1, 13) if number % 3}
    assert len(sink.messages) == 8


def test_a_store_that_fails_behind_354_hangs_up_without_a_dot_and_nobody_is_in_doubt():
    seen = Recorder(messages(3))

    async def run():
        async with Sink() as sink:

            async def intend(delivery):
                if delivery.id == 2:
                    raise StoreError("the disk is full")
                return await seen.intend(delivery)

            transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", max_connections=1)
            with pytest.raises(StoreError):
                await transport.deliver(seen.next_message, intend, seen.enter)
            return [message.recipients for message in sink.messages]

    assert asyncio.run(run()) == [("reader1@example.org",)]
    assert seen.kinds() == {1: SENT, 2: OWED, 3: OWED}


# --- 421 in each place of a group, and losses there


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("dot", {1: DEFERRED, 2: SENT, 3: SENT}),
        ("mail", {1: SENT, 2: SENT, 3: SENT}),
        ("rcpt", {1: SENT, 2: DEFERRED, 3: SENT}),
        ("data", {1: SENT, 2: DEFERRED, 3: SENT}),
    ],
)
def test_row33_a_421_counts_for_the_command_it_answers_and_nothing_behind_it_was_sent(step, expected):
    only = 1 if step == "dot" else 2
    seen, sink = deliver(messages(3), at(step, "421 4.3.2 closing", only=only))
    assert seen.kinds() == expected
    assert len(sink.sessions) == 2
    assert len({message.message_id for message in sink.messages}) == len(sink.messages)


@pytest.mark.parametrize("act", [Act.DROP, "hm"], ids=str)
@pytest.mark.parametrize(
    ("step", "kind"), [("dot", IN_DOUBT), ("body", IN_DOUBT), ("mail", SENT), ("rcpt", DEFERRED), ("data", DEFERRED)]
)
def test_row30_31_a_loss_in_each_place_of_a_group_is_doubt_only_where_a_body_was_out(step, kind, act):
    seen, sink = deliver(messages(4), at(step, act, only=2))
    assert seen.kinds() == {1: SENT, 2: kind, 3: SENT, 4: SENT}
    assert {f"reader{n}@example.org" for n in (1, 3, 4)} <= {message.recipients[0] for message in sink.messages}
    assert len({message.message_id for message in sink.messages}) == len(sink.messages)


def test_row32_a_loss_behind_an_accepted_dot_is_a_doubt_and_the_next_ones_envelope_leaves_no_trace():
    seen, sink = deliver(messages(3), at("dot", Act.KEEP_AND_DROP))
    assert seen.kinds() == {1: IN_DOUBT, 2: SENT, 3: SENT}
    assert len(sink.messages) == 3


def test_a_connection_lost_while_the_intent_is_asked_is_deferred_and_not_in_doubt():
    async def intend(sink, seen, delivery):
        if delivery.id == 1:
            for writer in tuple(sink._writers):
                writer.transport.abort()
            await asyncio.sleep(0.05)
        return await seen.intend(delivery)

    seen, sink = deliver(messages(2), intend=intend)
    assert seen.kinds() == {1: DEFERRED, 2: SENT}
    assert len(sink.messages) == 1


@pytest.mark.parametrize("pipelining", ["off", "grouped", "auto"])
def test_silence_ends_at_the_deadline_of_its_own_reply(pipelining):
    short = Deadlines(connect=5, command=0.3, data=0.3, body=5, dot=0.3, quit=0.1)
    for step, kind in (("mail", SENT), ("rcpt", DEFERRED), ("data", DEFERRED), ("dot", IN_DOUBT)):
        seen, _ = deliver(messages(3), at(step, Act.HANG, only=2), deadlines=short, pipelining=pipelining)
        assert seen.kinds() == {1: SENT, 2: kind, 3: SENT}


@pytest.mark.parametrize("pipelining", ["off", "auto"])
def test_row28_a_dripped_reply_has_no_longer_than_a_whole_one(pipelining):
    short = Deadlines(connect=5, command=5, data=5, body=5, dot=0.3, quit=0.1)
    seen, _ = deliver(messages(3), at("dot", Act.DRIP, only=1), deadlines=short, pipelining=pipelining)
    assert seen.kinds() == {1: IN_DOUBT, 2: SENT, 3: SENT}


def test_a_body_that_nobody_reads_ends_at_its_own_deadline():
    short = Deadlines(connect=5, command=60, data=60, body=0.5, dot=60, quit=0.1)
    mail = [a_message(a_delivery(1), body="news " * 4_000_000), a_message(a_delivery(2))]
    seen, _ = deliver(mail, at("body", Act.DEAF), deadlines=short)
    assert seen.kinds() == {1: IN_DOUBT, 2: SENT}
    assert "written in time" in seen.outcomes[1][0].reply.text


@pytest.mark.parametrize("pipelining", ["off", "grouped", "auto"])
def test_many_connections_serve_everybody_once_at_every_level(pipelining):
    seen, sink = deliver(messages(120), connections=7, pipelining=pipelining, per_connection=9)
    assert seen.kinds() == dict.fromkeys(range(1, 121), SENT)
    assert len({message.message_id for message in sink.messages}) == len(sink.messages) == 120
    assert sink.breaches == []


# --- the table itself

OK = {Phase.MAIL: (250, "2.1.0 ok"), Phase.RCPT: (250, "2.1.5 ok"), Phase.DATA: (354, "go")}


def heard(**said):
    return weigh(
        *(
            read_reply(phase, *said.get(phase.value, OK[phase]))
            for phase in (Phase.MAIL, Phase.RCPT, Phase.DATA)
            if said.get(phase.value, "") is not None
        )
    )


def test_all_accepted_is_no_verdict():
    assert heard().verdict is None
    assert heard(data=None).verdict is None


@pytest.mark.parametrize("mail", [250, 421, 451, 550, 552, 0, 354])
@pytest.mark.parametrize("rcpt", [250, 251, 421, 450, 452, 550, 503, 0, 354])
@pytest.mark.parametrize("data", [354, 250, 421, 451, 503, 554, 0])
def test_a_body_may_follow_only_when_all_three_were_accepted_and_a_lone_dot_only_when_nobody_would_get_it(
    mail, rcpt, data
):
    found = heard(mail=(mail, "said"), rcpt=(rcpt, "said"), data=(data, "said"))
    accepted = mail == 250 and rcpt in {250, 251}
    assert (found.verdict is None) == (accepted and data == 354)
    if found.verdict is None:
        return
    assert found.verdict.outcome.kind is not SENT
    assert found.verdict.outcome.kind is not IN_DOUBT
    if found.lead.startswith(b"."):
        assert data == 354
        assert 400 <= rcpt <= 599
    if data == 354 and rcpt in {250, 251}:
        assert found.verdict.connection is Connection.ABORT
    if 421 in (mail, rcpt, data) or 0 in (mail, rcpt, data):
        assert found.verdict.connection is Connection.ABORT
    first = next(
        (phase, code)
        for phase, code, good in (
            (Phase.MAIL, mail, mail == 250),
            (Phase.RCPT, rcpt, rcpt in {250, 251}),
            (Phase.DATA, data, data == 354),
        )
        if not good
    )
    assert (found.verdict.outcome.reply.phase, found.verdict.outcome.reply.code) == first


# --- a law, whatever a relay does

ANSWERS = st.sampled_from(
    [
        "250 2.0.0 ok", "251 ok", "354 go", "421 4.3.2 closing", "450 4.2.0 later", "451 4.7.1 slow", "452 4.5.3 enough",
        "503 5.5.1 order", "550 5.1.1 unknown", "550 5.7.1 you", "552 5.3.4 big", "554 5.6.0 content", "hm", "250-a\r\n251 b",
        "250 ok\r\n250 once more", "250 ok\r\n421 4.3.2 closing", Act.DROP, Act.KEEP_AND_DROP,
    ]
)  # fmt: skip
FAULTS = st.dictionaries(
    st.tuples(st.sampled_from(["mail", "rcpt", "data", "body", "dot", "lone dot", "rset"]), st.integers(1, 9)),
    ANSWERS,
    max_size=6,
)


@settings(deadline=None, max_examples=150)
@given(
    faults=FAULTS,
    pipelining=st.sampled_from(["off", "grouped", "auto"]),
    connections=st.integers(1, 3),
    refused=st.sets(st.integers(1, 8), max_size=2),
)
def test_whatever_a_relay_answers_nobody_is_lost_doubled_or_told_sent_without_having_been(
    faults, pipelining, connections, refused
):
    async def run():
        async with Sink(script=lambda step, count, _: faults.get((step, count))) as sink:
            seen = Recorder(messages(8), refuse=lambda delivery: delivery.id in refused)
            transport = SmtpTransport(
                name="relay",
                host="127.0.0.1",
                port=sink.port,
                tls="none",
                max_connections=connections,
                pipelining=pipelining,
                pause=lambda _: 0,
                deadlines=Deadlines(connect=5, command=5, data=5, body=5, dot=5, quit=0.05),
            )
            with contextlib.suppress(TransportError):
                await transport.deliver(seen.next_message, seen.intend, seen.enter)
            return seen, sink

    seen, sink = asyncio.run(run())
    kinds = seen.kinds()
    kept = [message.message_id for message in sink.messages]
    assert set(kinds) == set(seen.pulled) - set(seen.refused), "each has one outcome, but whose intent was refused"
    assert len(set(kept)) == len(kept), "no two copies in one go"
    by_id = {number: f"message{number}@news.example.org" for number in seen.pulled}
    # Who says 250 to a body at hand and throws it away cannot be found out once all of it is on the way.
    lied = any(step == "body" and str(answer).startswith("25") for (step, _), answer in faults.items())
    for number, kind in kinds.items():
        if kind is SENT and not lied:
            assert by_id[number] in kept
            assert number in seen.intended
        if by_id[number] in kept:
            assert kind in {SENT, IN_DOUBT} or not faults.keys().isdisjoint({("body", n) for n in range(1, 10)})
        if kind is IN_DOUBT:
            assert number in seen.intended
    assert not {by_id[number] for number in seen.refused} & set(kept)
    assert "a message for nobody" not in sink.breaches
