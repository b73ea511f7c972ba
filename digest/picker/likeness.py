"""How alike two articles are: cosine over their terms, rare ones first, fading with the time between them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import nsmallest
from operator import mul

from digest.picker.common import RATES
from digest.picker.words import Wording

# A term weighs log(1 + COLLECTION / (PRIOR * its rate in common.RATES + its number of articles today)). COLLECTION is
# fixed, not the size of the day: one more article changes nothing for those that share no term with it.
COLLECTION = 300
PRIOR = 3.0
BACKGROUND = 3000  # headlines, the number that common.RATES are given for
# What two articles must share to be linked at all: a name, a word of at most this rate, or any two words.
RARE_RATE = 4.0
STRANGERS = 0.6  # both headlines name somebody, and nobody is named in both articles
SAME_OUTLET = 0.8  # an outlet seldom tells one event twice; its columns of a kind look alike
NEIGHBOURS = 30
POSTINGS = 250
TOO_COMMON = 2000
FLOOR = 0.07
FULL_HOURS, GONE_HOURS = 12.0, 72.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One article as it is compared: its wording, its outlet and when it was published, None where nobody knows."""

    wording: Wording
    outlet: str
    when: datetime | None


class Likeness:
    """The articles of one day, compared with each other."""

    def __init__(self, articles: Sequence[Told], background: Iterable[frozenset[str]] = ()) -> None:
        """`background`: the terms of earlier headlines, which tell common words from rare ones."""
        self.articles = articles
        self.rates = _rates(background)
        self.counts = Counter(term for told in articles for term in told.wording.terms)
        self.vectors = [self._vector(told.wording.terms) for told in articles]

    def pairs(self) -> dict[tuple[int, int], float]:
        """Likenesses above FLOOR of linked pairs (a, b), a < b."""
        found: dict[tuple[int, int], float] = {}
        postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, vector in enumerate(self.vectors):
            for earlier in self._near(vector, postings):
                if (value := self._likeness(earlier, place)) > FLOOR:
                    found[earlier, place] = value
            for term, weight in vector.items():
                postings[term].append((place, weight))
        return found

    def _rate(self, term: str) -> float:
        return self.rates.get(term, RATES.get(term, 0.0))

    def _vector(self, terms: Mapping[str, float]) -> dict[str, float]:
        weights = {
            term: meant * math.log1p(COLLECTION / (PRIOR * self._rate(term) + self.counts[term]))
            for term, meant in terms.items()
        }
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        return {term: value / length for term, value in weights.items()}

    def _near(self, vector: Mapping[str, float], postings: Mapping[str, list[tuple[int, float]]]) -> list[int]:
        """The NEIGHBOURS that share most with `vector` by its rarest terms: no more than can be looked through."""
        near: dict[int, float] = defaultdict(float)
        looked = 0
        for count, term in sorted((self.counts[term], term) for term in vector):
            looked += count
            if count > TOO_COMMON or (looked > POSTINGS and near):
                break
            value = vector[term]
            for other, weight in postings.get(term, ()):
                near[other] += value * weight
        found = [other for other, value in near.items() if value > FLOOR]
        return found if len(found) <= NEIGHBOURS else nsmallest(NEIGHBOURS, found, key=lambda one: (-near[one], one))

    def _likeness(self, a: int, b: int) -> float:
        """Of two articles; 0 where they are not linked. Cheap questions come first: most pairs end at one of them."""
        mine, theirs = self.vectors[a], self.vectors[b]
        shared = mine.keys() & theirs.keys()
        # A set has no order of its own: fsum gives the same sum for any.
        likeness = math.fsum(map(mul, map(mine.__getitem__, shared), map(theirs.__getitem__, shared)))
        if likeness <= FLOOR:
            return 0.0
        one, other = self.articles[a], self.articles[b]
        if len(shared) == 1 and not self._links(next(iter(shared)), one.wording, other.wording):
            return 0.0
        if one.wording.language != other.wording.language and one.wording.language and other.wording.language:
            return 0.0
        if one.outlet == other.outlet:
            likeness *= SAME_OUTLET
        if are_strangers(one.wording, other.wording):
            likeness *= STRANGERS
        return likeness * fading(one.when, other.when) if likeness > FLOOR else 0.0

    def _links(self, term: str, one: Wording, other: Wording) -> bool:
        """Whether `term` is enough to have in common: a name or a rare word."""
        return term in one.names or term in other.names or (self._rate(term) <= RARE_RATE and not term.isdigit())


def are_strangers(one: Wording, other: Wording) -> bool:
    """Whether each headline surely names somebody and the other article names none of them."""
    return bool(one.sure and other.sure) and not (one.sure & other.names or other.sure & one.names)


def _rates(background: Iterable[frozenset[str]]) -> dict[str, float]:
    """Terms of earlier headlines with the number of BACKGROUND headlines that have them, never less than in RATES."""
    told: Counter[str] = Counter()
    headlines = 0
    for terms in background:
        told.update(terms)
        headlines += 1
    # PRIOR is how much a printed rate counts beside today's articles; a counted one counts as it is.
    scale = BACKGROUND / max(headlines, BACKGROUND) / PRIOR
    return {term: max(count * scale, RATES.get(term, 0.0)) for term, count in told.items()}


def fading(one: datetime | None, other: datetime | None) -> float:
    """1 within FULL_HOURS or where a time is unknown, then falling evenly to 0 at GONE_HOURS."""
    if one is None or other is None:
        return 1.0
    hours = abs((one - other).total_seconds()) / 3600
    if hours <= FULL_HOURS:
        return 1.0
    return max(0.0, (GONE_HOURS - hours) / (GONE_HOURS - FULL_HOURS))
