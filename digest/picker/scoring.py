"""How a story would stand in a section: its head there, its rank, its place in the section's order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from digest.model import Newsletter, RankPart, Reason
from digest.picker.candidates import Candidate, newest_first
from digest.picker.contenders import Contender
from digest.picker.ranking import parts_of, score_of
from digest.picker.rules import Term, parse_terms
from digest.picker.tastes import Taste, taste_of

Key = tuple[float, float, tuple[float, str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One story as one section would tell it. `heads` are all that may tell it there, best first; `key` sorts."""

    contender: Contender
    head: Candidate
    heads: tuple[Candidate, ...]
    parts: tuple[RankPart, ...]
    score: float
    key: Key
    reason: Reason
    fact: str

    def over_the_cap(self, why: str) -> Entry:
        """The same, standing here only so that the issue has its minimum."""
        note = "; ".join(filter(None, (self.fact, why, "taken to reach the minimum")))
        return replace(self, reason=Reason.FILLED_MINIMUM, fact=note)


@dataclass(slots=True, kw_only=True)
class Scorer:
    """Ranks the stories of one newsletter as of `now`, each once per section."""

    newsletter: Newsletter
    now: datetime
    boosts: Sequence[tuple[Term, float]] = ()
    known: dict[tuple[int, int], Entry] = field(default_factory=dict)

    @classmethod
    def of(cls, newsletter: Newsletter, now: datetime) -> Scorer:
        """Raises ValueError for a boost whose term is none (config.toml was checked before)."""
        terms = parse_terms(term for term, _ in newsletter.rank.boosts)
        boosts = [(term, by) for term, (_, by) in zip(terms, newsletter.rank.boosts, strict=True)]
        return cls(newsletter=newsletter, now=now, boosts=boosts)

    def entry(self, contender: Contender, place: int) -> Entry:
        """The story in the section at `place`, told by its best head there."""
        key = (id(contender), place)
        if key not in self.known:
            heads = tuple(one for one in contender.heads if place in one.sections) or contender.heads
            self.known[key] = self._entry(contender, place, heads, heads[0])
        return self.known[key]

    def told_by(self, entry: Entry, head: Candidate, place: int) -> Entry:
        """The same story told by another of its heads."""
        return self._entry(entry.contender, place, entry.heads, head)

    def _entry(self, contender: Contender, place: int, heads: tuple[Candidate, ...], head: Candidate) -> Entry:
        section = self.newsletter.sections[place]
        source = next((one for one in self.newsletter.sources if one.name == head.article.source), None)
        hint = source.section if source else ""
        taste = taste_of(section, head.article, hint=hint, language=self.newsletter.language)
        taste = taste if isinstance(taste, Taste) else Taste()  # a pin, or one that stands for its twin
        parts = parts_of(
            head.article,
            [one.article for one in contender.members],
            contender.outlets,
            rank=self.newsletter.rank,
            weight=source.weight if source else 1.0,
            boosts=self.boosts,
            told=bool(contender.told),
            now=self.now,
            language=self.newsletter.language,
        )
        score = score_of(parts)
        newest = section.order == "newest"
        return Entry(
            contender=contender,
            head=head,
            heads=heads,
            parts=parts,
            score=score,
            key=(-taste.value, 0.0 if newest else -score, newest_first(head.article)),
            reason=Reason.RANKED if head.pin < 0 else Reason.PINNED,
            fact="; ".join(
                filter(None, (head.fact, f"follow_up, {contender.told}" if contender.told else "", taste.fact))
            ),
        )
