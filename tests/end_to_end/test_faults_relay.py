"""What a relay, its name server and the line to it may do (rows 25 to 49): a real store, real sockets, the ledger audited.

The store is on disk, the sender is the one that `digest send` runs, the relay is digest.testing's strict sink.
"""

import asyncio
import socket
import ssl
import warnings
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from digest.model import IssueState, Secret
from digest.sender import send
from digest.sender.connecting import secure_context
from digest.sender.smtp import SmtpTransport
from digest.sender.terms import Deadlines
from digest.store import Store
from digest.testing.fakes import a_message
from digest.testing.script import Act, as_usual
from digest.testing.sink import Sink
from tests.store.world import KEY, NOW, Clock, begin

LEVELS = pytest.mark.parametrize("pipelining", ["off", "auto"])
MINUTE = 60_000
QUICK = Deadlines(connect=5, command=5, data=5, body=5, dot=5, quit=1)


class Sending:
    """One issue on its way: `await go()` is one run of `digest send`."""

    def __init__(self, store, row, clock, **options):
        self.store, self.row, self.clock = store, row, clock
        options = {"deadlines": QUICK, "pause": lambda _: 0, "max_connections": 4, "tls": "none", **options}
        self.options = {"name": "relay", "host": "127.0.0.1", **options}

    async def go(self, *, minutes=0, doubt_pause=0, **changes):
        """As if the process were started anew, so many minutes later."""
        self.clock.now += minutes * MINUTE
        self.row = await self.store.issues.find("morning", "2026-11-23")
        await self.store.ledger.recover(self.row, now=self.clock(), doubt_pause=doubt_pause)
        async with self.store.sending():
            committer = self.store.committer()
            try:
                return await send(
                    row=self.row,
                    builder=self,
                    transports=[SmtpTransport(**self.options | changes)],
                    ledger=self.store.ledger,
                    committer=committer,
                    now=self.clock,
                )
            finally:
                await committer.close()

    def build(self, delivery):
        return a_message(delivery)

    async def states(self):
        return Counter(str(one.state) for one in await self.store.issues.deliveries(self.row))


def situation(tmp_path, act, *, readers=6, doubt="once", script=as_usual, sink=None, **options):
    """`await act(sending, sink)` over a fresh store and sink; then the ledger must add up (P10)."""

    async def run():
        clock = Clock()
        store = await Store.open(f"sqlite:///{tmp_path}/digest.db", ledger_key=KEY, clock=clock)
        try:
            row = await begin(store, readers, doubt=doubt)
            async with sink or Sink(script=script) as relay:
                answer = await act(Sending(store, row, clock, **{"port": relay.port, **options}), relay)
            audit = await store.ledger.audit(row)
            assert audit.broken == ()
            assert sum(audit.counts.values()) == audit.recipients == readers
            assert audit.counts["sending"] == 0
            assert not relay.breaches
            return answer
        finally:
            await store.close()

    return asyncio.run(run())


async def once(sending, sink):
    """One run: (what it said, states, the sink)."""
    result = await sending.go()
    return result, await sending.states(), sink


def at(step, reply, *, only=1):
    return lambda name, count, _: reply if name == step and only in {None, count} else None


# --- 25 to 29: nobody there, nobody who answers


def test_row25_a_relay_that_refuses_connections_leaves_everybody_owed_and_no_attempt_counted(tmp_path):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))

        async def act(sending, _):
            result = await sending.go(port=closed.getsockname()[1])
            rows = await sending.store.issues.deliveries(sending.row)
            return result, {(str(row.state), row.attempt) for row in rows}

        result, rows = situation(tmp_path, act)
    assert rows == {("pending", 0)}
    assert (result.sent, result.pause) == (0, "")
    assert "Connect" in result.notes[0]


