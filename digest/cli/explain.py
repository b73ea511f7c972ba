"""digest explain: why every article is in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.ambient import Ambient, AsOf, Json, Slot, run, say, say_json, say_table, verb, when
from digest.model import LeftOut, Pick

if TYPE_CHECKING:
    from digest.pipeline import Prepared


@verb
def explain(
    ctx: typer.Context,
    newsletter: Annotated[str, typer.Argument(help="Its name in config.toml.")],
    url: Annotated[str | None, typer.Argument(help="Only the articles whose link or headline holds this.")] = None,
    slot: Slot = None,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Why every article is in the issue or out, and why a source gave none."""
    ambient: Ambient = ctx.obj
    run(_explain(ambient, newsletter, url, slot, as_of, js=as_json))


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("explain")(explain)


async def _explain(
    ambient: Ambient, name: str, url: str | None, slot: str | None, as_of: str | None, *, js: bool
) -> None:
    async with ambient.open(as_of, showing=True) as app:
        prepared = await app.prepare(name, slot=slot, even_short=True)
        zone = app.newsletter(name).timezone
        without = app.sources_without(prepared, name)
    picks = prepared.picks
    rows: list[Pick | LeftOut] = [*picks.chosen, *picks.left_out]
    rows = [row for row in rows if not url or url in row.article.url or url in row.article.headline]
    if js:
        say_json(_document(name, prepared, rows, without))
        return
    say(f"{name}@{prepared.slot}  articles up to {when(prepared.cutoff, zone)} ({zone})")
    said = [(_place(row), row.reason, row.article.source, row.article.headline, _fact(row)) for row in rows]
    if said or not url:
        say_table(("place", "reason", "source", "headline", "why"), said)
    else:
        say(f"none of the {len(picks.chosen) + len(picks.left_out)} articles has {url!r} in its link or headline")
    say(*picks.fitted)
    say(*(f"source without an article: {line}" for line in without))


def _document(name: str, prepared: Prepared, rows: list[Pick | LeftOut], without: tuple[str, ...]) -> dict[str, Any]:
    return {
        "newsletter": name,
        "slot": prepared.slot,
        "cutoff": prepared.cutoff,
        "articles": [
            {
                "reason": row.reason,
                "chosen": isinstance(row, Pick),
                "place": _place(row),
                "fact": _fact(row),
                "article": row.article,
            }
            for row in rows
        ],
        "fitted": prepared.picks.fitted,
        "sources_without": without,
        "source_failed": {failed.source: failed.failure for failed in prepared.harvest.failures},
    }


def _place(row: Pick | LeftOut) -> str:
    return f"{row.section} {row.n}" if isinstance(row, Pick) else "-"


def _fact(row: Pick | LeftOut) -> str:
    return "; ".join(filter(None, ("lead" if isinstance(row, Pick) and row.lead else "", row.fact)))
