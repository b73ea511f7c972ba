"""Average linkage over sparse likenesses: groups whose members are like each other on average, never chains."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Mapping

Pairs = Mapping[tuple[int, int], float]

# How far the threshold falls as groups grow: the mean over many pairs of two groups says more than one pair does, so
# less of it is asked. EASIEST is what is left of the threshold between very large groups; the rest falls with the
# square root of the number of pairs, as chance does. LINKED is the share of those pairs that must have a likeness at
# all, and two must have one where there are two: A~B and B~C alone never bring A and C together. Measured:
# docs/why/stories.md.
EASIEST = 0.2
LINKED = 0.5
# Two groups that hold together well are two stories that share a name, unless they are like each other by this share
# of how like their own members are.
APART = 0.4


def average_linkage(members: Iterable[int], likeness: Pairs, threshold: float) -> list[list[int]]:
    """`members` parted into groups (each rising, ordered by their first).

    `likeness` gives pairs (a, b), a < b; a pair that is not in it counts as 0. Again and again the two groups are joined
    whose mean likeness exceeds what is asked of groups of their sizes by most; equal ones in the order of their first
    members.
    """
    linkage = _Linkage(members, likeness, threshold)
    linkage.run()
    return sorted(sorted(group) for group in linkage.groups.values())


class _Linkage:
    """The groups so far, each under its first member, with the sums and numbers of likenesses between them."""

    def __init__(self, members: Iterable[int], likeness: Pairs, threshold: float) -> None:
        self.threshold = threshold
        self.groups: dict[int, list[int]] = {one: [one] for one in members}
        self.within: dict[int, float] = dict.fromkeys(self.groups, 0.0)
        self.between: dict[int, dict[int, tuple[float, int]]] = {one: {} for one in self.groups}
        self.heap: list[tuple[float, int, int]] = []
        for (a, b), value in likeness.items():
            if a in self.groups and b in self.groups:
                self.between[a][b] = self.between[b][a] = (value, 1)
                if value >= threshold:
                    self.heap.append((-value / threshold, a, b))
        heapq.heapify(self.heap)

    def run(self) -> None:
        """Join while any two groups are like enough."""
        while self.heap:
            excess, a, b = heapq.heappop(self.heap)
            if a in self.groups and b in self.groups and -excess == self._excess(a, b):  # neither has grown since
                self._join(a, b)

    def _excess(self, a: int, b: int) -> float:
        """Mean likeness in units of what is asked; 0 where too few pairs have one or less is reached than asked."""
        total, linked = self.between[a].get(b, (0.0, 0))
        pairs = len(self.groups[a]) * len(self.groups[b])
        if linked < LINKED * pairs or linked < min(pairs, 2):
            return 0.0
        mean = total / pairs
        asked = self.threshold * (EASIEST + (1 - EASIEST) / math.sqrt(pairs))
        if mean < asked:
            return 0.0
        return mean / max(asked, APART * min(self._cohesion(a), self._cohesion(b)))

    def _cohesion(self, group: int) -> float:
        """Mean likeness of a group's own pairs; 0 of a lone member."""
        size = len(self.groups[group])
        return self.within[group] / (size * (size - 1) / 2) if size > 1 else 0.0

    def _join(self, a: int, b: int) -> None:
        self.groups[a] += self.groups.pop(b)
        self.within[a] += self.within.pop(b) + self.between[a].get(b, (0.0, 0))[0]
        mine = self.between[a]
        for other, (total, linked) in self.between.pop(b).items():
            del self.between[other][b]
            if other != a:
                before, count = mine.get(other, (0.0, 0))
                mine[other] = self.between[other][a] = (before + total, count + linked)
        for other in mine:
            first, second = min(a, other), max(a, other)
            excess = self._excess(first, second)
            if excess >= 1:
                heapq.heappush(self.heap, (-excess, first, second))