def test_row26_a_black_hole_ends_at_the_deadline_for_connecting(tmp_path):
    with socket.socket() as hole:
        hole.bind(("127.0.0.1", 0))
        hole.listen(0)
        full = [socket.socket() for _ in range(4)]
        for one in full:
            one.setblocking(False)
            one.connect_ex(hole.getsockname())

        async def act(sending, _):
            short = Deadlines(connect=0.3, command=60, quit=0.1)
            return await sending.go(port=hole.getsockname()[1], deadlines=short), await sending.states()

        result, states = situation(tmp_path, act)
        for one in full:
            one.close()
    assert states == {"pending": 6}
    assert "no connection within 0.3 s" in result.notes[0]


def test_row27_a_banner_that_never_comes_ends_at_its_deadline(tmp_path):
    short = Deadlines(connect=5, command=0.3, quit=0.1)
    result, states, _ = situation(tmp_path, once, script=at("banner", Act.HANG, only=None), deadlines=short)
    assert states == {"pending": 6}
    assert "Timed out" in result.notes[0]


@LEVELS
def test_row28_a_reply_that_drips_is_waited_for_no_longer_than_a_whole_one(tmp_path, pipelining):
    short = Deadlines(connect=5, command=5, data=5, body=5, dot=0.3, quit=0.1)
    script = at("dot", Act.DRIP, only=2)
    _, states, _ = situation(tmp_path, once, script=script, deadlines=short, pipelining=pipelining)
    assert states == {"sent": 5, "in_doubt": 1}


@LEVELS
def test_row29_a_line_that_dies_behind_the_dot_is_a_doubt_after_the_dots_own_deadline(tmp_path, pipelining):
    short = Deadlines(connect=5, command=0.2, data=0.2, body=5, dot=0.6, quit=0.1)
    script = at("dot", Act.KEEP_AND_HANG, only=2)
    result, states, sink = situation(tmp_path, once, script=script, deadlines=short, pipelining=pipelining)
    assert states == {"sent": 5, "in_doubt": 1}
    assert (result.in_doubt, len(sink.messages)) == (1, 6)


# --- 30 to 33: losses and 421


@LEVELS
def test_row30_a_loss_at_mail_is_owed_and_one_at_rcpt_deferred_without_a_doubt(tmp_path, pipelining):
    script = at("mail", Act.DROP, only=2)
    _, states, _ = situation(tmp_path, once, script=script, pipelining=pipelining, max_connections=1)
    assert states == {"sent": 6}
    (tmp_path / "second").mkdir()
    script = at("rcpt", Act.DROP, only=2)
    _, states, _ = situation(tmp_path / "second", once, script=script, pipelining=pipelining, max_connections=1)
    assert states == {"sent": 5, "deferred": 1}


@LEVELS
def test_row31_a_loss_in_the_body_is_a_doubt_and_the_message_goes_once_more(tmp_path, pipelining):
    async def act(sending, sink):
        await sending.go()
        before = await sending.states()
        await sending.go(minutes=1)
        return before, await sending.states(), sink

    before, after, sink = situation(tmp_path, act, script=at("body", Act.DROP, only=2), pipelining=pipelining)
    assert before == {"sent": 5, "in_doubt": 1}
    assert after == {"sent": 6}
    assert len(sink.messages) == 6


@LEVELS
@pytest.mark.parametrize(
    ("doubt", "copies", "after"), [("once", 7, {"sent": 6}), ("hold", 6, {"sent": 5, "in_doubt": 1})]
)
def test_row32_a_drop_behind_an_accepted_dot_is_resent_once_with_the_same_message_id(
    tmp_path, pipelining, doubt, copies, after
):
    async def act(sending, sink):
        await sending.go()
        for _ in range(3):
            await sending.go(minutes=1)
        return await sending.states(), sink

    script = at("dot", Act.KEEP_AND_DROP, only=2)
    states, sink = situation(tmp_path, act, script=script, pipelining=pipelining, doubt=doubt)
    assert states == after
    assert (len(sink.messages), len({message.message_id for message in sink.messages})) == (copies, 6)


