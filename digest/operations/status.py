"""What is, at a glance: for `digest status` and --json."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from digest import times
from digest.app import App
from digest.model import IssueState, Reason
from digest.sources import reason_of, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsletterStatus:
    """One newsletter: its next slot and how its last issue stands. `readers` are those who have not left."""

    name: str
    title: str
    timezone: str
    next_slot: str
    next_at: datetime
    last_key: str = ""
    last_state: str = ""
    owed: int = 0
    in_doubt: int = 0
    readers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All newsletters, the sources that are ill and the issues that wait for an operator.

    `failing` are name -> last error, `ill` all that give nothing (failing, off, quarantined) with reason and facts,
    `moved` name -> the address that is asked instead of the one in the config.
    """

    newsletters: tuple[NewsletterStatus, ...]
    failing: Mapping[str, str]
    ill: Mapping[str, str]
    moved: Mapping[str, str]
    paused: Mapping[str, str]


async def status(app: App) -> Status:
    """How everything stands now; reads the stores and the lists only."""
    rows = await app.store.issues.list(1000)
    known = await app.store.articles.states()
    newsletters = []
    for newsletter in app.newsletters.values():
        slot, instant = times.next_slot(newsletter.schedule, times.zone(newsletter.timezone), app.now())
        last = next((row for row in rows if row.newsletter == newsletter.name), None)
        standing = await app.store.issues.standing(last) if last else None
        newsletters.append(
            NewsletterStatus(
                name=newsletter.name,
                title=newsletter.title,
                timezone=newsletter.timezone,
                next_slot=slot,
                next_at=instant,
                last_key=last.key if last else "",
                last_state=last.state if last else "",
                owed=standing.owed if standing else 0,
                in_doubt=standing.counts["in_doubt"] if standing else 0,
                readers=await app.people.count(newsletter),
            )
        )
    states = {name: settled(source, known[name]) for name, source in app.sources.items() if name in known}
    reasons = {name: reason_of(app.sources[name], state, now=app.now()) for name, state in states.items()}
    return Status(
        newsletters=tuple(newsletters),
        failing={name: state.error for name, state in states.items() if state.streak},
        ill={name: f"{reason}, {fact}" for name, (reason, fact) in reasons.items() if reason != Reason.NOT_DUE},
        moved={name: state.moved for name, state in states.items() if state.moved},
        paused={row.key: row.note for row in rows if row.state is IssueState.PAUSED},
    )
