"""What every verb shares: the config file, the clock and mark of this process, printing, and the end of errors."""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from digest import plugins, times
from digest.errors import DigestError, wrong
from digest.protocols import Mark, no_mark

if TYPE_CHECKING:
    from digest.app import App

_log = logging.getLogger(__name__)
R = TypeVar("R")
_WIDEST = 90  # columns of a table's cell; a longer one is not cut, it only moves its own row

# Named, not imported: `digest --help` must not pay for what only sending needs.
PARTS = {
    "open_app": "digest.app:open_app",
    "check": "digest.app:check",
    "themes": "digest.app:themes",
    "new_theme": "digest.app:new_theme",
    "findings": "digest.cli.findings:said",
    "shown": "digest.app:shown_config",
    "schema": "digest.app:config_schema",
    "write_shown": "digest.app:write_shown",
    "try_source": "digest.app:try_source",
    "try_page": "digest.app.trying:try_page",
    "add_source": "digest.app.adding:add_source",
    "import_opml": "digest.app.adding:import_opml",
    "export_opml": "digest.app.adding:export_opml",
    "verify_folder": "digest.app:verify_folder",
    "zone_of": "digest.app:zone_of",
    "migrate": "digest.app:migrate",
    "status": "digest.operations.status:status",
    "source_list": "digest.operations.sources:source_list",
    "preview": "digest.web.studio:preview",
    "daemon": "digest.scheduler.daemon:run",
    "public": "digest.web.studio:public",
    "logs": "digest.operations.logs:setup",
    "bar": "digest.cli.progress:bar",
}


@dataclass(slots=True)
class Ambient:
    """One command's surroundings; `clock` None is the real one."""

    config: Path = Path("config.toml")
    verbose: int = 0
    mark: Mark = no_mark
    clock: Callable[[], datetime] | None = None

    def open(self, as_of: str | None = None, *, showing: bool = False) -> AbstractAsyncContextManager[App]:
        """The app of this config, as of an instant where given; `showing`: nothing of what is read may stay.

        Raises DigestError (exit 2) for a bad instant.
        """
        instant = wrong_as_usage(times.parse_instant, as_of) if as_of else None
        opened: AbstractAsyncContextManager[App] = part("open_app")(
            self.config, as_of=instant, showing=showing, clock=self.clock, mark=self.mark
        )
        return opened


def part(name: str) -> Any:
    """A heavy part by its name in PARTS."""
    return plugins.find("digest.parts", name, PARTS)


def wrong_as_usage(parse: Callable[[str], R], text: str) -> R:
    """`parse(text)`, its ValueError as one line and exit 2."""
    try:
        return parse(text)
    except ValueError as error:
        raise wrong(str(error)) from error


def _config_chosen(ctx: typer.Context, value: Path | None) -> Path | None:
    if value is not None:
        ctx.obj.config = value
    return value


def _verbose_chosen(ctx: typer.Context, value: int) -> int:
    if value:
        ctx.obj.verbose = value
    return value


