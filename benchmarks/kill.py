"""kill -9 at random, again and again, while an issue goes out: who is lost, who hears twice, who is held (P1).

The sink takes 1 to 10 ms over a message, as a relay that writes it to disk does, logs it and answers at once. Every life is the whole command (`digest send`) in a process of its own; when the kills are over, the
clock is moved past `doubt_pause` and one life may finish. Figures come from the sink's log and the ledger alone.

    python -m benchmarks.kill POLICY MESSAGES KILLS [cut]   one run: once, hold, reconcile, or loop (once, no pause)
    ./run bench kill                                        the three policies

With `cut` each kill is a power cut: of the ledger only what was synced is left (P2, disk.c).
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy.dialects.sqlite  # noqa: F401 - what the lives would import, each for itself
import typer._adapters  # noqa: F401

import digest.sender.smtp  # noqa: F401
from benchmarks import disk
from benchmarks.stage import CONFIG
from digest.testing.lives import Lives

MESSAGES = int(os.environ.get("BENCH_MESSAGES", "50000"))
KILLS = int(os.environ.get("BENCH_KILLS", "1000"))
CONNECTIONS = 10
_LATE_MS = 10
_PAUSE = timedelta(minutes=11)  # past the default doubt_pause
_STARTING = 0.15  # seconds; a life that is to be killed before it sends is killed within them
_ROOT = Path(__file__).parents[1]

FEED = """<rss version="2.0"><channel><title>Times</title><item><title>The harbour is open again</title>
<link>https://times.example/1</link><description>It is open.</description><pubDate>{date}</pubDate></item></channel></rss>
"""
# What each run sets beside `doubt`; `loop` re-sends its doubts at once, so that they are doubted again.
OPTIONS: Mapping[str, Mapping[str, str]] = {
    "once": {},
    "hold": {},
    "reconcile": {"newsletter": 'doubt_pause = "1s"', "transport": 'relay_log = "../sink.log"'},
    "loop": {"doubt": "once", "newsletter": 'doubt_pause = "0s"'},
}
POLICIES = ("once", "hold", "reconcile")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A project whose issue is frozen and owed to everybody, beside a sink that runs."""

    folder: Path
    slot: str
    log: Path
    said: Path


def measure() -> dict[str, object]:
    """All three policies; BENCH_MESSAGES and BENCH_KILLS make it shorter, BENCH_POLICIES="once hold" leaves some out."""
    policies = os.environ.get("BENCH_POLICIES", " ".join(POLICIES)).split()
    return {"messages": MESSAGES, "kills": KILLS, **{policy: _in_a_process(policy) for policy in policies}}


