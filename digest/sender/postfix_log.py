"""A Postfix log, line by line (docs: postfix.org/DEBUG_README.html; the daemons' own sources for what a line means).

An acceptance is proven only by what comes once the message is on Postfix's disk: a line of the queue manager or of a
delivery agent. A Message-ID with neither that nor a refusal is unclear: the queue may be full, and the line yet to
come. A connection that broke inside the body is a refusal, `lost connection after DATA (N bytes)`: Postfix throws that
message away. A refused recipient says nothing of a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo

from digest.sender.traces import Traces
from digest.times import MONTHS, milliseconds

_BURST = 30_000  # ms; journald counts what it drops in spans of so much
_SEAM = 10 * 60_000  # ms between two parts of a log; a longer silence may be a part that is missing
_AHEAD = timedelta(days=1)  # a line may be dated so much after we read it: clocks and zones differ

HEAD = re.compile(
    r"(?:<\d{1,3}>)?(?:(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<clock>\d\d:\d\d:\d\d)(?:\.\d+)?"
    r"|(?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?))"
    r" (?:\S*[^\s:] )?(?P<program>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: (?P<said>.*)"
)
_OF_QUEUE = re.compile(
    r"(?:warning: )?(?P<queue>[0-9A-F]{5,20}|[0-9B-DF-HJ-NP-TV-Zb-df-hj-np-tv-z]{10,30}): (?P<said>.*)"
)
_MESSAGE_ID = re.compile(r"message-id=<?([^>\s]+)>?")
_STATUS = re.compile(r"status=(\w+) \((.*)\)")
_QUEUED_AS = re.compile(r"queued as ([0-9A-Za-z]{5,30})")
_REFUSED = re.compile(r"(?:milter-)?reject: (?:header|body|mime|DATA|END-OF-MESSAGE)\b")
_WHY = re.compile(r": ((?:[45]\d\d |[45]\.\d+\.\d+ ).*)")
_BROKE_OFF = re.compile(r"(?:lost connection|timeout|too many errors) after (?:DATA|BDAT) \(\d+ bytes\)")
_GAP = re.compile(
    r"suppressed \d+|messages? (?:were )?lost|lost \d+ messages|rate[- ]limit|begin to drop", re.IGNORECASE
)
_ENDED = re.compile(r"exiting on signal|journal stopped|shutting down", re.IGNORECASE)


class LogClock:
    """Reads the timestamp of a log's line; remembers the one before, since local time stands twice in autumn."""

    def __init__(self, now: datetime, zone: tzinfo | None) -> None:
        """`now` gives the year to dates without one; `zone` None is this machine's."""
        self._now = now
        self._zone = zone
        self._before: datetime | None = None

    def read(self, head: re.Match[str]) -> int | None:
        """UTC milliseconds; None where it is no date."""
        try:
            if head["stamp"]:
                return milliseconds(self.local(datetime.fromisoformat(head["stamp"].replace(",", "."))))
            moment = self._dated(MONTHS.index(head["month"].lower()) + 1, int(head["day"]), head["clock"])
        except (ValueError, OverflowError):
            return None
        before, self._before = self._before, moment
        if before is not None and moment < before - timedelta(minutes=1):
            later = self.local(moment.astimezone(self._zone).replace(tzinfo=None, fold=1))
            self._before = moment = max(moment, later)
        return milliseconds(moment)

    def local(self, moment: datetime) -> datetime:
        """An aware instant, of a wall clock's time where it names no zone."""
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self._zone) if self._zone else moment.astimezone()
        return moment.astimezone(UTC)

    def _dated(self, month: int, day: int, clock: str) -> datetime:
        """In the last year in which it is not ahead of us."""
        hour, minute, second = map(int, clock.split(":"))
        year = self._now.year + 1
        while True:  # 29 February needs up to eight
            try:
                moment = self.local(datetime(year, month, day, hour, minute, min(second, 59)))  # noqa: DTZ001 - local() adds it
            except ValueError:
                if year < self._now.year - 8:
                    raise
            else:
                if moment <= self._now + _AHEAD:
                    return moment
            year -= 1


