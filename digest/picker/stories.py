"""Articles on one event across outlets, grouped: docs/why/stories.md says how well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from digest.model import Article, Story
from digest.picker.likeness import likenesses, weigh
from digest.picker.linkage import average_linkage
from digest.picker.words import headline_terms, terms

THRESHOLD = 0.12
TIGHTER = 1.5
MANY_OUTLETS = 12
MANY_ARTICLES = 40
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def group_stories(
    articles: Iterable[Article],
    *,
    background: Iterable[str] = (),
    weights: Mapping[str, float] | None = None,
) -> tuple[Story, ...]:
    """Every article handed in, each in exactly one story; the same for any order of the same articles.

    `background` are headlines of the last weeks, which tell common words from rare ones; `weights` gives a
    source's weight by its name (1 where it is not named). Stories come with most outlets first.
    """
    units = _units(articles)
    weighed = weigh([terms(unit[0]) for unit in units], map(headline_terms, background))
    pairs = likenesses(weighed, [_when(unit[0]) for unit in units])
    groups = _cut(range(len(units)), pairs, units, THRESHOLD)
    told = [_story([one for place in group for one in units[place]], weights or {}) for group in groups]
    return tuple(sorted(told, key=lambda story: (-len(story.outlets), -len(story.articles), _order(story.head))))


def _units(articles: Iterable[Article]) -> list[list[Article]]:
    """One list per article, its twins of the same id in it, rising by id."""
    by_id: dict[str, list[Article]] = defaultdict(list)
    for article in sorted(set(articles), key=repr):
        by_id[article.id].append(article)
    return [by_id[name] for name in sorted(by_id)]


def _cut(
    members: Iterable[int], pairs: Mapping[tuple[int, int], float], units: Sequence[Sequence[Article]], threshold: float
) -> list[list[int]]:
    """Groups at `threshold`; one that is too large to be one event is cut again, tighter."""
    done: list[list[int]] = []
    for group in average_linkage(members, pairs, threshold):
        outlets = {one.outlet for place in group for one in units[place]}
        if (len(outlets) > MANY_OUTLETS or len(group) > MANY_ARTICLES) and threshold < 1:
            within = set(group)
            inner = {pair: value for pair, value in pairs.items() if pair[0] in within and pair[1] in within}
            done += _cut(group, inner, units, threshold * TIGHTER)
        else:
            done.append(group)
    return done


def _story(articles: Iterable[Article], weights: Mapping[str, float]) -> Story:
    ranked = tuple(sorted(articles, key=lambda one: (-weights.get(one.source, 1.0), -_fullness(one), _order(one))))
    return Story(articles=ranked, head=ranked[0], outlets=tuple(dict.fromkeys(one.outlet for one in ranked)))


def _fullness(article: Article) -> int:
    return bool(article.teaser) + bool(article.image)


def _when(article: Article) -> datetime:
    return article.published or article.entered or article.first_seen or BEGINNING


def _order(article: Article) -> tuple[datetime, str, str]:
    return (_when(article), article.id, repr(article))
