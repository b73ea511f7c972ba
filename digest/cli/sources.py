"""digest sources: where articles come from."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from digest.cli.ambient import Ambient, Json, part, run, say, say_json, say_table, verb, when
from digest.errors import DigestError, wrong
from digest.model import SourceState

group = typer.Typer(help="Where articles come from.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group."""
    cli.add_typer(group, name="sources")


@group.command("list")
@verb
def list_sources(ctx: typer.Context, as_json: Json = False) -> None:
    """Every source: how it is, when it was read, what it gave."""
    ambient: Ambient = ctx.obj
    run(_list(ambient, js=as_json))


@group.command("test")
@verb
def try_source(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="FILE_OR_URL", help="A feed; the config is not needed.")],
    as_json: Json = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="The URL may be on a private network.")
    ] = False,
) -> None:
    """Read one feed and show what it gives; nothing is stored."""
    ambient: Ambient = ctx.obj
    if "://" not in what and not Path(what).exists():
        raise DigestError(f"{what}: no such file (digest sources fetch NAME reads a source of the config)")
    raise typer.Exit(run(_test(ambient, what, js=as_json, allow_private=allow_private)))


@group.command("fetch")
@verb
def fetch(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All when left out.")] = None,
) -> None:
    """Read sources now, whenever they were last read."""
    ambient: Ambient = ctx.obj
    raise typer.Exit(run(_fetch(ambient, names or [])))


async def _list(ambient: Ambient, *, js: bool) -> None:
    async with ambient.open() as app:
        states = await app.store.articles.states()
        sources, zone = list(app.sources.values()), app.site.timezone
    rows: list[dict[str, Any]] = []
    for source in sources:
        state = states.get(source.name, SourceState(name=source.name))
        failing = f"failing ({state.streak})" if state.streak else "ok"
        rows.append(
            {
                "name": source.name,
                "kind": source.kind,
                "health": failing if state.last_try else "not read yet",
                "last_success": state.last_success,
                "articles": state.articles,
                "next_try": _next_try(state, source.every),
                "error": state.error,
                "where": source.url or source.path,
            }
        )
    if js:
        say_json(rows)
        return
    say_table(
        ("name", "kind", "health", "last success", "articles", "next try", "where"),
        [
            (
                row["name"],
                row["kind"],
                row["health"],
                when(row["last_success"], zone),
                row["articles"],
                when(row["next_try"], zone),
                f"{row['where']}" + (f"  {row['error']}" if row["error"] else ""),
            )
            for row in rows
        ],
    )


def _next_try(state: SourceState, every: timedelta) -> Any:
    return state.last_try + every if state.last_try else None


async def _test(ambient: Ambient, what: str, *, js: bool, allow_private: bool) -> int:
    reading, articles = await part("try_source")(what, allow_private=allow_private, clock=ambient.clock)
    if js:
        say_json(
            {
                "title": reading.title,
                "link": reading.link,
                "language": reading.language,
                "failure": reading.failure,
                "notes": reading.notes,
                "articles": [
                    {
                        "headline": declared.headline,
                        "url": declared.url,
                        "guid": declared.guid,
                        "published": declared.published,
                        "updated": declared.updated,
                        "byline": declared.byline,
                        "authors": declared.authors,
                        "summary": declared.summary,
                        "image": declared.images[0].url if declared.images else None,
                        "tags": declared.tags,
                        "notes": declared.notes,
                        "article": article,
                    }
                    for declared, article in zip(reading.declared, articles, strict=True)
                ],
            }
        )
        return 1 if reading.failure else 0
    if reading.failure:
        say(f"{what}: {reading.failure}")
        return 1
    say(f"{reading.title or what}: {len(articles)} articles", *(f"  note: {note}" for note in reading.notes))
    rows = [(when(one.published), one.kicker or "-", one.headline, one.refused or one.url) for one in articles]
    say_table(("published (UTC)", "kicker", "headline", "link"), rows)
    return 0


async def _fetch(ambient: Ambient, names: list[str]) -> int:
    async with ambient.open() as app:
        unknown = [name for name in names if name not in app.sources]
        if unknown:
            raise wrong(f"no source called {', '.join(unknown)} (known: {', '.join(app.sources)})")
        harvest = await app.gather([app.sources[name] for name in names or app.sources])
    for result in harvest.results:
        said = result.failure or ("unchanged" if result.unchanged else f"{result.read} articles, {result.new} new")
        say(f"{result.source}: {said}", *(f"  {note}" for note in result.notes))
    return 1 if harvest.failures else 0
