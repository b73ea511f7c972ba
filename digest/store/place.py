"""Where the store lies: its path, who may read it, and on which kind of file system."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import stat
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from digest.errors import StoreError

# WAL keeps an index in shared memory, which a network file system does not share (sqlite.org/wal.html). 9p is not
# here: sandboxed containers show their local disks as 9p.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "lustre"})
_NETWORK_FUSE = re.compile(r"fuse\.(sshfs|glusterfs|ceph|s3fs|rclone|davfs|mergerfs-nfs)")
_MOUNTS = Path("/proc/self/mounts")
_ROOM = 50_000_000  # bytes that stay free when an issue begins to go out ...
_ROOM_EACH = 1000  # ... beside these for each recipient (SENDING.md 5)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def database_path(url: str) -> Path:
    """The absolute file of `sqlite:///PATH`. Raises StoreError for any other URL."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(f"{url!r} is no database URL; write sqlite:///var/digest.db") from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        shown = parsed.render_as_string(hide_password=True)
        raise StoreError(f"{shown}: the store is a SQLite file; write sqlite:///var/digest.db")
    # Resolved: two names of one file must lead to one lock.
    return Path(parsed.database).resolve()


def prepare_place(path: Path) -> None:
    """Make the file (0600) and its missing folders (0700) under any umask; a file of ours that is wider is narrowed.

    SQLite gives -wal and -shm the mode of the file. A folder that was there before is left as it is: it may be
    anybody's. Raises OSError, and StoreError on a network file system or where the file is another user's.
    """
    _make_folder(path.parent)
    refuse_network(path.parent)
    _refuse_others(path)
    with contextlib.suppress(FileExistsError):
        # Never opened once SQLite has it open: closing any descriptor of a file drops the process's locks on it.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    for file in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        narrow(file)


def require_room(path: Path, recipients: int) -> None:
    """Raise StoreError where an issue of so many recipients might fill the disk half-way."""
    free = shutil.disk_usage(path.parent).free
    wanted = _ROOM + _ROOM_EACH * recipients
    if free < wanted:
        raise StoreError(
            f"{path}: {wanted / 1e6:,.0f} MB must be free to send to {recipients:,}, {free / 1e6:,.0f} MB are; "
            "free some space and run it again"
        )


def _refuse_others(path: Path) -> None:
    """Root may write to anybody's file; everybody else to their own."""
    me = os.geteuid()
    with contextlib.suppress(FileNotFoundError):
        owner = path.stat().st_uid
        if me not in {0, owner}:
            raise StoreError(
                f"{path}: belongs to {_name(owner)}, and this runs as {_name(me)}; run it as {_name(owner)}"
            )


def _name(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def narrow(file: Path) -> None:
    """Take group's and others' rights away from a file, if it is there."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        return
    if mode & _OTHERS or mode & 0o600 != 0o600:
        file.chmod(0o600)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return  # another process got there first
    folder.chmod(0o700)


def refuse_network(folder: Path, *, mounts: Path = _MOUNTS) -> None:
    """Raise StoreError when `folder` is on a network file system; `mounts` is a table like /proc/self/mounts."""
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return  # no such table on this system
    kind = _kind_of(folder.resolve(), table)
    if kind in _NETWORK or _NETWORK_FUSE.fullmatch(kind):
        raise StoreError(f"{folder}: is on a network file system ({kind}), where SQLite loses data; use a local disk")


def _kind_of(folder: Path, table: str) -> str:
    """The file system type of the innermost mount above `folder`; of two at one place the later counts."""
    best, kind = -1, ""
    for line in table.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[1])
        if folder.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), fields[2]
    return kind
