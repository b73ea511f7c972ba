"""digest send: fill a slot, and deliver to whoever is owed."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.ambient import Ambient, AsOf, DryRun, Json, Slot, part, run, say, say_json, stopping, verb, when
from digest.model import OutcomeKind, Picks, Report

if TYPE_CHECKING:
    from digest.app import App


_FIRST_PATIENCE = 1.0  # seconds
_MOST_PATIENCE = 300.0


@verb
def send(
    ctx: typer.Context,
    newsletter: Annotated[str, typer.Argument(help="Its name in config.toml.")],
    slot: Slot = None,
    as_of: AsOf = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ADDRESS", help="A test: only to this address, nothing is recorded.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until nobody is owed or the issue expires.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Send although lines of the lists are bad.")] = False,
    fail_empty: Annotated[bool, typer.Option("--fail-empty", help="Exit 3 when there is too little news.")] = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Fill the slot (today's unless given) and deliver; again: only to whoever is still owed."""
    ambient: Ambient = ctx.obj
    if to is not None:
        raise typer.Exit(run(_test(ambient, newsletter, to, slot, as_of)))
    if dry_run:
        dry = _dry(ambient, newsletter, slot, as_of, skip_bad=skip_bad, fail_empty=fail_empty, js=as_json)
        raise typer.Exit(run(dry))
    raise typer.Exit(
        run(_send(ambient, newsletter, slot, as_of, wait=wait, skip_bad=skip_bad, fail_empty=fail_empty, js=as_json))
    )


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("send")(send)


async def _send(
    ambient: Ambient,
    name: str,
    slot: str | None,
    as_of: str | None,
    *,
    wait: bool,
    skip_bad: bool,
    fail_empty: bool,
    js: bool,
) -> int:
    async with ambient.open(as_of) as app:
        with stopping(app.stop), _watched(app, name):
            report = await app.publish(name, slot=slot, skip_bad=skip_bad)
            if wait:
                report = await _stay(app, report, skip_bad=skip_bad)
        zone = app.newsletter(name).timezone
    if js:
        say_json(report)
    else:
        say(*lines(report, zone))
    if report.state == "empty":
        return 3 if fail_empty else 0
    owed = report.owed or report.doubt_next is not None
    nobody = bool(report.counts.get("failed")) and not report.counts.get("sent")
    return 1 if owed or nobody or report.state in {"paused", "failed"} else 0


