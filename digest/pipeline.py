"""The one place where the packages meet: sources -> picker -> composer -> sender, each stage safe to run again.

    prepare()  what an issue would be: picks and, unless there is too little news, the composed issue; commits nothing
    publish()  the slot's issue made once (C0, C1), then sent to whoever is owed (C2 to C6)

Three turning points (docs/why/architecture.md): articles are picked from the store, never the wire; an issue that is
composed is sent as it is; who is owed is a query over the ledger.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest import times
from digest.composer import audiences_of, compose
from digest.errors import Mistake, StoreError
from digest.model import (
    Audience,
    Harvest,
    Issue,
    IssueRow,
    IssueState,
    NewDelivery,
    Newsletter,
    Picks,
    Report,
    Source,
    Standing,
    Subscriber,
)
from digest.picker import parted, pick, too_few
from digest.protocols import ArticleStore, Consents, Invited, IssueBook, IssueStore, Ledger, Mark, Theme, Transport
from digest.sender import Committer, MessageBuilder, SendResult, send
from digest.sources import shift
from digest.subscribers.readers import Readers

# Where an operator's `send` may start over: nothing was sent and nothing used up.
UNFILLED = frozenset({IssueState.EMPTY, IssueState.MISSED, IssueState.FAILED})
_SENDABLE = frozenset({IssueState.COMPOSED, IssueState.SENDING})
_INSTANT = timedelta(milliseconds=1)  # what a store of milliseconds can tell apart
_TRIES = 3  # two slots of one newsletter composed at the same moment take turns
_ANOTHER = "another process composed this issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The slot to fill, and where its window ends.

    `cutoff` None: the moment of planning, once its sources are read (a manual or late issue). `manual`: an operator
    asked, whatever the schedule says. `note` goes into the report ("42 min late").
    """

    slot: str
    cutoff: datetime | None = None
    manual: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What is open while messages leave; made by app, closed when the sending ends.

    `weights`: each transport's share of the load, None for one that is tried in its turn.
    """

    builder: MessageBuilder
    transports: Sequence[Transport]
    weights: Sequence[int | None] = ()
    committer: Committer


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything publish() works with, handed over by app.

    `theme` opens the theme, asked for only when an issue is composed. `gather` reads sources into the article store. `invited` gives everyone on these lists, and raises ConfigError
    while lines are bad. `inspect` gives what the lint of messages warns of, and raises TemplateError for
    what it refuses. `made_with` names versions and hashes. `rows_of` gives what makes a subscriber's delivery of an issue.
    `outgoing` opens the ways out, holding the ledger for this process. `reconcile` asks the relays' records about an
    issue's doubts. `clock` is the time as the ledger sees it; `stop`, once set, ends a send early;
    `progress` is told (messages settled, recipients of the issue).
    """

    articles: ArticleStore
    issues: IssueStore
    book: IssueBook
    ledger: Ledger
    consents: Consents
    theme: Callable[[], Theme]
    gather: Callable[[Sequence[Source]], Awaitable[Harvest]]
    invited: Callable[[Sequence[str]], Invited]
    inspect: Callable[[Issue], Sequence[Mistake]]
    hash_of: Callable[[str], bytes]
    made_with: Callable[[], Mapping[str, str]]
    rows_of: Callable[[Issue], Callable[[Subscriber], NewDelivery]]
    outgoing: Callable[[IssueRow, Issue], AbstractAsyncContextManager[Outgoing]]
    reconcile: Callable[[IssueRow], Awaitable[object]]
    clock: Callable[[], datetime]
    stop: asyncio.Event
    progress: Callable[[int, int], None]
    mark: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What an issue of `slot` would be, as of `cutoff`. `issue` is None when there is too little news."""

    slot: str
    cutoff: datetime
    harvest: Harvest
    picks: Picks
    issue: Issue | None
    short: bool
    warnings: tuple[Mistake, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What composing has to say: what was made shorter, what the lint would rather see otherwise."""
        return (*self.picks.fitted, *(f"warning: {one.why}" for one in self.warnings))


