"""digest subscribers: people, in files; and what they said, in the store."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.ambient import Ambient, DryRun, Json, run, say, say_json, say_table, verb, when

group = typer.Typer(help="People: who is on the lists, and what they said.", no_args_is_help=True)
Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


def register(cli: typer.Typer) -> None:
    """Add the group."""
    cli.add_typer(group, name="subscribers")


@group.command("list")
@verb
def list_subscribers(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[LIST]", help="All lists when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Everyone on the lists, and who of them has left."""
    ambient: Ambient = ctx.obj
    run(_list(ambient, name, js=as_json))


@group.command("add")
@verb
def add(
    ctx: typer.Context,
    address: Address,
    to: Annotated[str | None, typer.Option("--list", help="Which list; needed when there are several.")] = None,
    name: Annotated[str, typer.Option("--name", help="How they are greeted.")] = "",
    dry_run: DryRun = False,
) -> None:
    """Add somebody to a list's file; comments stay."""
    ambient: Ambient = ctx.obj
    run(_edit(ambient, "add", address, to, name, dry_run=dry_run))


@group.command("remove")
@verb
def remove(
    ctx: typer.Context,
    address: Address,
    of: Annotated[str | None, typer.Option("--list", help="Only from this list.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Take somebody out of the files; a "no" of theirs stays (see leave)."""
    ambient: Ambient = ctx.obj
    run(_edit(ambient, "remove", address, of, "", dry_run=dry_run))


@group.command("why")
@verb
def why(ctx: typer.Context, address: Address, as_json: Json = False) -> None:
    """Why this address gets a newsletter or does not, and what it was sent."""
    ambient: Ambient = ctx.obj
    run(_why(ambient, address, js=as_json))


@group.command("leave")
@verb
def leave(
    ctx: typer.Context,
    address: Address,
    newsletter: Annotated[str | None, typer.Option("--newsletter", help="Only this one; else all of them.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Record a "no": it wins over every file, for good."""
    ambient: Ambient = ctx.obj
    run(_leave(ambient, address, newsletter, dry_run=dry_run))


async def _list(ambient: Ambient, name: str | None, *, js: bool) -> None:
    async with ambient.open() as app:
        rows = await app.people.everyone(name)
    if js:
        say_json([{"subscriber": person, "left": sorted(left)} for person, left in rows])
        return
    said = [
        (
            person.email,
            person.name or "-",
            ", ".join(person.lists),
            person.language or "-",
            ", ".join(sorted(left)) or "-",
        )
        for person, left in rows
    ]
    say_table(("address", "name", "lists", "language", "left"), said)


async def _edit(ambient: Ambient, act: str, address: str, name: str | None, greeted: str, *, dry_run: bool) -> None:
    async with ambient.open() as app:
        if act == "add":
            lines = await app.people.add(address, name, greeted, dry_run=dry_run)
        else:
            lines = app.people.remove(address, name, dry_run=dry_run)
    say(*lines)


async def _why(ambient: Ambient, address: str, *, js: bool) -> None:
    async with ambient.open() as app:
        known = await app.people.why(address)
        zone = app.site.timezone
    if js:
        say_json(known)
        return
    person = known.subscriber
    say(
        f"{known.address}: "
        + (f"on {', '.join(person.lists)} ({person.file}:{person.line})" if person else "on no list")
    )
    for name, reason in known.newsletters.items():
        say(f"  {name}: {reason}")
    for consent in known.said:
        scope = "every newsletter" if consent.scope == "*" else consent.scope
        said = f"{when(consent.at, zone)} {consent.kind} {scope}"
        say(f"  said: {said} ({', '.join(part for part in (consent.origin, consent.proof) if part)})")
    for key, state, at in known.messages:
        say(f"  {key}: {state}" + (f" {when(at, zone)}" if at else ""))


async def _leave(ambient: Ambient, address: str, newsletter: str | None, *, dry_run: bool) -> None:
    async with ambient.open() as app:
        scope = newsletter or "every newsletter"
        if not dry_run:
            await app.people.leave(address, newsletter=newsletter, origin="operator")
    say(f"{address} {'would get' if dry_run else 'gets'} {scope} no more, whatever the files say")
