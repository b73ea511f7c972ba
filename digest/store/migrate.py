"""Bring a store to this version. A store is made and migrated by us alone, after a copy of what was there.

Imported by name, when there is something to do: alembic costs more than most commands.
"""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config

from digest.errors import StoreError
from digest.store.engine import WRITING, make_engine
from digest.store.failures import one_line
from digest.store.place import database_path, prepare_place
from digest.store.revision import SCRIPTS, duplicate, read_state, revisions, state

__all__ = ["state", "upgrade"]


def upgrade(url: str, *, scripts: Path = SCRIPTS) -> Path | None:
    """Make the store, or bring it to this version; the copy made before (`<database>.before-REVISION`), if any.

    One transaction: a kill leaves the old version. Raises StoreError, also when a newer version made the store.
    """
    path = database_path(url)
    with one_line(path):
        behind = state(url, scripts=scripts) == "behind"  # first of all: a file of something else is not touched
        prepare_place(path)
        config = _config(scripts)
        head = revisions(scripts)[-1]
        copy = path.with_name(f"{path.name}.before-{head}") if behind else None
        if copy is not None:
            _copy(path, copy)
        engine = make_engine(path, WRITING)
        try:
            with engine.begin() as connection:
                found = read_state(connection, path, scripts)
                if found == "ahead":
                    raise StoreError(f"{path}: made by a newer digest; install that version or put a backup in place")
                if found != "current":  # else another process got there first
                    config.attributes["connection"] = connection
                    command.upgrade(config, "head")
        finally:
            engine.dispose()
    return copy


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _copy(path: Path, to: Path) -> None:
    """A whole, consistent copy, 0600, which has its name only once it is on disk."""
    aside = to.with_name(f"{to.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    duplicate(path, aside)
    descriptor = os.open(aside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    aside.replace(to)
