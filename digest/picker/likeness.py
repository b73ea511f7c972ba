"""How alike two articles are: cosine over their terms, rare ones first, fading with the time between them."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.picker.common import RATES
from digest.picker.headings import Heading
from digest.picker.repeats import are_serial, numbered_series, said_by_form
from digest.picker.words import Wording

# A term weighs log(1 + COLLECTION / (PRIOR * its rate in common.RATES + its number of articles today)). COLLECTION is
# fixed, not the size of the day: one more article changes nothing for those that share no term with it.
COLLECTION = 300
PRIOR = 3.0
BACKGROUND = 3000  # headlines, the number that common.RATES are given for
# What two articles must share to be linked at all: a name or word of at most this rate, or any two words. One such word
# alone, or two everyday ones, support a story that others make: they count for ALONE at most, which is less than
# stories.THRESHOLD.
RARE_RATE = 8.0
ALONE = 0.14
STRANGERS = 0.5  # both headlines name somebody, and nobody is named in both articles
SAME_OUTLET = 0.8  # an outlet seldom tells one event twice; its columns of a kind look alike
NEIGHBOURS = 20
POSTINGS = 150
TOO_COMMON = 2000
FLOOR = 0.05
LOOK = 0.06  # by the rarest terms; what shares less is hardly ever above FLOOR in the end
# Outlets tell one event within hours of each other.
FAR, BURST_HOURS, UNTIMED = 0.55, 5.0, 0.65
FULL_HOURS, GONE_HOURS = 12.0, 72.0


@dataclass(frozen=True, slots=True)
class Told:
    """One article as it is compared: its wording, its outlet and when it was published, None where nobody knows."""

    wording: Wording
    heading: Heading
    outlet: str
    when: datetime | None


class Likeness:
    """The articles of one day, compared with each other."""

    def __init__(self, articles: Sequence[Told], background: Iterable[frozenset[str]] = ()) -> None:
        """`background`: the terms of earlier headlines, which tell common words from rare ones."""
        self.articles = articles
        self.series = numbered_series([told.heading for told in articles], [told.outlet for told in articles])
        self.counts = Counter(term for told in articles for term in told.wording.terms)
        rates = _rates(background)
        rate = {term: rates.get(term, RATES.get(term, 0.0)) for term in self.counts}
        rare = {term for term, of in rate.items() if of <= RARE_RATE}
        self.weights = {
            term: math.log1p(COLLECTION / (PRIOR * rate[term] + count)) for term, count in self.counts.items()
        }
        rarest_first = {
            term: place for place, (_, term) in enumerate(sorted((n, term) for term, n in self.counts.items()))
        }
        self.vectors = [self._vector(told.wording.terms, rarest_first) for told in articles]
        # What tells of an event: names and other words that news does not use every day, and no dates.
        self.telling = [(rare & told.wording.terms.keys()) - told.wording.dates for told in articles]
        self.languages = [told.wording.language for told in articles]
        self.hours = [told.when.timestamp() / 3600 if told.when else None for told in articles]

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

    def _vector(self, terms: Mapping[str, float], rarest_first: Mapping[str, int]) -> dict[str, float]:
        """Weights of length 1, the day's rarest terms first."""
        weights = {term: terms[term] * self.weights[term] for term in sorted(terms, key=rarest_first.__getitem__)}
        length = math.hypot(*weights.values()) or 1.0
        return {term: value / length for term, value in weights.items()}

    def _near(self, vector: Mapping[str, float], postings: Mapping[str, list[tuple[int, float]]]) -> list[int]:
        """The NEIGHBOURS that share most with `vector` by its rarest terms: no more than can be looked through."""
        near: dict[int, float] = defaultdict(float)
        looked = 0
        for term, value in vector.items():
            count = self.counts[term]
            looked += count
            if count > TOO_COMMON or (looked > POSTINGS and near):
                break
            for other, weight in postings.get(term, ()):
                near[other] += value * weight
        found = [(-value, other) for other, value in near.items() if value > LOOK]
        if len(found) > NEIGHBOURS:
            found.sort()
        return [other for _, other in found[:NEIGHBOURS]]

    def _likeness(self, a: int, b: int) -> float:
        """Of two articles; 0 where they are not linked. Cheap questions come first: most pairs end at one of them."""
        mine, theirs = self.vectors[a], self.vectors[b]
        shared = mine.keys() & theirs.keys()
        if len(shared) == 1 and self.telling[a].isdisjoint(shared):
            return 0.0
        likeness = _dot(mine, theirs, shared)
        if likeness <= FLOOR:
            return 0.0
        if self.languages[a] != self.languages[b] and self.languages[a] and self.languages[b]:
            return 0.0
        one, other = self.articles[a], self.articles[b]
        if self._are_serial(one, other):
            return 0.0
        if one.outlet == other.outlet:
            if formal := said_by_form(one.heading, other.heading):
                shared -= formal
                likeness = _dot(mine, theirs, shared)
            likeness *= SAME_OUTLET
        if are_strangers(one.wording, other.wording):
            likeness *= STRANGERS
        if likeness <= FLOOR:
            return 0.0
        return min(likeness * fading(self.hours[a], self.hours[b]), self._most(a, b, shared))

    def _most(self, a: int, b: int, shared: set[str]) -> float:
        """How alike two articles are at most by the terms they share: 0 where those do not link them."""
        telling = not self.telling[a].isdisjoint(shared)
        words = len(shared)
        dates, other_dates = self.articles[a].wording.dates, self.articles[b].wording.dates
        if dates and other_dates:
            words -= len(shared & _not_told(dates, other_dates))
        if words > 2 or (words > 1 and telling):
            return 1.0
        return ALONE if telling or words > 1 else 0.0

    def _are_serial(self, one: Told, other: Told) -> bool:
        """Whether their headlines are one form filled in twice."""
        mine, theirs = one.heading, other.heading
        if mine.masked and mine.masked == theirs.masked and mine.masked in self.series:
            return mine.words != theirs.words
        return are_serial(mine, theirs, at_home=one.outlet == other.outlet)


def _dot(mine: Mapping[str, float], theirs: Mapping[str, float], shared: set[str]) -> float:
    """A set has no order of its own: fsum gives the same sum for any."""
    return math.fsum([mine[term] * theirs[term] for term in shared])


def _not_told(mine: frozenset[str], theirs: frozenset[str]) -> frozenset[str]:
    """Dates and numbers that are nothing to have in common: numbers never are, days and months where others differ."""
    both = mine & theirs
    if both not in (mine, theirs):
        return both
    return frozenset(filter(str.isdigit, both))


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


def fading(one: float | None, other: float | None) -> float:
    """How much of a likeness counts by the hours of two articles: 1 at once, falling to FAR within a day, 0 from GONE_HOURS.

    UNTIMED where an hour is unknown or both are the same: that is a date without a time of day, or a feed's first reading.
    """
    if one is None or other is None or one == other:
        return UNTIMED
    hours = abs(one - other)
    near = FAR + (1 - FAR) * math.exp(-hours / BURST_HOURS)
    if hours <= FULL_HOURS:
        return near
    return near * max(0.0, (GONE_HOURS - hours) / (GONE_HOURS - FULL_HOURS))
