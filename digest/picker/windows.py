"""Which articles are this issue's turn: [the last issue's cut-off, this cut-off), SOURCES.md 7."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from digest.model import Article, History, Newsletter, Reason
from digest.picker.rules import Verdict
from digest.times import say_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Half-open: `since` <= entered < `until`; `oldest` is the earliest published allowed, `max_age` before `until`."""

    since: datetime
    until: datetime
    oldest: datetime
    max_age: timedelta

    @classmethod
    def of(cls, newsletter: Newsletter, history: History, now: datetime) -> Window:
        """The window that ends at the cut-off `now`; before the first issue it is `newsletter.window` long."""
        return cls(
            since=history.since or now - newsletter.window,
            until=now,
            oldest=now - newsletter.max_age,
            max_age=newsletter.max_age,
        )

    def refusal(self, article: Article, *, back: bool = False) -> Verdict | None:
        """Why the article is not this issue's turn, or None. One that comes `back` is as old as its update."""
        dated = article.updated if back else article.published
        if dated and dated < self.oldest:
            fact = f"{'updated' if back else 'published'} {shown(dated)}, more than {say_duration(self.max_age)} before the cut-off"
            return Reason.TOO_OLD, fact
        if article.expires and article.expires <= self.until:
            return Reason.TOO_OLD, f"over since {shown(article.expires)}"
        entered = entry(article)
        if entered is None:
            return Reason.UNDATED_FIRST_READING, "no date is known"
        if entered < self.since:
            return Reason.BEFORE_WINDOW, f"entered {shown(entered)}, the window begins {shown(self.since)}"
        if entered >= self.until:
            return Reason.AFTER_CUTOFF, f"entered {shown(entered)}, the cut-off is {shown(self.until)}"
        return None


def entry(article: Article) -> datetime | None:
    """The instant that decides which window an article falls in."""
    return article.entered or article.first_seen or article.published


def shown(instant: datetime) -> str:
    """`2026-02-18 06:30 UTC`; seconds only where there are any."""
    return f"{instant.astimezone(UTC):{'%Y-%m-%d %H:%M:%S' if instant.second else '%Y-%m-%d %H:%M'}} UTC"
