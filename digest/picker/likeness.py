"""How alike two articles are: cosine over their terms, rare ones first, fading with the time between them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

# The collection that frequencies are measured against, in headlines. Fixed, not the size of the day: one more
# article must change nothing for those that share no term with it.
COLLECTION = 3000
NEIGHBOURS = 40
POSTINGS = 4000
FLOOR = 0.05
FULL_HOURS, GONE_HOURS = 12.0, 72.0

Terms = Mapping[str, float]


def weigh(days: Sequence[Terms], background: Iterable[frozenset[str]]) -> list[dict[str, float]]:
    """The terms of each article, weighed by how rare they are, as vectors of length 1."""
    told: Counter[str] = Counter()
    headlines = 0
    for known in background:
        told.update(known)
        headlines += 1
    scale = COLLECTION / max(headlines, COLLECTION)
    today: Counter[str] = Counter()
    for terms in days:
        today.update(terms)
    vectors = []
    for terms in days:
        vector = {
            term: count * math.log1p(COLLECTION / (today[term] + told[term] * scale)) for term, count in terms.items()
        }
        length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
        vectors.append({term: value / length for term, value in vector.items()})
    return vectors


def likenesses(vectors: Sequence[Mapping[str, float]], times: Sequence[datetime]) -> dict[tuple[int, int], float]:
    """Pairs (a, b), a < b, with their likeness above FLOOR; at most about NEIGHBOURS for each article."""
    postings: dict[str, list[int]] = defaultdict(list)
    for place, vector in enumerate(vectors):
        for term in vector:
            postings[term].append(place)
    found: dict[tuple[int, int], float] = {}
    for place, vector in enumerate(vectors):
        near: dict[int, float] = defaultdict(float)
        looked = 0
        for term in sorted(vector, key=lambda term: (len(postings[term]), term)):
            looked += len(postings[term])
            if looked > POSTINGS and near:
                break
            value = vector[term]
            for other in postings[term]:
                near[other] += value * vectors[other][term]
        near.pop(place, None)
        rated = [
            (-value * fade, other)
            for other, value in near.items()
            if value >= FLOOR and (fade := fading(times[place], times[other])) > 0
        ]
        for value, other in sorted(rated)[:NEIGHBOURS]:
            found[min(place, other), max(place, other)] = -value
    return found


def fading(one: datetime, other: datetime) -> float:
    """1 within FULL_HOURS, then falling evenly to 0 at GONE_HOURS."""
    hours = abs((one - other).total_seconds()) / 3600
    return max(0.0, min(1.0, (GONE_HOURS - hours) / (GONE_HOURS - FULL_HOURS)))
