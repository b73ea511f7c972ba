"""digest explain: why every article is in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from digest.cli.ambient import Ambient, AsOf, Json, Slot, run, say, say_json, say_table, verb, when
from digest.model import LeftOut, Pick

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from digest.picker import Step
    from digest.pipeline import Prepared

    Chain = Callable[[Pick | LeftOut], Sequence[Step]]

_IN_FULL = 5  # articles asked for by link or headline are told step by step, more of them as a table


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
        chain = app.chain
    picks = prepared.picks
    rows: list[Pick | LeftOut] = [*picks.chosen, *picks.left_out]
    rows = [row for row in rows if not url or url in row.article.url or url in row.article.headline]
    more = {pick.article.id: pick.n for pick in picks.more}
    if js:
        say_json(_document(name, prepared, rows, more, without, chain))
        return
    without = () if url and rows else without  # one article was asked for
    say(f"{name}@{prepared.slot}  articles up to {when(prepared.cutoff, zone)} ({zone})")
    if url and len(rows) <= _IN_FULL:
        for row in rows:
            say(*_in_full(row, more, chain))
    elif rows or not url:
        say_table(
            ("place", "reason", "rank", "source", "headline", "why"),
            [
                (_place(row, more), row.reason, _rank(row), row.article.source, row.article.headline, _fact(row))
                for row in rows
            ],
        )
    if url and not rows:
        say(f"none of the {len(picks.chosen) + len(picks.left_out)} articles has {url!r} in its link or headline")
    say(*picks.fitted)
    say(*(f"source without an article: {line}" for line in without))


def _document(
    name: str,
    prepared: Prepared,
    rows: list[Pick | LeftOut],
    more: Mapping[str, int],
    without: tuple[str, ...],
    chain: Chain,
) -> dict[str, Any]:
    return {
        "newsletter": name,
        "slot": prepared.slot,
        "cutoff": prepared.cutoff,
        "articles": [
            {
                "reason": row.reason,
                "chosen": isinstance(row, Pick),
                "place": _place(row, more),
                "fact": row.fact,
                "score": row.score,
                "parts": row.parts,
                "also_covered_by": row.also_covered_by if isinstance(row, Pick) else (),
                "chain": chain(row),
                "article": row.article,
            }
            for row in rows
        ],
        "fitted": prepared.picks.fitted,
        "sources_without": without,
        "source_failed": {failed.source: failed.failure for failed in prepared.harvest.failures},
    }


def _place(row: Pick | LeftOut, more: Mapping[str, int]) -> str:
    if isinstance(row, Pick):
        return f"{row.section} {row.n}"
    return f"more headlines {more[row.article.id]}" if row.article.id in more else "-"


def _rank(row: Pick | LeftOut) -> str:
    return f"{row.score:.2f}" if row.parts else ""


def _fact(row: Pick | LeftOut) -> str:
    return "; ".join(filter(None, ("lead" if isinstance(row, Pick) and row.lead else "", row.fact)))


def _in_full(row: Pick | LeftOut, more: Mapping[str, int], chain: Chain) -> Iterator[str]:
    """One article's way, a line per step."""
    article = row.article
    yield f"{article.headline}  ({article.outlet}, source {article.source})"
    yield f"  {article.url}"
    for step in chain(row):
        yield f"  {'passed' if step.passed else 'ended '}  {step.step}: {step.fact}"
    if article.id in more:
        yield f"  it stands as a headline: {_place(row, more)}"
    for other in row.also_covered_by if isinstance(row, Pick) else ():
        yield f"  also covered by {other.outlet}: {other.headline}  {other.url}"
