"""Reading -> Articles: what we make of what a source says, and what is refused at reading. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from digest.model import Article, Declared, Reading, Reason, Source, SourceState
from digest.sources import bylines, identity, pictures
from digest.sources.feed_notes import TOO_LARGE
from digest.sources.kickers import kicker_of
from digest.sources.teaser import first_sentence, shorten, teaser
from digest.sources.urls import absolute_link, shown_link

MAX_HEADLINE = 300
AHEAD = timedelta(minutes=15)  # clocks differ; more than this is no publishing time
NO_DATE = "no date: the time of first reading is taken"
DATED_AHEAD = "dated ahead: the time of first reading is taken"
_ASSUMED = frozenset({NO_DATE, DATED_AHEAD})


def make(reading: Reading, source: Source, state: SourceState, *, now: datetime) -> tuple[Article, ...]:
    """An Article for each one declared, in the source's order; of two with a common identity the second is refused.

    A source's first reading (`state.first_reading` is None) is its past: articles enter at `published`, and those
    without a believable date are refused. Later ones enter at `now`. Samples are taken as written, whatever the date.
    Articles refused here say why in `refused` (a Reason) and `fact`.
    """
    first = state.first_reading is None
    among = _Among(reading=reading, source=source, logos=pictures.logos_of(reading.declared), now=now)
    made = (
        _make(declared, among, _when(declared, source, place=place, first=first, now=now), place)
        for place, declared in enumerate(reading.declared)
    )
    return tuple(_distinct(made))


def settle(articles: Iterable[Article], known: Iterable[Article]) -> tuple[Article, ...]:
    """Articles whose date had to be assumed, with what was assumed at their first reading.

    `known` are the source's stored articles. Without this an undated article would grow younger with every reading,
    and one refused at the source's first reading would come in with the second.
    """
    by_key = {key: article for article in known for key in article.keys}
    return tuple(_settled(article, by_key) for article in articles)


def needs_settling(articles: Iterable[Article]) -> bool:
    """Whether settle() would look at any of them."""
    return any(article.fact in _ASSUMED for article in articles)


def _settled(article: Article, by_key: dict[str, Article]) -> Article:
    before = next((by_key[key] for key in article.keys if key in by_key), None)
    if before is None or article.fact not in _ASSUMED:
        return article
    if before.refused == Reason.UNDATED_FIRST_READING:
        return replace(article, published=before.published, refused=before.refused, fact=before.fact)
    return replace(article, published=before.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class _When:
    published: datetime | None
    entered: datetime | None
    refused: str = ""
    fact: str = ""


def _when(declared: Declared, source: Source, *, place: int, first: bool, now: datetime) -> _When:
    """Which date counts, and which window the article falls in (SOURCES.md 3 and 7)."""
    published = declared.published.astimezone(UTC) if declared.published else None
    if published is not None and (source.newest_is_now or published <= now + AHEAD):
        return _When(published=published, entered=published if first or source.newest_is_now else now)
    if first or source.newest_is_now:
        fact = f"dated {published:%Y-%m-%d %H:%M} UTC, which is ahead" if published else "no date"
        return _When(published=published, entered=now, refused=Reason.UNDATED_FIRST_READING, fact=fact)
    if published is None:  # a second per place keeps the source's order
        return _When(published=now - timedelta(seconds=place), entered=now, fact=NO_DATE)
    return _When(published=now, entered=now, fact=DATED_AHEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Among:
    """What all articles of a reading share."""

    reading: Reading
    source: Source
    logos: frozenset[str]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    kicker: str
    headline: str
    teaser: str


def _words(declared: Declared, source: Source, *, outlet: str, language: str) -> _Words:
    """What a reader reads of it: the outlet's name off the headline, a kicker off either, a teaser that repeats neither."""
    prose = declared.prose or declared.summary
    found, headline, body = kicker_of(declared, source, headline=declared.headline, text=prose, language=language)
    headline = shorten(bylines.without_outlet(headline, outlet), MAX_HEADLINE) or first_sentence(
        body, language=language, length=MAX_HEADLINE
    )
    text = teaser(body, language=language, headline=headline)
    return _Words(kicker=declared.kicker or found, headline=headline, teaser=text)


def _make(declared: Declared, among: _Among, when: _When, place: int) -> Article:
    source, now = among.source, among.now
    language = declared.language or among.reading.language or source.language
    link = absolute_link(declared.origin or declared.url)
    url = shown_link(link) if link else ""
    outlet = bylines.outlet_of(declared, among.reading, source, link)
    words = _words(declared, source, outlet=outlet, language=language)
    refused, fact = _refusal(declared, source, link, words.headline, now) or (when.refused, when.fact)
    keys = _keys(declared, source, link, outlet=outlet, headline=words.headline, text=words.teaser)
    return Article(
        id=identity.identify(source.name, keys[0]),
        keys=keys,
        url=url,
        headline=words.headline,
        outlet=outlet,
        published=when.published,
        updated=declared.updated.astimezone(UTC) if declared.updated else None,
        kicker=words.kicker,
        teaser=words.teaser,
        byline=bylines.byline_of(declared, outlet=outlet, url=link, last_first=source.byline == "last-first"),
        image=pictures.choose((*declared.images, *declared.pictures), logos=among.logos),
        section=source.section or declared.section,
        language=language,
        tags=declared.tags,
        words=declared.words,
        paywall=declared.paywall,
        expires=declared.expires.astimezone(UTC) if declared.expires else None,
        sponsor=declared.sponsor,
        source=source.name,
        updates=source.updates,
        first_seen=now,
        entered=when.entered,
        place=place,
        refused=refused,
        fact=fact,
    )


def _keys(declared: Declared, source: Source, link: str, *, outlet: str, headline: str, text: str) -> tuple[str, ...]:
    note = (identity.note_key(source.name, declared.guid),) if source.kind == "folder" else ()
    return note + identity.keys(
        source=source.name,
        url=link,
        guid="" if note else declared.guid,
        outlet=outlet,
        headline=headline,
        teaser=text,
        published=declared.published,
    )


def _refusal(declared: Declared, source: Source, link: str, headline: str, now: datetime) -> tuple[str, str] | None:
    """Why an article cannot be shown at all, with the fact behind it."""
    if TOO_LARGE in declared.notes:
        return Reason.TOO_LARGE, TOO_LARGE
    if not declared.url and source.kind != "folder":  # an editor's own note is whole as it stands
        return Reason.NO_LINK, ""
    if not headline:
        return Reason.NO_HEADLINE, ""
    if declared.url and not link:
        return Reason.BAD_LINK, f"the link is {declared.url[:80]!a}"
    if declared.expires is not None and declared.expires <= now:
        return Reason.TOO_OLD, f"over since {declared.expires.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    return None


def _distinct(articles: Iterable[Article]) -> Iterator[Article]:
    """Twins keep an identity of their own, so that each article read can be explained."""
    seen: dict[str, Article] = {}
    twins: Counter[str] = Counter()
    for article in articles:
        first = next((seen[key] for key in article.keys if key in seen), None)
        if first is None:
            seen.update(dict.fromkeys(article.keys, article))
            yield article
            continue
        twins[first.id] += 1
        key = f"twin:{first.id}:{twins[first.id]}"
        yield replace(
            article,
            id=identity.identify(article.source, key),
            keys=(key,),
            refused=article.refused or Reason.DUPLICATE_OF,
            fact=article.fact if article.refused else f'the source gives "{first.headline}" twice',
        )