@LEVELS
@pytest.mark.parametrize(
    ("step", "states"),
    [
        ("banner", {"sent": 6}),
        ("mail", {"sent": 6}),
        ("rcpt", {"sent": 5, "deferred": 1}),
        ("data", {"sent": 5, "deferred": 1}),
        ("dot", {"sent": 5, "deferred": 1}),
    ],
)
def test_row33_a_421_is_for_now_and_for_that_one_wherever_it_comes(tmp_path, pipelining, step, states):
    script = at(step, "421 4.3.2 closing", only=2)
    _, found, sink = situation(tmp_path, once, script=script, pipelining=pipelining)
    assert found == states
    assert len(sink.messages) == states["sent"]


# --- 34 to 39: refusals


@LEVELS
def test_row34_greylisted_is_sent_at_the_retry_and_not_before(tmp_path, pipelining):
    met = set()

    def script(step, _, argument):
        if step != "rcpt" or argument in met:
            return None
        met.add(argument)
        return "450 4.2.0 greylisted"

    async def act(sending, sink):
        found = []
        for minutes in (0, 1, 10):
            await sending.go(minutes=minutes)
            found.append(await sending.states())
        return found, sink

    found, sink = situation(tmp_path, act, script=script, pipelining=pipelining)
    assert found == [{"deferred": 6}, {"deferred": 6}, {"sent": 6}]
    assert len(sink.messages) == 6


@LEVELS
def test_row35_452_too_many_goes_over_a_fresh_connection_at_once(tmp_path, pipelining):
    script = at("rcpt", "452 4.5.3 too many recipients", only=3)
    _, states, sink = situation(tmp_path, once, script=script, pipelining=pipelining, max_connections=1)
    assert states == {"sent": 6}
    assert len(sink.sessions) > 1


@LEVELS
def test_row36_550_for_one_fails_that_one_and_the_others_are_sent(tmp_path, pipelining):
    def script(step, _, argument):
        return "550 5.1.1 no such user" if step == "rcpt" and "reader003" in argument else None

    _, states, sink = situation(tmp_path, once, script=script, pipelining=pipelining)
    assert states == {"sent": 5, "failed": 1}
    assert len(sink.messages) == 5


@LEVELS
@pytest.mark.parametrize("step", ["mail", "banner", "ehlo"])
def test_row37_a_5xx_that_is_about_us_pauses_the_issue_and_fails_nobody(tmp_path, pipelining, step):
    script = at(step, "550 5.7.1 not you", only=None)
    result, states, _ = situation(tmp_path, once, script=script, pipelining=pipelining)
    assert states == {"pending": 6}
    assert "5.7.1 not you" in result.pause


def test_row37_a_wrong_password_is_tried_once_and_pauses_the_issue(tmp_path):
    login = {"username": Secret("ada", origin="test"), "password": Secret("wrong", origin="test")}
    result, states, sink = situation(tmp_path, once, sink=Sink(auth=("ada", "right")), **login)
    assert states == {"pending": 6}
    assert "535" in result.pause
    assert len(sink.said("AUTH")) == 1


@LEVELS
def test_row38_554_at_the_dot_for_everybody_pauses_after_more_than_20_of_the_first_50(tmp_path, pipelining):
    script = at("dot", "554 5.6.0 refused by content", only=None)
    result, states, _ = situation(tmp_path, once, readers=80, script=script, pipelining=pipelining)
    assert 21 <= states["failed"] <= 21 + 4
    assert states["pending"] + states["failed"] + states["deferred"] == 80
    assert "refused for good" in result.pause


@LEVELS
def test_row39_251_at_rcpt_and_any_2xx_at_the_dot_are_sent(tmp_path, pipelining):
    def script(step, count, _):
        return {"rcpt": "251 2.1.5 will forward", "dot": f"25{count % 6} taken"}.get(step)

    _, states, sink = situation(tmp_path, once, script=script, pipelining=pipelining)
    assert states == {"sent": 6}
    assert len(sink.messages) == 6


# --- 40, 41, 47: what is no answer, or answers nothing


