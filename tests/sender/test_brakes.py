"""Relays and domains that bear only so much, over real connections."""

import asyncio
import time
from collections import Counter

import pytest

from digest.errors import TransportError
from digest.model import OutcomeKind
from digest.sender import hand, smtp, throttle
from digest.sender.smtp import SmtpTransport
from digest.testing.fakes import Recorder, a_delivery, a_message
from digest.testing.script import as_usual
from digest.testing.sink import Sink

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind


def to(*domains):
    """One message to a reader of each of these domains."""
    return [a_message(a_delivery(number, address=f"r{number}@{domain}")) for number, domain in enumerate(domains, 1)]


def deliver(mail, script=as_usual, *, again=(), **options):
    """Deliver `mail`, then each list in `again` by the same transport: ([what was recorded], sink, [errors])."""

    async def run():
        async with Sink(script=script) as sink:
            options.setdefault("max_connections", 10)
            options.setdefault("pause", lambda _: 0)
            transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", **options)
            recorded, errors = [], []
            for some in (mail, *again):
                recorded.append(Recorder(some))
                try:
                    await transport.deliver(recorded[-1].next_message, recorded[-1].intend, recorded[-1].enter)
                except TransportError as error:
                    errors.append(error)
            return recorded, sink, errors

    return asyncio.run(run())


def open_at_once(script, limit):
    """A script of a relay that takes `limit` connections, and what it counted."""
    seen = Counter()

    def scripted(step, count, argument):
        if step == "banner":
            seen["now"] += 1
            seen["most"] = max(seen["most"], seen["now"])
            if seen["now"] > limit:
                seen["now"] -= 1
                seen["refused"] += 1
                return "421 4.7.0 too many connections"
        if step == "quit":
            seen["now"] -= 1
        return script(step, count, argument)

    return scripted, seen


def test_row46_concurrency_settles_at_what_the_relay_takes_and_nobody_is_deferred():
    script, seen = open_at_once(as_usual, 5)
    (recorded,), _, errors = deliver(to(*["example.org"] * 400), script, max_connections=20)
    assert recorded.kinds() == dict.fromkeys(range(1, 401), SENT)
    assert errors == []
    assert 0 < seen["refused"] <= 3


def test_a_421_for_a_connection_that_stands_shrinks_to_those_that_are_left():
    def script(step, count, _):
        return "421 4.3.2 shutting this one" if step == "rcpt" and count == 40 else None

    (recorded,), _, errors = deliver(to(*["example.org"] * 300), script)
    assert Counter(recorded.kinds().values()) == {SENT: 299, DEFERRED: 1}
    assert errors == []


def test_row35_452_too_many_gets_a_fresh_connection_and_no_connection_carries_more_again():
    def script(step, count, _):
        return "452 4.5.3 too many recipients" if step == "rcpt" and count == 5 else None

    (recorded,), sink, _ = deliver(to(*["example.org"] * 12), script, max_connections=1)
    assert recorded.kinds() == dict.fromkeys(range(1, 13), SENT)
    carried = [sum(line.startswith(b"MAIL") for line in session.lines) for session in sink.sessions]
    assert carried == [5, 4, 4]


def test_a_relay_that_took_nothing_rests_before_it_is_asked_again():
    recorded, sink, errors = deliver(
        to("example.org"), lambda step, *_: "421 4.3.2 busy" if step == "banner" else None, again=[to("example.org")]
    )
    assert [seen.kinds() for seen in recorded] == [{1: OWED}, {}]
    assert "rests" in str(errors[1])
    assert len(sink.sessions) == 1


def test_4_7_28_closes_the_relay_for_ten_minutes_and_leaves_one_connection():
    def script(step, count, _):
        return "451 4.7.28 unusual rate" if step == "dot" and count == 30 else None

    recorded, _, errors = deliver(to(*["example.org"] * 200), script, again=[to("example.org")])
    kinds = Counter(recorded[0].kinds().values())
    assert kinds[DEFERRED] == 1
    assert kinds[SENT] < 60
    assert kinds[SENT] + kinds[DEFERRED] + kinds[OWED] == len(recorded[0].pulled)
    assert "4.7.28" in str(errors[0])
    assert "rests for" in str(errors[1])


# --- recipient domains


def test_a_domain_that_has_had_enough_rests_and_the_others_go_on():
    def script(step, _, argument):
        return "450 4.7.1 slow down" if step == "rcpt" and "slow.test" in argument else None

    mail = to(*["slow.test", "example.org"] * 60)
    (recorded,), _, errors = deliver(mail, script, domains={"slow.test": {"max_connections": 3}})
    kinds = Counter(recorded.kinds().values())
    assert kinds[SENT] == 60
    assert 1 <= kinds[DEFERRED] <= 3
    assert kinds[OWED] == 60 - kinds[DEFERRED], "their rows are untouched"
    assert errors == []


