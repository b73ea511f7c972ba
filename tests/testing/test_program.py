"""`python -m digest.testing`: the command line with a mark that kills, or with another clock."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from digest.testing import __main__ as program


def forked(act):
    """Run `act` in a child; its wait status."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def test_a_mark_kills_the_process_at_its_nth_passing_and_no_other():
    def passes(*names, hit):
        def act():
            mark = program.kill_at("after_dot", hit=hit)
            for name in names:
                mark(name)

        return forked(act)

    assert os.WTERMSIG(passes("in_body", "after_dot", hit=1)) == signal.SIGKILL
    assert os.WTERMSIG(passes("after_dot", "after_dot", hit=2)) == signal.SIGKILL
    assert passes("in_body", "after_dot", hit=2) == 0


def test_a_clock_starts_at_its_instant_and_runs_at_its_rate():
    start = datetime(2026, 3, 29, 0, 29, tzinfo=UTC)
    slow, fast = program.clock_from(start, rate=0), program.clock_from(start, rate=1e9)
    assert slow() == start
    assert fast() - start > timedelta(seconds=1)


def test_digests_own_arguments_reach_it(monkeypatch):
    told = []
    monkeypatch.setattr(program.cli, "main", lambda args, **options: told.append((args, sorted(options))))
    for line in (
        ["crash", "after_c4", "--hit", "3", "--", "send", "morning"],
        ["at", "2026-11-23", "--", "status", "-n"],
    ):
        monkeypatch.setattr(sys, "argv", ["digest.testing", *line])
        program.main()
    assert told == [(["send", "morning"], ["mark"]), (["status", "-n"], ["clock"])]


@pytest.mark.parametrize("arguments", [[], ["crash"], ["at", "noon", "--", "status"]])
def test_a_wrong_call_is_a_usage_line(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "digest.testing", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: python -m digest.testing" in done.stderr
    assert "Traceback" not in done.stderr
