"""digest check: every mistake in every file, at once."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from digest.cli.ambient import Ambient, part, say, verb
from digest.errors import Mistake


class Format(StrEnum):
    """How what was found is told."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"


@verb
def check(
    ctx: typer.Context,
    form: Annotated[Format, typer.Option("--format", help="For people, or for a machine.")] = Format.TEXT,
) -> None:
    """Find every mistake in config, subscribers, themes and sources; exit 2 when there is one."""
    ambient: Ambient = ctx.obj
    found: Sequence[Mistake] = part("check")(ambient.config)
    mistakes = [one for one in found if not one.warning]
    if form is Format.TEXT:
        say(*(f"warning: {one}" for one in found if one.warning))
        say(*map(str, mistakes), err=True)
        if not mistakes:
            say(f"{ambient.config}: no mistakes")
    else:
        typer.echo(part("findings")(form.value, found, checked=str(ambient.config)))
    if mistakes:
        raise typer.Exit(2)


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("check")(check)