def test_a_domain_without_rules_is_no_destination_of_its_own():
    def script(step, count, argument):
        return "450 4.7.1 slow down" if step == "rcpt" and count == 2 else None

    (recorded,), _, _ = deliver(to(*["slow.test"] * 30), script)
    assert Counter(recorded.kinds().values()) == {SENT: 29, DEFERRED: 1}


def test_no_more_messages_at_a_time_are_under_way_to_a_domain_than_it_takes():
    under_way, most = Counter(), Counter()

    def script(step, _, argument):
        if step == "rcpt" and "slow.test" in argument:
            under_way["now"] += 1
            most["most"] = max(most["most"], under_way["now"])

    async def run():
        async with Sink(script=script) as sink:
            recorder = Recorder(to(*["slow.test", "example.org"] * 100))

            def enter(delivery, outcome):
                under_way["now"] -= "slow.test" in delivery.address
                recorder.enter(delivery, outcome)

            transport = SmtpTransport(
                name="relay",
                host="127.0.0.1",
                port=sink.port,
                tls="none",
                domains={"slow.test": {"max_connections": 2}},
            )
            await transport.deliver(recorder.next_message, recorder.intend, enter)
            return recorder.kinds()

    assert set(asyncio.run(run()).values()) == {SENT}
    assert 1 <= most["most"] <= 2


def test_everybody_of_a_slow_domain_is_served_though_only_so_many_wait_for_it(monkeypatch):
    monkeypatch.setattr(hand, "_HELD", 5)
    mail = to(*["slow.test"] * 40, *["example.org"] * 40)
    (recorded,), _, _ = deliver(mail, domains={"slow.test": {"max_connections": 1}})
    assert set(recorded.kinds().values()) == {SENT}


# --- rates


def test_a_rate_holds_over_all_connections_together():
    start = time.monotonic()
    (recorded,), _, errors = deliver(to(*["example.org"] * 60), rate=40.0)
    assert recorded.kinds() == dict.fromkeys(range(1, 61), SENT)
    assert errors == []
    assert time.monotonic() - start >= 0.45, "40 at once, the other 20 in half a second"


def test_a_connection_without_work_is_left_politely_and_made_anew_when_there_is_some(monkeypatch):
    monkeypatch.setattr(smtp, "_IDLE", 0.05)
    (recorded,), sink, errors = deliver(to(*["example.org"] * 3), rate=2.0, max_connections=1)
    assert (set(recorded.kinds().values()), errors) == ({SENT}, [])
    assert len(sink.sessions) == len(sink.said("QUIT")) == 2


def test_a_domains_rate_holds_back_its_own_messages_alone():
    order = []

    def script(step, _, argument):
        order.extend([argument] if step == "dot" else [])

    mail = to(*["slow.test"] * 6, *["example.org"] * 60)
    (recorded,), _, _ = deliver(mail, script, domains={"slow.test": {"rate": 4.0}})
    assert set(recorded.kinds().values()) == {SENT}
    assert len(order) == 66
    assert order[-1] in {f"message{n}@news.example.org" for n in range(1, 7)}


def test_waiting_for_a_token_holds_no_intent():
    async def run():
        async with Sink() as sink:
            recorder = Recorder(to(*["example.org"] * 4))
            transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", rate=1 / 3600)
            task = asyncio.create_task(transport.deliver(recorder.next_message, recorder.intend, recorder.enter))
            while not recorder.outcomes:  # noqa: ASYNC110 - a turn of the loop, not a time
                await asyncio.sleep(0)
            await asyncio.sleep(0.05)
            intended = list(recorder.intended)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return intended, recorder.kinds()

    assert asyncio.run(run()) == ([1], {1: SENT, 2: OWED, 3: OWED, 4: OWED})


def test_a_rate_that_cannot_be_remembered_closes_the_way_out():
    class Broken:
        async def load(self, _):
            return {}

        async def keep(self, *_):
            raise TransportError("the disk is full")

    (recorded,), sink, errors = deliver(to("example.org"), rate=5.0, rates=Broken())
    assert recorded.kinds() == {1: OWED}
    assert "the disk is full" in str(errors[0])
    assert not sink.messages


def test_constants_are_those_of_the_design():
    assert (throttle._START, throttle._CAPPED, throttle._REST, throttle._LONGEST_REST) == (5, 600, 60, 600)
