"""Bring a store to this version. A store is made and migrated by us alone, after a copy of what was there."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Literal

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from digest.errors import StoreError
from digest.store.engine import READING, WRITING, make_engine
from digest.store.failures import one_line
from digest.store.place import database_path, prepare_place

State = Literal["missing", "current", "behind", "ahead"]

SCRIPTS = Path(__file__).parent / "migrations"
_OURS = 0x64696773  # application_id, "digs"


def state(url: str, *, scripts: Path = SCRIPTS) -> State:
    """How the store stands to this version; writes nothing.

    "missing": no file, or an empty one. Raises StoreError when the file cannot be read, is damaged, or is a database
    of something else.
    """
    path = database_path(url)
    with one_line(path):
        if not path.exists() or path.stat().st_size == 0:
            return "missing"
        engine = make_engine(path, READING, ours=False)
        try:
            with engine.begin() as connection:
                return _state(connection, path, ScriptDirectory.from_config(_config(scripts)))
        finally:
            engine.dispose()


def upgrade(url: str, *, scripts: Path = SCRIPTS) -> Path | None:
    """Make the store, or bring it to this version; the copy made before (`<database>.before-REVISION`), if any.

    One transaction: a kill leaves the old version. Raises StoreError, also when a newer version made the store.
    """
    path = database_path(url)
    with one_line(path):
        behind = state(url, scripts=scripts) == "behind"  # first of all: a file of something else is not touched
        prepare_place(path)
        config = _config(scripts)
        head = ScriptDirectory.from_config(config).get_current_head()
        copy = path.with_name(f"{path.name}.before-{head}") if behind else None
        if copy is not None:
            _copy(path, copy)
        engine = make_engine(path, WRITING)
        try:
            with engine.begin() as connection:
                found = _state(connection, path, ScriptDirectory.from_config(config))
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


def _state(connection: Connection, path: Path, scripts: ScriptDirectory) -> State:
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars())
    if not tables:
        return "missing"
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if mark != _OURS or "alembic_version" not in tables:
        raise StoreError(f"{path}: a database of something else; does [store] url name the right file?")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found == scripts.get_current_head():
        return "current"
    known = {script.revision for script in scripts.walk_revisions()}
    return "behind" if found in known else "ahead"


def _copy(path: Path, to: Path) -> None:
    """A whole, consistent copy, 0600, which has its name only once it is on disk."""
    aside = to.with_name(f"{to.name}.{os.getpid()}")
    aside.unlink(missing_ok=True)
    os.close(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as old, contextlib.closing(sqlite3.connect(aside)) as new:
        old.backup(new)
    descriptor = os.open(aside, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    aside.replace(to)
