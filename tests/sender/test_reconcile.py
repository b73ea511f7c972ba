"""What relays' records say together."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model import DeliveryState, OutcomeKind
from digest.sender.evidence import Evidence, Taken, Trace
from digest.sender.reconcile import Records, reconciled
from digest.testing.fakes import a_delivery

INTENT, NOW = 1_000_000, 1_600_000
DOUBT = replace(a_delivery(1), state=DeliveryState.IN_DOUBT, attempt=2, doubts=1, intent_at=INTENT)
RECORDS = {
    "yes": Records(
        evidence=Evidence(traces={DOUBT.message_id: Trace(taken=Taken.ACCEPTED, reply="250 kept")}), written_at=0
    ),
    "no": Records(evidence=Evidence(spans=((INTENT, NOW),)), written_at=INTENT),
    "gap": Records(evidence=Evidence(spans=((INTENT, NOW - 1),)), written_at=NOW),
    "late": Records(evidence=Evidence(spans=((INTENT + 1, NOW),)), written_at=NOW),
    "dead": Records(evidence=Evidence(spans=((INTENT, NOW),)), written_at=INTENT - 1),
    "unclear": Records(
        evidence=Evidence(traces={DOUBT.message_id: Trace(taken=Taken.UNCLEAR)}, spans=((INTENT, NOW),)), written_at=NOW
    ),
}


@given(st.lists(st.sampled_from(sorted(RECORDS)), max_size=4))
def test_one_yes_ends_a_doubt_and_a_no_only_where_all_say_it(names):
    posted = reconciled([DOUBT], [RECORDS[name] for name in names], now=NOW)
    kinds = [one.outcome.kind for one in posted]
    if "yes" in names:
        assert kinds == [OutcomeKind.SENT]
    elif names and set(names) == {"no"}:
        assert kinds == [OutcomeKind.DEFERRED]
    else:
        assert kinds == []


@pytest.mark.parametrize("name", ["yes", "no"])
def test_an_answer_is_for_the_attempt_that_is_in_doubt(name):
    (posted,) = reconciled([DOUBT], [RECORDS[name]], now=NOW)
    assert (posted.delivery, posted.attempt) == (DOUBT, 2)
    assert posted.outcome.retry_ms == (0 if name == "no" else None)
    assert ("250 kept" in posted.outcome.reply.text) == (name == "yes")


def test_a_doubt_without_an_intent_is_left_alone():
    nobody = replace(DOUBT, intent_at=None)
    assert reconciled([nobody], [RECORDS["no"]], now=NOW) == []
