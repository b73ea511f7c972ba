"""The lists: subscribers/*.toml and *.csv, read anew on each call, so that an edit counts at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from digest.errors import ConfigError, Mistake, did_you_mean
from digest.model import Subscriber
from digest.subscribers.address import mailbox, normalise
from digest.subscribers.csv_list import read_csv
from digest.subscribers.identity import LedgerKey
from digest.subscribers.rows import check_rows
from digest.subscribers.spool import Entry, Spool
from digest.subscribers.together import ListFile, Together
from digest.subscribers.toml_list import read_toml

LARGEST = 100 * 1024 * 1024  # bytes
SUFFIXES = (".csv", ".toml")


def list_paths(folder: Path) -> dict[str, list[Path]]:
    """The files of each list by its name, sorted; more than one is a mistake."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        if path.suffix in SUFFIXES and not path.name.startswith("."):
            found.setdefault(path.stem, []).append(path)
    return dict(sorted(found.items()))


def shown(path: Path) -> str:
    """A list file as its owner would type it: `subscribers/readers.toml`."""
    return f"{path.parent.name}/{path.name}"


def unknown_list(folder: Path, name: str) -> Mistake:
    """No such list, with the nearest name and all names."""
    known = tuple(list_paths(folder))
    near = did_you_mean(name, known)
    mend = f"{near + ' ' if near else ''}(known: {', '.join(known)})" if known else f"make {folder.name}/{name}.toml"
    return Mistake(file=f"{folder.name}/", why=f'no list called "{name}"', mend=mend)


def read_list(name: str, paths: Sequence[Path], *, scratch: Path | None = None) -> ListFile:
    """One list, checked; each line is read once. `scratch` is the folder for a copy of a long one."""
    path, file = paths[0], shown(paths[0])
    if len(paths) > 1:
        names = " and ".join(one.name for one in paths)
        why = f'{names} are both the list "{name}"'
        return ListFile(name=name, file=file, broken=(Mistake(file=file, why=why, mend="keep one of them"),))
    try:
        if (size := path.stat().st_size) > LARGEST:
            why = f"{size / 1024**2:.0f} MB; at most {LARGEST / 1024**2:.0f} MB are read"
            return ListFile(name=name, file=file, broken=(Mistake(file=file, why=why, mend="split the list"),))
        with path.open("rb") as stream:
            rows = read_csv(stream, file) if path.suffix == ".csv" else read_toml(stream.read(), file)
            people = Spool(folder=scratch)
            found = check_rows(rows, people)
    except OSError as error:
        return ListFile(name=name, file=file, broken=(Mistake(file=file, why=f"cannot be read: {error.strerror}"),))
    return ListFile(
        name=name,
        file=file,
        title=rows.title,
        people=people,
        kinds=frozenset(found.kinds),
        ids=found.ids,
        like_ours=found.like_ours,
        mistakes=(*rows.mistakes, *found.mistakes),
        broken=tuple(rows.broken),
    )


class FileSubscribers:
    """The folder subscribers/ behind protocols.Subscribers."""

    def __init__(self, folder: Path, *, ledger_key: LedgerKey, scratch: Path | None = None, once: bool = False) -> None:
        """`folder` may be missing: then there is no list. A long list is copied to `scratch` while it is worked with.

        `once`: each list is read when it is first asked for, and not again.
        """
        self.folder = folder
        self.key = ledger_key
        self._scratch = scratch
        self._known: dict[str, ListFile] | None = {} if once else None

    def lists(self) -> tuple[ListFile, ...]:
        """Every list, sorted by name."""
        return tuple(self._list(name, paths) for name, paths in list_paths(self.folder).items())

    def read(self, lists: Sequence[str], *, skip_bad: bool = False) -> Together:
        """Everyone on these lists, each person once, in the order of the files.

        Raises ConfigError with every bad line; with `skip_bad` only for what makes a whole file unusable.
        """
        read, unknown = self._read(lists)
        broken = [*unknown, *(one for file in read for one in file.broken)]
        people = Together(read, key=self.key)
        if broken or (people.mistakes and not skip_bad):
            raise ConfigError([*broken, *(() if skip_bad else people.mistakes)])
        return people

    def mistakes(self, lists: Sequence[str] | None = None) -> tuple[Mistake, ...]:
        """Every mistake of all files, or of these lists as one newsletter would read them together."""
        read, unknown = (self.lists(), []) if lists is None else self._read(lists)
        clashes = () if lists is None else Together(read, key=self.key).clashes
        return (*unknown, *(one for file in read for one in (*file.broken, *file.mistakes)), *clashes)

    def find(self, address: str) -> Subscriber | None:
        """The person with this address, with all the lists that name it; bad lines are passed over.

        Raises ValueError when `address` is none.
        """
        wanted = mailbox(normalise(address).stored)
        holding = [replace(file, people=Spool(_of(file, wanted))) for file in self.lists()]
        return next(iter(Together(holding, key=self.key)), None)

    def _read(self, lists: Sequence[str]) -> tuple[tuple[ListFile, ...], list[Mistake]]:
        known = list_paths(self.folder)
        names = dict.fromkeys(lists)
        read = tuple(self._list(name, known[name]) for name in names if name in known)
        return read, [unknown_list(self.folder, name) for name in names if name not in known]

    def _list(self, name: str, paths: Sequence[Path]) -> ListFile:
        if self._known is None:
            return read_list(name, paths, scratch=self._scratch)
        if name not in self._known:
            self._known[name] = read_list(name, paths, scratch=self._scratch)
        return self._known[name]


def _of(file: ListFile, wanted: str) -> Iterable[Entry]:
    return (entry for entry in file.people if entry.mailbox == wanted)