class PostfixLog:
    """Parts of one Postfix log, the oldest first."""

    def __init__(self, found: Traces, clock: LogClock) -> None:
        """`spans` fills with the instants covered, first and last of each in UTC milliseconds."""
        self.spans: list[tuple[int, int]] = []
        self._found = found
        self._clock = clock
        self._ids: dict[str, str] = {}  # of the messages in its queue that are wanted
        self._talks: dict[str, str] = {}  # an smtpd's pid -> the queue id of its last message
        self._first: int | None = None  # of the span that is open
        self._last = 0
        self._gone = False

    def read(self, lines: Iterable[str]) -> None:
        """One part, whole."""
        begun = False
        for line in lines:
            head = HEAD.match(line)
            at = self._clock.read(head) if head else None
            if head is None or at is None:
                self._found.unread += 1
                continue
            if not begun and self._first is not None and not -_SEAM <= at - self._last <= _SEAM:
                self._close(self._last)
            begun = True
            self._cover(head, at)
            _, slash, daemon = head["program"].rpartition("/")
            if slash:
                self._found.read += self._hear(daemon, head["pid"] or "", head["said"], at)
        if self._first is not None and not self._gone:
            self.spans.append((self._first, self._last))

    def _cover(self, head: re.Match[str], at: int) -> None:
        """Every line shows that the log was written, but one that says that others were not."""
        logger = head["program"].rpartition("/")[2].lower()
        if logger.startswith(("rsyslog", "syslog", "systemd-journal")):
            if _GAP.search(head["said"]):
                self._close(min(self._last, at - _BURST))
                self._gone = "begin" in head["said"]
            elif _ENDED.search(head["said"]):
                self._close(self._last)
        if self._first is None:
            self._first = at
        self._last = max(at, self._last)

    def _close(self, last: int) -> None:
        if self._first is not None and self._first <= last and not self._gone:
            self.spans.append((self._first, last))
        self._first, self._last, self._gone = None, 0, False

    def _hear(self, daemon: str, pid: str, said: str, at: int) -> bool:
        """One daemon's line; whether it told us something."""
        if daemon == "smtpd" and _BROKE_OFF.match(said):
            return self._refuse(self._talks.pop(pid, ""), said, at)
        of = _OF_QUEUE.match(said)
        if of is None:
            return False
        queue, said = of["queue"], of["said"]
        if daemon == "smtpd" and said.startswith("client="):
            self._talks[pid] = queue
            return True
        if daemon == "qmgr" and said == "removed":
            return self._ids.pop(queue, None) is not None
        if daemon in {"cleanup", "smtpd"}:
            return self._receive(queue, said, at)
        return self._follow(queue, said, at)

    def _receive(self, queue: str, said: str, at: int) -> bool:
        """What is said of a message on its way in."""
        if named := _MESSAGE_ID.match(said):
            return self._name(queue, named[1], at)
        if said.startswith("discard: ") and queue in self._ids:
            self._found.accepted(self._ids[queue], queue, at, reply=said, onward="discarded")
            return True
        if _REFUSED.match(said) or said.startswith("queue file size limit exceeded"):
            why = _WHY.search(said)
            return self._refuse(queue, why[1] if why else said, at)
        return False

    def _name(self, queue: str, message_id: str, at: int) -> bool:
        if self._found.wanted(message_id):
            self._ids[queue] = message_id
            self._found.began(message_id, queue, at)
        return True

    def _refuse(self, queue: str, why: str, at: int) -> bool:
        message_id = self._ids.pop(queue, None)
        if message_id is not None:
            self._found.refused(message_id, queue, at, why)
        return message_id is not None

    def _follow(self, queue: str, said: str, at: int) -> bool:
        """What only happens to a message that is on the relay's disk."""
        message_id = self._ids.get(queue)
        status = _STATUS.search(said)
        expired = "status=expired" in said
        if message_id is None or not (status or expired or "(queue active)" in said):
            return False
        onward, reply = (status[1], status[2]) if status else ("expired", said) if expired else ("", "")
        handed = _QUEUED_AS.search(reply)
        if handed is not None and self._found.copied(message_id, handed[1]):
            onward = reply = ""  # a filter's yes is not the end
        self._found.accepted(message_id, queue, at, reply=reply, onward=onward)
        return True
