"""Average linkage over sparse likenesses: groups whose members are like each other on average, never chains."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

Pairs = Mapping[tuple[int, int], float]


def average_linkage(members: Iterable[int], likeness: Pairs, threshold: float) -> list[list[int]]:
    """`members` parted into groups (each rising, ordered by their first).

    `likeness` gives pairs (a, b), a < b; a pair that is not in it counts as 0. The two groups whose members are
    most alike on average are joined until no two reach `threshold`; equal ones in the order of their first members.
    A negative likeness weighs against joining.
    """
    groups: dict[int, list[int]] = {one: [one] for one in members}
    sums: dict[int, dict[int, float]] = {one: {} for one in groups}
    heap: list[tuple[float, int, int]] = []
    for (a, b), value in likeness.items():
        if a in groups and b in groups:
            sums[a][b] = sums[b][a] = value
            if value >= threshold:
                heap.append((-value, a, b))
    heapq.heapify(heap)
    while heap:
        value, a, b = heapq.heappop(heap)
        if a not in groups or b not in groups or -value != _average(groups, sums, a, b):
            continue  # one of them has grown since
        groups[a] += groups.pop(b)
        for other, total in sums.pop(b).items():
            del sums[other][b]
            if other != a:
                sums[a][other] = sums[other][a] = sums[a].get(other, 0.0) + total
        for other in sums[a]:
            average = _average(groups, sums, a, other)
            if average >= threshold:
                heapq.heappush(heap, (-average, min(a, other), max(a, other)))
    return sorted(sorted(group) for group in groups.values())


def _average(groups: Mapping[int, list[int]], sums: Mapping[int, Mapping[int, float]], a: int, b: int) -> float:
    return sums[a].get(b, 0.0) / (len(groups[a]) * len(groups[b]))
