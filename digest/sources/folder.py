"""Sources of kind "folder": an editor's own notes and announcements, one file each."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.errors import SourceError
from digest.model import Article, Declared, Reading, Source, SourceState
from digest.sources.identity import note_key
from digest.sources.known import Known, as_declared, nothing_known
from digest.sources.notes import NoteError, expired, read_note
from digest.sources.reader import recipe

FORMS = (".md", ".toml")
MAX_NOTES = 500
_LARGEST = 256_000  # bytes
_KNOWN_FOR = timedelta(days=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Note:
    """One file: what it says, or `why` it cannot be read. `waits`: it is dated ahead, and left out until then."""

    name: str
    mark: bytes
    declared: Declared | None = None
    why: str = ""
    waits: bool = False


class FolderReader:
    """Reads the notes of a folder. A broken one is named with its line, the others are read all the same.

    A note is known by its file's name: whatever is changed in it, it stays the same article. One whose file is gone
    is over from then on. `known` gives a source's stored articles.
    """

    def __init__(self, *, known: Known = nothing_known) -> None:
        """Nothing is opened."""
        self._known = known

    def close(self) -> None:
        """Nothing to end."""

    async def read(self, source: Source, state: SourceState, *, now: datetime) -> Reading:
        """One reading, newest first. Raises SourceError where the folder itself cannot be read."""
        notes = await asyncio.to_thread(_read, source, now)
        marks = b"".join(hashlib.sha256(note.mark).digest() + bytes([note.waits]) for note in notes)
        body_hash = f"{recipe(source)}:{hashlib.sha256(marks).hexdigest()}"
        broken = tuple(note.why for note in notes if note.why)
        if body_hash == state.body_hash and not broken:
            return Reading(unchanged=True, body_hash=body_hash)
        stored = await self._known((source.name,), now - _KNOWN_FOR)
        over = _gone(stored, source, {note.name for note in notes}, now)
        shown = [note.declared for note in notes if note.declared is not None and not note.waits]
        declared = (*sorted(shown, key=lambda note: note.published or now, reverse=True), *over)
        if broken and not declared:
            return Reading(failure=broken[0])
        if not declared:  # nothing to announce today is no fault
            return Reading(unchanged=True, body_hash=body_hash)
        waiting = tuple(f"{note.name}: waits for its date" for note in notes if note.waits)
        return Reading(declared=declared, body_hash=body_hash, notes=(*broken, *waiting))


def _gone(stored: tuple[Article, ...], source: Source, names: set[str], now: datetime) -> list[Declared]:
    """Stored notes without a file, as over: they must not be offered any more."""
    keys = {note_key(source.name, name) for name in names}
    gone = [one for one in stored if keys.isdisjoint(one.keys) and (one.expires is None or one.expires > now)]
    return [expired(as_declared(article, article.url), now) for article in gone]


def _read(source: Source, now: datetime) -> list[_Note]:
    folder = Path(source.path or "")
    try:
        files = sorted(file for file in folder.iterdir() if _is_note(file))
    except OSError as error:
        raise SourceError(source.name, f"{folder}: {error.strerror or error}") from error
    return list(_notes(files[:MAX_NOTES], source, now))


def _is_note(file: Path) -> bool:
    return file.suffix in FORMS and not file.name.startswith((".", "_", "~", "README")) and file.is_file()


def _text(data: bytes) -> str:
    if len(data) > _LARGEST:
        raise NoteError(1, f"larger than {_LARGEST // 1000} kB")
    return data.decode("utf-8-sig")


def _notes(files: list[Path], source: Source, now: datetime) -> Iterator[_Note]:
    for file in files:
        try:
            data = file.read_bytes()[: _LARGEST + 1]
            written = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        except OSError as error:
            yield _Note(name=file.name, mark=b"", why=f"{file}: {error.strerror or error}")
            continue
        mark = file.name.encode() + b"\0" + data
        try:
            declared = read_note(_text(data), name=file.name, zone=source.timezone, written=min(written, now))
        except NoteError as error:
            yield _Note(name=file.name, mark=mark, why=f"{file}:{error.line}: {error.why}")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            yield _Note(name=file.name, mark=mark, why=f"{file}:{line}: is not UTF-8; save it as UTF-8")
        else:
            ahead = declared.published is not None and declared.published > now
            yield _Note(name=file.name, mark=mark, declared=declared, waits=ahead)
