"""The word of a sponsor or of the house: outside rank, count and window. It stands as long as its file lies there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from digest.model import Article, Newsletter
from digest.picker.candidates import newest_first


def parted(
    articles: Iterable[Article], newsletter: Newsletter, *, now: datetime
) -> tuple[Article | None, list[Article]]:
    """(today's sponsored article or None, the articles that are news).

    An article with `sponsor` is never news. Of those of the newsletter's sources that have begun (`published`) and not
    ended (`expires`), the one published last is shown; the others wait.
    """
    sources = {source.name for source in newsletter.sources}
    news, words = [], []
    for article in articles:
        if not article.sponsor:
            news.append(article)
        elif article.source in sources and not article.refused and _runs(article, now):
            words.append(article)
    return min(words, key=newest_first, default=None), news


def _runs(article: Article, now: datetime) -> bool:
    begun = article.published is None or article.published <= now
    return begun and (article.expires is None or now < article.expires)
