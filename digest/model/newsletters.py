"""What readers subscribe to, as config.toml says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digest.model.articles import Source
from digest.model.dkim import DkimKey
from digest.times import Schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One `[[newsletters.NAME.sections]]` table. `order` is biggest | newest | features | good.

    `style` is rows, numbered, cards or brief, "" where the theme shall choose; `sub` a line under the heading.
    """

    name: str
    sources: tuple[str, ...]
    max: int = 5
    min: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    order: str = "biggest"
    style: str = ""
    sub: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """`[newsletters.NAME.rank]`: what each part of a rank weighs (docs/reference/ranking.md).

    `half_life` is the age at which freshness is worth half. `boosts`: (a filter term, what it adds), in order.
    """

    outlets: float = 3.0
    freshness: float = 1.0
    half_life: timedelta = timedelta(hours=8)
    source: float = 1.0
    place: float = 0.5
    picture: float = 0.3
    teaser: float = 0.2
    boosts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The From of a newsletter: one plain display name, one address."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`[site]`: the one who sends. `base_url` "" means no public pages: unsubscribing by mailto alone.

    `pages` are those public pages beside unsubscribing that are there to be linked: "preferences", "archive".
    """

    name: str
    id: str
    base_url: str
    postal_address: str
    timezone: str
    language: str
    pages: tuple[str, ...] = ()

    def issue_url(self, newsletter: str, slot: str) -> str:
        """Where anybody may read an issue on the web, "" without such a page."""
        return f"{self.base_url}/archive/{newsletter}/{slot}" if self.base_url and "archive" in self.pages else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`[composer]`: bytes of the HTML part. Above `soft` an issue is made shorter, above `hard` it is not sent."""

    soft: int = 87_000  # Gmail cuts off near 102-105 kB; room for what a relay adds
    hard: int = 102_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What readers subscribe to: `[newsletters.NAME]`, with its sections and the sources they name.

    `link_params` are (name, value) added to the links of articles on hosts of our own, on all hosts with `all_hosts`.
    `schedule` is a parsed schedule of digest.times; `lists` are names of files in subscribers/.
    `feedback` is where the three answers of the feedback block go: an address, or an https page with `{answer}` in it.
    `late_within` and `expires_after` are for scheduled issues; `doubt` is once | hold, `doubt_pause` its wait.
    `max_per_outlet` 0: no cap. `more`: headlines at most under "more headlines".
    """

    name: str
    title: str
    sender: Sender
    lists: tuple[str, ...]
    sections: tuple[Section, ...]
    sources: tuple[Source, ...]
    schedule: Schedule
    timezone: str
    theme: str
    subject: str = "{{ lead.headline }}"
    reply_to: str = ""
    limit: int = 12
    minimum: int = 1
    when_short: str = "skip"
    window: timedelta = timedelta(hours=24)
    max_age: timedelta = timedelta(hours=48)
    max_per_outlet: int = 0
    more: int = 10
    never_repeat_across: tuple[str, ...] = ()
    rank: Rank = Rank()
    late_within: timedelta = timedelta(hours=6)
    expires_after: timedelta = timedelta(hours=8)
    doubt: str = "once"
    doubt_pause: timedelta = timedelta(minutes=10)
    language: str = "en"
    link_params: tuple[tuple[str, str], ...] = ()
    all_hosts: bool = False
    budget: Budget = Budget()
    feedback: str = ""
    dkim: tuple[DkimKey, ...] = ()
    site: Site
    line: int = 0
    subject_line: int = 0