def _in_a_process(policy: str) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.kill", policy, str(MESSAGES), str(KILLS)]
    done = subprocess.run(command, cwd=_ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def trial(policy: str, messages: int, kills: int, *, cut: bool = False, seed: int = 1) -> dict[str, object]:
    """One run and its figures."""
    with stage(policy, messages) as scene:
        shift = timedelta()
        lives = Lives(scene.folder, clock=lambda: datetime.now(UTC) + shift, said=scene.said)
        start = time.perf_counter()
        lose = disk.power_cuts(scene.folder / "var") if cut else lambda: None
        done = kill(lives, scene, messages=messages, kills=kills, chance=random.Random(seed), lose=lose)
        for _ in range(20):  # `reconcile` asks a log that others still write to: a doubt may need another look
            shift += _PAUSE if policy != "reconcile" else timedelta()
            if lives.whole("send", "morning", "--slot", scene.slot) == 0:
                break
            time.sleep(1.0 if policy == "reconcile" else 0.0)
        seconds, usage = time.perf_counter() - start, os.times()
        spent = {"seconds": round(seconds, 1), "cpu_seconds": round(usage.children_user + usage.children_system, 1)}
        return {"kills": done, **figures(scene), **spent}


def kill(
    lives: Lives, scene: Stage, *, messages: int, kills: int, chance: random.Random, lose: Callable[[], None]
) -> int:
    """End `kills` lives, each after some messages and some milliseconds, then `lose()`; how many were really killed.

    They live for nine tenths of the messages, those under way when they are killed counted in: what is owed at the end
    shows that the next life goes on.
    """
    taken, done = Taken(scene.log), 0
    each = max(4, messages * 9 // 10 // kills - CONNECTIONS)
    for _ in range(kills):
        life = chance.randrange(2 * each)
        enough, extra = taken.count() + life, chance.uniform(0, _STARTING if life == 0 else 0.005)
        done += lives.cut_short(
            lambda enough=enough: taken.count() >= enough,  # type: ignore[misc]
            *("send", "morning", "--slot", scene.slot),
            extra=extra,
        )
        lose()
    return done


class Taken:
    """How many messages the sink has logged."""

    def __init__(self, log: Path) -> None:
        """Follows the file from its beginning."""
        self._file = log.open("rb")
        self._count = 0

    def count(self) -> int:
        """Now."""
        self._count += self._file.read().count(b"\n")
        return self._count


def figures(scene: Stage) -> dict[str, object]:
    """What the sink's log and the ledger say together.

    `bound`: messages that the sink had accepted and whose outcome was not on disk when their sender was killed, over
    all kills. The ledger has a line of history for each attempt that was doubted, with when; the log says whether the
    sink took a copy before.
    """
    accepted = defaultdict[str, list[tuple[int, str]]](list)
    for line in scene.log.read_text().splitlines():
        told = json.loads(line)
        accepted[told["recipients"][0]].append((told["at"], told["message_id"]))
    with closing(sqlite3.connect(scene.folder / "var" / "digest.db")) as ledger:
        rows = ledger.execute("SELECT id, address, state, doubts FROM deliveries").fetchall()
        doubts = ledger.execute(
            "SELECT delivery_id, at FROM attempts WHERE outcome = 'in_doubt' OR (outcome = 'sent' AND reply LIKE '%log%')"
        ).fetchall()
        ((recipients, state),) = ledger.execute("SELECT recipients, state FROM issues").fetchall()
    address_of = {number: address for number, address, _, _ in rows}
    doubted = Counter[str]()
    for number, at in doubts:
        copies = [moment for moment, _ in accepted[address_of[number]] if moment <= at]
        doubted[address_of[number]] += len(copies) > doubted[address_of[number]]
    held = [address for _, address, state, _ in rows if state == "in_doubt"]
    doubled = [address for address, copies in accepted.items() if len(copies) > 1]
    return {
        "issue": state,
        "states": dict(Counter(state for _, _, state, _ in rows)),
        "books_balance": len(rows) == recipients,
        "lost": sum(not accepted[address] for _, address, state, _ in rows if state != "in_doubt"),
        "doubled": len(doubled),
        "bound": sum(doubted.values()),
        "doubled_beyond_bound": sum(len(accepted[address]) - 1 > doubted[address] for address in doubled),
        "most_copies": max(map(len, accepted.values())),
        "most_message_ids": max(len({name for _, name in copies}) for copies in accepted.values() if copies),
        "most_doubts": max(doubts for *_, doubts in rows),
        "held": len(held),
        "held_though_arrived": sum(bool(accepted[address]) for address in held),
    }


@contextmanager
def stage(policy: str, messages: int) -> Iterator[Stage]:
    """A sink, and an issue frozen for this many readers."""
    with tempfile.TemporaryDirectory() as name, _sink(Path(name)) as port:
        folder = Path(name) / "project"
        (folder / "subscribers").mkdir(parents=True)
        people = (f"reader{n}@example.org,Reader {n}\n" for n in range(messages))
        (folder / "subscribers" / "readers.csv").write_text("email,name\n" + "".join(people))
        options = {"doubt": policy, "transport": "", "newsletter": "", **OPTIONS[policy]}
        newsletter = f'doubt = "{options["doubt"]}"\nminimum = 1\n{options["newsletter"]}'
        short = {"theme": "plain", "articles": 2, "newsletter": newsletter, "transport": options["transport"]}
        (folder / "config.toml").write_text(CONFIG.format(port=port, connections=CONNECTIONS, **short))
        (folder / "config.toml").chmod(0o600)
        now = datetime.now(UTC)
        (folder / "world.xml").write_text(
            FEED.format(date=(now - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT"))
        )
        slot = now.date().isoformat()
        crash = [sys.executable, "-m", "digest.testing", "crash", "after_c1", "--", "send", "morning", "--slot", slot]
        done = subprocess.run(crash, cwd=folder, check=False, capture_output=True, text=True)
        if done.returncode != -9:
            raise RuntimeError(done.stdout + done.stderr)
        yield Stage(folder=folder, slot=slot, log=Path(name) / "sink.log", said=Path(name) / "said")


@contextmanager
def _sink(folder: Path) -> Iterator[int]:
    told = folder / "port"
    options = ["--log", str(folder / "sink.log"), "--port-file", str(told), "--brief", "--late", str(_LATE_MS)]
    process = subprocess.Popen([sys.executable, "-m", "digest.testing", "sink", *options], cwd=_ROOT)
    try:
        while not told.exists():
            if process.poll() is not None:
                raise RuntimeError("the sink did not start")
            time.sleep(0.02)
        yield int(told.read_text())
    finally:
        process.terminate()
        process.wait()


def main(policy: str, messages: str, kills: str, *how: str) -> None:
    """One run, its figures as a JSON line; for power cuts the process first gets the disk that can fail."""
    if how and not disk.is_loaded():
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.kill", *sys.argv[1:]], disk.environment())
    print(json.dumps(trial(policy, int(messages), int(kills), cut=bool(how))))


if __name__ == "__main__":
    main(*sys.argv[1:])
