"""digest run: the daemon."""

from __future__ import annotations

import logging

import typer

from digest.cli.ambient import Ambient, part, run, stopping, verb

_log = logging.getLogger(__name__)


@verb
def run_daemon(ctx: typer.Context) -> None:
    """Send every newsletter at its slots, read sources, serve the public pages; until SIGTERM or Ctrl-C."""
    ambient: Ambient = ctx.obj
    run(_run(ambient))


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("run")(run_daemon)


async def _run(ambient: Ambient) -> None:
    part("logs")(max(1, ambient.verbose))  # what the daemon does is its only output
    async with ambient.open() as app:
        with stopping(app.stop, tell=_log.info) as stop:
            await part("daemon")(app, beside=part("public"), stop=stop)
