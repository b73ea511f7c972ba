"""digest config: what is in force."""

from __future__ import annotations

import typer

from digest.cli.ambient import Ambient, part, say, say_json, verb

group = typer.Typer(help="What is in force.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group."""
    cli.add_typer(group, name="config")


@group.command("show")
@verb
def show(ctx: typer.Context) -> None:
    """Every key with the value in force; of a secret only where it comes from."""
    ambient: Ambient = ctx.obj
    say(part("shown")(ambient.config))


@group.command("schema")
@verb
def schema() -> None:
    """The JSON Schema of config.toml, for editors."""
    say_json(part("schema")())
