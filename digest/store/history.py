"""What the picker must know of the past: committed issues and the headlines of the last weeks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from digest.model import Article, History, Issue, Reason
from digest.store import tables
from digest.store.documents import loads
from digest.times import from_milliseconds, milliseconds

_BACKGROUND = timedelta(days=30)
_HEADLINES = 3000  # what a common word is measured against; more change no weight and cost reading them
_KEYS_OF_OTHERS = 100_000


def past_of(connection: Connection, newsletter: str, others: Sequence[str]) -> History:
    """All but the background: over every issue ever composed, whatever came of it."""
    of = tables.issues.c
    last = connection.execute(
        select(of.cutoff, of.picks)
        .where(of.newsletter == newsletter, of.composed_at.is_not(None))
        .order_by(of.cutoff.desc(), of.id.desc())
        .limit(1)
    ).first()
    used = tables.used.c
    keys = connection.execute(select(used.key, used.updated).where(used.newsletter == newsletter)).all()
    elsewhere = (
        select(used.key, used.newsletter)
        .where(used.newsletter.in_(others))
        .order_by(used.issue_id.desc(), used.key)
        .limit(_KEYS_OF_OTHERS)
    )
    return History(
        since=None if last is None else from_milliseconds(last.cutoff),
        used=frozenset(row.key for row in keys),
        used_as_of={row.key: from_milliseconds(row.updated) for row in keys if row.updated is not None},
        elsewhere={row.key: row.newsletter for row in reversed(connection.execute(elsewhere).all())} if others else {},
        told=_told(loads(Issue, last.picks)) if last is not None and last.picks else (),
    )


def _told(issue: Issue) -> tuple[Article, ...]:
    """Every article of the stories that stood in an issue: those chosen, and those they stood for."""
    behind = (out.article for out in issue.picks.left_out if out.reason is Reason.SAME_STORY_AS)
    return (*(pick.article for pick in issue.picks.chosen), *behind)


def headlines(connection: Connection, sources: Sequence[str], before: datetime) -> tuple[str, ...]:
    """Headlines of articles of these sources that entered in the 30 days before an instant, the newest first."""
    of = tables.articles.c
    question = (
        select(of.content)
        .where(
            of.source.in_(sources),
            of.entered >= milliseconds(before - _BACKGROUND),
            of.entered < milliseconds(before),
        )
        .order_by(of.entered.desc(), of.id.desc())
        .limit(_HEADLINES)
    )
    return tuple(json.loads(content).get("headline", "") for content in connection.scalars(question))
