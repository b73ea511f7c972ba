"""digest check: every mistake in every file, at once."""

from __future__ import annotations

import typer

from digest.cli.ambient import Ambient, part, say, verb


@verb
def check(ctx: typer.Context) -> None:
    """Find every mistake in config, subscribers, themes and sources; exit 2 when there is one."""
    ambient: Ambient = ctx.obj
    mistakes, warnings = part("check")(ambient.config)
    say(*(f"warning: {warning}" for warning in warnings))
    say(*(str(mistake) for mistake in mistakes), err=True)
    if mistakes:
        raise typer.Exit(2)
    say(f"{ambient.config}: no mistakes")


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("check")(check)
