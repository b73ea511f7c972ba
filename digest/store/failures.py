"""Whatever goes wrong underneath leaves this package as a StoreError of one line."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from digest.errors import StoreError

# SQLite's primary result codes (sqlite.org/rescode.html) in words, with what to do.
_SAID = {
    sqlite3.SQLITE_NOTADB: "not a SQLite database; does [store] url name the right file?",
    sqlite3.SQLITE_CORRUPT: "damaged; the file is left as it is, put a backup in its place",
    sqlite3.SQLITE_BUSY: "another process has kept it busy for more than 5 s; try again",
    sqlite3.SQLITE_FULL: "the disk is full; free some space and run it again",
    sqlite3.SQLITE_READONLY: "cannot be written; give the file and its folder to the user who runs this",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened; do the file and its folder belong to the user who runs this?",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write; nothing more is written to it",
}

_FOR_READING = "the file system is mounted for reading alone; mount it for writing"


def primary_code(error: BaseException) -> int:
    """SQLite's primary result code behind an error, 0 when there is none."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return int(getattr(cause, "sqlite_errorcode", 0) or 0) & 0xFF


def disk_failed(error: BaseException) -> bool:
    """Whether the disk itself failed to read, write or sync."""
    return primary_code(error) == sqlite3.SQLITE_IOERR and not _no_room(error)


def _no_room(error: BaseException) -> bool:
    """SQLite calls it an I/O error where the disk has no room for its index in shared memory."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    full = getattr(cause, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE
    return full or (isinstance(error, OSError) and error.errno == errno.ENOSPC)


def said(error: BaseException) -> str:
    """One line for people."""
    known = _SAID.get(sqlite3.SQLITE_FULL if _no_room(error) else primary_code(error))
    if known is not None:
        return known
    if isinstance(error, PermissionError):
        return f"{error.strerror}; do the file and its folder belong to the user who runs this?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    cause = error.orig if isinstance(error, DBAPIError) else error
    return " ".join(str(cause).split()) or type(error).__name__


def _mounted_for_reading(path: Path, error: BaseException) -> bool:
    """Whether it is the file system that cannot be written, which SQLite has no word of its own for."""
    if isinstance(error, OSError):
        return error.errno == errno.EROFS
    if primary_code(error) not in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}:
        return False
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


@contextmanager
def one_line(path: Path) -> Iterator[None]:
    """Turn what SQLAlchemy, SQLite and the file system raise into a StoreError that names the store."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, UnicodeError) as error:
        why = _FOR_READING if _mounted_for_reading(path, error) else said(error)
        raise StoreError(f"{path}: {why}", final=disk_failed(error)) from error
