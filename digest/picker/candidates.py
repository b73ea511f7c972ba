"""Articles on their way into an issue: what refuses them before places are given out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from digest.model import Article, History, LeftOut, Newsletter, Reason
from digest.picker.rules import Filter, Folded, Verdict
from digest.picker.tastes import Taste, taste_of
from digest.picker.windows import Window, entry, shown

BEGINNING = datetime.min.replace(tzinfo=UTC)
PLACE = {reason: place for place, reason in enumerate(Reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An article that nothing has refused yet.

    `sections` are the places in newsletter.sections that take it, rising; `pin` its place among the pins, -1 for
    none; `fact` what a pin made us overlook.
    """

    article: Article
    sections: tuple[int, ...] = ()
    pin: int = -1
    fact: str = ""

    def left_out(self, reason: Reason, fact: str) -> LeftOut:
        """The same article, refused."""
        return LeftOut(article=self.article, reason=reason, fact=fact)


class Gates:
    """What an article must pass before it competes: reading, window, the terms and orders of source and sections."""

    def __init__(self, newsletter: Newsletter, window: Window, history: History) -> None:
        """Raises ValueError for a term that is none (config.toml was checked before)."""
        self.newsletter = newsletter
        self.window = window
        self.history = history
        self.sections = newsletter.sections
        self.source = {source.name: source for source in newsletter.sources}
        self.of_source = {
            source.name: Filter.of(f'source "{source.name}"', source.line, source.include, source.exclude)
            for source in newsletter.sources
        }
        self.of_section = [
            Filter.of(f'section "{section.name}"', section.line, section.include, section.exclude)
            for section in newsletter.sections
        ]
        self.named_by = {
            name: tuple(place for place, section in enumerate(self.sections) if name in section.sources)
            for name in self.source
        }

    def judge(self, article: Article) -> Candidate | LeftOut:
        """The article as a candidate, or the first reason why it is none."""
        refused = read_badly(article)
        twin = refused if refused and refused[0] is Reason.DUPLICATE_OF else None  # other reasons come before that one
        back = self.comes_back(article)
        verdict = (None if twin else refused) or self.window.refusal(article, back=bool(back))
        if verdict is None:
            sections, verdict = self._taking(article)
            if verdict is None and twin is None:
                return Candidate(article=article, sections=sections, fact=back)
            verdict = verdict or twin or (Reason.DUPLICATE_OF, "")
        return LeftOut(article=article, reason=verdict[0], fact=verdict[1])

    def judge_pin(self, article: Article, place: int) -> Candidate | LeftOut:
        """As judge(), but an editor's pin is stopped only by what makes an article unfit to be shown."""
        refused = read_badly(article)
        if refused and refused[0] is not Reason.UNDATED_FIRST_READING:
            return LeftOut(article=article, reason=refused[0], fact=refused[1])
        names = keys(article)
        used = "stood in an earlier issue" if names & self.history.used else ""
        elsewhere = self.elsewhere(names)
        overlooked = refused or self.window.refusal(article)
        fact = "; ".join(filter(None, (overlooked[1] if overlooked else "", used, elsewhere)))
        at_home = self.named_by.get(article.source, ())[:1] or tuple(range(len(self.sections)))[:1]
        return Candidate(article=article, sections=at_home, pin=place, fact=fact)

    def comes_back(self, article: Article) -> str:
        """Why an article that was used may stand again: it was updated, and its source allows that. "" if not."""
        source = self.source.get(article.source)
        if not (source and source.updates and article.updated and self._newer_than_used(article)):
            return ""
        return f"updated {shown(article.updated)} since it stood in an earlier issue"

    def _newer_than_used(self, article: Article) -> bool:
        """Whether it was updated after it stood in an issue, by every key it was used under."""
        then = [self.history.used_as_of[key] for key in keys(article) & self.history.used_as_of.keys()]
        return bool(then and article.updated and article.updated > max(then))

    def used_before(self, one: Candidate) -> Verdict | None:
        """Why a candidate is news no more, or None. A pin always is."""
        article, names = one.article, keys(one.article)
        if one.pin >= 0:
            return None
        if names & self.history.used:
            if self.comes_back(article):
                return None
            if article.updated and self._newer_than_used(article):
                return Reason.UPDATED_ONLY, f"only updated ({shown(article.updated)}); updates = true lets it return"
            return Reason.ALREADY_USED, f"stood in an earlier issue of {self.newsletter.name}"
        elsewhere = self.elsewhere(names)
        return (Reason.USED_ELSEWHERE, elsewhere) if elsewhere else None

    def elsewhere(self, names: frozenset[str]) -> str:
        """Which newsletter that this one never repeats had an article of these keys, in words; "" for none."""
        found = sorted({self.history.elsewhere[name] for name in names if name in self.history.elsewhere})
        return f"stood in an issue of {found[0]}" if found else ""

    def _taking(self, article: Article) -> tuple[tuple[int, ...], Verdict | None]:
        """The sections that take it; where all that name its source refuse it, why."""
        named = self.named_by.get(article.source, ())
        own = self.of_source.get(article.source)
        words = Folded.of(article, language=self.newsletter.language)
        if own and (refused := own.refusal(words)):
            return (), refused
        verdicts = {place: self._verdict(place, article, words) for place in named}
        refusals = [verdict for verdict in verdicts.values() if verdict]
        if refusals and len(refusals) == len(verdicts):
            return (), min(refusals, key=lambda verdict: PLACE[verdict[0]])
        return tuple(place for place in named if verdicts[place] is None), None

    def _verdict(self, place: int, article: Article, words: Folded) -> Verdict | None:
        """Why this section does not take the article: its terms, or its order (features, good)."""
        refused = self.of_section[place].refusal(words)
        if refused:
            return refused
        hint = self.source[article.source].section
        taste = taste_of(self.sections[place], article, hint=hint, language=self.newsletter.language)
        return None if isinstance(taste, Taste) else taste


