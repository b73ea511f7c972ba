"""The conversation with a relay, against a strict scripted server."""

import asyncio
import socket
import ssl
from datetime import timedelta

import aiosmtplib
import pytest
import trustme

from digest.errors import TransportError
from digest.model import OutcomeKind, Phase, Secret
from digest.sender import connecting
from digest.sender.smtp import SmtpTransport
from digest.sender.terms import Deadlines
from digest.testing.fakes import Recorder, a_delivery, a_message
from digest.testing.script import Act
from digest.testing.sink import Sink

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind
LEVELS = ("off", "grouped", "auto")
NAME, PASSWORD = Secret("ada", origin="test"), Secret("canary-0451", origin="test")


def messages(count, **kwargs):
    return [a_message(a_delivery(number, **kwargs)) for number in range(1, count + 1)]


def scripted(**steps):
    """A script: step name -> a reply for every time, or {count: reply}."""

    def script(step, count, _):
        wanted = steps.get(step)
        return wanted.get(count) if isinstance(wanted, dict) else wanted

    return script


def relay(sink, *, host="127.0.0.1", tls="none", connections=1, **options):
    options = {"pause": lambda _: 0, "deadlines": Deadlines(connect=5, command=5, data=5, body=5, dot=5), **options}
    return SmtpTransport(name="relay", host=host, port=sink.port, tls=tls, max_connections=connections, **options)


def groups(session):
    """Whether the client wrote several commands before it had heard the first one's answer."""
    return session.ahead


def deliver(mail, *, sink=None, refuse=lambda _: False, **options):
    """Deliver `mail` to a sink: (what was recorded, the sink, the TransportError or None)."""

    async def run():
        async with sink or Sink() as opened:
            seen = Recorder(mail, refuse=refuse)
            transport = relay(opened, **options)
            try:
                await transport.deliver(seen.next_message, seen.intend, seen.enter)
            except TransportError as error:
                return seen, opened, error
            return seen, opened, None

    return asyncio.run(run())


# --- the order of one message


def test_one_recipient_per_transaction_and_the_envelope_byte_for_byte():
    mail = [a_message(a_delivery(1, address="Ada.B+c@example.org")), a_message(a_delivery(2))]
    _, sink, error = deliver(mail)
    assert error is None
    assert [(one.sender, one.recipients) for one in sink.messages] == [
        ("bounces@news.example.org", ("Ada.B+c@example.org",)),
        ("bounces@news.example.org", ("reader2@example.org",)),
    ]


@pytest.mark.parametrize("pipelining", ["off", "grouped"])
def test_the_intent_comes_after_rcpt_and_before_data(pipelining):
    seen_at_intent = []

    async def run():
        async with Sink() as sink:
            seen = Recorder(messages(1))

            async def intend(delivery):
                seen_at_intent.append((len(sink.said("RCPT")), len(sink.said("DATA"))))
                return await seen.intend(delivery)

            await relay(sink, pipelining=pipelining).deliver(seen.next_message, intend, seen.enter)

    asyncio.run(run())
    assert seen_at_intent == [(1, 0)]


@pytest.mark.parametrize("pipelining", ["off", "grouped"])
def test_a_refused_intent_says_rset_and_the_connection_goes_on(pipelining):
    seen, sink, _ = deliver(messages(2), refuse=lambda delivery: delivery.id == 1, pipelining=pipelining)
    assert seen.kinds() == {2: SENT}
    assert len(sink.said("DATA")) == 1
    assert len(sink.said("RSET")) == 1
    assert len(sink.sessions) == 1


def test_marks_are_passed_in_the_order_of_the_bytes():
    passed = []
    deliver(messages(1), mark=passed.append)
    assert passed == ["in_body", "after_dot", "after_reply"]


def test_nobody_connects_for_fewer_messages_than_connections():
    seen, sink, _ = deliver(messages(2), connections=10)
    assert set(seen.kinds().values()) == {SENT}
    assert len(sink.sessions) <= 2