async def prepare(
    newsletter: Newsletter,
    parts: Parts,
    *,
    slot: str,
    cutoff: datetime,
    harvest: Harvest,
    audiences: Sequence[Audience] = (),
    even_short: bool = False,
) -> Prepared:
    """Pick from the article store and compose, as of `cutoff`; commits nothing.

    `audiences` are those beside the newsletter's own. `even_short` composes whatever there is. Raises TemplateError,
    ConfigError (too many variants), StoreError.
    """
    names = [source.name for source in newsletter.sources]
    history = await parts.articles.history(
        newsletter.name, others=newsletter.never_repeat_across, sources=names, before=cutoff - newsletter.window
    )
    # Never before the last issue's cut-off, and past it, so that the window holds an instant: a sample's articles enter.
    cutoff = max(cutoff, history.since + _INSTANT) if history.since else cutoff
    oldest = cutoff - max(newsletter.window, newsletter.max_age)
    stored = await parts.articles.articles(names, since=min(oldest, history.since or oldest))
    samples = frozenset(source.name for source in newsletter.sources if source.newest_is_now)
    shifted = shift(stored, sample_sources=samples, slot=slot, cutoff=cutoff)
    # In a thread: picking and rendering may take a second, and the daemon serves pages meanwhile.
    sponsor, articles = parted(shifted, newsletter, now=cutoff)
    picks = await asyncio.to_thread(pick, articles, newsletter, history=history, now=cutoff)
    picks = replace(picks, sponsor=sponsor)
    short = too_few(picks, newsletter)
    issue: Issue | None = None
    warnings: Sequence[Mistake] = ()
    if picks.chosen and (even_short or not short or newsletter.when_short == "send"):
        issue = await asyncio.to_thread(
            compose,
            picks,
            newsletter,
            parts.theme(),
            slot=slot,
            number=await parts.book.next_number(newsletter.name),
            audiences=audiences,
            now=cutoff,
        )
        issue = replace(issue, made_with=parts.made_with())
        picks = issue.picks  # what could not be rendered is left out
        if too_few(picks, newsletter) and not short:
            short, issue = True, issue if even_short or newsletter.when_short == "send" else None
        if issue is not None:
            warnings = await asyncio.to_thread(parts.inspect, issue)
    return Prepared(
        slot=slot, cutoff=cutoff, harvest=harvest, picks=picks, issue=issue, short=short, warnings=tuple(warnings)
    )


def frozen(issue: Issue) -> Prepared:
    """A composed issue, shown again."""
    return Prepared(
        slot=issue.slot, cutoff=issue.cutoff, harvest=Harvest(), picks=issue.picks, issue=issue, short=False
    )


def moment_of_planning(now: datetime) -> datetime:
    """The cut-off of an issue planned now: the next whole millisecond, so that what was read just before is in."""
    return times.from_milliseconds(times.milliseconds(now)) + _INSTANT


async def publish(newsletter: Newsletter, parts: Parts, *, target: Target) -> Report:
    """Fill the slot unless it is filled, then send to whoever is owed; safe to call again and from two processes.

    Raises ConfigError while subscriber files have bad lines, TemplateError (the issue stays planned), StoreError.
    """
    row = await parts.book.find(newsletter.name, target.slot)
    prepared: Prepared | None = None
    notes: list[str] = []
    if row is None or row.state is IssueState.PLANNED or (target.manual and row.state in UNFILLED):
        row, prepared, notes = await _fill(newsletter, parts, target)
    result = SendResult()
    if row.state in _SENDABLE:
        row, result = await _send(newsletter, parts, row, note=target.note)
    notes = [target.note, *notes] if target.note else notes
    standing = await parts.book.standing(row)
    return _report(row, standing, newsletter, prepared, result, notes, fresh=prepared is not None)


async def _fill(newsletter: Newsletter, parts: Parts, target: Target) -> tuple[IssueRow, Prepared | None, list[str]]:
    """C0 and C1. Where another process composed something meanwhile, its slot is taken as found, or ours picked anew.

    The lists come first: while they have bad lines nothing is planned.
    """
    invited = await asyncio.to_thread(parts.invited, newsletter.lists)
    audiences = audiences_of(invited.kinds, newsletter)
    harvest = await parts.gather(newsletter.sources)
    for tries_left in reversed(range(_TRIES)):
        cutoff = target.cutoff or moment_of_planning(parts.clock())
        row = await _plan(newsletter, parts, target, cutoff)
        if row.state is not IssueState.PLANNED:
            return row, None, [_ANOTHER]
        prepared = await prepare(
            newsletter, parts, slot=target.slot, cutoff=cutoff, harvest=harvest, audiences=audiences
        )
        try:
            row, notes = await _freeze(newsletter, parts, row, prepared, invited)
        except StoreError:
            found = await parts.book.find(newsletter.name, target.slot)
            if found is not None and found.state is not IssueState.PLANNED:
                return found, prepared, [_ANOTHER]
            if not tries_left:
                raise
        else:
            break
    return row, prepared, notes


async def _plan(newsletter: Newsletter, parts: Parts, target: Target, cutoff: datetime) -> IssueRow:
    """C0. The row's instants are those of this try; C1 writes those of the issue it freezes."""
    parts.mark("before_c0")
    row, _ = await parts.issues.plan(
        newsletter.name,
        target.slot,
        due_at=times.milliseconds(cutoff),
        expires_at=times.milliseconds(cutoff + newsletter.expires_after),
        cutoff=times.milliseconds(cutoff),
        doubt=newsletter.doubt,
        reopen=target.manual,
    )
    parts.mark("after_c0")
    return row


