"""What an operator orders: an issue cancelled, retried, resumed, resent, corrected. Each is logged, and kept in the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest import times
from digest.app.making import made_with
from digest.app.people import People
from digest.app.workshop import Workshop
from digest.composer import compose
from digest.errors import wrong
from digest.model import (
    Article,
    DeliveryState,
    Frozen,
    Harvest,
    Issue,
    IssueRow,
    IssueState,
    LeftOut,
    Newsletter,
    Pick,
    Picks,
    Reason,
    Source,
)
from digest.store import Correction, Which

_log = logging.getLogger(__name__)
_TOLD = ("headline", "url", "teaser", "kicker", "byline", "image", "updated", "paywall")
_ENDED = frozenset({IssueState.DONE, IssueState.CANCELLED, IssueState.EMPTY, IssueState.MISSED, IssueState.FAILED})
_SENDABLE = frozenset({IssueState.COMPOSED, IssueState.SENDING, IssueState.PAUSED, IssueState.DONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a correction changes beside what its sources and its theme say now.

    `subject` replaces the line, `drop` takes articles out by their URL or headline.
    """

    subject: str = ""
    drop: tuple[str, ...] = ()


class Orders:
    """Made by App. Every order raises DigestError (exit 2) for an issue it makes no sense for."""

    def __init__(
        self,
        shop: Workshop,
        people: People,
        newsletter: Callable[[str], Newsletter],
        gather: Callable[[Sequence[Source]], Awaitable[Harvest]],
        now: Callable[[], datetime],
    ) -> None:
        """`newsletter` finds one by name, `gather` reads sources that are due."""
        self._shop = shop
        self._store = shop.store
        self._people = people
        self._newsletter = newsletter
        self._gather = gather
        self._now = now

    async def cancel(self, row: IssueRow) -> IssueRow:
        """Nothing of it leaves any more but what was intended before; in another process too."""
        if row.state in _ENDED:
            raise wrong(f"{row.key} is {row.state}: there is nothing to cancel")
        return _logged("cancelled", await self._store.orders.cancel(row))

    async def resume(self, row: IssueRow) -> IssueRow:
        """End a pause."""
        if row.state is not IssueState.PAUSED:
            raise wrong(f"{row.key} is {row.state}, not paused")
        return _logged("resumed", await self._store.orders.resume(row), note=row.note)

    def which(self, *, codes: Sequence[str] = (), domains: Sequence[str] = (), addresses: Sequence[str] = ()) -> Which:
        """Rows by codes, recipients' domains and addresses as they are typed."""
        bad = [code for code in codes if not code.replace(".", "").isdecimal() or not code.isascii()]
        if bad:
            raise wrong(f"{bad[0]!r} is no code; write 5.7, 5.1.1 or 550")
        return Which(
            codes=tuple(code.rstrip(".") for code in codes),
            domains=tuple(self._people.address(f"x@{name}").rpartition("@")[2] for name in domains),
            address_hashes=tuple(self._people.hash_of(address) for address in addresses),
        )

    def changes(self, *, subject: str = "", drop: Sequence[str] = ()) -> Changes:
        """What correct() is to change."""
        return Changes(subject=subject, drop=tuple(drop))

    async def count(self, row: IssueRow, state: DeliveryState, which: Which) -> int:
        """How many rows an order would be about."""
        return await self._store.orders.count(row, state, which)

    async def retry(self, row: IssueRow, which: Which) -> tuple[IssueRow, int]:
        """Failed rows are owed again. An issue that has expired is not sent any more, so it is refused."""
        self._refuse_late(row)
        row, count = await self._store.orders.retry(row, which)
        return _logged("failed deliveries are owed again", row, count=count), count

    async def resend(self, row: IssueRow, which: Which) -> tuple[IssueRow, int]:
        """Rows in doubt are owed again: the same message once more."""
        self._refuse_late(row)
        row, count = await self._store.orders.resend(row, which)
        return _logged("deliveries in doubt are owed again", row, count=count), count

    async def correct(self, row: IssueRow, changes: Changes, *, tell: bool, dry_run: bool = False) -> Frozen | Issue:
        """An issue of its own that takes the place of this one (SENDING.md 9); with `dry_run` only composed.

        Raises TemplateError, StoreError; then nothing is changed.
        """
        await self._refuse_uncorrectable(row)
        newsletter = self._newsletter(row.newsletter)
        await self._gather(newsletter.sources)
        issue = await self._composed(row, newsletter, changes)
        if dry_run:
            return issue
        now = times.milliseconds(self._now())
        correction = Correction(
            issue=issue,
            doubt=newsletter.doubt,
            now=now,
            expires_at=now + times.in_milliseconds(newsletter.expires_after),
            tell=tell,
            message_id=self._shop.message_id_of(newsletter, issue),
        )
        frozen = await self._store.orders.correct(row, correction)
        _logged("corrected", row, by=frozen.row.key, recipients=frozen.row.recipients)
        return frozen

    def _refuse_late(self, row: IssueRow) -> None:
        if row.state not in _SENDABLE:
            raise wrong(f"{row.key} is {row.state}: nothing of it is sent any more")
        if row.expires_at is not None and row.expires_at <= times.milliseconds(self._now()):
            raise wrong(f"{row.key} has expired: its news would be too late (expires_after in config.toml)")

    async def _refuse_uncorrectable(self, row: IssueRow) -> None:
        if row.composed_at is None:
            raise wrong(f"{row.key} is {row.state}: nothing was composed that could be corrected")
        later = await self._store.orders.corrected_by(row)
        if later is not None:
            raise wrong(f"{row.key} is corrected by {later.key}: correct that one")

    async def _composed(self, row: IssueRow, newsletter: Newsletter, changes: Changes) -> Issue:
        """The frozen picks again, as their sources tell them now and the theme shows them now."""
        frozen = await self._store.issues.load(row)
        names = sorted({pick.article.source for pick in (*frozen.picks.chosen, *frozen.picks.more)})
        oldest = frozen.cutoff - max(newsletter.window, newsletter.max_age)
        stored = await self._store.articles.articles(names, since=oldest)
        picks = _corrected(frozen.picks, {article.id: article for article in stored}, changes)
        issue = await asyncio.to_thread(
            compose,
            replace(picks, subject=changes.subject or picks.subject),
            newsletter,
            self._shop.theme(newsletter),
            slot=await self._free_slot(row),
            number=row.number,
            audiences=[variant.audience for variant in frozen.variants],
            now=frozen.cutoff,
        )
        await asyncio.to_thread(self._shop.inspect, newsletter, issue)
        return replace(issue, made_with=made_with(newsletter, self._shop.config.folder))

    async def _free_slot(self, row: IssueRow) -> str:
        """`c1`, `c2` ...: the next free label of that date."""
        date, n = row.slot.partition(".")[0], 1
        while await self._store.issues.find(row.newsletter, f"{date}.c{n}") is not None:
            n += 1
        return f"{date}.c{n}"


