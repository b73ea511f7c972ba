"""digest status: what is, at a glance."""

from __future__ import annotations

import typer

from digest.cli.ambient import Ambient, Json, part, run, say, say_json, say_table, verb, when


@verb
def status(ctx: typer.Context, as_json: Json = False) -> None:
    """The next slots, the last issues, who is owed, which sources fail."""
    ambient: Ambient = ctx.obj
    run(_status(ambient, js=as_json))


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("status")(status)


async def _status(ambient: Ambient, *, js: bool) -> None:
    async with ambient.open() as app:
        now = await part("status")(app)
    if js:
        say_json(now)
        return
    rows = [
        (
            one.name,
            one.next_slot,
            when(one.next_at, one.timezone),
            one.last_key or "-",
            one.last_state or "-",
            one.owed,
            one.in_doubt,
            one.readers,
        )
        for one in now.newsletters
    ]
    say_table(("newsletter", "next slot", "at", "last issue", "state", "owed", "in doubt", "readers"), rows)
    say(*(f"source {source}: {why}" for source, why in now.ill.items()))
    say(
        *(f"source {source} has moved: {url} is asked; write that into the config" for source, url in now.moved.items())
    )
    say(*(f"paused: {key}: {note}" for key, note in now.paused.items()))  # the note says how it is mended