@LEVELS
@pytest.mark.parametrize(
    "garbage",
    ["hm", "250-a\r\n251 b", "9" * 10_000_000, "250-more\r\n" * 20_000, "999 no", "250"[:2], "\x00\x01"],
    ids=["words", "two codes", "10 MB line", "endless", "999", "two digits", "controls"],
)
def test_row40_garbage_at_the_dot_is_no_answer_and_takes_no_memory(tmp_path, pipelining, garbage):
    script = at("dot", garbage, only=2)
    _, states, _ = situation(tmp_path, once, script=script, pipelining=pipelining)
    assert states == {"sent": 5, "in_doubt": 1}


@LEVELS
def test_row41_a_line_nobody_asked_for_ends_an_idle_connection_and_touches_no_row(tmp_path, pipelining):
    async def act(sending, sink):
        def script(step, count, _):
            if step == "dot" and count == 1:
                asyncio.get_running_loop().call_later(0.05, sink.speak, "421 4.3.2 shutting down")

        sink.script = script
        # Two readers, one connection and a token a second: it is idle when the line comes.
        return await sending.go(max_connections=1, rate=1.0), await sending.states(), sink

    result, states, sink = situation(tmp_path, act, readers=2, pipelining=pipelining)
    assert states == {"sent": 2}
    assert (result.deferred, result.in_doubt, len(sink.messages)) == (0, 0, 2)
    assert len(sink.sessions) == 2


@LEVELS
def test_row47_a_connection_closed_while_idle_is_simply_made_anew(tmp_path, pipelining):
    script = at("mail", Act.DROP, only=3)
    result, states, _ = situation(tmp_path, once, script=script, pipelining=pipelining, max_connections=1)
    assert states == {"sent": 6}
    assert (result.deferred, result.in_doubt) == (0, 0)


# --- 42 to 44: TLS

LOGIN = {"username": Secret("ada", origin="test"), "password": Secret("canary-0451", origin="test")}
AUTHORITY = trustme.CA()
OTHER = trustme.CA()


def server_side(*names, authority=AUTHORITY, **issued):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*(names or ("127.0.0.1",)), **issued).configure_cert(context)
    return context


def client_side():
    """What every transport makes for itself, and the authority of these tests."""
    context = secure_context()
    AUTHORITY.configure_trust(context)
    return context


def over_tls(tmp_path, sink, *, tls="starttls", client=None):
    return situation(tmp_path, once, sink=sink, tls=tls, tls_context=client or client_side(), **LOGIN)


def test_row42_t13_starttls_that_is_not_offered_means_no_password_no_message_and_a_pause(tmp_path):
    result, states, sink = over_tls(tmp_path, Sink(auth=("ada", "canary-0451")))
    assert states == {"pending": 6}
    assert "STARTTLS" in result.pause
    assert sink.said("AUTH") == sink.said("MAIL") == []
    assert len(sink.sessions) == 1


EXPIRED = {
    "not_before": datetime.now(UTC) - timedelta(days=9),
    "not_after": datetime.now(UTC) - timedelta(days=1),
}


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
@pytest.mark.parametrize(
    ("context", "said"),
    [
        (lambda: server_side(authority=OTHER), "certificate"),
        (lambda: server_side(**EXPIRED), "expired"),
        (lambda: server_side("other.test"), "certificate"),
    ],
    ids=["self-signed", "expired", "wrong name"],
)
def test_row43_t15_a_certificate_that_does_not_fit_pauses_with_a_clear_message(tmp_path, tls, context, said):
    sink = Sink(tls=tls, context=context(), auth=("ada", "canary-0451"))
    result, states, sink = over_tls(tmp_path, sink, tls=tls)
    assert states == {"pending": 6}
    assert said in result.pause
    assert sink.said("AUTH") == sink.said("MAIL") == []


def test_t16_a_relay_that_speaks_nothing_newer_than_tls_1_1_gets_nothing(tmp_path):
    result, states, sink = over_tls(tmp_path, Sink(tls="starttls", context=old(), auth=("ada", "canary-0451")))
    assert states == {"pending": 6}
    assert result.notes or result.pause
    assert sink.said("AUTH") == sink.said("MAIL") == []


