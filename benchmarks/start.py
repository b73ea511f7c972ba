"""What `digest --help` costs, in CPU seconds, beside an interpreter that does nothing."""

from __future__ import annotations

import os
import subprocess
import sys

from benchmarks.rounds import paired


def measure() -> dict[str, object]:
    """CPU seconds (user + system) of a whole process; aim: under 0.3."""
    ours, peer, ratio = paired(lambda: _cpu("-m", "digest", "--help"), lambda: _cpu("-c", "pass"))
    return {"help_cpu_s": round(ours, 3), "python_cpu_s": round(peer, 3), "ratio": round(ratio, 1)}


def _cpu(*words: str) -> float:
    before = os.times()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
