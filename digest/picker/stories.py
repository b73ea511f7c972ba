"""Articles on one event across outlets, grouped: docs/why/stories.md says how well."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import combinations

from digest.model import Article, Story
from digest.picker.headings import heading
from digest.picker.likeness import Likeness, Told
from digest.picker.linkage import average_linkage
from digest.picker.repeats import own_teasers
from digest.picker.words import headline_terms, wording_of

# Mean likeness at which two articles are one story: the measurements are in docs/why/stories.md.
THRESHOLD = 0.15
# What is larger than this is seldom one event: it is cut once more, at TIGHTER times the threshold.
MANY_OUTLETS, MANY_ARTICLES = 12, 40
TIGHTER = 1.3
# An address that more articles share than this is no article's own (a feed that links to its front page).
SHARED_BY = 5
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
    told = _told([unit[0] for unit in units])
    pairs = Likeness(told, map(headline_terms, background)).pairs() | _same_address(units)
    groups = _cut(units, pairs)
    stories = [_story([one for place in group for one in units[place]], weights or {}) for group in groups]
    return tuple(sorted(stories, key=lambda story: (-len(story.outlets), -len(story.articles), _order(story.head))))


def _told(articles: Sequence[Article]) -> list[Told]:
    """What of each article is compared."""
    headings = [heading(one) for one in articles]
    return [
        Told(wording_of(head.signed, teaser, head.language), head, one.outlet, _when(one))
        for one, head, teaser in zip(articles, headings, own_teasers(articles, headings), strict=True)
    ]


def _units(articles: Iterable[Article]) -> list[list[Article]]:
    """One list per article, its twins of the same id in it, rising by id."""
    by_id: dict[str, list[Article]] = defaultdict(list)
    for article in sorted(set(articles), key=repr):
        by_id[article.id].append(article)
    return [by_id[name] for name in sorted(by_id)]


def _same_address(units: Sequence[Sequence[Article]]) -> dict[tuple[int, int], float]:
    """Pairs with one URL: the same article, whatever language each feed gives it."""
    by_url: dict[str, list[int]] = defaultdict(list)
    for place, unit in enumerate(units):
        if unit[0].url:
            by_url[unit[0].url].append(place)
    few = (places for places in by_url.values() if 1 < len(places) <= SHARED_BY)
    return {pair: 1.0 for places in few for pair in combinations(places, 2)}


def _cut(units: Sequence[Sequence[Article]], pairs: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Groups of places in `units`."""
    groups = average_linkage(range(len(units)), pairs, THRESHOLD)
    large = [group for group in groups if _is_large([one for place in group for one in units[place]])]
    if not large:
        return groups
    home = {place: n for n, group in enumerate(large) for place in group}
    inner = {pair: value for pair, value in pairs.items() if pair[0] in home and home[pair[0]] == home.get(pair[1])}
    return sorted([group for group in groups if group not in large] + average_linkage(home, inner, THRESHOLD * TIGHTER))


def _is_large(articles: Sequence[Article]) -> bool:
    return len(articles) > MANY_ARTICLES or len({one.outlet for one in articles}) > MANY_OUTLETS


def _story(articles: Iterable[Article], weights: Mapping[str, float]) -> Story:
    ranked = tuple(sorted(articles, key=lambda one: (-weights.get(one.source, 1.0), -_fullness(one), _order(one))))
    return Story(articles=ranked, head=ranked[0], outlets=tuple(dict.fromkeys(one.outlet for one in ranked)))


def _fullness(article: Article) -> int:
    return bool(article.teaser) + bool(article.image)


def _when(article: Article) -> datetime | None:
    return article.published or article.entered or article.first_seen


def _order(article: Article) -> tuple[datetime, str]:
    """Twins of one id tie, and stay in the order of _units."""
    return (_when(article) or BEGINNING, article.id)
