"""Articles on one event, as several outlets tell it."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.articles import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A group of articles on the same event; an article that nobody else covers is a story of one.

    `articles` stand best first (source weight, then fullest, then earliest), the `head` is the first of them.
    `outlets` are the different names of those who tell it, in the order of `articles`.
    """

    articles: tuple[Article, ...]
    head: Article
    outlets: tuple[str, ...]
