"""digest issues: what went out, to whom, and the proof."""

from __future__ import annotations

from typing import Annotated

import typer

from digest import times
from digest.cli import issues_orders, issues_proof
from digest.cli.ambient import Ambient, Json, run, say, say_json, say_table, verb, when
from digest.cli.issues_orders import Key
from digest.model import IssueState, Standing

group = typer.Typer(help="What went out, to whom, and the proof.", no_args_is_help=True)
_MOST = 50  # deliveries listed one by one
_NOTABLE = ("failed", "in_doubt", "deferred", "sending", "skipped")


def register(cli: typer.Typer) -> None:
    """Add the group."""
    for module in (issues_orders, issues_proof):
        module.register(group)
    cli.add_typer(group, name="issues")


@group.command("list")
@verb
def list_issues(
    ctx: typer.Context,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many, newest first.")] = 50,
    as_json: Json = False,
) -> None:
    """The issues, newest first."""
    ambient: Ambient = ctx.obj
    run(_list(ambient, limit, js=as_json))


@group.command("show")
@verb
def show(ctx: typer.Context, key: Key, as_json: Json = False) -> None:
    """One issue: its state, its picks, how many deliveries stand where, and each that did not simply arrive."""
    ambient: Ambient = ctx.obj
    run(_show(ambient, key, js=as_json))


async def _list(ambient: Ambient, limit: int, *, js: bool) -> None:
    async with ambient.open() as app:
        rows = await app.store.issues.list(limit)
        standings = [await app.store.issues.standing(row) for row in rows]
        zone = app.site.timezone
    if js:
        say_json([{"key": row.key, "row": row, "standing": one} for row, one in zip(rows, standings, strict=True)])
        return
    said = [
        (row.key, row.state, row.recipients, one.counts["sent"], one.owed, when(row.composed_at, zone), row.subject)
        for row, one in zip(rows, standings, strict=True)
    ]
    say_table(("issue", "state", "recipients", "sent", "owed", "composed", "subject"), said)


async def _show(ambient: Ambient, key: str, *, js: bool) -> None:
    async with ambient.open() as app:
        row = await app.issue(key)
        standing = await app.store.issues.standing(row)
        picks = (await app.store.issues.load(row)).picks if row.composed_at else None
        notable = await app.store.issues.deliveries(row, states=_NOTABLE, limit=None if js else _MOST)
        orders = await app.store.orders.of(row)
        corrects = await app.store.orders.corrected(row)
        pace = await app.store.issues.pace(row, now=times.milliseconds(app.now()))
        zone = app.newsletters[row.newsletter].timezone if row.newsletter in app.newsletters else app.site.timezone
    if js:
        say_json(
            {
                "key": row.key,
                "row": row,
                "standing": standing,
                "deliveries": notable,
                "picks": picks,
                "orders": orders,
                "pace": pace,
            }
        )
        return
    say(f"{row.key}  {row.state}  no. {row.number}  {row.subject!r}")
    say(
        f"  due {when(row.due_at, zone)}, composed {when(row.composed_at, zone)}, articles up to {when(row.cutoff, zone)}"
    )
    if row.note:
        say(f"  note: {row.note}")
    said = ", ".join(f"{count:,} {state}" for state, count in standing.counts.items() if count)
    say(f"  {row.recipients:,} recipients: {said or 'none'}")
    if row.state is IssueState.SENDING and pace:
        say(f"  {under_way(row.recipients, standing, pace)}")
    if corrects is not None:
        say(f"  corrects {corrects.key}")
    for order in orders:
        say(f"  {when(order.at, zone)} {order.verb}" + (f": {order.said}" if order.said else ""))
    for one in notable:
        said = " ".join(part for part in (str(one.code or ""), one.reply) if part)
        say(f"  {one.state} {one.subscriber} attempt {one.attempt} {said}".rstrip())
    more = sum(standing.counts[state] for state in _NOTABLE) - len(notable)
    if more > 0:
        say(f"  and {more:,} more (--json lists them all)")
    for pick in picks.chosen if picks else ():
        say(f"  {pick.section} {pick.n}: {pick.article.headline} ({pick.article.outlet})  {pick.article.url}")


def under_way(recipients: int, standing: Standing, pace: float) -> str:
    """`12,345 of 50,000 (25 %), 412/s, 1 min left`: what the bar of the sending itself shows."""
    left = sum(standing.counts[state] for state in ("pending", "claimed", "sending"))
    done = recipients - left
    seconds = left / pace
    return f"{done:,} of {recipients:,} ({100 * done // max(1, recipients)} %), {pace:,.1f}/s, {_lasting(seconds)} left"


def _lasting(seconds: float) -> str:
    """`41 s`, `12 min`, `3 h 5 min`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
