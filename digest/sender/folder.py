"""Messages as files: one .eml per message, named by its Message-ID, whole or not there at all.

A re-send overwrites its own file, so there is never a doubt (SENDING.md 7.6).
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path

from digest.errors import TransportError
from digest.model import Message, Outcome, OutcomeKind, Phase, Reply
from digest.protocols import Enter, Intend, Mark, NextMessage, no_mark

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")
_TOO_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})


class FolderTransport:
    """`[transports.NAME]` with kind = "folder": `path` is the issue's own folder."""

    def __init__(self, *, name: str, path: Path | str, mark: Mark = no_mark) -> None:
        """Nothing is made before the first message."""
        self.name = name
        self._path = Path(path)
        self._mark = mark
        self._lasting = False  # the names of our folders are on disk

    async def deliver(self, next_message: NextMessage, intend: Intend, enter: Enter) -> None:
        """As Transport.deliver; raises TransportError when the disk refuses, permanent unless it is only full."""
        while (message := await next_message()) is not None:
            if not await intend(message.delivery):
                continue
            try:
                file = self._write(message)
            except OSError as error:
                # Nothing is visible under its name, so the row is as good as untouched.
                reply = Reply(phase=Phase.LOCAL, text=f"{self._path}: {error.strerror}")
                enter(message.delivery, Outcome(kind=OutcomeKind.DEFERRED, reply=reply, retry_ms=0))
                raise TransportError(f"{self.name}: {reply.text}", permanent=error.errno not in _TOO_FULL) from error
            self._mark("after_reply")
            said = Reply(phase=Phase.LOCAL, code=250, text=file.name)
            enter(message.delivery, Outcome(kind=OutcomeKind.SENT, reply=said))

    def _write(self, message: Message) -> Path:
        """Aside, to disk, renamed, and the rename to disk."""
        _make_private(self._path)
        if not self._lasting:
            # A file is only as lasting as the names above it, whoever made them.
            for folder in self._path.parents:
                if os.access(folder, os.R_OK):
                    _sync_folder(folder)
            self._lasting = True
        file = self._path / f"{file_stem(message.delivery.message_id)}.eml"
        aside = file.with_name(f".{file.name}.part")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as out:
            data = message.data
            half = len(data) // 2
            out.write(data[:half])
            out.flush()
            self._mark("in_body")
            out.write(data[half:])
            out.flush()
            os.fsync(out.fileno())
        aside.replace(file)
        _sync_folder(self._path)
        self._mark("after_dot")
        return file


def file_stem(message_id: str) -> str:
    """The Message-ID's local part where that is a safe file name; else what is safe of it and a hash of the whole."""
    local = message_id.rpartition("@")[0]
    safe = _UNSAFE.sub("_", local)[:100]
    if safe == local and safe:
        return safe
    return f"{safe}-{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()[:16]}"


def _make_private(path: Path) -> None:
    """`path` and each folder missing above it, readable by us alone whatever the umask."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
