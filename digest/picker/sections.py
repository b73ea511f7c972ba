"""Sections fill in the order written, each story standing once, under the section that suits it best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from digest.model import LeftOut, Newsletter, Pick, RankPart, Reason, Section
from digest.picker.candidates import Candidate, newest_first
from digest.picker.contenders import Contender, behind, name_of, outlet_of
from digest.picker.scoring import Entry, Scorer


@dataclass(slots=True, kw_only=True)
class Filling:
    """Places given out so far.

    `waiting` are the stories without one. `short`: place of a section left out -> the words why; `cramped`: for lack
    of room. `passed`: stories that only the cap per outlet kept out, with the words; `outlets` counts what it counts.
    """

    newsletter: Newsletter
    scorer: Scorer
    room: int
    waiting: list[Contender]
    taken: dict[int, list[Entry]] = field(default_factory=dict)
    short: dict[int, str] = field(default_factory=dict)
    cramped: dict[int, str] = field(default_factory=dict)
    passed: dict[int, str] = field(default_factory=dict)
    outlets: Counter[str] = field(default_factory=Counter)

    def fill(self, place: int, pinned: Sequence[Contender]) -> None:
        """Give out one section's places: pins first, then by its order."""
        section = self.newsletter.sections[place]
        held = [self.scorer.entry(one, place) for one in pinned]
        self.outlets.update(outlet_of(entry.head.article) for entry in held if self._capped(place))
        here = self.entries(place)
        patient = self._patient(place, here, len(held))
        if len(here) - len(patient) >= section.min:
            here = [entry for entry in here if id(entry.contender) not in patient]
        counts = Counter(self.outlets)
        chosen = list(self._choose(place, here, min(section.max - len(held), self.room), counts))
        if not held and len(chosen) < section.min:
            self._leave_out(place, section, len(here), len(chosen))
            return
        self.outlets = counts
        self._take(place, held + chosen)
        self.room -= len(chosen)

    def fill_minimum(self) -> None:
        """Without the cap per outlet, until the issue has its minimum."""
        for place, section in enumerate(self.newsletter.sections):
            missing = self.newsletter.minimum - sum(map(len, self.taken.values()))
            if missing <= 0:
                return
            here, held = self.entries(place), self.taken.get(place, [])
            least = 0 if held else section.min
            wanted = min(max(missing, least), section.max - len(held), self.room)
            if least <= min(len(here), wanted):
                self.short.pop(place, None)
                extra = [
                    entry.over_the_cap(self.passed.get(id(entry.contender), "")) for entry in here[: max(0, wanted)]
                ]
                self._take(place, held + extra)
                self.room -= len(extra)

    def entries(self, place: int) -> list[Entry]:
        """The waiting stories that a section takes, in its order."""
        found = [self.scorer.entry(one, place) for one in self.waiting if place in one.sections]
        return sorted(found, key=lambda entry: entry.key)

    def _capped(self, place: int) -> bool:
        """Whether the cap per outlet holds here: not where the owner named one source alone."""
        return bool(self.newsletter.max_per_outlet) and len(self.newsletter.sections[place].sources) > 1

    def _choose(self, place: int, entries: Sequence[Entry], most: int, counts: Counter[str]) -> Iterator[Entry]:
        """At most `most` of them within the cap; a story goes to its next best head where an outlet is full."""
        left, cap = most, self.newsletter.max_per_outlet
        for entry in entries:
            if left <= 0:
                return
            one = self._within_cap(entry, place, counts) if self._capped(place) else entry
            if one is None:
                name = name_of(entry.head.article)
                self.passed[id(entry.contender)] = f"{name} has {cap} articles already (max_per_outlet)"
                continue
            left -= 1
            yield one

    def _within_cap(self, entry: Entry, place: int, counts: Counter[str]) -> Entry | None:
        """The story told by its best head whose outlet has room, counted; None where no outlet has any."""
        for head in entry.heads:
            outlet = outlet_of(head.article)
            if counts[outlet] < self.newsletter.max_per_outlet:
                counts[outlet] += 1
                return entry if head is entry.head else self.scorer.told_by(entry, head, place)
        return None

    def _patient(self, place: int, here: Sequence[Entry], held: int) -> set[int]:
        """The stories that let this section pass, since a later one suits them better and has a place for them.

        As seen from here, and counted in the worst case: every section up to there fills whole, and everything that
        might stand there and is more wanted does.
        """
        patient: set[int] = set()
        later = {best for entry in here if (best := entry.contender.best) > place and not self._capped(best)}
        for best in later:
            section = self.newsletter.sections[best]
            before = sum(one.max for one in self.newsletter.sections[place:best]) - held
            ahead = self.entries(best)
            if len(ahead) >= section.min:
                sure = ahead[: max(0, min(section.max, self.room - before))]
                patient |= {id(entry.contender) for entry in sure if entry.contender.best == best}
        return patient

    def _take(self, place: int, entries: list[Entry]) -> None:
        self.taken[place] = entries
        gone = {id(entry.contender) for entry in entries}
        self.waiting = [one for one in self.waiting if id(one) not in gone]
        self.passed = {key: why for key, why in self.passed.items() if key not in gone}

    def _leave_out(self, place: int, section: Section, waiting: int, chosen: int) -> None:
        if waiting < section.min or chosen < min(self.room, section.min):
            found = min(waiting, chosen) if waiting >= section.min else waiting
            self.short[place] = f'section "{section.name}" had {found} of at least {section.min} and was left out'
        else:
            self.cramped[place] = f'section "{section.name}" needs {section.min} places, {self.room} were left'

    def refusal(self, contender: Contender) -> tuple[Entry, Reason, str]:
        """Why a story found no place, and how it would have stood."""
        sections = self.newsletter.sections
        entry = self.scorer.entry(contender, contender.best)
        if id(contender) in self.passed:
            return entry, Reason.OUTLET_FULL, self.passed[id(contender)]
        open_ones = [place for place in contender.sections if place not in self.short]
        if not open_ones:
            return entry, Reason.NO_SECTION, "; ".join(self.short[place] for place in contender.sections)
        full = [place for place in open_ones if len(self.taken.get(place, ())) >= sections[place].max]
        if len(full) == len(open_ones):
            names = ", ".join(f'section "{sections[place].name}" is full ({sections[place].max})' for place in full)
            return entry, Reason.SECTION_FULL, names
        cramped = "; ".join(self.cramped[place] for place in open_ones if place in self.cramped)
        return entry, Reason.ISSUE_FULL, cramped or f"the issue is full ({self.newsletter.limit})"

    def picks(self) -> tuple[Pick, ...]:
        """The chosen ones in reading order; the first of them leads."""
        order = sorted((place, held) for place, held in self.taken.items())
        flat = [(place, n, entry) for place, held in order for n, entry in enumerate(held, 1)]
        return tuple(
            pick_of(entry, section=self.newsletter.sections[place].name, n=n, lead=not before)
            for before, (place, n, entry) in enumerate(flat)
        )


