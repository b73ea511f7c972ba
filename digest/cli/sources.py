"""digest sources: where articles come from."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from digest.cli import sources_edit
from digest.cli.ambient import Ambient, Json, part, run, say, say_json, say_table, verb, when
from digest.errors import DigestError, wrong

group = typer.Typer(help="Where articles come from.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group."""
    sources_edit.register(group)
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
    kind: Annotated[str, typer.Option("--as", metavar="feed|page", help="What it is: a feed or an article's page.")] = (
        "feed"
    ),
    url: Annotated[str, typer.Option("--url", help="Where a page that is a file was found.")] = "",
) -> None:
    """Read one feed, or one article's page, and show what it gives; nothing is stored."""
    ambient: Ambient = ctx.obj
    if kind not in {"feed", "page"}:
        raise wrong(f"--as {kind}: write feed or page")
    if "://" not in what and not Path(what).exists():
        raise DigestError(f"{what}: no such file (digest sources fetch NAME reads a source of the config)")
    raise typer.Exit(
        run(_test(ambient, what, js=as_json, allow_private=allow_private, url=url if kind == "page" else None))
    )


@group.command("fetch")
@verb
def fetch(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="All when left out.")] = None,
) -> None:
    """Read sources now, whenever they were last read, but for those whose server forbids it (Retry-After, 410)."""
    ambient: Ambient = ctx.obj
    raise typer.Exit(run(_fetch(ambient, names or [])))


@group.command("accept")
@verb
def accept(
    ctx: typer.Context, name: Annotated[str, typer.Argument(metavar="NAME", help="Its name in config.toml.")]
) -> None:
    """Offer what a source in quarantine gave, or ask one again that is off."""
    ambient: Ambient = ctx.obj
    run(_accept(ambient, name))


async def _list(ambient: Ambient, *, js: bool) -> None:
    async with ambient.open() as app:
        rows, zone = await part("source_list")(app), app.site.timezone
    if js:
        say_json(rows)
        return
    say_table(
        ("name", "kind", "health", "last success", "articles", "next try", "where"),
        [
            (
                row.name,
                row.kind,
                row.health,
                when(row.last_success, zone),
                row.articles,
                when(row.next_try, zone),
                "  ".join(filter(None, (row.where, row.error, row.quarantine, _moved(row.moved)))),
            )
            for row in rows
        ],
    )


def _moved(url: str) -> str:
    return f"asked at {url}" if url else ""


async def _test(ambient: Ambient, what: str, *, js: bool, allow_private: bool, url: str | None) -> int:
    """`url` None: a feed."""
    act = part("try_source") if url is None else partial(part("try_page"), url=url)
    reading, articles = await act(what, allow_private=allow_private, clock=ambient.clock)
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
        read = "unchanged" if result.unchanged else f"{result.read} articles, {result.new} new"
        say(f"{result.source}: {result.said or (result.fact if result.skipped else read)}")
        say(*(f"  {note}" for note in (*result.notes, result.alert) if note))
    if harvest.clock and harvest.clock.warning:
        say(harvest.clock.warning)
    return 1 if harvest.failures else 0


async def _accept(ambient: Ambient, name: str) -> None:
    async with ambient.open() as app:
        offered = await app.accept(name)
    if offered is None:
        say(f"{name}: nothing is held back and it is not off")
        return
    say(f"{name}: {offered} articles that were held are offered from now on; it is asked again when it is due")
