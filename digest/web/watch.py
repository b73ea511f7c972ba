"""Notice that the owner saved a file."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

log = logging.getLogger(__name__)

# watchfiles waits 1.6 s by default to collect changes; an editor's save takes a few ms (LIBRARIES.md 10). Milliseconds.
DEBOUNCE = 50
STEP = 20


async def changes(paths: Collection[Path]) -> AsyncGenerator[None, None]:
    """One turn per burst of changes to these files or inside these folders; all must exist. Ends only when closed.

    A file is watched through its folder, because editors save by renaming; the rest of that folder is not listened to.
    A link is followed: both the link and the file it leads to count.
    """
    files = {str(place) for path in paths if path.is_file() for place in (path, path.resolve())}
    folders = {str(path) for path in paths if path.is_dir()}
    turns: asyncio.Queue[None] = asyncio.Queue(maxsize=1)
    tasks = [
        asyncio.create_task(_follow(folders, DefaultFilter(), turns, recursive=True)),
        asyncio.create_task(
            _follow({str(Path(file).parent) for file in files}, lambda _, path: path in files, turns, recursive=False)
        ),
    ]
    try:
        while True:
            await turns.get()
            yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _follow(
    where: Collection[str], keep: Callable[[Change, str], bool], turns: asyncio.Queue[None], *, recursive: bool
) -> None:
    if not where:
        return
    try:
        async for _ in awatch(*where, watch_filter=keep, debounce=DEBOUNCE, step=STEP, recursive=recursive):
            if turns.empty():
                turns.put_nowait(None)
    except (OSError, RuntimeError) as error:
        log.warning("cannot watch %s for changes, start the preview again after one: %s", ", ".join(where), error)
