"""digest theme: the looks there are, and a new one of one's own."""

from __future__ import annotations

from typing import Annotated

import typer

from digest.cli.ambient import Ambient, DryRun, Json, part, say, say_json, say_table, verb

group = typer.Typer(help="How messages look.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group."""
    cli.add_typer(group, name="theme")


@group.command("list")
@verb
def list_themes(ctx: typer.Context, as_json: Json = False) -> None:
    """Every theme, where it lies and which newsletters use it."""
    ambient: Ambient = ctx.obj
    found = part("themes")(ambient.config)
    if as_json:
        say_json(found)
        return
    say_table(
        ("theme", "title", "used by", "where"),
        [
            (
                one.name,
                one.title or "-",
                ", ".join(one.newsletters) or "-",
                one.wrong or ("yours: " if one.own else "") + one.folder,
            )
            for one in found
        ],
    )


@group.command("new")
@verb
def new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="What it is called: small letters, digits and hyphens.")],
    origin: Annotated[str, typer.Option("--from", metavar="THEME", help="The theme to copy.")] = "briefing",
    dry_run: DryRun = False,
) -> None:
    """Copy a theme beside config.toml, with every part it uses, for you to change."""
    ambient: Ambient = ctx.obj
    files = part("new_theme")(ambient.config, name, origin, dry_run=dry_run)
    if dry_run:
        say(*(f"would be written: {file}" for file in files))
        return
    say(f"{files[0].parent}: {', '.join(file.name for file in files)} written, from {origin}")
    say(f'next: write theme = "{name}" in config.toml, then digest preview while you edit, digest check when done')
