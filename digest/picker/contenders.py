"""Stories in the running for an issue: each stands once, told by its head, with who else covers it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.model import Article, CoveredBy, History, LeftOut, Newsletter, Reason, Story
from digest.picker.candidates import BEGINNING, Candidate, keys, newest_first, oldest_first
from digest.picker.ranking import full_teaser
from digest.picker.rules import fold
from digest.picker.stories import group_stories
from digest.picker.windows import entry, shown
from digest.picker.words import wording

Order = tuple[datetime, str, str, str]
MOST_OTHERS = 3
ENOUGH = 0.25  # of two lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """A story that nothing has refused yet. `members` stand best first; the head is the first that may lead it.

    `heads` are the members that may: all, of a story told before only the news, of one with a pin the pin alone.
    `told`: it stood in the last issue, in words. `beside` are articles on it that a filter keeps out of the issue:
    their outlets count all the same. `sections` are the places of the sections that take one of its heads, rising;
    `best` is the one that takes it from most outlets, the first written of several.
    """

    members: tuple[Candidate, ...]
    heads: tuple[Candidate, ...]
    told: str = ""
    beside: tuple[LeftOut, ...] = ()
    sections: tuple[int, ...] = field(init=False)
    best: int = field(init=False)

    def __post_init__(self) -> None:
        """Find out where it may stand: asked for often."""
        told_at: dict[int, set[str]] = {place: set() for head in self.heads for place in head.sections}
        for one in self.members:
            for place in told_at.keys() & set(one.sections):
                told_at[place].add(outlet_of(one.article))
        object.__setattr__(self, "sections", tuple(sorted(told_at)))
        object.__setattr__(self, "best", max(told_at, key=lambda place: (len(told_at[place]), -place)))

    @property
    def pin(self) -> int:
        """Its place among the pins, -1 for none."""
        return self.heads[0].pin

    @property
    def outlets(self) -> tuple[str, ...]:
        """Who tells it, each once, best first."""
        names: dict[str, str] = {}
        for article in (*(one.article for one in self.members), *(one.article for one in self.beside)):
            names.setdefault(outlet_of(article), name_of(article))
        return tuple(names.values())

    def others(self, head: Candidate) -> tuple[CoveredBy, ...]:
        """Up to three other outlets with their headline and link, best first, none twice.

        What no section includes may be linked, what the owner excludes may not.
        """
        seen = {outlet_of(head.article)}
        found: list[CoveredBy] = []
        linked = (one.article for one in self.beside if one.reason is Reason.NOT_INCLUDED)
        for article in (*(one.article for one in self.members), *linked):
            if outlet_of(article) not in seen and article.url:
                seen.add(outlet_of(article))
                found.append(CoveredBy(outlet=name_of(article), headline=article.headline, url=article.url))
        return tuple(found[:MOST_OTHERS])


def outlet_of(article: Article) -> str:
    """What tells two outlets apart: the name without case and accents, the source's where there is none."""
    return fold(article.outlet) or article.source


def name_of(article: Article) -> str:
    """The outlet's name for people."""
    return article.outlet or article.source


def run(
    candidates: Sequence[Candidate],
    filtered: Iterable[LeftOut],
    newsletter: Newsletter,
    history: History,
    drops: frozenset[str],
) -> tuple[list[Contender], list[LeftOut]]:
    """The stories that these candidates tell, and those of them that have no place in one.

    `filtered` are articles that a filter keeps out; they tell how many outlets have a story.

    A dropped article takes its story with it, unless another article of the story is pinned. Of a story with pins
    each pin stands for itself, the others stay behind the first.
    """
    weights = {source.name: source.weight for source in newsletter.sources}
    samples = {source.name for source in newsletter.sources if source.newest_is_now}
    told = [article for article in history.told if article.source not in samples]  # a sample's day is always new
    by_article = {one.article: one for one in candidates}
    beside = _beside(filtered, candidates)
    stories = group_stories([*by_article, *beside, *told], background=history.background, weights=weights)
    running: list[Contender] = []
    out: list[LeftOut] = []
    told_ids = {article.id for article in told}
    for story in stories:
        members = _best_first([by_article[one] for one in story.articles if one in by_article], weights)
        before = _told_before(story, told_ids, history) if members else ""
        others = tuple(beside[one] for one in story.articles if one in beside)
        for one in _parted(members, others, before, history.since, drops):
            if isinstance(one, Contender):
                running.append(one)
            else:
                out.append(one)
    return running, out