@contextlib.contextmanager
def _watched(app: App, name: str) -> Iterator[None]:
    """Show the progress where somebody looks: on a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    with part("bar")(name) as app.progress:
        yield


async def _stay(app: App, report: Report, *, skip_bad: bool) -> Report:
    """Publish again whenever a row falls due; the ledger ends it, by sending or by expiry.

    Rounds that send nothing, since the relay is away, are further and further apart.
    """
    first, patience = report, _FIRST_PATIENCE
    while report.state == "sending" and not app.stop.is_set():
        moments = [moment for moment in (report.owed_next, report.doubt_next) if moment is not None]
        if not moments:
            break
        patience = _FIRST_PATIENCE if report.sent_now else min(patience * 2, _MOST_PATIENCE)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.stop.wait(), max(patience, min(moments) / 1000 - app.now().timestamp()))
            break
        report = await app.publish(report.newsletter, slot=report.slot, skip_bad=skip_bad)
        first = _joined(first, report)
    return first


def _joined(first: Report, later: Report) -> Report:
    """The later standing, with what the first round read and picked."""
    return replace(
        later,
        fresh=first.fresh,
        sent_now=first.sent_now + later.sent_now,
        harvest=first.harvest,
        picks=first.picks,
        notes=(*first.notes, *(note for note in later.notes if note not in first.notes)),
        bad_lines=first.bad_lines,
    )


async def _dry(
    ambient: Ambient, name: str, slot: str | None, as_of: str | None, *, skip_bad: bool, fail_empty: bool, js: bool
) -> int:
    async with ambient.open(as_of, showing=True) as app:
        unfinished = await app.unfinished(name)
        prepared = await app.prepare(name, slot=slot)
        readers = await app.people.count(app.newsletter(name), skip_bad=skip_bad)
    if js:
        say_json({"slot": prepared.slot, "readers": readers, "picks": prepared.picks, "harvest": prepared.harvest})
        return 3 if fail_empty and prepared.issue is None else 0
    if slot is None:
        say(*(f"{row.key} would be continued first" for row in unfinished))
    say(f"{name}@{prepared.slot}  would go to {readers} readers (dry run: nothing was sent)")
    if prepared.issue:
        say(f"  subject: {prepared.issue.subject}")
    else:
        say(f"  too little news: {len(prepared.picks.chosen)} articles, nothing would be sent")
    say(*picked(prepared.picks, name), *(f"  {note}" for note in prepared.notes))
    return 3 if fail_empty and prepared.issue is None else 0


async def _test(ambient: Ambient, name: str, address: str, slot: str | None, as_of: str | None) -> int:
    async with ambient.open(as_of, showing=True) as app:
        outcome = await app.send_test(name, address, slot=slot)
    reply = outcome.reply
    say(f"{outcome.kind}: {address} {reply.code or ''} {reply.text}".rstrip())
    return 0 if outcome.kind is OutcomeKind.SENT else 1


def lines(report: Report, zone: str) -> Iterator[str]:
    """The report for people."""
    yield f"{report.key}  {report.state}" + (f"  {report.subject!r}" if report.subject else "")
    if report.picks is not None:
        yield from picked(report.picks, report.newsletter)
    for ill in report.harvest.ill:
        yield f"  source {ill.source}: {ill.said}"
    for result in report.harvest.results:
        yield from (f"  source {result.source}: {note}" for note in (*result.notes, result.alert) if note)
    if report.harvest.clock and report.harvest.clock.warning:
        yield f"  {report.harvest.clock.warning}"
    for note in (*report.notes, *(f"left out: {mistake}" for mistake in report.bad_lines)):
        yield f"  {note}"
    if report.recipients:
        yield f"  {_deliveries(report, zone)}"
    if report.where:
        yield f"  in {report.where}: the messages, and issue.html, issue.txt, issue.mjml"


def picked(picks: Picks, newsletter: str) -> Iterator[str]:
    """What was picked from where, and one line per reason for what was left out."""
    places = Counter((pick.section, pick.article.outlet) for pick in picks.chosen)
    yield f"  picked {len(picks.chosen)} of {picks.offered} offered"
    for section in dict.fromkeys(pick.section for pick in picks.chosen):
        outlets = ", ".join(f"{outlet} {n}" for (place, outlet), n in places.items() if place == section)
        yield f"    {section}: {outlets}"
    reasons = Counter(out.reason for out in picks.left_out)
    examples = {out.reason: out for out in reversed(picks.left_out)}
    if reasons:
        yield f"  left out {len(picks.left_out)} (digest explain {newsletter} lists each)"
    for reason, count in reasons.most_common():
        out = examples[reason]
        yield f"    {reason} {count}: {out.article.headline!r}" + (f" ({out.fact})" if out.fact else "")


def _deliveries(report: Report, zone: str) -> str:
    """`1,980 sent, 14 owed (next 06:41), 6 in doubt (again after 06:46)`."""
    counts = report.counts
    said = [f"{counts.get('sent', 0):,} sent" + (f" ({report.sent_now:,} now)" if report.sent_now else "")]
    said += [f"{counts[state]:,} {state}" for state in ("failed", "skipped") if counts.get(state)]
    if report.owed:
        due = report.owed_next is not None and report.owed_next > 0  # a row never tried is due from the start
        said.append(f"{report.owed:,} owed ({f'next {when(report.owed_next, zone)[11:]}' if due else 'due now'})")
    if counts.get("in_doubt"):
        again = f" (again after {when(report.doubt_next, zone)[11:]})" if report.doubt_next else " (held)"
        said.append(f"{counts['in_doubt']:,} in doubt{again}")
    if not report.owed and not counts.get("in_doubt") and not report.sent_now:
        said.append("nobody is owed, nothing new")
    return ", ".join(said)
