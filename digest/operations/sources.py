"""How the sources are: for `digest sources list` and --json."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.app import App
from digest.model import SourceState
from digest.sources import health, next_try, settled


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One source. `articles` are those of the last reading; `moved` is asked instead of `where`, if anything."""

    name: str
    kind: str
    health: str
    last_success: datetime | None
    articles: int
    next_try: datetime | None
    error: str
    quarantine: str
    moved: str
    where: str


async def source_list(app: App) -> tuple[SourceStatus, ...]:
    """Every source of the config, in its order."""
    states = await app.store.articles.states()
    found = []
    for source in app.sources.values():
        state = settled(source, states.get(source.name, SourceState(name=source.name)))
        found.append(
            SourceStatus(
                name=source.name,
                kind=source.kind,
                health=health(state, now=app.now()),
                last_success=state.last_success,
                articles=state.articles,
                next_try=next_try(source, state),
                error=state.error,
                quarantine=state.quarantine.fact if state.quarantine else "",
                moved=state.moved,
                where=source.url or source.path or "",
            )
        )
    return tuple(found)