def _logged(event: str, row: IssueRow, **more: object) -> IssueRow:
    _log.info(event, extra={"issue": row.key, **more})
    return row


def _corrected(picks: Picks, stored: Mapping[str, Article], changes: Changes) -> Picks:
    """The same picks with what their sources say now, without those dropped; raises DigestError (exit 2)."""
    gone = tuple(pick for pick in (*picks.chosen, *picks.more) if any(_meant(pick, one) for one in changes.drop))
    unknown = [one for one in changes.drop if not any(_meant(pick, one) for pick in gone)]
    if unknown:
        raise wrong(f"{unknown[0]!r} is no URL or headline of an article in it")
    chosen = [_as_now(pick, stored) for pick in picks.chosen if pick not in gone]
    if not chosen:
        raise wrong("no article would be left; digest issues cancel stops an issue")
    if not any(pick.lead for pick in chosen):
        chosen[0] = replace(chosen[0], lead=True)
    out = (LeftOut(article=pick.article, reason=Reason.DROPPED_BY_EDITOR) for pick in gone if pick in picks.chosen)
    return replace(
        picks,
        chosen=tuple(chosen),
        more=tuple(_as_now(pick, stored) for pick in picks.more if pick not in gone),
        left_out=(*picks.left_out, *out),
        fitted=(),
    )


def _meant(pick: Pick, said: str) -> bool:
    return said in {pick.article.url, pick.article.id} or said.casefold() == pick.article.headline.casefold()


def _as_now(pick: Pick, stored: Mapping[str, Article]) -> Pick:
    """Its article as its source tells it now; one that is not stored any more stays as it was."""
    now = stored.get(pick.article.id)
    if now is None:
        return pick
    told = {name: getattr(now, name) for name in _TOLD}
    return replace(pick, article=replace(pick.article, **told))
