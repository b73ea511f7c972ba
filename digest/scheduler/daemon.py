"""`digest run`: every newsletter at its slots, sources when they are due, until SIGTERM.

APScheduler 3 is a clock only: its jobs put a wish on our queue and return at once (it would cancel a coroutine on
shutdown, fires twice in the autumn fold and drops late runs). One loop works the wishes off, one at a time.
"""

from __future__ import annotations

import asyncio
import enum
import logging
from collections.abc import Awaitable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from digest import times
from digest.app import App
from digest.errors import DigestError, StoreError
from digest.model import Harvest, IssueState, Newsletter, Report, Source
from digest.scheduler.due import Act, due, latest

log = logging.getLogger(__name__)

# SENDING.md 9: a gathering ends before its slot, as its own deadline is 120 s.
GATHER_BEFORE = timedelta(minutes=3)
GATHERING = timedelta(minutes=2)
GATHER_EVERY = timedelta(minutes=5)  # a look at which sources are due; each has its own `every`
# The monotonic clock under a timer stands still in suspend, and wall clocks are set: so look again.
HEARTBEAT = timedelta(seconds=30)


class Beside(Protocol):
    """Something that runs beside the clock until `stop` is set: the public pages."""

    def __call__(self, app: App, stop: asyncio.Event, /) -> Awaitable[None]:
        """Serve until stopped."""
        ...


class Wish(enum.Enum):
    """What a job of the clock asks for; the queue's order is the order of work."""

    LOOK = "look"
    GATHER = "gather"
    GATHER_ALL = "gather_all"


async def run(app: App, *, beside: Beside | None, stop: asyncio.Event) -> None:
    """Work until `stop` is set; a send in progress is drained first, a reading of sources is broken off.

    `beside` runs where the site has a base_url. Raises nothing for what can be tried again; what `beside` raises
    stops the daemon and is raised at its end. Raises StoreError once the disk failed.
    """
    wishes: asyncio.Queue[tuple[Wish, str]] = asyncio.Queue()
    clock = AsyncIOScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True})
    clock.start()
    _wake_regularly(clock, wishes, app)
    for newsletter in app.newsletters.values():
        slot, instant = _wake_at_next(clock, wishes, app, newsletter)
        log.info("next slot", extra={"newsletter": newsletter.name, "slot": slot, "due": instant.isoformat()})
    served = asyncio.ensure_future(beside(app, stop)) if beside and app.site.base_url else None
    if served is not None:
        # Pages that cannot be served end the daemon: its messages would name links that lead nowhere.
        served.add_done_callback(lambda _: stop.set())
    stopped = asyncio.create_task(stop.wait())
    try:
        # What is late comes first; then the sources, not only in five minutes.
        wishes.put_nowait((Wish.LOOK, ""))
        wishes.put_nowait((Wish.GATHER_ALL, ""))
        await _work(app, clock, wishes, stopped)
    finally:
        stop.set()
        clock.shutdown(wait=False)
        await stopped
        if served is not None:
            await served
    log.info("stopped")


def _wake_regularly(clock: AsyncIOScheduler, wishes: asyncio.Queue[tuple[Wish, str]], app: App) -> None:
    look, gather = HEARTBEAT.total_seconds(), GATHER_EVERY.total_seconds()
    clock.add_job(wishes.put_nowait, "interval", seconds=look, args=[(Wish.LOOK, "")], id=Wish.LOOK.value)
    clock.add_job(_wish_to_gather, "interval", seconds=gather, args=[wishes, app], id=Wish.GATHER_ALL.value)


def _wish_to_gather(wishes: asyncio.Queue[tuple[Wish, str]], app: App) -> None:
    """Unless a slot is so near that sources which hang would hold up its own reading, and with that its issue."""
    now = app.now()
    slots = (times.next_slot(one.schedule, times.zone(one.timezone), now)[1] for one in app.newsletters.values())
    if min(slots, default=now + GATHER_EVERY) - now >= GATHER_BEFORE + GATHERING:
        wishes.put_nowait((Wish.GATHER_ALL, ""))


def _wake_at_next(
    clock: AsyncIOScheduler, wishes: asyncio.Queue[tuple[Wish, str]], app: App, newsletter: Newsletter
) -> tuple[str, datetime]:
    """Set the alarms of the next slot, in the timer's own time: the app's clock may be moved by tests."""
    now = app.now()
    slot, instant = times.next_slot(newsletter.schedule, times.zone(newsletter.timezone), now)
    wall = datetime.now(UTC)
    for wish, moment in ((Wish.GATHER, instant - GATHER_BEFORE), (Wish.LOOK, instant)):
        if moment > now or wish is Wish.LOOK:
            clock.add_job(
                wishes.put_nowait,
                "date",
                run_date=wall + (moment - now),
                args=[(wish, newsletter.name)],
                id=f"{wish.value} {newsletter.name}",
                replace_existing=True,
            )
    return slot, instant