ConfigFile = Annotated[
    Path | None,
    typer.Option("-c", "--config", callback=_config_chosen, help="The config file.", show_default="config.toml"),
]
Verbose = Annotated[
    int, typer.Option("-v", "--verbose", count=True, callback=_verbose_chosen, help="Say more; twice: everything.")
]
DryRun = Annotated[bool, typer.Option("-n", "--dry-run", help="Show what would be done, and do nothing.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="INSTANT", help="As if it were this instant: 2026-11-23T06:30Z.")
]
Slot = Annotated[
    str | None, typer.Option("--slot", metavar="SLOT", help="Which slot: 2026-11-23, or with a label 2026-11-23.pm.")
]


def verb(function: Callable[..., R]) -> Callable[..., R]:
    """A command with -c and -v like every other, whose errors are one line each on stderr; a traceback only with -vv."""
    own = inspect.signature(function, eval_str=True)
    wants_ctx = "ctx" in own.parameters

    @functools.wraps(function)
    def guarded(*, ctx: typer.Context, **given: Any) -> R:
        del given["config"], given["verbose"]  # their callbacks have put them into the ambient
        ambient: Ambient = ctx.obj
        part("logs")(ambient.verbose)
        try:
            return function(**({"ctx": ctx} if wants_ctx else {}), **given)
        except DigestError as error:
            _explain(error, ambient, str(error))
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None
        except BrokenPipeError:
            sys.stdout = None  # nobody reads on; the interpreter must not flush it at exit
            raise typer.Exit(1) from None
        except (typer.Exit, typer.Abort, SystemExit):
            raise
        except OSError as error:
            place = f"{error.filename}: " if error.filename else ""
            _explain(error, ambient, f"{place}{error.strerror or error}")
            raise typer.Exit(1) from None
        except Exception as error:  # noqa: BLE001 - the last line of defence: one line, not a traceback
            _explain(error, ambient, f"internal error, please report it: {type(error).__name__}: {error}")
            raise typer.Exit(1) from None

    shared = [
        inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ConfigFile),
        inspect.Parameter("verbose", inspect.Parameter.KEYWORD_ONLY, default=0, annotation=Verbose),
    ]
    ctx_too = () if wants_ctx else (inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context),)
    signature = own.replace(parameters=[*own.parameters.values(), *ctx_too, *shared])
    guarded.__signature__ = signature  # type: ignore[attr-defined]  # what typer reads
    guarded.__annotations__ = {name: one.annotation for name, one in signature.parameters.items()}
    return guarded


def _explain(error: BaseException, ambient: Ambient, line: str) -> None:
    if ambient.verbose > 1:
        traceback.print_exception(error)
    say(line, err=True)


def run(act: Coroutine[Any, Any, R]) -> R:
    """Run one act to its end."""
    return asyncio.run(act)


@contextmanager
def stopping(stop: asyncio.Event, *, tell: Callable[[str], None] | None = None) -> Iterator[asyncio.Event]:
    """SIGTERM and Ctrl-C set `stop`: nothing more is begun, what is under way is finished.

    `tell` is given the line that says so, where it is not for a terminal.
    A second one cancels this task: only the answers to what is on the wire are waited for, since whoever does not wait
    for them leaves doubt; more change nothing. Inside a running loop only. Raises DigestError once cancelled so.
    """
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    signals, came = (signal.SIGTERM, signal.SIGINT), 0

    def told() -> None:
        nonlocal came
        came += 1
        stop.set()
        if came == 1:
            line = "stopping once what is under way is done; a second signal waits for what is on the wire alone"
            if tell is None:
                say(line, err=True)
            else:
                tell(line)
        elif came == 2 and task is not None:
            task.cancel()

    for one in signals:
        loop.add_signal_handler(one, told)
    try:
        yield stop
    except asyncio.CancelledError:
        if came < 2:
            raise
        raise DigestError("stopped at once; whoever was not reached is still owed") from None
    finally:
        for one in signals:
            loop.remove_signal_handler(one)


def say(*lines: str, err: bool = False) -> None:
    """Print lines, terminal controls of outside text made visible."""
    for line in lines:
        typer.echo("".join(char if char >= " " or char in "\n\t" else f"\\x{ord(char):02x}" for char in line), err=err)


def say_json(value: Any) -> None:
    """Print one JSON document; dataclasses as objects, instants as ISO 8601 UTC."""
    typer.echo(json.dumps(plain(value), indent=2, ensure_ascii=False))


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line per kind of value
    """A value as JSON can hold it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def say_table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Columns as wide as their longest cell, up to a bound; the last one free."""
    cells = [[str(cell).replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [min(_WIDEST, max(len(row[column]) for row in cells)) for column in range(len(head) - 1)]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        say("  ".join((*padded, row[-1])).rstrip())


def when(moment: int | datetime | None, zone: str = "UTC") -> str:
    """`2026-11-23 06:41` in a zone, "-" for never. Milliseconds or an aware datetime."""
    if moment is None:
        return "-"
    instant = times.from_milliseconds(moment) if isinstance(moment, int) else moment
    return instant.astimezone(times.zone(zone)).strftime("%Y-%m-%d %H:%M")
