"""digest issues audit, verify, export: the proof of what went out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from digest.cli.ambient import Ambient, Json, part, run, say, say_json, verb, when, wrong_as_usage
from digest.cli.issues_orders import Key
from digest.errors import wrong
from digest.model import Audit

if TYPE_CHECKING:
    from digest.app.exporting import Verdict
    from digest.sender.comparing import Comparison
    from digest.sender.evidence import Evidence


def register(group: typer.Typer) -> None:
    """Add the verbs."""
    for name, command in {"audit": audit, "verify": verify, "export": export}.items():
        group.command(name)(command)


@verb
def audit(
    ctx: typer.Context,
    key: Key,
    log: Annotated[
        list[Path] | None,
        typer.Option(
            "--log",
            metavar="FILE",
            help="The relay's own records: a Postfix log (each rotated part), or a CSV of accepted Message-IDs.",
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="Of times without one in them; else this machine's.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Prove planned = sent + failed + in doubt + skipped + open, and name everyone in doubt; exit 1 if broken.

    With --log every row is compared with what the relay wrote down, and each difference is shown.
    """
    ambient: Ambient = ctx.obj
    raise typer.Exit(run(_audit(ambient, key, log or [], zone, js=as_json)))


@verb
def verify(
    ctx: typer.Context,
    key: Annotated[str, typer.Argument(metavar="KEY|DIR", help="An issue, or the folder of an exported one.")],
    as_json: Json = False,
) -> None:
    """Render an issue's frozen picks again and compare; say what differs. Of a folder, its hashes too; exit 1 if any."""
    ambient: Ambient = ctx.obj
    folder = Path(key)
    if folder.is_dir():
        raise typer.Exit(run(_verify_folder(ambient, folder, js=as_json)))
    if "@" not in key:
        raise wrong(f"{key!r} is neither an issue (NEWSLETTER@SLOT) nor a folder")
    raise typer.Exit(run(_verify(ambient, key, js=as_json)))


@verb
def export(
    ctx: typer.Context,
    key: Key,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Made when missing; must be empty.")],
) -> None:
    """Write an issue as a folder that another machine can verify; no subscriber is in it."""
    ambient: Ambient = ctx.obj
    run(_export(ambient, key, folder))


async def _audit(ambient: Ambient, key: str, logs: list[Path], zone: str | None, *, js: bool) -> int:
    where = wrong_as_usage(part("zone_of"), zone or "")
    async with ambient.open() as app:
        row = await app.issue(key)
        result = await app.proof.audit(row)
        compared = await app.proof.compare(row, logs, zone=where) if logs else None
    if js:
        told = {"comparison": compared[0], "covered": compared[1].spans} if compared else {}
        say_json({**_as_dict(result), **told})
    else:
        say(*_audited(result), *(_compared(*compared) if compared else ()))
    return 0 if result.ok and (compared is None or compared[0].ok) else 1


def _as_dict(result: Audit) -> dict[str, object]:
    return {
        "key": result.key,
        "recipients": result.recipients,
        "counts": result.counts,
        "in_doubt": result.in_doubt,
        "broken": result.broken,
    }


def _audited(result: Audit) -> Iterator[str]:
    counts = result.counts
    still = sum(counts[state] for state in ("pending", "claimed", "sending", "deferred"))
    parts = " + ".join(
        f"{counts[state]} {state.replace('_', ' ')}" for state in ("sent", "failed", "in_doubt", "skipped")
    )
    yield f"{result.key}: {result.recipients} planned = {parts} + {still} open"
    yield from (f"  in doubt: {name}" for name in result.in_doubt)
    yield from (f"  BROKEN: {promise}" for promise in result.broken)
    if not result.broken:
        yield "  every promise holds"


def _compared(result: Comparison, evidence: Evidence) -> Iterator[str]:
    span = f", {when(evidence.since)} to {when(evidence.until)} UTC" if evidence.spans else ""
    gaps = f" with {len(evidence.spans) - 1} gaps" if len(evidence.spans) > 1 else ""
    yield f"  the relay's records{span}{gaps}: {result.agreed} of {result.compared} rows agree"
    onward = ", ".join(f"{count} {how}" for how, count in sorted(result.onward.items()) if how)
    if onward:
        yield f"  from the relay on: {onward}"
    if result.uncovered:
        yield f"  {result.uncovered} sent outside of what the records cover"
    for one in result.differences:
        yield f"  {'in doubt' if one.doubt else 'DIFFERS'}: {one.subscriber} {one.message_id} ({one.state}): {one.said}"


async def _verify(ambient: Ambient, key: str, *, js: bool) -> int:
    async with ambient.open() as app:
        return _say_verdicts([await app.proof.verify(await app.issue(key))], js=js)


async def _verify_folder(ambient: Ambient, folder: Path, *, js: bool) -> int:
    """The folder by itself; and where this project knows its newsletter, its picks rendered again here."""
    issue, verdict = await part("verify_folder")(folder)
    verdicts = [verdict]
    if await asyncio.to_thread(ambient.config.is_file):
        async with ambient.open() as app:
            if issue.newsletter in app.newsletters:
                verdicts.append(await app.proof.rendered_again(issue))
    return _say_verdicts(verdicts, js=js)


def _say_verdicts(verdicts: Sequence[Verdict], *, js: bool) -> int:
    if js:
        say_json(
            [
                {"key": one.key, "looked": one.looked, "ok": one.ok, "differs": one.differs, "notes": one.notes}
                for one in verdicts
            ]
        )
    else:
        say(*(line for one in verdicts for line in _verified(one)))
    return 0 if all(one.ok for one in verdicts) else 1


def _verified(verdict: Verdict) -> Iterator[str]:
    yield f"{verdict.key}  {verdict.fingerprint[:16]}  {verdict.looked}: {'the same' if verdict.ok else 'DIFFERS'}"
    yield from (f"  {line}" for line in verdict.differs)
    yield from (f"  since then: {line}" for line in verdict.notes)


async def _export(ambient: Ambient, key: str, folder: Path) -> None:
    async with ambient.open() as app:
        files = await app.proof.export(await app.issue(key), folder)
    say(f"{key}: {len(files)} files in {folder}; digest issues verify {folder} proves them, anywhere")
