"""`./run bench [NAME ...]`: all of them, or the ones named."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from benchmarks import compose, dkim, freeze, gather, kill, reading, send, start, stories

BENCHMARKS: dict[str, Callable[[], dict[str, object]]] = {
    "compose": compose.measure,
    "dkim": dkim.measure,
    "freeze": freeze.measure,
    "gather": gather.measure,
    "kill": kill.measure,
    "reading": reading.measure,
    "send": send.measure,
    "start": start.measure,
    "stories": stories.measure,
}


def main() -> None:
    """Run and print; an unknown name exits 2 and names the known ones."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.exit(f"no benchmark called {', '.join(unknown)} (known: {', '.join(BENCHMARKS)})")
    for name in names:
        print(json.dumps({"benchmark": name, **BENCHMARKS[name]()}), flush=True)


if __name__ == "__main__":
    try:
        main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            sys.exit(2)
        raise
