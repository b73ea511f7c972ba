"""What pick() decided, arranged for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from digest.model import LeftOut, Newsletter, Pick, Picks, RankPart, Reason
from digest.picker.windows import entry, shown


def by_reason(picks: Picks) -> Mapping[Reason, tuple[LeftOut, ...]]:
    """What was left out under its reason; reasons in the order they apply, only those that occur."""
    groups = {reason: tuple(out for out in picks.left_out if out.reason is reason) for reason in Reason}
    return {reason: group for reason, group in groups.items() if group}


def sources_without(picks: Picks, newsletter: Newsletter) -> tuple[str, ...]:
    """One line for each source of the newsletter that gave no chosen article, in the order of the config.

    `world: 20 read: 12 too_old, 8 section_full`, or `world: no article was read` (the Harvest knows why).
    """
    giving = {pick.article.source for pick in picks.chosen}
    return tuple(
        f"{source.name}: {_why(picks, source.name)}" for source in newsletter.sources if source.name not in giving
    )


def _why(picks: Picks, source: str) -> str:
    counts = Counter(out.reason for out in picks.left_out if out.article.source == source)
    if not counts:
        return "no article was read"
    reasons = ", ".join(f"{counts[reason]} {reason}" for reason in Reason if counts[reason])
    return f"{counts.total()} read: {reasons}"


# The steps of an article's way into an issue, each with the reasons that may end it there.
STEPS: Mapping[str, tuple[Reason, ...]] = {
    "reading": (
        *(Reason.SOURCE_FAILED, Reason.SOURCE_OFF, Reason.NOT_DUE, Reason.QUARANTINED),
        *(Reason.NO_LINK, Reason.NO_HEADLINE, Reason.BAD_LINK, Reason.TOO_LARGE),
    ),
    "window": (Reason.TOO_OLD, Reason.BEFORE_WINDOW, Reason.AFTER_CUTOFF, Reason.UNDATED_FIRST_READING),
    "filter": (Reason.EXCLUDED, Reason.NOT_INCLUDED, Reason.LANGUAGE, Reason.PAYWALL),
    "duplicate of": (Reason.DUPLICATE_OF, Reason.ALREADY_USED, Reason.UPDATED_ONLY, Reason.USED_ELSEWHERE),
    "story of": (Reason.SAME_STORY_AS, Reason.FOLLOW_UP_NOT_NEWER),
    "rank": (),
    "quota": (
        *(Reason.NO_SECTION, Reason.SECTION_FULL, Reason.OUTLET_FULL, Reason.ISSUE_FULL),
        *(Reason.DROPPED_BY_EDITOR, Reason.RENDER_REFUSED, Reason.PINNED, Reason.RANKED, Reason.FILLED_MINIMUM),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the chain: whether the article got past it, and the facts in words."""

    step: str
    passed: bool
    fact: str


def chain(row: Pick | LeftOut) -> tuple[Step, ...]:
    """Reading -> window -> filter -> duplicate of -> story of -> rank -> quota, up to the step that ended an article's way."""
    chosen = isinstance(row, Pick)
    steps: list[Step] = []
    for name, reasons in STEPS.items():
        ends = not chosen and row.reason in reasons
        if ends:
            steps.append(Step(step=name, passed=False, fact=f"{row.reason}: {row.fact}" if row.fact else row.reason))
            break
        if name != "rank" or row.parts:
            steps.append(Step(step=name, passed=True, fact=_passed(name, row)))
    return tuple(steps)


def _passed(step: str, row: Pick | LeftOut) -> str:
    if step == "window":
        entered = entry(row.article)
        return f"entered {shown(entered)}" if entered else "no date"
    if step == "story of":
        told = next((part.fact for part in row.parts if part.name == "outlets"), "")
        return told or "nobody else tells it"
    if step == "rank":
        return f"{row.score:.2f} = {' '.join(map(_said, row.parts))}"
    if step == "quota" and isinstance(row, Pick):
        place = f"{row.section} {row.n}" if row.section else f"more headlines {row.n}"
        return "; ".join(filter(None, (f"{row.reason}: {place}", "leads" if row.lead else "", row.fact)))
    return {"reading": f"read from {row.article.source}", "filter": "let through"}.get(step, "of no other")


def _said(part: RankPart) -> str:
    return f"{part.value:+.2f} {part.name} ({part.fact})"
