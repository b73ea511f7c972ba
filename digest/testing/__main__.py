"""`python -m digest.testing crash | at | sink`: the command line under test, and a mail server for it.

    crash NAME [--hit N] -- ARGS...        digest ARGS, killed by SIGKILL at its N-th passing of mark NAME
    at INSTANT [--rate R] -- ARGS...       digest ARGS, living at INSTANT (R seconds pass per second)
    sink --log FILE --port-file FILE       an SMTP server, until SIGTERM

The marks stand in SENDING.md 3: before_c0, after_c0, inside_c1 ... before_c6.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest import cli
from digest.protocols import Mark
from digest.testing.script import Act, Script, as_usual
from digest.testing.sink import Sink


def main() -> None:
    """Run one of the three."""
    words = sys.argv[1:]
    cut = words.index("--") if "--" in words else len(words)
    # Cut before argparse, which takes digest's options for its own wherever they stand.
    options, args = _parser().parse_args(words[:cut]), words[cut + 1 :]
    if options.what == "crash":
        cli.main(args, mark=kill_at(options.name, hit=options.hit))
    elif options.what == "at":
        cli.main(args, clock=clock_from(options.instant, rate=options.rate))
    else:
        late = (lambda: random.uniform(1, options.late) / 1000) if options.late else None  # noqa: S311 - no secret
        sink = Sink(script=drop_script(options.drop_after), log=options.log, brief=options.brief, late=late)
        asyncio.run(_serve(sink, options.port_file))


def kill_at(name: str, *, hit: int) -> Mark:
    """A mark that ends the process without a word at its `hit`-th passing of `name`."""
    passed = 0

    def mark(at: str) -> None:
        nonlocal passed
        passed += at == name
        if at == name and passed == hit:
            os.kill(os.getpid(), signal.SIGKILL)

    return mark


def clock_from(instant: datetime, *, rate: float) -> Callable[[], datetime]:
    """A clock that shows `instant` now and runs `rate` times as fast as ours."""
    started = time.monotonic()
    return lambda: instant + timedelta(seconds=(time.monotonic() - started) * rate)


def drop_script(after: int) -> Script:
    """Take `after` messages (0: all); keep the next one but hang up before the 250, once."""

    def script(step: str, count: int, _: str) -> str | Act | None:
        return Act.KEEP_AND_DROP if step == "dot" and count == after + 1 else None

    return script if after else as_usual


async def _serve(sink: Sink, port_file: Path) -> None:
    """Serve until SIGTERM or SIGINT; the port file appears whole, once the port is open."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with sink:
        aside = port_file.with_name(f"{port_file.name}.part")
        aside.write_text(f"{sink.port}\n")
        aside.replace(port_file)
        await ended.wait()


def _instant(written: str) -> datetime:
    moment = datetime.fromisoformat(written)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m digest.testing",
        description="digest under test",
        epilog="crash and at: digest's own arguments stand after --",
    )
    kinds = parser.add_subparsers(dest="what", required=True)
    crash = kinds.add_parser("crash", help="run digest and kill it at a mark")
    crash.add_argument("name")
    crash.add_argument("--hit", type=int, default=1, help="at its N-th passing")
    at = kinds.add_parser("at", help="run digest at another time")
    at.add_argument("instant", type=_instant, help="ISO 8601, UTC unless it says otherwise")
    at.add_argument("--rate", type=float, default=1.0, help="seconds that pass per second")
    sink = kinds.add_parser("sink", help="an SMTP server that keeps what it gets")
    sink.add_argument("--log", type=Path, required=True, help="one JSON line per message, before it is answered")
    sink.add_argument("--port-file", type=Path, required=True, help="where its port is written")
    sink.add_argument("--drop-after", type=int, default=0, help="keep the message after N, hang up before the 250")
    sink.add_argument("--brief", action="store_true", help="log no texts, for long runs")
    sink.add_argument("--late", type=float, default=0, help="answer a dot 1 to so many milliseconds late")
    return parser


if __name__ == "__main__":
    main()
