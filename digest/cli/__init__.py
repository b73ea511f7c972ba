"""The command line: one file per verb.

Exit 0 done, 1 failed or somebody is still owed, 2 the files are wrong, 3 nothing was due or too little news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import typer

from digest.cli import (
    check,
    config,
    explain,
    init,
    issues,
    migrate,
    preview,
    run,
    send,
    sources,
    status,
    subscribers,
    theme,
)
from digest.cli.ambient import Ambient, ConfigFile, Verbose
from digest.protocols import Mark, no_mark

cli = typer.Typer(
    name="digest",
    help="A scheduled, sectioned newsletter from many sources to the lists you keep in files.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@cli.callback()
def root(config: ConfigFile = None, verbose: Verbose = 0) -> None:
    """A scheduled, sectioned newsletter from many sources to the lists you keep in files."""


for module in (init, check, explain, preview, send, run, status, migrate):
    module.register(cli)
for group in (sources, issues, subscribers, theme, config):
    group.register(cli)


def main(
    args: Sequence[str] | None = None, *, mark: Mark = no_mark, clock: Callable[[], datetime] | None = None
) -> None:
    """Run one command and exit with its code. `mark` and `clock` are for tests that end or move the process."""
    cli(args=None if args is None else list(args), prog_name="digest", obj=Ambient(mark=mark, clock=clock))
