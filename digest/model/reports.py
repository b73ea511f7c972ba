"""What an act tells people afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from digest.errors import Mistake
from digest.model.articles import Harvest
from digest.model.picks import Picks


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What publish() did, for people, logs and --json.

    `state` is the issue's state afterwards ("" when no row was made). `counts` are deliveries by state over the
    whole issue, `sent_now` those of this call. `waits` are (rows, UTC milliseconds) still owed or in doubt and
    when they are due again. `skipped_duplicates` are (kept, dropped) subscriber ids of one mailbox. `bad_lines` of the lists
    were left out.
    """

    newsletter: str
    slot: str
    state: str
    subject: str = ""
    fresh: bool = False
    recipients: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    sent_now: int = 0
    owed: int = 0
    owed_next: int | None = None
    doubt_next: int | None = None
    harvest: Harvest = field(default_factory=Harvest)
    picks: Picks | None = None
    notes: Sequence[str] = ()
    bad_lines: Sequence[Mistake] = ()
    where: str = ""

    @property
    def key(self) -> str:
        """`NEWSLETTER@SLOT`."""
        return f"{self.newsletter}@{self.slot}"
