"""App: every act of the command line, the daemon and the pages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

from digest import pipeline, times
from digest.app.making import made_with
from digest.app.orders import Orders
from digest.app.people import People
from digest.app.proof import Proof
from digest.app.reconciling import Reconciler
from digest.app.workshop import Workshop, for_everybody
from digest.composer import audiences_of
from digest.errors import ConfigError, DigestError, Mistake, wrong
from digest.model import (
    Audience,
    Delivery,
    Harvest,
    IssueRow,
    IssueState,
    LeftOut,
    Message,
    Newsletter,
    Outcome,
    OutcomeKind,
    Pick,
    Reason,
    Report,
    Site,
    Source,
    SourceResult,
)
from digest.picker import Step, chain, sources_without
from digest.protocols import Invited, SourceReader, Transport
from digest.sources import accept, gather
from digest.store import Store
from digest.subscribers.files import FileSubscribers

_CORRECTION = re.compile(r"[0-9-]+\.c\d+", re.ASCII)  # a slot that only `issues correct` makes
_MINUTE = timedelta(minutes=1)
_INSTANT = timedelta(milliseconds=1)  # what a store of milliseconds can tell apart


class App:
    """Made by open_app(). `now` is the one clock; `as_of` the instant acts are done as of, None for now.

    `stop`, when set, ends a send after the messages under way. `progress` is told (settled, recipients) while one runs.
    """

    def __init__(
        self,
        workshop: Workshop,
        readers: Mapping[str, SourceReader],
        *,
        now: Callable[[], datetime],
        as_of: datetime | None,
    ) -> None:
        """Use open_app()."""
        config = workshop.config
        self._shop = workshop
        self._readers = readers
        self.store: Store = workshop.store
        self.now = now
        self.as_of = as_of
        self.stop = asyncio.Event()
        self.progress: Callable[[int, int], None] = _nobody_watches
        self.folder: Path = config.folder
        self.site: Site = config.site
        self.newsletters: Mapping[str, Newsletter] = config.newsletters
        self.sources: Mapping[str, Source] = config.sources
        self.web = config.web
        logs = [spec.relay_log for spec in config.transports if spec.relay_log]
        self._reconciler = Reconciler(self.store, logs, now=now)
        files = FileSubscribers(
            config.folder / "subscribers", ledger_key=workshop.ledger_key, scratch=self.store.path.parent
        )
        self.people = People(files, self.store, workshop.keyring, workshop.ledger_key, config.newsletters, now)
        self.proof = Proof(workshop, self.newsletter, now)
        self.orders = Orders(workshop, self.people, self.newsletter, self._gather_due, now)

    def newsletter(self, name: str) -> Newsletter:
        """The newsletter of this name; raises DigestError (exit 2) naming the known ones."""
        if name not in self.newsletters:
            raise wrong(f"no newsletter called {name!r} (known: {', '.join(self.newsletters)})")
        return self.newsletters[name]

    async def issue(self, key: str) -> IssueRow:
        """The row of `NEWSLETTER@SLOT`; raises DigestError (exit 2) where there is none."""
        name, _, slot = key.partition("@")
        row = await self.store.issues.find(name, slot)
        if row is None:
            raise wrong(f"no issue {key!r}; digest issues list shows them all")
        return row

    async def on_the_web(self, newsletter: str, slot: str) -> str | None:
        """The HTML of an issue that is going or has gone out, as everybody may see it; None where there is none."""
        row = await self.store.issues.find(newsletter, slot)
        if row is None or row.state not in {IssueState.SENDING, IssueState.DONE}:
            return None
        issue = await self.store.issues.load(row)
        filled = {name: escape(value) for name, value in for_everybody(self.site, row).items()}
        return issue.variants[0].html.joined(filled)

    # ---------------------------------------------------------------- coming in

    async def gather(self, sources: Iterable[Source], *, due_only: bool = False, before_slot: bool = False) -> Harvest:
        """Read these sources into the article store; `due_only`, `before_slot` as in sources.gather().

        Done as of an instant, the reading is dated just before it: what it finds stands in that instant's issue.
        Raises DigestError once `stop` is set: a slow source must not hold up the end.
        """
        now = self.as_of - _INSTANT if self.as_of else self.now()
        reading = gather(
            tuple(sources), self._readers, self.store.articles, now=now, due_only=due_only, before_slot=before_slot
        )
        harvest = await self._unless_stopped(reading)
        return replace(harvest, clock=None) if self.as_of else harvest  # nobody's clock shows another day's time

    async def accept(self, name: str) -> int | None:
        """End a source's quarantine, or ask one again that is off; how many held articles are offered now.

        None where there was nothing to accept. Raises DigestError (exit 2) for an unknown source.
        """
        if name not in self.sources:
            raise wrong(f"no source called {name!r} (known: {', '.join(self.sources)})")
        return await accept(self.sources[name], self.store.articles, now=self.now())

    async def prepare(
        self,
        name: str,
        *,
        slot: str | None = None,
        even_short: bool = False,
        audiences: Sequence[Audience] = (),
    ) -> pipeline.Prepared:
        """The next real issue, as `send` would make it (SENDING.md 9); commits nothing but the articles read.

        A slot named that is filled is shown as it was frozen. `audiences` beside the newsletter's own are composed too.
        """
        newsletter = self.newsletter(name)
        row = await self.store.issues.find(name, slot) if slot else None
        if row is not None and row.composed_at is not None:
            return pipeline.frozen(await self.store.issues.load(row))
        target = await self.show_target(newsletter, slot)
        harvest = await self.gather(newsletter.sources, due_only=True)
        cutoff = target.cutoff or pipeline.moment_of_planning(self.now())
        return await pipeline.prepare(
            newsletter,
            self._parts(newsletter),
            slot=target.slot,
            cutoff=cutoff,
            harvest=harvest,
            audiences=audiences,
            even_short=even_short,
        )

    def sources_without(self, prepared: pipeline.Prepared, name: str) -> tuple[str, ...]:
        """One line for each source of the newsletter that gave no chosen article, and why."""
        results = {one.source: one for one in prepared.harvest.results}
        lines = (line.partition(": ") for line in sources_without(prepared.picks, self.newsletter(name)))
        return tuple(f"{source}: {_why_nothing(results.get(source), why)}" for source, _, why in lines)

    def chain(self, row: Pick | LeftOut) -> tuple[Step, ...]:
        """One article's way into an issue, or as far as it came."""
        return chain(row)

    # ---------------------------------------------------------------- going out

    async def publish(self, name: str, *, slot: str | None = None, skip_bad: bool = False) -> Report:
        """What `digest send` does: the newest issue that owes somebody, else today's slot, else the slot named.

        Without a slot, older issues that can be continued or closed now are so first; the report's notes name them.
        """
        newsletter = self.newsletter(name)
        notes: list[str] = []
        if slot is None:
            slot = await self._slot_now(newsletter)
            for row in await self.unfinished(name):
                if row.slot != slot:
                    older = await self._publish(newsletter, pipeline.Target(slot=row.slot), skip_bad=skip_bad)
                    notes.append(f"{older.key} first: {older.state}, {_say_counts(older)}")
        target = self._target(slot)
        if _CORRECTION.fullmatch(slot) and await self.store.issues.find(name, slot) is None:
            raise wrong(f"{slot}: the label {slot.partition('.')[2]} is kept for corrections (digest issues correct)")
        report = await self._publish(newsletter, target, skip_bad=skip_bad)
        return replace(report, notes=(*notes, *report.notes))

    async def publish_due(self, name: str, *, slot: str, instant: datetime) -> Report:
        """What the daemon does at a slot's instant or after it; it never starts an ended slot over."""
        late = self.now() - instant
        on_time = late < _MINUTE
        note = "" if on_time else f"{times.say_duration(late // _MINUTE * _MINUTE)} late"
        target = pipeline.Target(slot=slot, cutoff=instant if on_time else None, manual=False, note=note)
        return await self._publish(self.newsletter(name), target, skip_bad=True)

    async def miss(self, name: str, *, slot: str, instant: datetime) -> bool:
        """Write a slot down as missed; False where nothing was ever sent, so that nothing can be missed."""
        if not any(row.newsletter == name for row in await self.store.issues.list(1000)):
            return False
        newsletter, at = self.newsletter(name), times.milliseconds(instant)
        row, _ = await self.store.issues.plan(
            name, slot, due_at=at, expires_at=None, cutoff=at, doubt=newsletter.doubt, reopen=False
        )
        if row.state is not IssueState.PLANNED:  # another process got there first
            return False
        note = f"more than {times.say_duration(newsletter.late_within)} late"
        await self.store.issues.move(row, IssueState.MISSED, note=note)
        return True

    async def unfinished(self, name: str) -> tuple[IssueRow, ...]:
        """Open issues with something to do now, oldest first: a row due, a doubt to end, or only to be closed."""
        newsletter = self.newsletter(name)
        rows = [row for row in await self.store.issues.open(name) if row.state is not IssueState.PLANNED]
        return tuple([row for row in rows if await self._can_go_on(newsletter, row)])

    async def _can_go_on(self, newsletter: Newsletter, row: IssueRow) -> bool:
        now = times.milliseconds(self.now())
        standing = await self.store.issues.standing(row)
        pause = times.in_milliseconds(newsletter.doubt_pause)
        due = standing.owed_next is not None and standing.owed_next <= now
        doubt = standing.doubt_since is not None and standing.doubt_since + pause <= now
        doubt = doubt and (row.doubt != "reconcile" or self._reconciler.may_ask(row))
        return due or doubt or standing.settled or bool(standing.counts["sending"]) or _expired(row, now)

    async def send_test(self, name: str, address: str, *, slot: str | None = None) -> Outcome:
        """Send the issue that prepare() shows to one address alone; nothing is recorded, nothing used up."""
        newsletter, email = self.newsletter(name), self.people.address(address)
        person = self.people.known(email) or self.people.stranger(email)
        theirs = audiences_of([person], newsletter)
        prepared = await self.prepare(name, slot=slot, even_short=True, audiences=theirs)
        if prepared.issue is None:
            raise DigestError(f"{name}@{prepared.slot}: no article to show (digest explain {name} says why)")
        now = times.milliseconds(self.as_of or self.now())
        row, delivery = self._shop.unrecorded(newsletter, prepared.issue, person, now=now)
        message = self._shop.builder(newsletter, row, prepared.issue).build(delivery)
        return await _deliver_one(message, self._shop.transports(f"test-{prepared.issue.key}"))

    # ------------------------------------------------------------------- targets

    async def _publish(self, newsletter: Newsletter, target: pipeline.Target, *, skip_bad: bool) -> Report:
        skipped: list[Mistake] = []

        def invited(lists: Sequence[str]) -> Invited:
            found = self.people.files.read(lists, skip_bad=skip_bad)
            skipped[:] = found.mistakes
            return found

        parts = replace(self._parts(newsletter), invited=invited)
        report = await pipeline.publish(newsletter, parts, target=target)
        where = self._shop.shown_folder(report.key)
        return replace(
            report,
            where=str(where) if where and report.recipients and where.exists() else "",
            bad_lines=ConfigError(skipped).mistakes if report.fresh else (),
        )

    async def _unless_stopped(self, act: Coroutine[None, None, Harvest]) -> Harvest:
        acting, stopped = asyncio.create_task(act), asyncio.create_task(self.stop.wait())
        try:
            await asyncio.wait({acting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            late = not acting.done()
            acting.cancel()
            stopped.cancel()
            await asyncio.gather(acting, stopped, return_exceptions=True)
        if late:
            raise DigestError("stopped while sources were being read; nothing was sent")
        return acting.result()

    async def _slot_now(self, newsletter: Newsletter) -> str:
        """The slot of the newest issue that owes somebody and has not expired, else today's."""
        now = self.as_of or self.now()
        for row in reversed(await self.store.issues.open(newsletter.name)):
            if row.state is IssueState.PLANNED or _expired(row, times.milliseconds(now)):
                continue
            if not (await self.store.issues.standing(row)).settled:
                return row.slot
        return times.slot_of(now, newsletter.timezone)

    def _target(self, slot: str) -> pipeline.Target:
        if not times.valid_slot(slot):
            raise wrong(f"{slot!r} is no slot; write 2026-11-23, or with a label 2026-11-23.pm")
        return pipeline.Target(slot=slot, cutoff=self.as_of)

    async def show_target(self, newsletter: Newsletter, slot: str | None) -> pipeline.Target:
        """As `send` would have it; where today's slot is filled, the schedule's next free one, as of its instant."""
        target = self._target(slot or await self._slot_now(newsletter))
        row = await self.store.issues.find(newsletter.name, target.slot)
        if slot is not None or row is None or row.state in {*pipeline.UNFILLED, IssueState.PLANNED}:
            return target
        after = self.as_of or self.now()
        while True:
            free, after = times.next_slot(newsletter.schedule, newsletter.timezone, after)
            if await self.store.issues.find(newsletter.name, free) is None:
                return pipeline.Target(slot=free, cutoff=after, manual=False)

    async def _gather_due(self, sources: Sequence[Source]) -> Harvest:
        return await self.gather(sources, due_only=True)

    def _parts(self, newsletter: Newsletter) -> pipeline.Parts:
        return pipeline.Parts(
            articles=self.store.articles,
            issues=self.store.issues,
            book=self.store.issues,
            ledger=self.store.ledger,
            consents=self.store.consents,
            theme=lambda: self._shop.theme(newsletter),
            gather=self._gather_due,
            invited=self.people.files.read,
            inspect=lambda issue: self._shop.inspect(newsletter, issue),
            hash_of=self._shop.ledger_key.address_hash,
            made_with=lambda: made_with(newsletter, self.folder),
            rows_of=lambda issue: self._shop.rows_of(newsletter, issue),
            outgoing=lambda row, issue: self._shop.outgoing(newsletter, row, issue),
            reconcile=lambda row: self._reconciler.reconcile(newsletter, row),
            clock=self.now,
            stop=self.stop,
            progress=self.progress,
            mark=self._shop.mark,
        )


def _why_nothing(result: SourceResult | None, picked: str) -> str:
    """The source's own reason where it has one, else what became of its articles."""
    if result is None or not result.reason:
        return picked
    if result.reason == Reason.NOT_DUE and not picked.startswith("no article"):
        return picked  # what it gave before counts
    return f"{result.reason}, {result.fact}"


def _expired(row: IssueRow, now: int) -> bool:
    return row.expires_at is not None and row.expires_at <= now


def _say_counts(report: Report) -> str:
    return ", ".join(f"{count} {state}" for state, count in report.counts.items() if count) or "nobody"


def _nobody_watches(settled: int, recipients: int) -> None:
    """The progress of a send without a terminal."""


async def _deliver_one(message: Message, transports: Sequence[Transport]) -> Outcome:
    """One message without a ledger, through the first way out that takes it. Raises TransportError when none does."""
    failure: DigestError | None = None
    for transport in transports:
        waiting, outcomes = [message], list[Outcome]()

        async def next_message(waiting: list[Message] = waiting) -> Message | None:
            return waiting.pop() if waiting else None

        async def intend(_: Delivery) -> bool:
            return True

        def enter(_: Delivery, outcome: Outcome, outcomes: list[Outcome] = outcomes) -> None:
            outcomes.append(outcome)

        try:
            await transport.deliver(next_message, intend, enter)
        except DigestError as error:
            failure = error
        if outcomes and outcomes[-1].kind is not OutcomeKind.OWED:
            return outcomes[-1]
    raise failure or DigestError("no transport took the message")