async def _freeze(
    newsletter: Newsletter, parts: Parts, row: IssueRow, prepared: Prepared, invited: Invited
) -> tuple[IssueRow, list[str]]:
    """C1, or the slot is empty: then nothing is used up. Raises StoreError where somebody else was faster."""
    chosen = len(prepared.picks.chosen)
    if prepared.issue is None:
        why = f"too little news: {chosen} of at least {newsletter.minimum} articles" if chosen else "no news"
        return await parts.issues.move(row, IssueState.EMPTY, note=why), [why]
    people = Readers(invited, await parts.consents.suppressed(newsletter.name), hash_of=parts.hash_of)
    if await asyncio.to_thread(people.nobody):
        why = f"nobody to send to: {', '.join(newsletter.lists)} has no readers left"
        return await parts.issues.move(row, IssueState.EMPTY, note=why), [why]
    issue = prepared.issue
    frozen = await parts.issues.freeze(
        row,
        issue,
        map(parts.rows_of(issue), people),
        now=times.milliseconds(parts.clock()),
        expires_at=times.milliseconds(prepared.cutoff + newsletter.expires_after),
    )
    parts.mark("after_c1")
    notes = [*prepared.notes]
    notes += [f"{people.left} on the lists have left and get nothing"] if people.left else []
    notes += [f"{dropped} has the mailbox of {kept} and gets no second copy" for kept, dropped in frozen.dropped]
    return frozen.row, notes


async def _send(newsletter: Newsletter, parts: Parts, row: IssueRow, *, note: str) -> tuple[IssueRow, SendResult]:
    """C2 to C6: everybody who is owed now. `note` stays with an issue that starts ("2h late").

    All of it happens while this process holds the ledger, the moves to paused and done too: whoever waits for it must
    find them made.
    """
    issue = await parts.issues.load(row)
    result = SendResult()
    async with parts.outgoing(row, issue) as out:
        row = await parts.book.find(row.newsletter, row.slot) or row  # as whoever held the ledger before left it
        if row.state is IssueState.COMPOSED:
            row = await parts.issues.move(row, IssueState.SENDING, note=note)
            parts.mark("after_c2")
        pause = times.in_milliseconds(newsletter.doubt_pause)
        await parts.ledger.recover(row, now=times.milliseconds(parts.clock()), doubt_pause=pause)
        if row.state is IssueState.SENDING:
            if row.doubt == "reconcile":
                await parts.reconcile(row)
            owed = (await parts.book.standing(row)).owed
            result = await send(
                row=row,
                builder=out.builder,
                transports=out.transports,
                weights=out.weights,
                ledger=parts.ledger,
                committer=out.committer,
                now=lambda: times.milliseconds(parts.clock()),
                stop=parts.stop,
                progress=lambda settled: parts.progress(row.recipients - owed + settled, row.recipients),
            )
            await out.committer.close()
            row = await _close(parts, row, result)
            if row.state is IssueState.CANCELLED:  # what was on the wire when the order came may have been put off
                await parts.ledger.recover(row, now=times.milliseconds(parts.clock()), doubt_pause=pause)
    return row, result


async def _close(parts: Parts, row: IssueRow, result: SendResult) -> IssueRow:
    """C6, or a pause that says how it ends."""
    if result.pause:
        mend = f"{result.pause}; mend it, then: digest issues resume {row.key}"
        return await parts.issues.move(row, IssueState.PAUSED, note=mend)
    if (await parts.book.standing(row)).settled:
        parts.mark("before_c6")
        try:
            return await parts.issues.move(row, IssueState.DONE)
        except StoreError:
            if (await parts.book.standing(row)).settled:
                raise
            # An order came in between: some of its rows are owed again.
    return await parts.book.find(row.newsletter, row.slot) or row


def _report(
    row: IssueRow,
    standing: Standing,
    newsletter: Newsletter,
    prepared: Prepared | None,
    result: SendResult,
    notes: list[str],
    *,
    fresh: bool,
) -> Report:
    pause = times.in_milliseconds(newsletter.doubt_pause)
    return Report(
        newsletter=row.newsletter,
        slot=row.slot,
        state=row.state,
        subject=row.subject,
        fresh=fresh,
        recipients=row.recipients,
        counts=standing.counts,
        sent_now=result.sent,
        owed=standing.owed,
        owed_next=standing.owed_next,
        doubt_next=None if standing.doubt_since is None else standing.doubt_since + pause,
        harvest=prepared.harvest if prepared else Harvest(),
        picks=prepared.picks if prepared else None,
        notes=(*notes, *result.notes, *((row.note,) if row.note and row.note not in notes else ())),
    )
