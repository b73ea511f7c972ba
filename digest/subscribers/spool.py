"""The good rows of a list, written away as they are checked, so that a long list is never held."""

from __future__ import annotations

import itertools
import marshal
import tempfile
import weakref
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_GROUP = 64  # entries that are written and read at once
_IN_MEMORY = 1 << 20  # bytes, some 15,000 people; more go into a file


class Entry(NamedTuple):
    """A checked row; `id` is "" where the file gives none."""

    line: int
    email: str
    name: str = ""
    language: str = ""
    timezone: str = ""
    topics: tuple[str, ...] = ()
    id: str = ""
    warning: str = ""

    @property
    def mailbox(self) -> str:
        """What two addresses of one mailbox share; a stored address is ASCII."""
        return self.email.lower()


class Spool:
    """Entries in the order they were put in, each by its number from 0. Memory holds a group of them.

    Once they are many they lie in a file that has no name, so that nobody else opens it and it is gone with the
    process. One thread at a time. Raises OSError where the disk has no room.
    """

    def __init__(self, entries: Iterable[Entry] = (), *, folder: Path | None = None) -> None:
        """`folder`: where the file lies; None for the usual place of such files."""
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY, dir=None if folder is None else str(folder))  # noqa: SIM115 - closed below
        weakref.finalize(self, self._file.close)
        self._ends = array("q", [0])  # of the groups, in bytes
        self._group: list[tuple[object, ...]] = []
        self._gone: set[int] = set()
        self._asked: tuple[int, list[tuple[object, ...]]] = (-1, [])  # lists that overlap often do so in one order
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """Put one behind the others."""
        self._group.append(tuple(entry))
        if len(self._group) == _GROUP:
            self._write()

    def _write(self) -> None:
        try:
            self._file.seek(self._ends[-1])
            self._file.write(marshal.dumps(self._group))
        except OSError as error:
            raise OSError(error.errno, f"no copy of it can be made: {error.strerror}") from error
        self._ends.append(self._file.tell())
        self._group = []

    def leave_out(self, number: int) -> None:
        """Walks pass this one over from now on."""
        self._gone.add(number)

    def __len__(self) -> int:
        """How many a walk gives."""
        return (len(self._ends) - 1) * _GROUP + len(self._group) - len(self._gone)

    def __iter__(self) -> Iterator[Entry]:
        """Each in its order."""
        return (entry for _, entry in self.numbered())

    def numbered(self) -> Iterator[tuple[int, Entry]]:
        """Each with its number."""
        every = enumerate(map(Entry._make, itertools.chain.from_iterable(map(self._read, range(len(self._ends))))))
        return (one for one in every if one[0] not in self._gone) if self._gone else every

    def __getitem__(self, number: int) -> Entry:
        """One of them."""
        group, place = divmod(number, _GROUP)
        if self._asked[0] != group:
            self._asked = group, self._read(group)
        return Entry._make(self._asked[1][place])

    def _read(self, group: int) -> list[tuple[object, ...]]:
        if group == len(self._ends) - 1:
            return self._group
        start, end = self._ends[group : group + 2]
        self._file.seek(start)
        found: list[tuple[object, ...]] = marshal.loads(self._file.read(end - start))  # noqa: S302 - we wrote it
        return found
