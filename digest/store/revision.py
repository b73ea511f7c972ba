"""Which version of the tables a store has. Our revisions are one numbered line, so their file names are the list."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from digest.errors import StoreError
from digest.store.engine import READING, make_engine
from digest.store.failures import one_line
from digest.store.place import database_path

State = Literal["missing", "current", "behind", "ahead"]

SCRIPTS = Path(__file__).parent / "migrations"
_OURS = 0x64696773  # application_id, "digs"


def revisions(scripts: Path = SCRIPTS) -> tuple[str, ...]:
    """`0001`, `0002` ... in their order, from versions/r0001_first.py and its successors."""
    return tuple(sorted(path.stem[1:].partition("_")[0] for path in (scripts / "versions").glob("r*_*.py")))


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
                return read_state(connection, path, scripts)
        finally:
            engine.dispose()


def read_state(connection: Connection, path: Path, scripts: Path) -> State:
    """As state(), inside a transaction."""
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_schema WHERE type = 'table'").scalars())
    if not tables:
        return "missing"
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar()
    if mark != _OURS or "alembic_version" not in tables:
        raise StoreError(f"{path}: a database of something else; does [store] url name the right file?")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    known = revisions(scripts)
    if found == known[-1]:
        return "current"
    return "behind" if found in known else "ahead"


def copy_store(url: str, to: Path) -> None:
    """A whole, consistent copy of the store in a new file (0600); nothing where there is no store yet.

    Raises StoreError when it cannot be read.
    """
    path = database_path(url)
    if state(url) == "missing":
        return
    with one_line(path):
        duplicate(path, to)


def duplicate(path: Path, to: Path) -> None:
    """Every table of an open database into a new file, 0600. Raises OSError, sqlite3.Error."""
    os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as old, contextlib.closing(sqlite3.connect(to)) as new:
        old.backup(new)
