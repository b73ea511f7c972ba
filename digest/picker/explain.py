"""What pick() decided, arranged for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from digest.model import LeftOut, Newsletter, Picks, Reason


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
