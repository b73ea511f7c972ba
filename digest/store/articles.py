"""Articles as last read, and what is remembered of each source."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, text, update

from digest.model import Article, History, Issue, Reason, SourceState
from digest.store import tables
from digest.store.documents import dumps, loads
from digest.store.engine import Database
from digest.store.history import headlines, past_of
from digest.times import from_milliseconds, milliseconds

_KEYS_AT_ONCE = 500  # SQLite takes at most 32,766 parameters in a statement, older builds 999
_GATHERING = 600_000  # ms; a gathering ends after 120 s (SOURCES.md 2), a slow disk may need its time
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

_REMEMBER = text(
    "INSERT INTO sources (name, reading, state) VALUES (:name, 0, :state)"
    " ON CONFLICT (name) DO UPDATE SET state = excluded.state"
)
_UPDATE = (
    update(tables.articles)
    .where(tables.articles.c.id == bindparam("row"))
    .values(
        reading=bindparam("reading"),
        place=bindparam("place"),
        entered=bindparam("entered"),
        content=bindparam("content"),
    )
)


class Articles:
    """The ArticleStore of digest.protocols."""

    def __init__(self, database: Database) -> None:
        """Use Store.open()."""
        self._database = database

    async def states(self) -> Mapping[str, SourceState]:
        """What is remembered of every source ever tried, by name."""
        question = select(tables.sources.c.name, tables.sources.c.state).order_by(tables.sources.c.name)
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return {row.name: loads(SourceState, row.state) for row in rows}

    async def record(self, state: SourceState, articles: Sequence[Article]) -> int:
        """Keep a reading's articles and the source's state in one transaction; how many were not known before.

        No articles (nothing changed, the reading failed, an emptied feed): those of the last reading stay the latest.
        """
        return await self._database.write(lambda connection: _record(connection, state, articles))

    async def articles(self, sources: Sequence[str], *, since: datetime) -> tuple[Article, ...]:
        """Every article of the latest reading of these sources, and every older one entered at or after `since`.

        Ordered by source, then by place in its last reading.
        """
        of, all_sources = tables.articles, tables.sources
        question = (
            select(of.c.content, (of.c.reading == all_sources.c.reading).label("latest"))
            .join(all_sources, all_sources.c.name == of.c.source)
            .where(
                of.c.source.in_(sources),
                or_(of.c.reading == all_sources.c.reading, of.c.entered >= milliseconds(since)),
            )
            .order_by(of.c.source, of.c.reading.desc(), of.c.place, of.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        found = ((loads(Article, row.content), row.latest) for row in rows)
        return tuple(article for article, latest in found if latest or _entered(article) >= since)

    async def history(
        self,
        newsletter: str,
        *,
        others: Sequence[str] = (),
        sources: Sequence[str] = (),
        before: datetime | None = None,
    ) -> History:
        """Where the last window ended, what has been used and told: over every issue ever composed.

        `others` are newsletters it never repeats. `background`: headlines of `sources` that entered in the 30 days
        before `before`, the newest 3,000.
        """
        return await self._database.read(
            lambda connection: dataclasses.replace(
                past_of(connection, newsletter, others),
                background=headlines(connection, sources, before) if before else (),
            )
        )


def let_enter_next(connection: Connection, issue: Issue) -> None:
    """Articles recorded after this issue was picked, though they entered before its cut-off: into the next window.

    Else they would stand between two windows for ever. A gathering lasts minutes at most, so few are looked at.
    """
    read = (*(pick.article for pick in issue.picks.chosen), *(out.article for out in issue.picks.left_out))
    known, sources = {article.id.partition("@")[0] for article in read}, {article.source for article in read}
    end = milliseconds(issue.cutoff)
    of = tables.articles.c
    question = select(of.id, of.content).where(of.entered >= end - _GATHERING, of.entered < end, of.source.in_(sources))
    for number, content in connection.execute(question).all():
        article = loads(Article, content)
        if article.id not in known:
            late = dataclasses.replace(article, entered=issue.cutoff)
            connection.execute(update(tables.articles).where(of.id == number).values(entered=end, content=dumps(late)))


def _entered(article: Article) -> datetime:
    return article.entered or article.first_seen or article.published or _LONG_AGO


def _record(connection: Connection, state: SourceState, articles: Sequence[Article]) -> int:
    connection.execute(_REMEMBER, {"name": state.name, "state": dumps(state)})
    if not articles:
        return 0
    reading = connection.scalar(
        update(tables.sources)
        .where(tables.sources.c.name == state.name)
        .values(reading=tables.sources.c.reading + 1)
        .returning(tables.sources.c.reading)
    )
    known = _Known(connection, state.name, reading or 1)
    known.look_up(articles)
    closed = connection.scalar(select(func.max(tables.issues.c.cutoff)).where(tables.issues.c.composed_at.is_not(None)))
    return sum(known.keep(_after(article, closed)) for article in articles)


def _after(article: Article, closed: int | None) -> Article:
    """News that was seen before an issue was composed but comes here after it enters at that issue's cut-off.

    What enters by its date, on a source's first reading, is left alone: it may well be old.
    """
    if closed is None or article.entered is None or article.entered != article.first_seen:
        return article
    return dataclasses.replace(article, entered=max(article.entered, from_milliseconds(closed)))


class _Known:
    """The stored articles that one reading of one source touches, by key."""

    def __init__(self, connection: Connection, source: str, reading: int) -> None:
        self._connection = connection
        self._source = source
        self._reading = reading
        self._row_of: dict[str, int] = {}
        self._stored: dict[int, Article] = {}
        self._touched: set[int] = set()

    def look_up(self, articles: Sequence[Article]) -> None:
        """Read every stored article that shares a key with one of these."""
        wanted = sorted({key for article in articles for key in _keys(article)})
        keys, of = tables.article_keys, tables.articles
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            some = wanted[start : start + _KEYS_AT_ONCE]
            question = (
                select(of.c.id, of.c.content)
                .join(keys, of.c.id == keys.c.article_id)
                .where(keys.c.source == self._source, keys.c.key.in_(some))
                .distinct()
            )
            for number, content in self._connection.execute(question):
                article = self._stored[number] = loads(Article, content)
                self._row_of.update(dict.fromkeys(_keys(article), number))

    def keep(self, article: Article) -> bool:
        """Store or update; True when it was not known before."""
        numbers = sorted({self._row_of[key] for key in _keys(article) if key in self._row_of})
        if not numbers:
            self._add(article)
            return True
        number = min(numbers, key=lambda one: (_first(self._stored[one]), one))
        for double in numbers:
            if double != number:
                self._merge(double, into=number)
        self._update(number, article)
        return False

    def _add(self, article: Article) -> None:
        number = self._connection.scalar(
            insert(tables.articles)
            .values(
                source=self._source,
                reading=self._reading,
                place=article.place,
                entered=milliseconds(_entered(article)),
                content=dumps(article),
            )
            .returning(tables.articles.c.id)
        )
        if number is not None:
            self._stored[number] = article
            self._touched.add(number)
            self._name(number, _keys(article))

    def _update(self, number: int, article: Article) -> None:
        stored = self._stored[number]
        keys = tuple(dict.fromkeys((*_keys(stored), *_keys(article))))
        if number in self._touched:  # given twice in one reading: the first one counts, under the keys of both
            article = stored
        entered = article.entered if _comes_back(article, stored) else stored.entered
        updated = dataclasses.replace(article, id=stored.id, first_seen=stored.first_seen, entered=entered, keys=keys)
        self._stored[number] = updated
        self._touched.add(number)
        self._connection.execute(
            _UPDATE,
            {
                "row": number,
                "reading": self._reading,
                "place": updated.place,
                "entered": milliseconds(_entered(updated)),
                "content": dumps(updated),
            },
        )
        self._name(number, tuple(key for key in keys if self._row_of.get(key) != number))

    def _merge(self, double: int, *, into: int) -> None:
        """Two stored articles turn out to be one: the one first seen keeps the keys of both."""
        gone = self._stored.pop(double)
        self._connection.execute(delete(tables.articles).where(tables.articles.c.id == double))
        keys = tuple(dict.fromkeys((*_keys(self._stored[into]), *_keys(gone))))
        self._stored[into] = dataclasses.replace(self._stored[into], keys=keys)
        self._name(into, _keys(gone))

    def _name(self, number: int, keys: Sequence[str]) -> None:
        for key in keys:
            self._row_of[key] = number
        if keys:
            rows = [{"source": self._source, "key": key, "article_id": number} for key in keys]
            self._connection.execute(insert(tables.article_keys), rows)


def _comes_back(article: Article, stored: Article) -> bool:
    """Whether a known article enters anew: let out of quarantine, or updated where its source wants that."""
    if stored.refused == Reason.QUARANTINED and article.refused != Reason.QUARANTINED:
        return True
    before = stored.updated or stored.published
    return article.updates and bool(article.updated and before and article.updated > before)


def _keys(article: Article) -> tuple[str, ...]:
    return tuple(dict.fromkeys(article.keys)) or (article.id,)


def _first(article: Article) -> datetime:
    return article.first_seen or _entered(article)
