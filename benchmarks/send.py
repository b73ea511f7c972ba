"""The whole durable path (ledger on disk, personalised, MIME built) beside the others, one sink for all.

Rounds in turn, since the machine's speed drifts: ours, then each peer, again and again; ratios are taken within a
round and their median is told. The sink is Postfix's smtp-sink where it is installed, else digest.testing's own.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping

from benchmarks import senders
from benchmarks.senders import Run
from benchmarks.stage import SMTP_SINK, distant, frozen_issue, sink, slow_disk

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
MESSAGES = int(os.environ.get("BENCH_MESSAGES", "20000"))
CONNECTIONS = 20
SIZE = 40_000  # octets of smtp-source's message; ours is as long
ROUND_TRIP = 0.05


def measure() -> dict[str, object]:
    """Rates, CPU per message and ratios, near by and at 50 ms."""
    with (
        sink() as port,
        slow_disk() as slow,
        frozen_issue(port, messages=MESSAGES, connections=CONNECTIONS) as folder,
    ):
        ours = {"digest": lambda: senders.digest(folder, MESSAGES)}
        if slow is not None:
            ours["digest_with_2_ms_more_to_every_fsync"] = lambda: senders.digest(folder, MESSAGES, slow)
        near = _rounds(ours | _peers(port))
    with (
        sink() as port,
        distant(port, round_trip=ROUND_TRIP) as far,
        frozen_issue(far, messages=_some(2), connections=CONNECTIONS) as folder,
    ):
        apart = _rounds(
            {
                "digest": lambda: senders.digest(folder, _some(2)),
                "aiosmtplib_bytes": lambda: senders.aiosmtplib_bytes(far, _some(20), CONNECTIONS),
            }
        )
    bound = CONNECTIONS / ROUND_TRIP
    return {
        "messages": MESSAGES,
        "connections": CONNECTIONS,
        "rounds": ROUNDS,
        "sink": "smtp-sink" if SMTP_SINK.exists() else "digest.testing",
        **_told(near),
        "at_50_ms": {
            **_told(apart),
            "share_of_connections_per_round_trip": round(_rate(apart["digest"]) / bound, 3),
            "share_once_all_connections_stand": round(_steady(apart["digest"]) / bound, 3),
        },
    }


def _peers(port: int) -> dict[str, Callable[[], Run]]:
    peers: dict[str, Callable[[], Run]] = {}
    if senders.SMTP_SOURCE.exists():
        peers["smtp_source"] = lambda: senders.smtp_source(port, MESSAGES, CONNECTIONS, SIZE)
    peers["aiosmtplib_bytes"] = lambda: senders.aiosmtplib_bytes(port, _some(5), CONNECTIONS)
    peers["aiosmtplib_send_message"] = lambda: senders.aiosmtplib_messages(port, _some(20), CONNECTIONS)
    if senders.nodemailer_folder() is not None:
        peers["nodemailer_pool"] = lambda: senders.nodemailer(port, _some(10), CONNECTIONS)
    return peers


def _some(part: int) -> int:
    """A part of the messages, for those who need long for each."""
    return max(100, MESSAGES // part)


def _rounds(everybody: Mapping[str, Callable[[], Run]]) -> dict[str, list[Run]]:
    """Each in turn, one warm-up and then ROUNDS times."""
    found: dict[str, list[Run]] = {name: [] for name in everybody}
    for number in range(ROUNDS + 1):
        for name, run in everybody.items():
            result = run()
            if number:
                found[name].append(result)
    return found


def _told(found: Mapping[str, list[Run]]) -> dict[str, object]:
    ours = found["digest"]
    told: dict[str, object] = {
        name: {"per_s": round(_rate(runs)), "cpu_us": round(statistics.median(run.cpu for run in runs))}
        for name, runs in found.items()
    }
    told["peak_mb"] = max(run.memory for run in ours)
    for name, runs in found.items():
        if name != "digest":
            pairs = list(zip(ours, runs, strict=True))
            told[f"rate_to_{name}"] = round(statistics.median(mine.rate / theirs.rate for mine, theirs in pairs), 2)
            told[f"cpu_to_{name}"] = round(statistics.median(mine.cpu / theirs.cpu for mine, theirs in pairs), 2)
    return told


def _steady(runs: list[Run]) -> float:
    return statistics.median(run.steady for run in runs)


def _rate(runs: list[Run]) -> float:
    return statistics.median(run.rate for run in runs)
