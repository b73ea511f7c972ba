"""What the store knows of a source, for readers that must not ask for it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from digest.model import Article, Declared, Reason

# A source's stored articles: those of its latest reading and older ones entered since an instant.
Known = Callable[[Sequence[str], datetime], Awaitable[tuple[Article, ...]]]


async def nothing_known(names: Sequence[str], since: datetime) -> tuple[Article, ...]:  # noqa: ARG001 - a Known
    """For a reader without a store."""
    return ()


def as_declared(article: Article, link: str) -> Declared:
    """A stored article as if its source had said it again."""
    undated = article.refused == Reason.UNDATED_FIRST_READING
    return Declared(
        headline=article.headline,
        url=article.url or link,
        guid=next((key.split(":", 2)[2] for key in article.keys if key.startswith("note:")), ""),
        published=None if undated else article.published,
        updated=article.updated,
        byline=article.byline,
        authors=(article.byline,) if article.byline else (),
        summary=article.teaser,
        images=(article.image,) if article.image else (),
        tags=article.tags,
        outlet=article.outlet,
        language=article.language,
        kicker=article.kicker,
        section=article.section,
        paywall=article.paywall,
        words=article.words,
        expires=article.expires,
        sponsor=article.sponsor,
    )
