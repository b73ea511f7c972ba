"""The ledger's rows beside a relay's own records: pure, row by row (digest issues audit KEY --log FILE)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from digest.model import Delivery, DeliveryState
from digest.sender.evidence import Answer, Evidence
from digest.sender.traces import Taken, Trace

_SECOND = 1000  # ms; a log's timestamps are cut to so much


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One row that the records tell otherwise, in words. `doubt`: what they say of a row in doubt, no contradiction."""

    subscriber: str
    message_id: str
    state: str
    said: str
    doubt: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What comparing showed. `agreed` rows are told alike by both, `uncovered` ones are outside of what the records cover.

    `onward` counts how accepted messages went on from the relay (sent, bounced, deferred ...), "" where nothing is said.
    """

    compared: int = 0
    agreed: int = 0
    uncovered: int = 0
    differences: tuple[Difference, ...] = ()
    onward: Mapping[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Nothing contradicts; what is said of rows in doubt does not."""
        return all(one.doubt for one in self.differences)


class Comparer:
    """Takes the rows in portions."""

    def __init__(self, evidence: Evidence) -> None:
        """Against these records."""
        self._evidence = evidence
        self._agreed = 0
        self._uncovered = 0
        self._compared = 0
        self._differences: list[Difference] = []
        self._onward: Counter[str] = Counter()

    def add(self, rows: Iterable[Delivery]) -> None:
        """Compare these."""
        for row in rows:
            self._compared += 1
            trace = self._evidence.traces.get(row.message_id)
            if trace is not None and trace.taken is Taken.ACCEPTED:
                self._onward[trace.onward] += 1
            said, doubt = self._told(row, trace)
            if said:
                one = Difference(
                    subscriber=row.subscriber,
                    message_id=row.message_id,
                    state=row.state.value,
                    said=said,
                    doubt=doubt,
                )
                self._differences.append(one)

    def result(self) -> Comparison:
        """What came out."""
        return Comparison(
            compared=self._compared,
            agreed=self._agreed,
            uncovered=self._uncovered,
            differences=tuple(self._differences),
            onward=dict(self._onward),
        )

    def _told(self, row: Delivery, trace: Trace | None) -> tuple[str, bool]:
        """What the records say otherwise, "" for nothing; and whether it is only about a doubt."""
        accepted = trace is not None and trace.taken is Taken.ACCEPTED
        if trace is not None and accepted and trace.times > 1:
            return f"the relay took it {trace.times} times", False
        if row.state is DeliveryState.IN_DOUBT:
            return self._of_doubt(row, trace), True
        if row.state is DeliveryState.SENT:
            if accepted:
                self._agreed += 1
                return "", False
            return self._missing(row, trace), False
        if accepted:
            return f"the relay took it, though it is {row.state.value.replace('_', ' ')}", False
        self._agreed += 1
        return "", False

    def _missing(self, row: Delivery, trace: Trace | None) -> str:
        """A row that is sent, and no acceptance of it."""
        if trace is not None and trace.taken is Taken.REFUSED:
            return f"the relay refused it: {trace.reply}"
        began, ended = row.intent_at or 0, row.done_at or row.intent_at or 0
        if trace is None and self._evidence.covers(began // _SECOND * _SECOND, ended // _SECOND * _SECOND):
            return "the relay's records cover the time and do not know it"
        self._uncovered += 1
        return ""

    def _of_doubt(self, row: Delivery, trace: Trace | None) -> str:
        until = self._evidence.until or 0
        answer = self._evidence.answer(row.message_id, since=(row.intent_at or 0) // _SECOND * _SECOND, until=until)
        if answer is Answer.YES:
            onward = f", and then {trace.onward}" if trace is not None and trace.onward else ""
            return f"the relay took it{onward}"
        return "the relay did not take it" if answer is Answer.NO else "the records do not tell"
