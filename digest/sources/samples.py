"""Samples: articles written once that stay fresh. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from digest.model import Article

BEFORE_CUTOFF = timedelta(minutes=10)
JUST_BEFORE = timedelta(milliseconds=1)  # windows are half-open and the store counts milliseconds


def shift(
    articles: Sequence[Article], *, sample_sources: frozenset[str], slot: str, cutoff: datetime
) -> tuple[Article, ...]:
    """The articles, those of sample sources moved by one common amount, so that the newest is 10 minutes before `cutoff`.

    Their ids and keys end in `@SLOT`: what stood in one slot's issue is new in the next. They enter just before the
    cut-off, all of them, as a source does that is read for the first time: the window of an issue that follows
    another by minutes holds the whole day. Order and gaps stay, and so do the articles of other sources.
    """
    dates = [one.published for one in articles if one.source in sample_sources and one.published is not None]
    if not dates:
        return tuple(articles)
    amount = cutoff - BEFORE_CUTOFF - max(dates)
    return tuple(
        _moved(one, amount, slot, cutoff - JUST_BEFORE) if one.source in sample_sources else one for one in articles
    )


def _moved(article: Article, amount: timedelta, slot: str, entered: datetime) -> Article:
    def moved(at: datetime | None) -> datetime | None:
        return None if at is None else at + amount

    return replace(
        article,
        id=f"{article.id}@{slot}",
        keys=tuple(f"{key}@{slot}" for key in article.keys),
        published=moved(article.published),
        updated=moved(article.updated),
        expires=moved(article.expires),
        first_seen=entered,
        entered=entered,
    )
