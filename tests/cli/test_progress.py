"""What is told of a send that takes a while: the bar, and the same from another terminal."""

import io

import pytest
from rich.console import Console

from digest.cli import progress
from digest.cli.issues import under_way
from digest.model import DeliveryState, Standing


def standing(**counts):
    return Standing(counts={state.value: counts.get(state.value, 0) for state in DeliveryState})


@pytest.mark.parametrize(
    ("recipients", "counts", "pace", "said"),
    [
        (50_000, {"sent": 12_345, "pending": 37_655}, 412.0, "12,345 of 50,000 (24 %), 412.0/s, 2 min left"),
        (100, {"sent": 90, "failed": 1, "deferred": 4, "pending": 5}, 0.1, "95 of 100 (95 %), 0.1/s, 50 s left"),
        (1_000_000, {"pending": 1_000_000}, 50.0, "0 of 1,000,000 (0 %), 50.0/s, 5 h 33 min left"),
        (10, {"sent": 10}, 5.0, "10 of 10 (100 %), 5.0/s, 0 s left"),
    ],
)
def test_show_tells_how_far_it_is_how_fast_and_how_long_it_takes(recipients, counts, pace, said):
    assert under_way(recipients, standing(**counts), pace) == said


def test_the_bar_counts_the_whole_issue_and_only_what_this_run_sent_as_its_speed(monkeypatch):
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda **_: Console(file=screen, force_terminal=True, width=120))
    with progress.bar("morning") as told:
        told(990, 1000)
        told(995, 1000)
    assert "995/1000" in screen.getvalue()
