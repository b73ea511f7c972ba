"""Articles as last read, and what is remembered of each source."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, delete, func, or_, select, text, update

from digest.model import Article, History, Issue, Reason, SourceState
from digest.store import tables
from digest.store.documents import dumps, loads
from digest.store.engine import Database
from digest.store.grouping import Grouped
from digest.store.history import headlines, past_of
from digest.times import from_milliseconds, milliseconds

_KEYS_AT_ONCE = 500  # SQLite takes at most 32,766 parameters in a statement, older builds 999
_GATHERING = 600_000  # ms; a gathering ends after 120 s (SOURCES.md 2), a slow disk may need its time
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# Made once: to put a statement together costs as much as to run it.
_REMEMBER = text(
    "INSERT INTO sources (name, reading, state) VALUES (:name, 0, :state)"
    " ON CONFLICT (name) DO UPDATE SET state = excluded.state"
)
_NEXT_READING = (
    update(tables.sources)
    .where(tables.sources.c.name == bindparam("source"))
    .values(reading=tables.sources.c.reading + 1)
    .returning(tables.sources.c.reading)
)
_CLOSED = select(func.max(tables.issues.c.cutoff)).where(tables.issues.c.composed_at.is_not(None))
_SHARING = (
    select(tables.articles.c.id, tables.articles.c.content)
    .join(tables.article_keys, tables.articles.c.id == tables.article_keys.c.article_id)
    .where(
        tables.article_keys.c.source == bindparam("source"),
        tables.article_keys.c.key.in_(bindparam("keys", expanding=True)),
    )
    .distinct()
)
_LAST = select(func.max(tables.articles.c.id))
# Straight to SQLite, as many rows at once as a reading has.
_ADD = "INSERT INTO articles (id, source, reading, place, entered, content) VALUES (?, ?, ?, ?, ?, ?)"
_UPDATE = "UPDATE articles SET reading = ?, place = ?, entered = ?, content = ? WHERE id = ?"
_NAME = "INSERT INTO article_keys (source, key, article_id) VALUES (?, ?, ?)"


class Articles:
    """The ArticleStore of digest.protocols."""

    def __init__(self, database: Database) -> None:
        """Use Store.open()."""
        self._database = database
        self._recording = Grouped(database)

    async def states(self) -> Mapping[str, SourceState]:
        """What is remembered of every source ever tried, by name."""
        question = select(tables.sources.c.name, tables.sources.c.state).order_by(tables.sources.c.name)
        rows = await self._database.read(lambda connection: connection.execute(question).all())
        return {row.name: loads(SourceState, row.state) for row in rows}

    async def record(self, state: SourceState, articles: Sequence[Article]) -> int:
        """Keep a reading's articles and the source's state in one transaction; how many were not known before.

        No articles (nothing changed, the reading failed, an emptied feed): those of the last reading stay the latest.
        """
        return await self._recording.write(lambda connection: _record(connection, state, articles))

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
    reading = connection.scalar(_NEXT_READING, {"source": state.name})
    known = _Known(connection, state.name, reading or 1)
    known.look_up(articles)
    closed = connection.scalar(_CLOSED)
    new = sum(known.keep(_after(article, closed)) for article in articles)
    known.write()
    return new


def _after(article: Article, closed: int | None) -> Article:
    """News that was seen before an issue was composed but comes here after it enters at that issue's cut-off.

    What enters by its date, on a source's first reading, is left alone: it may well be old.
    """
    if closed is None or article.entered is None or article.entered != article.first_seen:
        return article
    return dataclasses.replace(article, entered=max(article.entered, from_milliseconds(closed)))


class _Known:
    """The stored articles that one reading of one source touches, by key; what changes is held back until write()."""

    def __init__(self, connection: Connection, source: str, reading: int) -> None:
        self._connection = connection
        self._source = source
        self._reading = reading
        self._row_of: dict[str, int] = {}
        self._stored: dict[int, Article] = {}
        self._touched: set[int] = set()
        self._next = 1 + (connection.scalar(_LAST) or 0)  # nobody else writes while this transaction runs
        self._new: set[int] = set()
        self._changed: set[int] = set()
        self._named: list[tuple[str, str, int]] = []

    def look_up(self, articles: Sequence[Article]) -> None:
        """Read every stored article that shares a key with one of these."""
        wanted = sorted({key for article in articles for key in _keys(article)})
        for start in range(0, len(wanted), _KEYS_AT_ONCE):
            some = {"source": self._source, "keys": wanted[start : start + _KEYS_AT_ONCE]}
            for number, content in self._connection.execute(_SHARING, some):
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

    def write(self) -> None:
        """Everything held back, in as few statements as there are kinds of them."""
        new = [(number, self._source, *self._row(number)) for number in sorted(self._new)]
        changed = [(*self._row(number), number) for number in sorted(self._changed - self._new)]
        for statement, rows in ((_ADD, new), (_UPDATE, changed), (_NAME, self._named)):
            if rows:
                self._connection.exec_driver_sql(statement, rows)
        self._new, self._changed, self._named = set(), set(), []

    def _row(self, number: int) -> tuple[int, int, int, str]:
        article = self._stored[number]
        return self._reading, article.place, milliseconds(_entered(article)), dumps(article)

    def _add(self, article: Article) -> None:
        number, self._next = self._next, self._next + 1
        self._stored[number] = article
        self._touched.add(number)
        self._new.add(number)
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
        self._changed.add(number)
        self._name(number, tuple(key for key in keys if self._row_of.get(key) != number))

    def _merge(self, double: int, *, into: int) -> None:
        """Two stored articles turn out to be one: the one first seen keeps the keys of both."""
        self.write()  # the double's row and keys go before its keys are given anew
        gone = self._stored.pop(double)
        self._connection.execute(delete(tables.articles).where(tables.articles.c.id == double))
        keys = tuple(dict.fromkeys((*_keys(self._stored[into]), *_keys(gone))))
        self._stored[into] = dataclasses.replace(self._stored[into], keys=keys)
        self._name(into, _keys(gone))

    def _name(self, number: int, keys: Sequence[str]) -> None:
        self._row_of.update(dict.fromkeys(keys, number))
        self._named += [(self._source, key, number) for key in keys]


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