def test_many_connections_share_the_list():
    seen, sink, _ = deliver(messages(60), connections=5)
    assert seen.kinds() == dict.fromkeys(range(1, 61), SENT)
    assert 1 < len(sink.sessions) <= 5


def test_a_connection_is_left_after_its_share_or_its_age():
    _, sink, _ = deliver(messages(7), per_connection=3)
    assert [len([line for line in one.lines if line.startswith(b"MAIL")]) for one in sink.sessions] == [3, 3, 1]
    assert len(sink.said("QUIT")) == 3
    seen, sink, _ = deliver(messages(3), connection_age=timedelta(0))
    assert seen.kinds() == dict.fromkeys((1, 2, 3), SENT)
    assert len(sink.sessions) >= 3


# --- refusals and losses


def test_a_refused_sender_is_owed_pauses_the_issue_and_fails_nobody():
    seen, _, _ = deliver(messages(1), sink=Sink(script=scripted(mail="550 5.7.1 sender refused")))
    ((outcome,),) = seen.outcomes.values()
    assert (outcome.kind, seen.intended) == (OWED, [])
    assert "sender refused" in outcome.pause


def test_a_refusal_for_now_at_mail_is_tried_again_then_owed():
    seen, sink, error = deliver(messages(1), sink=Sink(script=scripted(mail={1: "451 4.3.0 later"})))
    assert (seen.kinds(), error) == ({1: SENT}, None)
    seen, sink, error = deliver(messages(9), sink=Sink(script=scripted(mail="451 4.3.0 later")))
    assert set(seen.kinds().values()) == {OWED}
    assert len(sink.said("MAIL")) == 3
    assert "451 4.3.0 later" in str(error)
    assert not error.permanent


