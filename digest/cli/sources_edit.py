"""digest sources add, import, export: changing which sources there are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from digest.cli.ambient import Ambient, DryRun, Json, part, run, say, say_json, say_table, verb


def register(group: typer.Typer) -> None:
    """Add the verbs."""
    group.command("add")(add)
    group.command("import")(import_opml)
    group.command("export")(export_opml)


@verb
def add(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Any page of the site, or its feed.")],
    name: Annotated[str, typer.Option("--name", help="What to call it; else made from its title.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The URL may be on a private network.")
    ] = False,
) -> None:
    """Find the feed of a site, show what it gives, and write it into config.toml."""
    ambient: Ambient = ctx.obj
    added = run(
        part("add_source")(
            ambient.config, url, name=name, allow_private=allow_private, dry_run=dry_run, clock=ambient.clock
        )
    )
    if as_json:
        feeds = [{"url": one.url, "title": one.title, "articles": one.articles} for one in added.found]
        say_json({"names": added.names, "feeds": feeds, "toml": added.text})
        return
    rows = [(one.url, one.articles, "comments" if one.comments else one.title) for one in added.found]
    say_table(("feed", "articles", "title"), rows)
    say("", *(f"  {one.headline}" for one in added.found[0].reading.declared[:3]), "", added.text.rstrip())
    _say_next(ambient, added.names, dry_run=dry_run)


@verb
def import_opml(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="F", help="An OPML file.")],
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Write the feeds of an OPML file into config.toml; those already there are left out."""
    ambient: Ambient = ctx.obj
    added = run(part("import_opml")(ambient.config, file, dry_run=dry_run))
    if as_json:
        say_json({"names": added.names, "left_out": added.left_out, "toml": added.text})
        return
    say(*added.left_out, added.text.rstrip())
    _say_next(ambient, added.names, dry_run=dry_run)


@verb
def export_opml(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Option("-o", "--out", help="The file to write; else it is shown.")] = None,
) -> None:
    """Every feed of config.toml as OPML 2.0."""
    ambient: Ambient = ctx.obj
    text, others = part("export_opml")(ambient.config)
    if to is None:
        typer.echo(text, nl=False)
    else:
        to.write_text(text, encoding="utf-8")
    if others:
        say(f"not feeds with an address, so not in it: {', '.join(others)}", err=True)


def _say_next(ambient: Ambient, names: tuple[str, ...], *, dry_run: bool) -> None:
    if not names:
        say("nothing new")
        return
    did = "would be written into" if dry_run else "written into"
    listed = ", ".join(f'"{name}"' for name in names[:5]) + (" ..." if len(names) > 5 else "")
    say("", f"{len(names)} {did} {ambient.config}; now name them in a section: sources = [{listed}]")