def _beside(filtered: Iterable[LeftOut], candidates: Sequence[Candidate]) -> dict[Article, LeftOut]:
    """Those that are no copy of a candidate: a copy is no second telling."""
    known = {key for one in candidates for key in keys(one.article)}
    return {one.article: one for one in filtered if known.isdisjoint(keys(one.article))}


def _parted(
    members: Sequence[Candidate],
    beside: tuple[LeftOut, ...],
    told: str,
    since: datetime | None,
    drops: frozenset[str],
) -> Iterator[Contender | LeftOut]:
    """One story: as contenders, or refused."""
    dropped = [one for one in members if drops & {one.article.url, one.article.id, *one.article.keys}]
    yield from (one.left_out(Reason.DROPPED_BY_EDITOR, "dropped in the draft") for one in dropped)
    rest = [one for one in members if one not in dropped]
    pins = sorted((one for one in rest if one.pin >= 0), key=lambda one: one.pin)
    others = [one for one in rest if one.pin < 0]
    if pins:
        yield Contender(members=(pins[0], *others), heads=(pins[0],), beside=beside)
        yield from (Contender(members=(pin,), heads=(pin,)) for pin in pins[1:])
    elif dropped:
        fact = f"{same_story(dropped[0].article)}, which was dropped in the draft"
        yield from (one.left_out(Reason.SAME_STORY_AS, fact) for one in others)
    elif others:
        news = [one for one in others if not told or since is None or _is_newer(one, since)]
        if news:
            yield Contender(members=tuple(others), heads=tuple(news), told=told, beside=beside)
        else:
            fact = f"{told}, and nothing newer came"
            yield from (one.left_out(Reason.FOLLOW_UP_NOT_NEWER, fact) for one in others)


def _told_before(story: Story, told_ids: set[str], history: History) -> str:
    """`told in the last issue: "HEADLINE"`, or ""."""
    earlier = [one for one in story.articles if one.id in told_ids]
    if not earlier or history.since is None:
        return ""
    return f'told in the issue of {shown(history.since)}: "{min(earlier, key=newest_first).headline}"'


def _is_newer(one: Candidate, since: datetime) -> bool:
    """Whether it is newer than the issue of `since`: published since, or updated after it stood there (its fact)."""
    return bool(one.fact) or (one.article.published or entry(one.article) or BEGINNING) >= since


def _best_first(members: Sequence[Candidate], weights: Mapping[str, float]) -> list[Candidate]:
    """Highest source weight, then fullest (picture, teaser), then nearest to what all of them tell, then earliest.

    SOURCES.md 8 has no third step. Without it a real day's stories were led by reactions and picture galleries: the
    longest teaser is often a reaction's, the earliest article a look ahead.
    """
    words = [wording(one.article).terms for one in members] if len(members) > 1 else [{}]

    def key(place: int) -> tuple[float, int, float, Order]:
        article = members[place].article
        fullness = bool(article.image) + (full_teaser(article.teaser) >= ENOUGH)
        return (-weights.get(article.source, 1.0), -fullness, -_nearness(place, words), oldest_first(article))

    return [members[place] for place in sorted(range(len(members)), key=key)]


def _nearness(place: int, words: Sequence[Mapping[str, float]]) -> float:
    """How much of the other articles' words one has, in steps of a hundredth."""
    own = words[place]
    others = [other for at, other in enumerate(words) if at != place]
    shared = sum(
        sum(min(own[word], other[word]) for word in own.keys() & other.keys())
        / math.sqrt(max(1.0, sum(own.values()) * sum(other.values())))
        for other in others
    )
    return round(shared / max(1, len(others)), 2)


def same_story(article: Article) -> str:
    """`the same story as "HEADLINE" of OUTLET`."""
    return f'the same story as "{article.headline}" of {name_of(article)}'


def behind(contender: Contender, head: Candidate) -> Iterable[LeftOut]:
    """The members of a story that its head speaks for."""
    fact = same_story(head.article)
    return (one.left_out(Reason.SAME_STORY_AS, fact) for one in contender.members if one is not head)
