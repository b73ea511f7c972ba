"""Relays that refuse, lose and slow down in the middle of a list, over real connections; the time is the test's."""

import asyncio
import gc
import time
from collections import Counter

import pytest

from digest.errors import TransportError
from digest.model import OutcomeKind
from digest.sender import hand
from digest.sender.connecting import Relay, connect
from digest.sender.pipelining import Conversation, Deadlines
from digest.sender.smtp import SmtpTransport
from digest.testing.fakes import Recorder, a_delivery, a_message
from digest.testing.script import Act
from digest.testing.sink import Sink

OWED, SENT, DEFERRED, FAILED, IN_DOUBT = OutcomeKind
LONGEST = 20  # seconds; who waits longer waits for ever


def to(*domains):
    """One message to a reader of each of these domains."""
    return [a_message(a_delivery(number, address=f"r{number}@{domain}")) for number, domain in enumerate(domains, 1)]


HERE = "example.org"


@pytest.fixture
def clock(monkeypatch):
    """clock.now may be moved."""

    class Clock:
        now = 1_800_000_000.0

    monkeypatch.setattr(time, "time", lambda: Clock.now)
    return Clock


class Line:
    """A transport to a sink with this script: `deliver(mail)` is one call, (what was recorded, the error or None)."""

    def __init__(self, sink, **options):
        self.sink = sink
        options = {"max_connections": 10, "pause": lambda _: 0, **options}
        self._transport = SmtpTransport(name="relay", host="127.0.0.1", port=sink.port, tls="none", **options)

    async def deliver(self, mail, *, refuse=lambda _: False):
        seen, error = Recorder(mail, refuse=refuse), None
        try:
            async with asyncio.timeout(LONGEST):
                await self._transport.deliver(seen.next_message, seen.intend, seen.enter)
        except TransportError as one:
            error = one
        return seen, error


def over(script, act, **options):
    async def run():
        async with Sink(script=script) as sink:
            return await act(Line(sink, **options))

    return asyncio.run(run())


def everybody(count, script, **options):
    """Deliver to so many: the line's end, all sent, nothing complained of."""

    async def act(line):
        seen, error = await line.deliver(to(*[HERE] * count))
        assert (Counter(seen.kinds().values()), error) == ({SENT: count}, None)
        return line.sink

    return over(script, act, **options)


# --- refused connections


def test_many_connections_refused_at_one_moment_are_one_setback():
    """A relay is started anew: it drops all five, refuses five at once, and then takes everything."""
    gone, refused = [], []

    def script(step, count, _):
        if step == "mail" and count == 30:
            gone.append(count)
        if step == "mail" and gone and not refused:
            return Act.DROP
        if step == "banner" and gone and len(refused) < 5:
            refused.append(count)
            return "421 4.3.2 not yet"
        return None

    everybody(120, script, pause=lambda _: 0.2, max_connections=5)
    assert len(refused) == 5


def test_setbacks_that_successes_lie_between_never_close_the_way_out():
    sink = everybody(
        60, lambda step, count, _: "421 4.3.2 busy" if step == "banner" and count % 3 == 0 else None, per_connection=3
    )
    assert sink.count("banner") > 12, "so at least four of them were refused"


def test_who_carries_messages_goes_on_though_every_other_connection_is_refused():
    def script(step, count, _):
        if step == "banner" and count > 1:
            return "421 4.7.0 one at a time"
        return Act.LATE if step == "dot" else None

    everybody(4, script)


@pytest.mark.parametrize("banner", [None, "421 4.3.2 busy"], ids=["taken", "refused"])
def test_an_end_at_whatever_moment_of_connecting_leaves_no_connection_and_no_error_of_the_librarys(caplog, banner):
    async def run():
        async with Sink(script=lambda step, *_: banner if step == "banner" else None) as sink:
            relay = Relay(name="relay", host="127.0.0.1", port=sink.port, tls="none")
            for turns in range(40):  # of the loop; the banner comes after about fifteen
                connecting = asyncio.create_task(connect(relay, deadlines=Deadlines()))
                for _ in range(turns):
                    await asyncio.sleep(0)
                connecting.cancel()
                (talk,) = await asyncio.gather(connecting, return_exceptions=True)
                if isinstance(talk, Conversation):
                    await talk.quit()
                assert "SMTP.connect" not in {one.get_coro().__qualname__ for one in asyncio.all_tasks()}
            async with asyncio.timeout(5):
                while sink._talks:  # noqa: ASYNC110 - the other end
                    await asyncio.sleep(0.01)

    asyncio.run(run())
    gc.collect()
    assert caplog.text == ""


def test_a_message_that_every_connection_gives_back_is_owed_after_three():
    def script(step, _, argument):
        return "452 4.5.3 too many recipients" if step == "rcpt" and "r1@" in argument else None

    async def act(line):
        seen, _ = await line.deliver(to(HERE, HERE, HERE))
        return seen.kinds(), sum("r1@" in line for line in line.sink.said("RCPT"))

    assert over(script, act, max_connections=1) == ({1: OWED, 2: SENT, 3: SENT}, 3)


