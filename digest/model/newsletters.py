"""What readers subscribe to, as config.toml says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digest.model.articles import Source
from digest.times import Schedule


class Secret:
    """A value that never shows itself: repr, str and format are `***`, and it cannot be pickled.

    `origin` says where it came from ("env SMTP_PASSWORD") and may be shown.
    """

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, *, origin: str) -> None:
        """Keep `value` out of sight."""
        self._value = value
        self.origin = origin

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Three stars."""
        return "***"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled or copied."""
        raise TypeError("a Secret cannot be pickled")


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One `[[newsletters.NAME.sections]]` table. `order` is "newest" until ranking comes.

    `style` is rows, numbered, cards or brief, "" where the theme shall choose; `sub` a line under the heading.
    """

    name: str
    sources: tuple[str, ...]
    max: int = 5
    min: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    order: str = "newest"
    style: str = ""
    sub: str = ""
    line: int = 0


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """What readers subscribe to: `[newsletters.NAME]`, with its sections and the sources they name.

    `schedule` is a parsed schedule of digest.times; `lists` are names of files in subscribers/.
    `feedback` is where the three answers of the feedback block go: an address, or an https page with `{answer}` in it.
    `late_within` and `expires_after` are for scheduled issues; `doubt` is once | hold, `doubt_pause` its wait.
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
    late_within: timedelta = timedelta(hours=6)
    expires_after: timedelta = timedelta(hours=8)
    doubt: str = "once"
    doubt_pause: timedelta = timedelta(minutes=10)
    language: str = "en"
    feedback: str = ""
    site: Site
    line: int = 0
    subject_line: int = 0
