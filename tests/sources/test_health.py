"""How a source is, and when somebody is told: once when an episode begins, once when it ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.model import ClockCheck, Quarantine, SourceState
from digest.sources.health import failed, health, reason_of, recovered

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
FRESH = SourceState(name="coast")
HOUR = timedelta(hours=1)


def fails(state, times, *, every=HOUR, start=NOW, **more):
    """The state after so many failures, and what was told at each."""
    told = []
    for n in range(times):
        state, alert = failed(state, "the server answered 503", now=start + n * every, **more)
        told.append(alert)
    return state, told


def test_somebody_is_told_at_the_fifth_failure_and_never_again_in_this_episode():
    state, told = fails(FRESH, 30)
    assert [n for n, alert in enumerate(told, 1) if alert] == [5]
    assert told[4] == "has failed 5 times in a row since 2026-11-23 06:30 UTC: the server answered 503"
    assert (state.streak, state.streak_since) == (30, NOW)


def test_somebody_is_told_after_a_day_though_there_were_few_tries():
    _, told = fails(FRESH, 4, every=12 * HOUR)
    assert [n for n, alert in enumerate(told, 1) if alert] == [3]


def test_one_failure_after_a_long_silence_is_no_episode():
    assert fails(FRESH, 1)[1] == [""]


def test_the_end_is_told_where_the_beginning_was():
    state, _ = fails(FRESH, 6)
    state, alert = recovered(state, now=NOW + 9 * HOUR)
    assert alert == "works again after 6 failures since 2026-11-23 06:30 UTC"
    assert (state.streak, state.streak_since, state.error, state.told) == (0, None, "", False)
    state, _ = fails(FRESH, 4)
    assert recovered(state, now=NOW)[1] == ""


def test_each_episode_is_told_of_anew():
    state, _ = fails(FRESH, 5)
    state, _ = recovered(state, now=NOW)
    assert [bool(alert) for alert in fails(state, 5)[1]] == [False] * 4 + [True]


@pytest.mark.parametrize("before", [0, 7])
def test_gone_for_good_is_told_at_once_even_in_a_long_episode(before):
    state, _ = fails(FRESH, before)
    state, (alert, again) = fails(state, 2, status=410)
    assert "is off since its server says it is gone for good" in alert
    assert again == ""
    assert state.off


def test_one_word_says_how_it_is():
    assert health(FRESH, now=NOW) == "not read yet"
    assert health(recovered(FRESH, now=NOW)[0], now=NOW) == "ok"
    state, _ = fails(FRESH, 3)
    assert health(state, now=NOW) == "failing (3)"
    assert health(replace(state, off=NOW), now=NOW) == "off"
    assert health(replace(FRESH, quarantine=Quarantine(since=NOW)), now=NOW) == "quarantined"
    assert health(replace(FRESH, last_try=NOW, retry_after=NOW + HOUR), now=NOW) == "waiting"


def test_the_reason_is_of_the_closed_list_with_its_facts(source):
    state, _ = fails(FRESH, 1)
    reason, fact = reason_of(source(), state, now=NOW)
    assert reason == "source_failed"
    assert fact.startswith("the server answered 503; failing since 2026-11-23 06:30 UTC, next try 2026-11-23 0")
    assert fact.endswith("(or: digest sources fetch coast)")
    off = replace(state, off=NOW)
    assert reason_of(source(), off, now=NOW) == (
        "source_off",
        "the server answered 503; off since 2026-11-23 06:30 UTC",
    )
    read, _ = recovered(FRESH, now=NOW)
    assert reason_of(source(), read, now=NOW) == (
        "not_due",
        "read 2026-11-23 06:30 UTC, next try 2026-11-23 07:00 UTC",
    )
    held = replace(read, quarantine=Quarantine(since=NOW, fact="40 new articles at once"))
    assert reason_of(source(), held, now=NOW) == (
        "quarantined",
        "40 new articles at once; digest sources accept coast offers it all the same",
    )


@pytest.mark.parametrize(
    ("minutes", "hosts", "said"),
    [
        (60, 2, "this machine's clock is 60 minutes slow by the clocks of 2 servers"),
        (-61, 9, "this machine's clock is 61 minutes fast by the clocks of 9 servers"),
        (60, 1, ""),
        (9, 5, ""),
        (-10, 5, ""),
    ],
)
def test_a_wrong_clock_is_told_by_the_word_of_two_servers(minutes, hosts, said):
    assert ClockCheck(ahead=minutes * 60, hosts=hosts).warning == said
