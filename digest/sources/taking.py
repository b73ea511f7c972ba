"""What one reading becomes: articles offered or held, and the source's state after it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.model import Article, Figures, Quarantine, Reading, Reason, SourceResult, SourceState
from digest.sources import canary
from digest.sources.health import how_to_free, recovered
from digest.sources.polite import after_answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is to be recorded, and what is told; `result.new` is the store's to count."""

    state: SourceState
    articles: tuple[Article, ...]
    result: SourceResult


def take(
    reading: Reading, articles: tuple[Article, ...], stored: Sequence[Article], state: SourceState, *, now: datetime
) -> Taken:
    """A reading with articles, looked at beside the source's `stored` ones: offered, or held where it is odd."""
    # What is held is not known yet: else a second odd reading would look like news of yesterday.
    known = canary.Known(one for one in stored if one.refused != Reason.QUARANTINED)
    figures = canary.measure(articles, known, state, now=now)
    wires = canary.tripped(figures, state, now=now)
    quarantine = _quarantine(state, wires, now)
    after, alert = _answered(reading, state, now=now)
    after = replace(after, articles=len(articles))
    if quarantine is None or quarantine.times >= canary.FREES:
        freed = _freed(state) if state.quarantine else ""
        before = () if quarantine else state.figures  # the new habit is learned from the start
        after = replace(after, quarantine=None, figures=(*before, figures)[-canary.KEPT :])
        after = replace(after, readings=1 if quarantine else state.readings + 1)
        return Taken(state=after, articles=articles, result=_result(after, reading, len(articles), alert or freed))
    everything = canary.Known(stored)
    held = tuple(_held(article, quarantine) for article in articles if everything.find(article) is None)
    begun = "" if state.quarantine else f"gave an odd reading, which is not offered: {quarantine.fact}"
    after = replace(after, quarantine=quarantine)
    result = _result(after, reading, len(articles), begun or alert)
    fact = f"{quarantine.fact}; {how_to_free(state)}"
    return Taken(state=after, articles=held, result=replace(result, reason=Reason.QUARANTINED, fact=fact))


def take_unchanged(reading: Reading, known: Sequence[Article], state: SourceState, *, now: datetime) -> Taken:
    """The same bytes as last time. An odd reading that comes so for the third time is how the source is now.

    `known` are the source's stored articles, needed while it is in quarantine.
    """
    after, alert = _answered(reading, state, now=now)
    if state.quarantine is None:
        after = replace(after, readings=state.readings + 1)
        return Taken(state=after, articles=(), result=_result(after, reading, 0, alert))
    if state.quarantine.wires == (canary.EMPTIED,):  # an empty reading leaves no mark: these are the old articles
        after = replace(after, quarantine=None, readings=state.readings + 1)
        return Taken(state=after, articles=(), result=_result(after, reading, 0, _freed(state)))
    times = state.quarantine.times + 1
    if times >= canary.FREES:
        return replace(freed(after, known, now=now), result=_result(after, reading, 0, _freed(state)))
    after = replace(after, quarantine=replace(state.quarantine, times=times))
    fact = f"{state.quarantine.fact}; {how_to_free(state)}"
    result = replace(_result(after, reading, 0, alert), reason=Reason.QUARANTINED, fact=fact)
    return Taken(state=after, articles=(), result=result)


def freed(state: SourceState, known: Sequence[Article], *, now: datetime) -> Taken:
    """The end of a quarantine: what was held is news from now on, and the source is got to know anew."""
    held = (one for one in known if one.refused == Reason.QUARANTINED)
    articles = tuple(replace(one, refused="", fact="", first_seen=now, entered=now) for one in held)
    state = replace(state, quarantine=None, figures=(), readings=0)
    return Taken(state=state, articles=articles, result=SourceResult(source=state.name))


def emptied(state: SourceState, *, now: datetime) -> tuple[SourceState, str]:
    """The state where a reading has no articles at all, and the fact where that is odd for this source."""
    wires = canary.tripped(Figures(at=now), state, now=now)
    quarantine = _quarantine(state, wires, now)
    if quarantine is None:
        return state, ""
    if quarantine.times >= canary.FREES:
        return replace(state, quarantine=None, figures=(), readings=0), ""
    return replace(state, quarantine=quarantine), quarantine.fact


def _quarantine(state: SourceState, wires: Sequence[canary.Wire], now: datetime) -> Quarantine | None:
    """The quarantine after a reading that trips these: one more of the same kind, or a new one."""
    if not wires:
        return None
    names, before = tuple(wire.name for wire in wires), state.quarantine
    same = before is not None and bool({*before.wires} & {*names})
    return Quarantine(
        since=before.since if before else now,
        wires=names,
        fact="; ".join(wire.fact for wire in wires),
        times=before.times + 1 if before and same else 1,
    )


def _answered(reading: Reading, state: SourceState, *, now: datetime) -> tuple[SourceState, str]:
    """The state after an answer, whatever is made of it, and the alert of a recovery."""
    after, alert = recovered(state, now=now)
    after = after_answer(after, reading.heard, ttl=state.ttl if reading.unchanged else reading.ttl)
    if after.moved and after.moved != state.moved:
        alert = alert or f"has moved: {after.moved} is asked from now on; write that into the config"
    after = replace(
        after,
        validators=reading.validators,
        body_hash=reading.body_hash,
        title=reading.title or state.title,
        first_reading=state.first_reading or now,
    )
    return after, alert


def _held(article: Article, quarantine: Quarantine) -> Article:
    if article.refused:
        return article
    return replace(article, refused=Reason.QUARANTINED, fact=quarantine.fact)


def _freed(state: SourceState) -> str:
    since = f" since {state.quarantine.since:%Y-%m-%d %H:%M} UTC" if state.quarantine else ""
    return f"is offered again; it was held{since}"


def _result(state: SourceState, reading: Reading, read: int, alert: str) -> SourceResult:
    return SourceResult(source=state.name, read=read, unchanged=reading.unchanged, notes=reading.notes, alert=alert)
