"""digest preview: the next real issue, in a browser or as files."""

from __future__ import annotations

import asyncio
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.ambient import Ambient, AsOf, Slot, part, run, say, stopping, verb
from digest.cli.send import picked
from digest.errors import DigestError


@verb
def preview(
    ctx: typer.Context,
    newsletter: Annotated[str | None, typer.Argument(help="Its name; all of them when left out.")] = None,
    slot: Slot = None,
    as_of: AsOf = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write issue.html, .txt and .mjml there instead.")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="0: any free one.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not start a browser.")] = False,
) -> None:
    """Show the next real issue at 127.0.0.1, live while you edit; or write it as files."""
    ambient: Ambient = ctx.obj
    if out is not None:
        run(_write(ambient, newsletter, slot, as_of, out))
        return
    run(_serve(ambient, newsletter, slot, as_of, port, browser=not no_open))


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("preview")(preview)


async def _write(ambient: Ambient, name: str | None, slot: str | None, as_of: str | None, out: Path) -> None:
    async with ambient.open(as_of, showing=True) as app:
        for one in [name] if name else list(app.newsletters):
            folder = out if name else out / one
            prepared = await app.prepare(one, slot=slot, even_short=True)
            if prepared.issue is None:
                raise DigestError(f"{one}@{prepared.slot}: no article to show (digest explain {one} says why)")
            files = part("write_shown")(prepared.issue, folder)
            say(f"{prepared.issue.key}  {prepared.issue.subject!r}")
            if prepared.short:
                say("  too little news: this issue would not be sent")
            say(*picked(prepared.picks, one), *(f"  {note}" for note in prepared.notes))
            say(*(f"  {file}" for file in files))


async def _serve(
    ambient: Ambient, name: str | None, slot: str | None, as_of: str | None, port: int, *, browser: bool
) -> None:
    def ready(url: str) -> None:
        say(f"preview at {url}  (Ctrl-C ends it)")
        sys.stdout.flush()
        if browser:
            webbrowser.open(url)

    with stopping(asyncio.Event()) as stop:
        await part("preview")(
            lambda: ambient.open(as_of, showing=True),
            ambient.config,
            newsletter=name,
            slot=slot,
            port=port,
            stop=stop,
            on_ready=ready,
        )
