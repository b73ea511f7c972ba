"""The lists: subscribers/*.toml and *.csv, read anew on each call, so that an edit counts at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from digest.errors import ConfigError, Mistake, did_you_mean
from digest.model import Subscriber
from digest.subscribers.address import mailbox, normalise
from digest.subscribers.csv_list import read_csv
from digest.subscribers.identity import LedgerKey
from digest.subscribers.rows import Entry, Rows, check_rows
from digest.subscribers.toml_list import read_toml

LARGEST = 100 * 1024 * 1024  # bytes
SUFFIXES = (".csv", ".toml")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """One list: `name` is the file's without its ending, `title` "" where none is written, `people` the good rows.

    `mistakes` are single bad lines, `broken` what makes the file as a whole unusable.
    """

    name: str
    file: str
    title: str = ""
    people: tuple[Entry, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    broken: tuple[Mistake, ...] = ()

    def warnings(self) -> tuple[Mistake, ...]:
        """Addresses that are valid but odd."""
        told = ((one.line, one.warning) for one in self.people if one.warning)
        return tuple(Mistake(file=self.file, line=line, key="email", why=why) for line, why in told)


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


def read_rows(path: Path) -> Rows:
    """One file's rows, whatever its kind."""
    file = shown(path)
    try:
        if (size := path.stat().st_size) > LARGEST:
            why = f"{size / 1024**2:.0f} MB; at most {LARGEST / 1024**2:.0f} MB are read"
            return Rows(file=file, broken=(Mistake(file=file, why=why, mend="split the list"),))
        with path.open("rb") as stream:
            return read_csv(stream, file) if path.suffix == ".csv" else read_toml(stream.read(), file)
    except OSError as error:
        return Rows(file=file, broken=(Mistake(file=file, why=f"cannot be read: {error.strerror}"),))


def read_list(name: str, paths: Sequence[Path]) -> ListFile:
    """One list, checked."""
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        why = f'{names} are both the list "{name}"'
        return ListFile(
            name=name, file=shown(paths[0]), broken=(Mistake(file=shown(paths[0]), why=why, mend="keep one of them"),)
        )
    rows = read_rows(paths[0])
    people, mistakes = check_rows(rows)
    return ListFile(
        name=name,
        file=rows.file,
        title=rows.title,
        people=people,
        mistakes=rows.mistakes + mistakes,
        broken=rows.broken,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Everyone on some lists, as read together: protocols.Invited. `mistakes` are the bad lines that were skipped."""

    people: tuple[Subscriber, ...]
    mistakes: tuple[Mistake, ...] = ()

    @property
    def kinds(self) -> Iterable[Subscriber]:
        """Somebody for each language and topics that are wished for together."""
        return {(one.language, one.topics): one for one in self.people}.values()

    def __iter__(self) -> Iterator[Subscriber]:
        """Each person once, in the order of the files."""
        return iter(self.people)

    def __len__(self) -> int:
        """How many they are."""
        return len(self.people)


class FileSubscribers:
    """The folder subscribers/ behind protocols.Subscribers."""

    def __init__(self, folder: Path, *, ledger_key: LedgerKey) -> None:
        """`folder` may be missing: then there is no list."""
        self.folder = folder
        self.key = ledger_key

    def lists(self) -> tuple[ListFile, ...]:
        """Every list, sorted by name."""
        return tuple(read_list(name, paths) for name, paths in list_paths(self.folder).items())

    def read(self, lists: Sequence[str], *, skip_bad: bool = False) -> Together:
        """Everyone on these lists, each person once, in the order of the files.

        Raises ConfigError with every bad line; with `skip_bad` only for what makes a whole file unusable.
        """
        read, mistakes = self._read(lists)
        broken = [*mistakes, *(one for file in read for one in file.broken)]
        bad = [] if skip_bad else [one for file in read for one in file.mistakes]
        people, clashes = self._merged(read)
        if broken or bad or (clashes and not skip_bad):
            raise ConfigError([*broken, *bad, *clashes])
        return Together(people=people, mistakes=(*(one for file in read for one in file.mistakes), *clashes))

    def mistakes(self, lists: Sequence[str] | None = None) -> tuple[Mistake, ...]:
        """Every mistake of all files, or of these lists as one newsletter would read them together."""
        read, mistakes = (self.lists(), []) if lists is None else self._read(lists)
        clashes = () if lists is None else self._merged(read)[1]
        return (*mistakes, *(one for file in read for one in (*file.broken, *file.mistakes)), *clashes)

    def find(self, address: str) -> Subscriber | None:
        """The person with this address, with all the lists that name it; bad lines are passed over.

        Raises ValueError when `address` is none.
        """
        wanted = mailbox(normalise(address).stored)
        holding = [replace(file, people=tuple(_of(file, wanted))) for file in self.lists()]
        return next(iter(self._merged(holding)[0]), None)

    def _read(self, lists: Sequence[str]) -> tuple[tuple[ListFile, ...], list[Mistake]]:
        known = list_paths(self.folder)
        names = dict.fromkeys(lists)
        read = tuple(read_list(name, known[name]) for name in names if name in known)
        return read, [unknown_list(self.folder, name) for name in names if name not in known]

    def _merged(self, files: Iterable[ListFile]) -> tuple[tuple[Subscriber, ...], tuple[Mistake, ...]]:
        """One Subscriber per mailbox; and ids that lists read together give to two people (the second goes)."""
        people: dict[str, Subscriber] = {}
        for file in files:
            for entry in file.people:
                people[entry.mailbox] = _joined(people.get(entry.mailbox), entry, file)
        owners: dict[str, Subscriber] = {}
        clashes: list[Mistake] = []
        for one in people.values():
            given = one if one.id else replace(one, id=self.key.subscriber_id(one.email))
            if owners.setdefault(given.id, given) is not given:
                first = owners[given.id]
                why = f'"{given.id}" is another person\'s in {first.file}:{first.line}'
                clashes.append(Mistake(file=one.file, line=one.line, key="id", why=why, mend="change one of the two"))
        return tuple(owners.values()), tuple(clashes)


def _of(file: ListFile, wanted: str) -> Iterable[Entry]:
    return (entry for entry in file.people if entry.mailbox == wanted)


def _joined(before: Subscriber | None, entry: Entry, file: ListFile) -> Subscriber:
    """What the lists say about one person together: the first word on each point stands."""
    if before is None:
        return Subscriber(
            id=entry.id,
            email=entry.email,
            name=entry.name,
            lists=(file.name,),
            topics=entry.topics,
            language=entry.language,
            timezone=entry.timezone,
            file=file.file,
            line=entry.line,
        )
    return replace(
        before,
        id=before.id or entry.id,
        name=before.name or entry.name,
        lists=(*before.lists, file.name),
        topics=before.topics or entry.topics,
        language=before.language or entry.language,
        timezone=before.timezone or entry.timezone,
    )