def read_badly(article: Article) -> Verdict | None:
    """What its reading held against an article."""
    return (Reason(article.refused), article.fact) if article.refused else None


def keys(article: Article) -> frozenset[str]:
    """All that an article can be known again by."""
    return frozenset((article.id, *article.keys))


def oldest_first(article: Article) -> tuple[datetime, str, str, str]:
    """The order in which twins are judged: the earlier published stays, ties by id."""
    return (article.published or entry(article) or BEGINNING, article.id, article.source, article.url)


def newest_first(article: Article) -> tuple[float, str, str, str]:
    """The order of an issue: newest published first, ties by id."""
    when, *_ = oldest_first(article)
    return (-when.timestamp(), article.id, article.source, article.url)


def part_twins(candidates: Iterable[Candidate]) -> tuple[list[Candidate], list[LeftOut]]:
    """Candidates that share no key with an earlier one, and the others as duplicates.

    Only candidates compete, so an article that is refused itself never takes its twin with it. The one that stays
    may stand wherever one of its twins might: a feed read twice must not empty the section of the second.
    """
    ranked = sorted(
        candidates,
        key=lambda one: (one.pin < 0, one.pin, not one.sections, oldest_first(one.article)),
    )
    kept: list[Candidate] = []
    owner: dict[str, int] = {}
    twins: list[LeftOut] = []
    for candidate in ranked:
        own = keys(candidate.article)
        first = min((owner[key] for key in own if key in owner), default=len(kept))
        for key in own:
            owner.setdefault(key, first)
        if first == len(kept):
            kept.append(candidate)
            continue
        original = kept[first]
        twins.append(candidate.left_out(Reason.DUPLICATE_OF, _same_as(original.article)))
        if original.pin < 0:
            kept[first] = replace(original, sections=tuple(sorted({*original.sections, *candidate.sections})))
    return kept, twins


def _same_as(article: Article) -> str:
    source = f" (source {article.source})" if article.source else ""
    return f'the same as "{article.headline}" of {article.outlet}{source}'