@pytest.mark.parametrize("pipelining", LEVELS)
@pytest.mark.parametrize(
    ("step", "act", "kind"),
    [
        ("rcpt", Act.DROP, DEFERRED),
        ("rcpt", "421 4.7.0 slow down", DEFERRED),
        ("data", Act.DROP, DEFERRED),
        ("data", "554 5.7.1 no", FAILED),
        ("data", "451 4.3.0 later", DEFERRED),
        ("rcpt", "hm", DEFERRED),
        ("rcpt", "354 hm", DEFERRED),
        ("data", "250 what", DEFERRED),
        ("body", Act.DROP, IN_DOUBT),
        ("dot", "451 4.3.0 later", DEFERRED),
        ("dot", "554 5.6.0 content", FAILED),
        ("dot", "251 forwarded", SENT),
        ("dot", Act.DROP, IN_DOUBT),
        ("dot", Act.KEEP_AND_DROP, IN_DOUBT),
        ("dot", "garbage", IN_DOUBT),
        ("dot", "250-endless\r\n" * 3000, IN_DOUBT),
        ("dot", "421 4.3.2 closing", DEFERRED),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_goes_wrong_with_one_message_leaves_the_next_one_whole(step, act, kind, pipelining):
    seen, sink, error = deliver(messages(2), sink=Sink(script=scripted(**{step: {1: act}})), pipelining=pipelining)
    assert error is None
    assert seen.kinds() == {1: kind, 2: SENT}
    assert sink.breaches == []


@pytest.mark.parametrize(("pipelining", "kind"), [("off", DEFERRED), ("grouped", DEFERRED), ("auto", SENT)])
def test_a_503_to_data_though_all_was_accepted_is_nobodys_fault_and_ends_the_groups(pipelining, kind):
    sink = Sink(script=scripted(data={1: "503 5.5.1 lost track"}))
    seen, sink, error = deliver(messages(2), sink=sink, pipelining=pipelining)
    assert (error, seen.kinds()) == (None, {1: kind, 2: SENT})
    assert kind is SENT or seen.outcomes[1][0].retry_ms == 0, "it was intended, and is due again at once"
    assert not groups(sink.sessions[-1])


@pytest.mark.parametrize(("early", "kind"), [("250 2.0.0 kept", IN_DOUBT), ("552 5.3.4 too much", FAILED)])
def test_an_answer_before_the_dot_is_out_is_a_refusal_or_nothing(early, kind):
    mail = [a_message(a_delivery(1), body="news " * 4_000_000), a_message(a_delivery(2))]
    seen, sink, _ = deliver(mail, sink=Sink(script=scripted(body={1: early}), offers=()))
    assert seen.kinds() == {1: kind, 2: SENT}
    assert [message.message_id for message in sink.messages] == ["message2@news.example.org"]


def test_a_loss_at_mail_leaves_no_trace_but_a_second_try():
    seen, sink, _ = deliver(messages(2), sink=Sink(script=scripted(mail={2: Act.DROP})))
    assert seen.kinds() == {1: SENT, 2: SENT}
    assert len(sink.sessions) == 2


def test_too_many_recipients_gets_a_fresh_connection_at_once():
    seen, sink, _ = deliver(messages(2), sink=Sink(script=scripted(rcpt={2: "452 4.5.3 too many recipients"})))
    assert seen.kinds() == {1: SENT, 2: SENT}
    assert len(sink.sessions) == 2


def test_silence_ends_at_the_deadline_to_the_end_of_a_reply():
    short = Deadlines(connect=5, command=0.2, data=0.2, body=5, dot=0.2, quit=0.1)
    for step, kind in (("rcpt", DEFERRED), ("data", DEFERRED), ("dot", IN_DOUBT)):
        seen, _, _ = deliver(messages(2), sink=Sink(script=scripted(**{step: {1: Act.HANG}})), deadlines=short)
        assert seen.kinds() == {1: kind, 2: SENT}


@pytest.mark.parametrize(("pipelining", "next_one"), [("off", SENT), ("grouped", DEFERRED), ("auto", DEFERRED)])
def test_row41_a_reply_nobody_asked_for_never_brings_a_body_on_its_way(pipelining, next_one):
    twice = "250 2.0.0 kept\r\n250 2.1.0 and again"
    seen, sink, _ = deliver(messages(3), sink=Sink(script=scripted(dot={1: twice})), pipelining=pipelining)
    assert seen.kinds() == {1: SENT, 2: next_one, 3: SENT}
    assert len(sink.sessions) == 2
    assert not groups(sink.sessions[1])
    assert seen.intended == [number for number, kind in seen.kinds().items() if kind is SENT]


def test_a_relay_that_only_hangs_up_closes_the_way_out():
    seen, sink, error = deliver(messages(9), sink=Sink(script=scripted(mail=Act.DROP)))
    assert set(seen.kinds().values()) == {OWED}
    assert len(sink.sessions) == 3
    assert isinstance(error, TransportError)


def test_an_exception_while_the_intent_is_asked_ends_the_connection_without_a_body():
    async def run():
        async with Sink() as sink:
            seen = Recorder(messages(5))

            async def intend(_):
                raise LookupError("the ledger is gone")

            with pytest.raises(LookupError):
                await relay(sink, connections=3).deliver(seen.next_message, intend, seen.enter)
            assert not sink.messages
            assert set(seen.kinds().values()) == {OWED}

    asyncio.run(run())


def cancelled(times, answer, **deadlines):
    """Cancel the call so many times while the relay has the dot and answers with `answer`: what was recorded."""

    async def run():
        seen = Recorder(messages(3))

        def script(step, *_):
            if step != "dot":
                return None
            for turn in range(times):
                asyncio.get_running_loop().call_later(0.05 * turn, task.cancel)
            return answer

        async with Sink(script=script) as sink:
            transport = relay(sink, deadlines=Deadlines(**deadlines))
            task = asyncio.create_task(transport.deliver(seen.next_message, seen.intend, seen.enter))
            with pytest.raises(asyncio.CancelledError):
                await task
        assert b"QUIT" not in sink.sessions[0].raw, "behind the next one's DATA it would be text"
        return seen

    return asyncio.run(run())


def test_a_cancelled_call_still_hears_the_answer_to_its_dot_and_begins_nothing_more():
    seen = cancelled(1, Act.LATE)
    assert seen.kinds() == {1: SENT, 2: OWED, 3: OWED}
    assert seen.intended == [1]


def test_a_second_cancellation_waits_no_longer_and_leaves_the_doubt_on_record():
    assert cancelled(2, Act.HANG, dot=60).kinds() == {1: IN_DOUBT, 2: OWED, 3: OWED}


def stopped_at(step, pipelining):
    """Cancel the call while the relay owes the answer to `step` of the first message: what was recorded."""

    async def run():
        seen = Recorder(messages(2))

        def script(name, *_):
            if name == step:
                asyncio.get_running_loop().call_soon(task.cancel)
                return Act.HANG
            return None

        async with Sink(script=script) as sink:
            transport = relay(sink, pipelining=pipelining, deadlines=Deadlines())
            task = asyncio.create_task(transport.deliver(seen.next_message, seen.intend, seen.enter))
            with pytest.raises(asyncio.CancelledError):
                async with asyncio.timeout(5):
                    await task
        return seen, sink

    return asyncio.run(run())


@pytest.mark.parametrize("pipelining", ["off", "grouped", "auto"])
@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_an_end_waits_for_no_answer_before_a_body_and_counts_no_attempt(step, pipelining):
    seen, sink = stopped_at(step, pipelining)
    intended = step == "data" and pipelining != "auto"  # there the intent comes before DATA
    assert (seen.kinds(), seen.intended) == ({1: DEFERRED if intended else OWED, 2: OWED}, [1] if intended else [])
    assert not sink.messages


# --- sizes and addresses


@pytest.mark.parametrize("size", ["SIZE", "SIZE 0", "SIZE abc", "SIZE -5", "SIZE 1\u0663", f"SIZE {10**40}"], ids=ascii)
def test_a_size_that_says_no_limit_or_nothing_readable_limits_nothing(size):
    seen, sink, _ = deliver(messages(1), sink=Sink(offers=(size,)))
    assert seen.kinds() == {1: SENT}
    assert "SIZE=" in sink.said("MAIL")[0]


@pytest.mark.parametrize(
    "banner", ["hm", "220-more\r\n" * 20_000, "9" * 100_000, "\0"], ids=lambda said: ascii(said[:5])
)
def test_what_no_relay_says_is_told_without_a_code_of_the_librarys(banner):
    _, _, error = deliver(messages(1), sink=Sink(script=scripted(banner=banner)))
    assert not error.permanent
    assert "-1" not in str(error)


def test_a_message_of_exactly_the_relays_size_is_sent():
    mail = messages(1)
    seen, _, _ = deliver(mail, sink=Sink(offers=(f"SIZE {len(mail[0].data)}",)))
    assert seen.kinds() == {1: SENT}


def test_a_message_over_the_relays_size_is_failed_before_a_byte():
    seen, sink, _ = deliver(messages(1), sink=Sink(offers=("SIZE 20",)))
    ((outcome,),) = seen.outcomes.values()
    assert (outcome.kind, outcome.reply.code, outcome.reply.enhanced) == (FAILED, 552, "5.3.4")
    assert not sink.said("MAIL")


def test_a_local_part_beyond_ascii_needs_smtputf8():
    mail = [a_message(a_delivery(1, address="zoë@example.org"))]
    seen, sink, _ = deliver(mail)
    ((outcome,),) = seen.outcomes.values()
    assert (outcome.kind, outcome.reply.code, outcome.reply.enhanced) == (FAILED, 553, "5.6.7")
    assert not sink.said("MAIL")
    seen, sink, _ = deliver(mail, sink=Sink(offers=("SMTPUTF8", "8BITMIME")))
    assert seen.kinds() == {1: SENT}
    assert sink.messages[0].recipients == ("zoë@example.org",)
    assert sink.said("MAIL") == ["MAIL FROM:<bounces@news.example.org> SMTPUTF8"]


@pytest.mark.parametrize(
    "address",
    ["a@b.test\r\nRSET", "victim@a.test, other@b.test", "a@b.test> SIZE=1", "Ada <a@b.test>", '"a b"@c.test', "a@[::1]",
     "a\u200b@b.test", "x" * 65 + "@b.test", "", "a@b.test\0"],
    ids=ascii,
)  # fmt: skip
def test_t12_an_envelope_that_is_not_one_plain_address_never_reaches_the_wire(address):
    mail = [a_message(a_delivery(1, address=address or " ")), a_message(a_delivery(2))]
    seen, sink, _ = deliver(mail)
    assert seen.kinds() == {1: FAILED, 2: SENT}
    assert sink.said("RCPT") == ["RCPT TO:<reader2@example.org>"]
    assert sink.breaches == []


def test_t12_a_return_path_that_cannot_be_written_pauses_and_fails_nobody():
    seen, sink, _ = deliver([a_message(a_delivery(1), sender="a@b.test\r\nRCPT TO:<x@y.test>")])
    ((outcome,),) = seen.outcomes.values()
    assert (outcome.kind, bool(outcome.pause)) == (OWED, True)
    assert not sink.said("MAIL")


# --- TLS and passwords


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def server_context(authority, name="127.0.0.1"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_context(authority):
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_over_tls_the_message_and_the_password_go_encrypted(authority, tls):
    sink = Sink(tls=tls, context=server_context(authority), auth=("ada", "canary-0451"))
    login = {"username": NAME, "password": PASSWORD, "tls_context": client_context(authority)}
    seen, sink, error = deliver(messages(20), sink=sink, tls=tls, connections=3, **login)
    assert error is None
    assert set(seen.kinds().values()) == {SENT}
    assert {(one.encrypted, one.username) for one in sink.messages} == {(True, "ada")}


def test_starttls_stripped_means_no_password_no_message_and_no_second_try(authority):
    sink = Sink(auth=("ada", "canary-0451"))
    login = {"username": NAME, "password": PASSWORD, "tls_context": client_context(authority)}
    seen, sink, error = deliver(messages(3), sink=sink, tls="starttls", connections=3, **login)
    assert error.permanent
    assert "STARTTLS" in str(error)
    assert sink.said("AUTH") == sink.said("MAIL") == []
    assert len(sink.sessions) == 1
    assert set(seen.kinds().values()) == {OWED}


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize("fault", ["unknown authority", "wrong name"])
def test_a_certificate_that_does_not_fit_is_permanent_and_nothing_is_said(authority, tls, fault):
    name = "other.test" if fault == "wrong name" else "127.0.0.1"
    sink = Sink(tls=tls, context=server_context(authority, name), auth=("ada", "canary-0451"))
    context = client_context(authority) if fault == "wrong name" else None
    login = {"username": NAME, "password": PASSWORD, "tls_context": context}
    _, sink, error = deliver(messages(1), sink=sink, tls=tls, **login)
    assert error.permanent
    assert "certificate" in str(error)
    assert sink.said("AUTH") == sink.said("MAIL") == []


def test_a_wrong_password_is_tried_once_and_is_permanent(authority):
    sink = Sink(tls="starttls", context=server_context(authority), auth=("ada", "another"))
    login = {"username": NAME, "password": PASSWORD, "tls_context": client_context(authority)}
    seen, sink, error = deliver(messages(9), sink=sink, tls="starttls", connections=5, **login)
    assert error.permanent
    assert len(sink.said("AUTH")) == 1
    assert PASSWORD.reveal() not in str(error)
    assert seen.intended == []


def test_a_login_the_relay_does_not_offer_is_said():
    _, _, error = deliver(messages(1), username=NAME, password=PASSWORD)
    assert error.permanent
    assert "neither AUTH PLAIN nor AUTH LOGIN" in str(error)


def test_auth_login_is_spoken_where_plain_is_not_offered():
    sink = Sink(offers=("AUTH LOGIN",))
    _, sink, error = deliver(messages(1), sink=sink, username=NAME, password=PASSWORD)
    assert "535" in str(error)
    assert [line.split()[:2] for line in sink.said("AUTH")] == [["AUTH", "LOGIN"]]


def test_to_this_machine_a_password_may_go_without_tls():
    sink = Sink(auth=("ada", "canary-0451"))
    seen, sink, _ = deliver(messages(1), sink=sink, username=NAME, password=PASSWORD)
    assert seen.kinds() == {1: SENT}
    assert sink.messages[0].username == "ada"


def test_off_this_machine_nothing_goes_without_tls_whatever_the_name_resolves_to():
    sink = Sink(auth=("ada", "canary-0451"))
    _, sink, error = deliver(messages(1), sink=sink, host="0.0.0.0", username=NAME, password=PASSWORD)
    assert error.permanent
    assert 'set it to "starttls"' in str(error)
    assert sink.sessions == []


# --- connecting


def test_we_greet_by_the_name_we_were_given_else_by_our_address():
    assert deliver(messages(1), helo_name="mail.example.org")[1].said("EHLO") == ["EHLO mail.example.org"]
    assert deliver(messages(1))[1].said("EHLO") == ["EHLO [127.0.0.1]"]


@pytest.mark.parametrize(
    ("cause", "phase", "code"),
    [
        (socket.gaierror(-2, "Name or service not known"), Phase.DNS, 0),
        (ssl.SSLCertVerificationError("expired"), Phase.TLS, 554),
        (ssl.SSLError("handshake"), Phase.TLS, 0),
        (aiosmtplib.SMTPAuthenticationError(535, "5.7.8 no"), Phase.AUTH, 535),
        (aiosmtplib.SMTPHeloError(421, "busy"), Phase.AUTH, 421),
        (ValueError("what"), Phase.AUTH, 0),
        (TimeoutError(), Phase.AUTH, 0),
    ],
    ids=repr,
)
def test_whatever_the_library_raises_is_a_reply_in_its_phase(cause, phase, code):
    error = OSError("wrapped")
    error.__cause__ = cause
    reply = connecting._as_reply(Phase.AUTH, error)
    assert (reply.phase, reply.code) == (phase, code)
    assert reply.text


def test_a_closed_port_is_not_for_good():
    async def run():
        async with Sink() as sink:
            pass
        seen = Recorder(messages(2))
        with pytest.raises(TransportError) as raised:
            await relay(sink).deliver(seen.next_message, seen.intend, seen.enter)
        assert seen.kinds() == {1: OWED, 2: OWED}
        return raised.value

    assert not asyncio.run(run()).permanent


def test_a_banner_that_never_comes_ends_at_its_deadline():
    short = Deadlines(connect=0.2, command=0.3, quit=0.1)
    seen, _, error = deliver(messages(1), sink=Sink(script=scripted(banner=Act.HANG)), deadlines=short)
    assert seen.kinds() == {1: OWED}
    assert not error.permanent


@pytest.mark.parametrize(("banner", "permanent"), [("554 5.7.1 no", True), ("421 4.3.2 busy", False), ("hm", False)])
def test_a_banner_that_refuses_is_for_good_only_with_a_5xx(banner, permanent):
    _, _, error = deliver(messages(1), sink=Sink(script=scripted(banner=banner)))
    assert error.permanent is permanent


def test_connections_above_the_relays_limit_give_up_and_the_others_carry_on():
    sink = Sink(script=lambda step, count, _: "421 4.7.0 too many" if step == "banner" and count > 2 else None)
    seen, sink, error = deliver(messages(40), sink=sink, connections=6)
    assert error is None
    assert seen.kinds() == dict.fromkeys(range(1, 41), SENT)