def test_a_way_out_that_an_operator_must_mend_is_asked_again_at_once_and_says_the_same():
    async def act(line):
        return [str((await line.deliver(to(HERE)))[1]) for _ in range(2)]

    said = over(lambda step, *_: "554 5.7.1 go away" if step == "banner" else None, act)
    assert said[0] == said[1]
    assert "go away" in said[0]


def test_a_success_lets_the_next_rest_be_a_short_one(clock):
    refuse = []

    async def act(line):
        said = []
        for refused in (True, False, True, False):
            refuse[:] = [refused]
            said.append(str((await line.deliver(to(HERE)))[1]))
            clock.now += 61 if len(said) == 1 else 0
        return said

    said = over(lambda step, *_: "421 4.3.2 busy" if step == "banner" and refuse[0] else None, act)
    assert said[1] == "None"
    assert "rests for 60 s" in said[3]


def test_a_clock_set_back_by_a_day_does_not_let_a_relay_rest_for_a_day(clock):
    async def act(line):
        _, first = await line.deliver(to(HERE))
        line.sink.script = lambda *_: None
        clock.now -= 86_400
        seen, error = await line.deliver(to(HERE))
        return str(first)[-4:], seen.kinds(), error

    busy = over(lambda step, *_: "421 4.3.2 busy" if step == "banner" else None, act)
    assert busy == ("busy", {1: SENT}, None)


def test_a_421_on_a_connection_that_stands_leaves_as_many_as_are_left():
    open_now, most, refused = set(), [], []

    async def act(line):
        seen, _ = await line.deliver(to(*[HERE] * 300))
        return Counter(seen.kinds().values())

    def script(step, count, _):
        if step == "banner":
            open_now.add(count)
            most.append((bool(refused), len(open_now)))
        if step == "rcpt" and not refused and count >= 90 and len(open_now) == 5:
            refused.append(count)
            open_now.pop()
            return "421 4.7.0 too many connections"
        if step == "quit":
            open_now.pop()
        return None

    assert over(script, act, max_connections=5, per_connection=50) == {SENT: 299, DEFERRED: 1}
    assert max(now for later, now in most if not later) == 5
    assert max(now for later, now in most if later) == 4


# --- rests of ten minutes


def test_after_a_domains_rest_of_ten_minutes_its_messages_go_one_at_a_time(clock):
    heard = []

    def script(step, count, _):
        if step == "rcpt":
            heard.append(step)
        if step == "dot":
            asyncio.get_running_loop().call_later(0.15, heard.append, "answered")
        return {"rcpt": "450 4.7.1 slow down" if count == 1 else None, "dot": Act.LATE}.get(step)

    async def act(line):
        await line.deliver(to("slow.test"))
        clock.now += 601
        heard.clear()
        seen, error = await line.deliver(to(*["slow.test"] * 6))
        return Counter(seen.kinds().values()), error

    assert over(script, act, domains={"slow.test": {"max_connections": 10}}) == ({SENT: 6}, None)
    assert heard[:3] == ["rcpt", "answered", "rcpt"]


def test_after_a_relays_rest_of_ten_minutes_it_is_spoken_to_over_one_connection(clock):
    heard = []

    def script(step, count, _):
        if step in {"banner", "dot"}:
            heard.append(step)
        if step == "dot":
            return "451 4.7.28 unusual rate" if count == 1 else Act.LATE
        return None

    async def act(line):
        await line.deliver(to(HERE))
        clock.now += 599
        _, resting = await line.deliver(to(HERE))
        clock.now += 2
        heard.clear()
        seen, error = await line.deliver(to(*[HERE] * 4))
        return "rests for 1 s" in str(resting), Counter(seen.kinds().values()), error

    assert over(script, act) == (True, {SENT: 4}, None)
    assert heard[:2] == ["banner", "dot"]


def test_a_domain_that_rests_leaves_room_for_everybody_else(monkeypatch):
    monkeypatch.setattr(hand, "_HELD", 5)

    async def act(line):
        seen, _ = await line.deliver(to(*["slow.test"] * 10, *[HERE] * 20))
        return Counter(kind for number, kind in seen.kinds().items() if number > 10)

    def script(step, _, argument):
        return "450 4.7.1 slow down" if step == "rcpt" and "slow.test" in argument else None

    assert over(script, act, domains={"slow.test": {"max_connections": 1}}) == {SENT: 20}


def test_a_refused_intent_leaves_its_domain_free_for_the_next_one():
    async def act(line):
        seen, _ = await line.deliver(to(*["slow.test"] * 6), refuse=lambda delivery: delivery.id in {1, 3})
        return seen.kinds()

    found = over(lambda *_: None, act, domains={"slow.test": {"max_connections": 1}})
    assert found == dict.fromkeys((2, 4, 5, 6), SENT)


def test_a_503_in_the_middle_of_a_list_ends_the_groups_too():
    sink = everybody(
        6, lambda step, count, _: "503 5.5.1 lost track" if step == "data" and count == 3 else None, max_connections=1
    )
    assert [bool(session.ahead) for session in sink.sessions] == [True, False]
