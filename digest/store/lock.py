"""One process at a time owns the ledger for sending: flock on `<database>.lock`, held until the sending ends."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from digest.errors import StoreError
from digest.store.failures import one_line

_WAIT_SECONDS = 5.0
_AGAIN_SECONDS = 0.05


@asynccontextmanager
async def owned(database: Path, *, wait: float = _WAIT_SECONDS) -> AsyncIterator[None]:
    """Own the ledger of `database`; waits up to `wait` seconds, then raises StoreError naming the holder's pid.

    The kernel lets go when the process ends, however it ends; the file stays, since removing it would race.
    """
    path = database.with_name(database.name + ".lock")
    with one_line(path):
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with one_line(path):
            os.fchmod(descriptor, 0o600)
            await _take(descriptor, database, wait)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


async def _take(descriptor: int, database: Path, wait: float) -> None:
    until = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= until:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip() or "unknown"
                raise StoreError(
                    f"{database}: process {holder} is sending from this store; wait for it, or end it"
                ) from error
            await asyncio.sleep(_AGAIN_SECONDS)
        else:
            return
