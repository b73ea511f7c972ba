"""A list of a million: frozen through the store's own door, then from a CSV file as `digest send` does it, then sent.

Seconds by the wall and of CPU, peak memory of the process in MB. `BENCH_PEOPLE` is how many they are, `BENCH_SECONDS`
how long messages go out before the sending is told to stop: a million takes some minutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.stage import AS_OF, FREEZE, SMTP_SINK, frozen_issue, sink
from digest.model import Audience, Issue, NewDelivery, Part, Picks, Variant
from digest.store import Store
from digest.subscribers.identity import LedgerKey

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "1000000"))
SECONDS = int(os.environ.get("BENCH_SECONDS", "60"))
CONNECTIONS = 20
SEND = [sys.executable, "-m", "digest", "send", "morning", "--as-of", AS_OF]


def measure() -> dict[str, object]:
    """The three of them, in this order."""
    door = subprocess.run([sys.executable, "-m", "benchmarks.freeze"], check=True, capture_output=True, text=True)
    with sink() as port, frozen_issue(port, messages=PEOPLE, connections=CONNECTIONS, frozen=False) as folder:
        (folder / "config.toml").chmod(0o600)
        frozen = _run(FREEZE, folder)
        sending = _run(SEND, folder, stop_after=SECONDS)
        sent = _sent(folder)
    return {
        "people": PEOPLE,
        "sink": "smtp-sink" if SMTP_SINK.exists() else "digest.testing",
        "store": json.loads(door.stdout),
        "from_csv": frozen,
        "sending": {**sending, "messages": sent, "rate": round(sent / float(sending["seconds"]))},
    }


def _run(command: Sequence[str], folder: Path, *, stop_after: int | None = None) -> dict[str, float]:
    """What one process took; `stop_after` so many seconds it gets SIGTERM."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    timer = threading.Timer(stop_after or 0, process.send_signal, [signal.SIGTERM])
    if stop_after:
        timer.start()
    _, status, used = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return _told(time.perf_counter() - start, used)


def _told(seconds: float, used: resource.struct_rusage) -> dict[str, float]:
    cpu = used.ru_utime + used.ru_stime
    return {"seconds": round(seconds, 1), "cpu": round(cpu, 1), "peak_mb": round(used.ru_maxrss / 1024)}


def _sent(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "var" / "digest.db")) as connection:
        (count,) = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'sent'").fetchone()
    return int(count)


class Rows:
    """Rows with the real keyed hashes, made as they are read; `done` is when the last one was."""

    def __init__(self) -> None:
        """Nobody yet."""
        self.done = 0.0

    def __iter__(self) -> Iterator[NewDelivery]:
        """PEOPLE of them."""
        key = LedgerKey(b"k" * 32)
        for n in range(PEOPLE):
            address, subscriber = f"reader{n}@example.org", f"reader{n}"
            yield NewDelivery(
                subscriber=subscriber,
                address=address,
                domain="example.org",
                address_hash=key.address_hash(address),
                message_id=key.message_id("morning@2026-03-10", subscriber, "news.example.org"),
                variant="en",
                holes={"name": f"Reader {n}"},
            )
        self.done = time.perf_counter()


async def _through_the_door() -> dict[str, float]:
    """C1 alone: the store's freeze, given an iterator."""
    with tempfile.TemporaryDirectory() as name:
        store = await Store.open(f"sqlite:///{name}/var/digest.db", ledger_key=b"k" * 32)
        cutoff = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
        at = round(cutoff.timestamp() * 1000)
        row, _ = await store.issues.plan(
            "morning", "2026-03-10", due_at=at, expires_at=None, cutoff=at, doubt="once", reopen=False
        )
        part = Part(literals=("Hello ", "!"), holes=("name",))
        issue = Issue(
            newsletter="morning",
            slot="2026-03-10",
            number=1,
            subject="A day",
            standfirst="",
            variants=(Variant(audience=Audience(language="en"), html=part, text=part, mjml=""),),
            picks=Picks(chosen=()),
            cutoff=cutoff,
            theme="plain",
            fingerprint=b"",
        )
        rows, start = Rows(), time.perf_counter()
        frozen = await store.issues.freeze(row, issue, rows, now=at, expires_at=None)
        end = time.perf_counter()
        assert frozen.row.recipients == PEOPLE
        await store.close()
    used = _told(end - start, resource.getrusage(resource.RUSAGE_SELF))
    return {**used, "of_it_making_rows": round(rows.done - start, 1), "in_the_transaction": round(end - rows.done, 1)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_through_the_door())))