def pick_of(entry: Entry, *, section: str, n: int, lead: bool) -> Pick:
    """A story with its place."""
    return Pick(
        article=entry.head.article,
        section=section,
        n=n,
        lead=lead,
        score=entry.score,
        reason=entry.reason,
        also_covered_by=entry.contender.others(entry.head),
        fact=entry.fact,
        parts=entry.parts,
    )


def fill(
    newsletter: Newsletter, contenders: Sequence[Contender], scorer: Scorer
) -> tuple[tuple[Pick, ...], tuple[Pick, ...], list[LeftOut]]:
    """Give the issue's places to stories: the chosen, the headlines under "more", and all that was left out.

    Pins go before a section's own articles and may exceed its `max`, never the issue's `limit`; a section that holds
    one is not left out for its `min`.
    """
    ordered = sorted(contenders, key=lambda one: (one.pin < 0, one.pin, newest_first(one.heads[0].article)))
    pinned = [one for one in ordered if one.pin >= 0]
    held, too_many = pinned[: newsletter.limit], pinned[newsletter.limit :]
    filling = Filling(
        newsletter=newsletter,
        scorer=scorer,
        room=newsletter.limit - len(held),
        waiting=[one for one in ordered if one.pin < 0],
    )
    for place in range(len(newsletter.sections)):
        filling.fill(place, [one for one in held if place in one.sections])
    if newsletter.max_per_outlet:
        filling.fill_minimum()
    full = f"the issue is full ({newsletter.limit})"
    refused = [(scorer.entry(one, one.best), Reason.ISSUE_FULL, full) for one in too_many]
    over = [filling.refusal(one) for one in filling.waiting]
    chosen = [entry for held_here in filling.taken.values() for entry in held_here]
    left = [out for entry in chosen for out in behind(entry.contender, entry.head)]
    for entry, reason, fact in (*refused, *over):
        left.append(left_out(entry.head, reason, fact, entry.parts, entry.score))
        left += behind(entry.contender, entry.head)
    return filling.picks(), _more(newsletter, over), left


def left_out(head: Candidate, reason: Reason, fact: str, parts: tuple[RankPart, ...], score: float) -> LeftOut:
    """A story without a place: its head, refused, with the rank it had."""
    return LeftOut(article=head.article, reason=reason, fact=fact, parts=parts, score=score)


def _more(newsletter: Newsletter, over: Sequence[tuple[Entry, Reason, str]]) -> tuple[Pick, ...]:
    """What stands under "more headlines": stories of sections left out first, then the highest ranks.

    Not those of an outlet that has its share already.
    """
    fit = [(entry, reason) for entry, reason, _ in over if reason is not Reason.OUTLET_FULL]
    fit.sort(key=lambda one: (one[1] is not Reason.NO_SECTION, -one[0].score, newest_first(one[0].head.article)))
    shown = [entry for entry, _ in fit[: newsletter.more]]
    return tuple(
        Pick(
            article=entry.head.article,
            section="",
            n=n,
            score=entry.score,
            also_covered_by=entry.contender.others(entry.head),
            parts=entry.parts,
        )
        for n, entry in enumerate(shown, 1)
    )
