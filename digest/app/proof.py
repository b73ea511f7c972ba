"""The proof of an issue: the ledger audited against a relay's records, the frozen picks rendered again, the export."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

from digest import times
from digest.app.exporting import Verdict, export, read_export
from digest.app.inspection import sample
from digest.app.making import differences, made_with
from digest.app.records import lines_of
from digest.app.workshop import Workshop
from digest.composer import compose, fingerprint
from digest.errors import DigestError, wrong
from digest.model import Audit, Issue, IssueRow, Newsletter, Part
from digest.sender.comparing import Comparer, Comparison
from digest.sender.evidence import Evidence, read_evidence


class Proof:
    """Made by App."""

    def __init__(self, shop: Workshop, newsletter: Callable[[str], Newsletter], now: Callable[[], datetime]) -> None:
        """`newsletter` finds one by name."""
        self._shop = shop
        self._store = shop.store
        self._newsletter = newsletter
        self._now = now

    async def audit(self, row: IssueRow) -> Audit:
        """What the rows prove by themselves."""
        return await self._store.ledger.audit(row)

    async def compare(
        self, row: IssueRow, logs: Sequence[Path], *, zone: tzinfo | None = None
    ) -> tuple[Comparison, Evidence]:
        """The rows beside these records of one relay; raises DigestError (exit 2) where a file cannot be read.

        `zone` is where the relay writes times without a zone; None: as this machine.
        """
        domain = await self._domain(row)
        evidence = await asyncio.to_thread(
            read_evidence,
            [lines_of(path) for path in logs],
            now=self._now(),
            zone=zone,
            wanted=lambda message_id: message_id.endswith(domain),
        )
        if not evidence.read:
            raise wrong(f"{', '.join(map(str, logs))}: no line that says what became of a message")
        comparer = Comparer(evidence)
        async for rows in self._store.issues.portions(row):
            comparer.add(rows)
        return comparer.result(), evidence

    async def verify(self, row: IssueRow) -> Verdict:
        """The frozen picks rendered again, as config and theme are now, beside what was frozen."""
        if row.composed_at is None:
            raise wrong(f"{row.key} is {row.state}: nothing was composed")
        issue = await self._store.issues.load(row)
        verdict = await self.rendered_again(issue)
        if fingerprint(issue.variants) != row.fingerprint:
            return replace(verdict, differs=("the stored variants are not those that were frozen", *verdict.differs))
        return verdict

    async def rendered_again(self, issue: Issue) -> Verdict:
        """As verify(), of an issue from wherever. Raises DigestError (exit 2) where its newsletter is not known here."""
        newsletter = self._newsletter(issue.newsletter)
        notes = differences(issue.made_with, made_with(newsletter, self._shop.config.folder))
        told = issue.fingerprint.hex()
        try:
            again = await asyncio.to_thread(
                compose,
                issue.picks,
                newsletter,
                self._shop.theme(newsletter),
                slot=issue.slot,
                number=issue.number,
                audiences=[variant.audience for variant in issue.variants],
                now=issue.cutoff,
            )
        except DigestError as error:
            return Verdict(
                key=issue.key, fingerprint=told, differs=(f"cannot be rendered again: {error}",), notes=notes
            )
        return Verdict(key=issue.key, fingerprint=told, differs=_between(issue, again), notes=notes)

    async def export(self, row: IssueRow, folder: Path) -> tuple[Path, ...]:
        """The issue as a folder (exporting). Raises DigestError (exit 2) where it was not composed, or the folder is full."""
        if row.composed_at is None:
            raise wrong(f"{row.key} is {row.state}: nothing was composed")
        issue = await self._store.issues.load(row)
        return export(issue, row, folder, sample=sample(self._newsletter(row.newsletter), issue))

    async def _domain(self, row: IssueRow) -> str:
        """`@news.example.org`: how all its Message-IDs end; as they do in the ledger, whatever config.toml says now."""
        async for rows in self._store.issues.portions(row, size=1):
            return "@" + rows[0].message_id.rpartition("@")[2]
        raise wrong(f"{row.key} has no deliveries")


async def verify_folder(folder: Path) -> tuple[Issue, Verdict]:
    """As exporting.read_export()."""
    return await asyncio.to_thread(read_export, folder)


def zone_of(name: str | None) -> tzinfo | None:
    """The zone that is called so; raises ValueError, with a mend."""
    return times.zone(name) if name else None


def _between(frozen: Issue, again: Issue) -> tuple[str, ...]:
    """What is not the same, variant by variant."""
    told = []
    if frozen.subject != again.subject:
        told.append(f"the subject was {frozen.subject!r}, is {again.subject!r}")
    now = {variant.audience.key: variant for variant in again.variants}
    then = {variant.audience.key: variant for variant in frozen.variants}
    told += [f"variant {key} is not made any more" for key in then if key not in now]
    told += [f"variant {key} was not there" for key in now if key not in then]
    for key, variant in then.items():
        if key in now:
            told += _parts(key, "HTML", variant.html, now[key].html)
            told += _parts(key, "text", variant.text, now[key].text)
    if not told and frozen.fingerprint != again.fingerprint:
        told.append("the variants come in another order")
    return tuple(told)


def _parts(key: str, what: str, then: Part, now: Part) -> list[str]:
    """`variant en, HTML: 3 of 512 lines differ, first line 17`; nothing where they are equal."""
    if then == now:
        return []
    before, after = then.shown().splitlines(), now.shown().splitlines()
    pairs = [n for n, (one, other) in enumerate(zip(before, after, strict=False), 1) if one != other]
    count = len(pairs) + abs(len(before) - len(after))
    first = pairs[0] if pairs else min(len(before), len(after)) + 1
    return [f"variant {key}, {what}: {count} of {len(before)} lines differ, first line {first}"]
