"""Rounds in turn: ours, the peer, ours, the peer; medians, since the machine's speed drifts."""

from __future__ import annotations

import statistics
from collections.abc import Callable

ROUNDS = 5


def paired(ours: Callable[[], float], peer: Callable[[], float], rounds: int = ROUNDS) -> tuple[float, float, float]:
    """Medians of ours and of the peer, and the median of ours / peer taken round by round; one warm-up each."""
    ours(), peer()
    pairs = [(ours(), peer()) for _ in range(rounds)]
    mine, theirs = zip(*pairs, strict=True)
    return statistics.median(mine), statistics.median(theirs), statistics.median(one / other for one, other in pairs)