async def _work(
    app: App, clock: AsyncIOScheduler, wishes: asyncio.Queue[tuple[Wish, str]], stopped: asyncio.Task[bool]
) -> None:
    while not stopped.done():
        waiting = asyncio.create_task(wishes.get())
        await asyncio.wait({waiting, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            with suppress(asyncio.CancelledError):
                await waiting
            return
        wish, name = waiting.result()
        await _fulfil(app, wish, name)
        for newsletter in app.newsletters.values():
            _wake_at_next(clock, wishes, app, newsletter)


async def _fulfil(app: App, wish: Wish, name: str) -> None:
    """One wish. What fails is logged and tried again with the next look; one newsletter never stops another."""
    if wish is Wish.LOOK:
        for newsletter in app.newsletters.values():
            await _tried(app, look(app, newsletter), wish, newsletter.name)
        return
    sources = app.newsletter(name).sources if wish is Wish.GATHER else app.sources.values()
    await _tried(app, _gathered(app, sources, before_slot=wish is Wish.GATHER), wish, name)


async def _tried(app: App, act: Awaitable[object], wish: Wish, name: str) -> None:
    try:
        await act
    except DigestError as error:
        if isinstance(error, StoreError) and error.final:
            raise  # nothing this process writes can be trusted any more; whoever starts it again finds what is on disk
        if app.stop.is_set():
            log.info("broken off: %s", error, extra={"wish": wish.value, "newsletter": name})
            return
        log.error("failed, will be tried again: %s", error, extra={"wish": wish.value, "newsletter": name})  # noqa: TRY400
    except Exception:
        log.exception("failed, will be tried again", extra={"wish": wish.value, "newsletter": name})


async def _gathered(app: App, sources: Iterable[Source], *, before_slot: bool) -> None:
    harvest = await app.gather(sources, due_only=True, before_slot=before_slot)
    read = [one for one in harvest.results if not one.skipped]
    if read:
        log.info("sources read", extra={"sources": len(read), "new": sum(one.new for one in read)})
    _tell_sources(harvest)


async def look(app: App, newsletter: Newsletter) -> None:
    """Continue what is owed now, then see to the latest slot. Raises what publishing raises."""
    now = app.now()
    for unfinished in await app.unfinished(newsletter.name):
        _tell(await app.publish(newsletter.name, slot=unfinished.slot, skip_bad=True))
    newest = latest(newsletter, now)
    row = await app.store.issues.find(newsletter.name, newest[0]) if newest else None
    what = due(newsletter, row, newest, now)
    await _give_up(app, newsletter, now, but=what.slot if what else "")
    if what is None:
        return
    if what.act is Act.MISS:
        await _miss(app, newsletter, what.slot, what.instant)
        return
    _tell(await app.publish_due(newsletter.name, slot=what.slot, instant=what.instant))


async def _give_up(app: App, newsletter: Newsletter, now: datetime, *, but: str) -> None:
    """Slots that were planned before a crash or a broken theme and are too late by now."""
    for row in await app.store.issues.open(newsletter.name):
        planned = times.from_milliseconds(row.cutoff)
        if row.state is IssueState.PLANNED and row.slot != but and now - planned > newsletter.late_within:
            await _miss(app, newsletter, row.slot, planned)


async def _miss(app: App, newsletter: Newsletter, slot: str, instant: datetime) -> None:
    if await app.miss(newsletter.name, slot=slot, instant=instant):
        late = times.say_duration(newsletter.late_within)
        log.error("missed", extra={"issue": f"{newsletter.name}@{slot}", "late_within": late})


def _tell(report: Report) -> None:
    """One line per act; failures of sources with it."""
    level = logging.ERROR if report.state in {"paused", "empty"} else logging.INFO
    # Without the reason, which may quote an address: this line goes into logs.
    bad = (f"left out the bad line {one.file}:{one.line} (see digest check)" for one in report.bad_lines)
    log.log(
        level,
        "issue %s",
        report.state,
        extra={
            "issue": report.key,
            "sent": report.sent_now,
            "owed": report.owed,
            "notes": "; ".join((*report.notes, *bad)),
        },
    )
    _tell_sources(report.harvest)


def _tell_sources(harvest: Harvest) -> None:
    for failed in harvest.failures:
        log.warning("source failed", extra={"source": failed.source, "why": failed.failure})
    if harvest.clock and harvest.clock.warning:
        log.error("clock", extra={"why": harvest.clock.warning})
    for result in harvest.results:
        if result.alert:  # once when an episode begins and once when it ends: what an operator is to be told
            log.error("source alert", extra={"source": result.source, "why": result.alert})
        for note in result.notes:
            log.warning("source is odd", extra={"source": result.source, "why": note})
