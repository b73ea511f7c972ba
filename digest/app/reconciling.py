"""Policy `reconcile`: the records of the relays in use are read for an issue's doubts, and what they prove is entered."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from digest import times
from digest.app.records import lines_of
from digest.errors import DigestError
from digest.model import Delivery, IssueRow, Newsletter
from digest.sender.evidence import Evidence, read_evidence
from digest.sender.reconcile import Records, reconciled
from digest.store import Store

log = logging.getLogger(__name__)

_HEAD = 50  # rows of a CSV among which its first instant is looked for
_LONGEST_MS = 3_600_000  # a doubt that nothing answers is asked about once an hour at least


class Reconciler:
    """Asks the relays' records; remembers when each issue may be asked about again."""

    def __init__(self, store: Store, logs: Sequence[Path], *, now: Callable[[], datetime]) -> None:
        """`logs`: the records of every relay in use; parts that were rotated away are found beside them."""
        self._store = store
        self._logs = logs
        self._now = now
        self._next: dict[int, tuple[int, int]] = {}  # issue -> (when, wait before the next one), milliseconds

    def may_ask(self, row: IssueRow) -> bool:
        """Whether an issue's doubts should be asked about by themselves now: a log may be large."""
        return self._next.get(row.id, (0, 0))[0] <= times.milliseconds(self._now())

    async def reconcile(self, newsletter: Newsletter, row: IssueRow) -> int:
        """Enter what the records prove of this issue's doubts older than `doubt_pause`; how many doubts ended.

        Records that cannot be read say nothing, which is logged. Raises StoreError.
        """
        now, pause = times.milliseconds(self._now()), times.in_milliseconds(newsletter.doubt_pause)
        found = await self._store.issues.deliveries(row, states=("in_doubt",))
        doubtful = [one for one in found if one.intent_at is not None and one.intent_at + pause <= now]
        if not doubtful:
            return 0
        relays = await asyncio.to_thread(_read, self._logs, doubtful, self._now())
        posted = reconciled(doubtful, relays, now=now)
        if posted:
            await self._store.ledger.commit(posted, ())
        waited = 0 if posted else self._next.get(row.id, (0, 0))[1]
        wait = min(max(pause, 2 * waited), _LONGEST_MS)
        self._next[row.id] = now + wait, wait
        return len(posted)


def _read(logs: Sequence[Path], doubtful: Sequence[Delivery], now: datetime) -> list[Records]:
    """One for each relay, in order; empty where its records cannot be read."""
    return [_records(path, doubtful, now) for path in logs]


def _records(path: Path, doubtful: Sequence[Delivery], now: datetime) -> Records:
    wanted = {one.message_id for one in doubtful}
    oldest = min(one.intent_at or 0 for one in doubtful)
    try:
        written = {part: part.stat().st_mtime_ns // 1_000_000 for part in _parts(path)}
        # A part that was closed before the oldest intent can say nothing of it; the newest is read whatever it is.
        parts = [part for part, at in written.items() if at >= oldest or part == path]
        evidence = _evidence(parts, wanted, now)
    except (OSError, DigestError) as error:
        log.warning("a relay's records cannot be read", extra={"file": str(path), "why": str(error)})
        return Records(evidence=Evidence(), written_at=0)
    return Records(evidence=evidence, written_at=max(written.values()))


def _evidence(parts: Sequence[Path], wanted: set[str], now: datetime) -> Evidence:
    """A log is written as it is read, so it covers the time up to now; so does a CSV, from its first dated row on."""
    found = read_evidence([lines_of(part) for part in parts], now=now, until=now, wanted=wanted.__contains__)
    if found.spans:
        return found
    heads = [itertools.islice(lines_of(part), _HEAD) for part in parts]
    first = [trace.at for trace in read_evidence(heads, now=now).traces.values() if trace.at is not None]
    if not first:
        return found
    since = times.from_milliseconds(min(first))
    lines = [lines_of(part) for part in parts]
    return read_evidence(lines, now=now, since=since, until=now, wanted=wanted.__contains__)


def _parts(path: Path) -> list[Path]:
    """The file and what log rotation made of earlier ones: `mail.log.1`, `mail.log.2.gz`, `mail.log-20261125`."""
    rotated = (one for mark in ".-" for one in path.parent.glob(f"{_plain(path.name)}{mark}*"))
    return [path, *sorted(one for one in rotated if one.is_file())]


def _plain(name: str) -> str:
    """A name as a pattern that matches it alone."""
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)
