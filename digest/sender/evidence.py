"""What a relay's own records say became of our messages: lines -> Message-ID -> taken or not. Pure.

Three kinds of lines, told apart by how they look: a Postfix log (syslog's timestamps without a year, RFC 3339, or
Postfix's own file; several instances and rotated parts), a CSV of accepted Message-IDs (a provider's export, or just
one Message-ID a line), and the JSON lines of digest.testing's sink.

What each line of a Postfix log proves stands in postfix_log.
"""

from __future__ import annotations

import csv
import enum
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from digest.sender.postfix_log import HEAD, LogClock, PostfixLog
from digest.sender.traces import Taken, Trace, Traces
from digest.times import milliseconds

__all__ = ["Answer", "Evidence", "Taken", "Trace", "read_evidence"]

_LONGEST_LINE = 10_000  # characters of a log or a CSV; what is behind them says nothing we ask
_ID_NAMES = ("message_id", "messageid", "smtp_id", "id")
_AT_NAMES = ("at", "time", "timestamp", "date", "instant", "accepted_at")
_TAKEN_NAMES = ("taken", "status", "state", "event", "result", "accepted")
_REPLY_NAMES = ("reply", "response", "reason", "diagnostic")
_NAMES = (_ID_NAMES, _AT_NAMES, _TAKEN_NAMES, _REPLY_NAMES)
# How a message went on says that it was taken first.
_ONWARD = {"sent": "sent", "delivered": "sent", "delivery": "sent", "deferred": "deferred", "delayed": "deferred"}
_ONWARD |= {"bounce": "bounced", "bounced": "bounced", "open": "sent", "opened": "sent", "click": "sent"}
_YES = frozenset({"accepted", "processed", "send", "ok", "yes", "true", "1", *_ONWARD})
_NO = frozenset({"refused", "rejected", "reject", "dropped", "no", "false", "0"})


class Answer(enum.StrEnum):
    """To "did it take this message?". `no` counts only where nothing is missing from the records (SENDING.md 3)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything found, and which instants the records cover: (first, last) UTC milliseconds, in order, both inside.

    `read` counts lines that said something we know, `unread` those that said nothing readable.
    """

    traces: Mapping[str, Trace] = field(default_factory=dict)
    spans: tuple[tuple[int, int], ...] = ()
    read: int = 0
    unread: int = 0

    @property
    def since(self) -> int | None:
        """The first instant covered."""
        return self.spans[0][0] if self.spans else None

    @property
    def until(self) -> int | None:
        """The last one."""
        return self.spans[-1][1] if self.spans else None

    def covers(self, since: int, until: int) -> bool:
        """Whether the records cover all of `since` .. `until` without a gap."""
        return any(first <= since and until <= last for first, last in self.spans)

    def answer(self, message_id: str, *, since: int, until: int) -> Answer:
        """Whether the relay took this message, handed over at `since` or later, as seen at `until` (now)."""
        trace = self.traces.get(message_id)
        if trace is not None and trace.taken is Taken.ACCEPTED:
            return Answer.YES
        if trace is not None and trace.taken is Taken.UNCLEAR:
            return Answer.UNKNOWN
        return Answer.NO if self.covers(since, until) else Answer.UNKNOWN


