"""Sections fill in the order written, each article standing in the first that takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from digest.model import LeftOut, Newsletter, Pick, Reason, Section
from digest.picker.candidates import Candidate


@dataclass(slots=True, kw_only=True)
class Filling:
    """Places given out so far. `short`: place of a section left out -> the words why; `cramped`: for lack of room."""

    newsletter: Newsletter
    room: int
    taken: dict[int, list[Candidate]] = field(default_factory=dict)
    short: dict[int, str] = field(default_factory=dict)
    cramped: dict[int, str] = field(default_factory=dict)

    def add(self, place: int, pinned: list[Candidate], waiting: list[Candidate]) -> list[Candidate]:
        """Fill one section; the candidates it took of those waiting."""
        section = self.newsletter.sections[place]
        chosen = waiting[: max(0, min(section.max - len(pinned), self.room))]
        if not pinned and len(chosen) < section.min:
            self._leave_out(place, section, len(waiting))
            return []
        self.room -= len(chosen)
        self.taken[place] = pinned + chosen
        return chosen

    def _leave_out(self, place: int, section: Section, waiting: int) -> None:
        if waiting < section.min:
            self.short[place] = f'section "{section.name}" had {waiting} of at least {section.min} and was left out'
        else:
            self.cramped[place] = f'section "{section.name}" needs {section.min} places, {self.room} were left'

    def refusal(self, candidate: Candidate) -> LeftOut:
        """Why a candidate found no place."""
        sections = self.newsletter.sections
        open_ones = [place for place in candidate.sections if place not in self.short]
        if not open_ones:
            return candidate.left_out(Reason.NO_SECTION, "; ".join(self.short[place] for place in candidate.sections))
        full = [place for place in open_ones if len(self.taken.get(place, ())) >= sections[place].max]
        if len(full) == len(open_ones):
            names = ", ".join(f'section "{sections[place].name}" is full ({sections[place].max})' for place in full)
            return candidate.left_out(Reason.SECTION_FULL, names)
        cramped = "; ".join(self.cramped[place] for place in open_ones if place in self.cramped)
        return candidate.left_out(Reason.ISSUE_FULL, cramped or f"the issue is full ({self.newsletter.limit})")

    def picks(self) -> tuple[Pick, ...]:
        """The chosen ones in reading order; the first of them leads."""
        named = [(self.newsletter.sections[place].name, held) for place, held in self.taken.items()]
        flat = [(name, n, one) for name, held in named for n, one in enumerate(held, 1)]
        return tuple(
            Pick(
                article=one.article,
                section=name,
                n=n,
                lead=not before,
                reason=Reason.RANKED if one.pin < 0 else Reason.PINNED,
                fact=one.fact,
            )
            for before, (name, n, one) in enumerate(flat)
        )


def fill(newsletter: Newsletter, candidates: Sequence[Candidate]) -> tuple[tuple[Pick, ...], list[LeftOut]]:
    """Give the issue's places to candidates, which come in the order they are wanted, pins first.

    Pins go before a section's own articles and may exceed its `max`, never the issue's `limit`; a section that holds
    one is not left out for its `min`.
    """
    pinned = [one for one in candidates if one.pin >= 0]
    waiting = [one for one in candidates if one.pin < 0]
    held, too_many = pinned[: newsletter.limit], pinned[newsletter.limit :]
    filling = Filling(newsletter=newsletter, room=newsletter.limit - len(held))
    for place in range(len(newsletter.sections)):
        here = [one for one in waiting if place in one.sections]
        chosen = {id(one) for one in filling.add(place, [one for one in held if place in one.sections], here)}
        waiting = [one for one in waiting if id(one) not in chosen]
    full = f"the issue is full ({newsletter.limit})"
    left = [one.left_out(Reason.ISSUE_FULL, full) for one in too_many]
    return filling.picks(), left + [filling.refusal(one) for one in waiting]