def test_t16_it_is_our_own_rule_that_refuses_old_tls(tmp_path):
    """The same relay is spoken to by a client that is made to ask for less; so nothing else stood in the way."""
    sink = Sink(tls="starttls", context=old(), auth=("ada", "canary-0451"))
    _, states, _ = over_tls(tmp_path, sink, client=aged(client_side()))
    assert states == {"sent": 6}


def old():
    """A server that knows TLS 1.0 and 1.1 alone."""
    return aged(server_side())


def aged(context):
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize("injected", ["250 2.0.0 injected", "250-x\r\n250 AUTH LOGIN", "535 5.7.8 injected"])
def test_row44_t14_plaintext_behind_the_220_to_starttls_is_never_taken_for_an_answer(tmp_path, injected):
    def script(step, count, _):
        return f"220 2.0.0 go ahead\r\n{injected}" if step == "starttls" and count == 1 else None

    sink = Sink(tls="starttls", context=server_side(), auth=("ada", "canary-0451"), script=script)
    result, states, sink = over_tls(tmp_path, sink)
    assert states in ({"sent": 6}, {"pending": 6})
    assert "535" not in result.pause
    assert all(message.encrypted for message in sink.messages)
    assert not any(line.startswith(b"AUTH") for line in sink.sessions[0].lines) or states == {"sent": 6}


# --- 45, 46, 49


@pytest.mark.parametrize("fault", [socket.EAI_NONAME, socket.EAI_AGAIN, None], ids=["NXDOMAIN", "SERVFAIL", "time-out"])
def test_row45_a_relay_whose_name_is_not_found_leaves_everybody_owed(tmp_path, monkeypatch, fault):
    async def look_up(*_, **__):
        if fault is None:
            await asyncio.Event().wait()
        raise socket.gaierror(fault, "no answer for that name")

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", look_up)

    async def act(sending, _):
        short = Deadlines(connect=0.3, command=5, quit=0.1)
        result = await sending.go(host="relay.test", tls="starttls", deadlines=short)
        return result, await sending.states()

    result, states = situation(tmp_path, act)
    assert states == {"pending": 6}
    assert result.pause == ""
    assert result.notes


def test_row46_a_relay_that_takes_five_connections_gets_five_and_everybody_is_served(tmp_path):
    opened = Counter()

    def script(step, *_):
        if step == "quit":
            opened["now"] -= 1
        if step == "banner":
            opened["now"] += 1
            if opened["now"] > 5:
                opened["now"] -= 1
                opened["refused"] += 1
                return "421 4.7.0 too many connections"
        return None

    result, states, _ = situation(tmp_path, once, readers=300, script=script, max_connections=20)
    assert states == {"sent": 300}
    assert result.deferred == 0
    assert 1 <= opened["refused"] <= 3


@LEVELS
def test_row49_a_message_over_the_relays_size_is_failed_before_a_byte_of_it_leaves(tmp_path, pipelining):
    sink = Sink(offers=("PIPELINING", "SIZE 20"))
    result, states, sink = situation(tmp_path, once, sink=sink, pipelining=pipelining)
    assert states == {"failed": 6}
    assert result.failed == 6
    assert sink.said("MAIL") == []


# --- 68: somebody says stop


@LEVELS
def test_row68_a_cancelled_issue_sends_nothing_more_than_what_was_intended(tmp_path, pipelining):
    async def act(sending, sink):
        cancelling = []

        def script(step, count, _):
            if step == "dot" and count == 5:
                cancelling.append(asyncio.ensure_future(sending.store.issues.move(sending.row, IssueState.CANCELLED)))
            return Act.LATE if step == "dot" and count in {5, 6} else None

        sink.script = script
        await sending.go(max_connections=2)
        return await sending.states(), sink

    states, sink = situation(tmp_path, act, readers=60, pipelining=pipelining)
    assert 5 <= states["sent"] == len(sink.messages) <= 5 + 4
    assert states["skipped"] + states["sent"] + states["pending"] == 60


def test_the_world_is_what_these_tests_think():
    assert Clock()() == NOW