def read_evidence(
    parts: Sequence[Iterable[str]],
    *,
    now: datetime,
    zone: tzinfo | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> Evidence:
    """What these parts of one relay's records say, in whatever order they come; each is walked once.

    `now` tells the year of dates without one, `zone` their zone (None: this machine's). `since` and `until` are what
    the owner of the records vouches for: a CSV says nothing by itself of what is not in it, and a log that is
    read while it is written covers the time up to now. `wanted` keeps memory small: of other Message-IDs nothing is kept.
    Never raises for what stands in a line.
    """
    clock, found = LogClock(now, zone), Traces(wanted or _any)
    spans: list[tuple[int, int]] = []
    logs: list[tuple[int, Iterator[str]]] = []
    for part in parts:
        written = _written(part)
        first = next(written, None)
        if first is None:
            continue
        lines = itertools.chain((first,), written)
        head = HEAD.match(first)
        if head is not None:
            logs.append((clock.read(head) or 0, lines))
        elif first.lstrip().startswith("{"):
            spans += _read_json(lines, found)
        else:
            _read_csv(lines, found, clock)
    postfix = PostfixLog(found, LogClock(now, zone))
    for _, log in sorted(logs, key=lambda begun: begun[0]):
        postfix.read(log)
    spans += postfix.spans
    return Evidence(
        traces=found.traces,
        spans=_joined([*spans, *_vouched(spans, since, until)]),
        read=found.read,
        unread=found.unread,
    )


def _written(part: Iterable[str]) -> Iterator[str]:
    """Its lines that are not blank, each as long as we care for."""
    lines = (line if line.startswith("{") else line[:_LONGEST_LINE].rstrip("\r\n") for line in part)
    return (line for line in lines if line and not line.isspace())


def _any(_: str) -> bool:
    return True


def _vouched(spans: Sequence[tuple[int, int]], since: datetime | None, until: datetime | None) -> list[tuple[int, int]]:
    """What the owner adds to the covered: both ends, or the time before the first or after the last line."""
    begin = milliseconds(since) if since else max((last for _, last in spans), default=None)
    end = milliseconds(until) if until else min((first for first, _ in spans), default=None)
    if (since is None and until is None) or begin is None or end is None or begin > end:
        return []
    return [(begin, end)]


def _joined(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The same instants, in order, those that touch as one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return tuple(joined)


def _read_json(lines: Iterable[str], found: Traces) -> list[tuple[int, int]]:
    """The sink's log: every line is an acceptance, `at` where it is told; it misses nothing between its ends."""
    moments = []
    for n, line in enumerate(lines):
        try:
            told = json.loads(line)
            message_id, at = str(told["message_id"]), told.get("at")
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            found.unread += 1
            continue
        found.read += 1
        at = at if isinstance(at, int) else None
        moments += [] if at is None else [at]
        if found.wanted(message_id):
            found.accepted(message_id, f"line {n}", at)
    return [(min(moments), max(moments))] if moments else []


def _read_csv(lines: Iterable[str], found: Traces, clock: LogClock) -> None:
    """A row per acceptance, or per event where a column says which; without a head the first two columns are id, time."""
    lines = iter(lines)
    first = next(lines).removeprefix("\ufeff")
    rows = csv.reader(itertools.chain((first,), lines), delimiter=max(",;\t", key=first.count))
    columns: _Columns | None = None
    n = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            found.unread += 1
            continue
        if row is None:
            return
        if columns is None:
            head = [re.sub(r"[\W_]+", "_", cell.strip().lower()).strip("_") for cell in row]
            columns = _columns(head)
            if columns is None:
                columns = _Columns(message_id=0, at=1)
            else:
                continue
        n += 1
        found.read += _read_row(row, columns, found, clock, f"row {n}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Where a CSV has what; -1: nowhere."""

    message_id: int
    at: int = -1
    taken: int = -1
    reply: int = -1


def _columns(head: Sequence[str]) -> _Columns | None:
    """The columns of a head; None where it is none."""
    places = [next((head.index(name) for name in names if name in head), -1) for names in _NAMES]
    return None if places[0] < 0 else _Columns(message_id=places[0], at=places[1], taken=places[2], reply=places[3])


def _read_row(row: Sequence[str], columns: _Columns, found: Traces, clock: LogClock, name: str) -> bool:
    message_id = _cell(row, columns.message_id).strip("<>")
    if "@" not in message_id:
        found.unread += 1
        return False
    if not found.wanted(message_id):
        return True
    at, reply, word = (
        _moment(_cell(row, columns.at), clock),
        _cell(row, columns.reply),
        _cell(row, columns.taken).lower(),
    )
    if columns.taken < 0:
        found.accepted(message_id, name, at, reply=reply)
    elif word in _YES:
        found.accepted(message_id, "told", at, reply=reply, onward=_ONWARD.get(word, ""))
    elif word in _NO:
        found.began(message_id, name, at)
        found.refused(message_id, name, at, reply or word)
    else:
        found.began(message_id, "told", at)
    return True


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if 0 <= place < len(row) else ""


def _moment(written: str, clock: LogClock) -> int | None:
    """UTC milliseconds of ISO 8601 or of seconds or milliseconds since 1970."""
    try:
        if re.fullmatch(r"\d{9,10}(?:\.\d+)?", written, re.ASCII):
            return int(float(written) * 1000)
        if re.fullmatch(r"\d{12,13}", written, re.ASCII):
            return int(written)
        return milliseconds(clock.local(datetime.fromisoformat(written)))
    except (ValueError, OverflowError):
        return None
