"""digest issues cancel, retry, resume, resend, correct: what an operator orders. Each is kept with the issue."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.ambient import Ambient, DryRun, run, say, verb
from digest.model import DeliveryState, Frozen, IssueRow

Key = Annotated[str, typer.Argument(metavar="KEY", help="NEWSLETTER@SLOT, e.g. morning@2026-11-23.")]
To = Annotated[list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Only this reader; again for more.")]


def register(group: typer.Typer) -> None:
    """Add the verbs."""
    for name, command in {
        "cancel": cancel,
        "retry": retry,
        "resume": resume,
        "resend": resend,
        "correct": correct,
    }.items():
        group.command(name)(command)


@verb
def cancel(ctx: typer.Context, key: Key, dry_run: DryRun = False) -> None:
    """Stop an issue for good, also while another process sends it: only what is on its way already goes out."""
    ambient: Ambient = ctx.obj
    run(_cancel(ambient, key, dry_run=dry_run))


@verb
def retry(
    ctx: typer.Context,
    key: Key,
    code: Annotated[
        list[str] | None,
        typer.Option("--code", metavar="CODE", help="Only replies that begin so: 5.7, 5.1.1, 550; again for more."),
    ] = None,
    domain: Annotated[
        list[str] | None, typer.Option("--domain", metavar="DOMAIN", help="Only its recipients; again for more.")
    ] = None,
    to: To = None,
    dry_run: DryRun = False,
) -> None:
    """Owe failed deliveries again, all or those chosen; a pause stays, and an expired issue is not retried."""
    ambient: Ambient = ctx.obj
    run(_retry(ambient, key, code or [], domain or [], to or [], dry_run=dry_run))


@verb
def resume(ctx: typer.Context, key: Key, dry_run: DryRun = False) -> None:
    """Go on with a paused issue; then `digest send` delivers to whoever is owed."""
    ambient: Ambient = ctx.obj
    run(_resume(ambient, key, dry_run=dry_run))


@verb
def resend(ctx: typer.Context, key: Key, to: To = None, dry_run: DryRun = False) -> None:
    """Send deliveries in doubt once more, byte for byte with the same Message-ID; some may arrive a second time."""
    ambient: Ambient = ctx.obj
    run(_resend(ambient, key, to or [], dry_run=dry_run))


@verb
def correct(
    ctx: typer.Context,
    key: Key,
    tell: Annotated[
        bool, typer.Option("--tell", help="Those who had it get the correction too, as an answer to it.")
    ] = False,
    subject: Annotated[str, typer.Option("--subject", metavar="LINE", help="Another subject line.")] = "",
    drop: Annotated[
        list[str] | None,
        typer.Option("--drop", metavar="URL", help="Without this article, by URL or headline; again for more."),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Stop an issue and make a corrected one of the same articles, as sources, config and theme are now.

    It is an issue of its own (slot DATE.c1) for those who have not had the first one.
    """
    ambient: Ambient = ctx.obj
    run(_correct(ambient, key, subject, drop or [], tell=tell, dry_run=dry_run))


async def _cancel(ambient: Ambient, key: str, *, dry_run: bool) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        if dry_run:
            standing = await app.store.issues.standing(row)
            say(f"{row.key} is {row.state}: {standing.owed:,} who are owed would get nothing")
            return
        row = await app.orders.cancel(row)
        counts = (await app.store.issues.standing(row)).counts
    say(f"{row.key} is cancelled: {counts['sent']:,} sent, {counts['skipped']:,} skipped")
    if counts["sending"]:
        say(
            f"  {counts['sending']:,} were on their way already; digest issues show {row.key} tells what became of them"
        )


async def _retry(
    ambient: Ambient, key: str, codes: list[str], domains: list[str], addresses: list[str], *, dry_run: bool
) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        which = app.orders.which(codes=codes, domains=domains, addresses=addresses)
        if dry_run:
            count = await app.orders.count(row, DeliveryState.FAILED, which)
            say(f"{row.key}: {count:,} failed deliveries would be owed again")
            return
        row, count = await app.orders.retry(row, which)
        say(f"{row.key}: {count:,} failed deliveries are owed again{_next(row, count)}")


def _next(row: IssueRow, count: int) -> str:
    """What has to be done for rows that are owed again to leave."""
    if row.state == "paused":
        return f"; it is paused: digest issues resume {row.key}"
    return f"; digest send {row.newsletter} delivers them" if count else ""


async def _resume(ambient: Ambient, key: str, *, dry_run: bool) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        if dry_run:
            say(f"{row.key} is {row.state}" + (f": {row.note}" if row.note else ""))
            return
        row = await app.orders.resume(row)
        say(f"{row.key} is {row.state} again; digest send {row.newsletter} delivers to whoever is owed")


async def _resend(ambient: Ambient, key: str, addresses: list[str], *, dry_run: bool) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        which = app.orders.which(addresses=addresses)
        if dry_run:
            count = await app.orders.count(row, DeliveryState.IN_DOUBT, which)
            say(f"{row.key}: {count:,} deliveries in doubt would be sent once more")
            return
        row, count = await app.orders.resend(row, which)
        say(f"{row.key}: {count:,} deliveries in doubt go once more{_next(row, count)}")


async def _correct(ambient: Ambient, key: str, subject: str, drop: list[str], *, tell: bool, dry_run: bool) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        made = await app.orders.correct(row, app.orders.changes(subject=subject, drop=drop), tell=tell, dry_run=dry_run)
    if not isinstance(made, Frozen):
        say(f"{row.key} would be corrected by {made.key} (dry run: nothing was changed)", f"  subject: {made.subject}")
        return
    say(
        f"{row.key} is corrected by {made.row.key}, for {made.row.recipients:,} readers",
        f"  subject: {made.row.subject}",
        f"  digest send {row.newsletter} delivers it",
    )
