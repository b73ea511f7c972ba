"""digest migrate: bring the store to this version."""

from __future__ import annotations

import typer

from digest.cli.ambient import Ambient, DryRun, part, run, say, verb


@verb
def migrate(ctx: typer.Context, dry_run: DryRun = False) -> None:
    """Bring the store to this version; a copy is kept beside it."""
    ambient: Ambient = ctx.obj
    say(*run(part("migrate")(ambient.config, dry_run=dry_run)))


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("migrate")(migrate)
