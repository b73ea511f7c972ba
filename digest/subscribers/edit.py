"""add() and remove(): the list files, changed as their owner would, the rest of each byte for byte."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.errors import ConfigError, DigestError, Mistake
from digest.subscribers.address import mailbox, normalise
from digest.subscribers.csv_edit import csv_with, csv_without
from digest.subscribers.files import list_paths, read_list, shown, unknown_list
from digest.subscribers.replace import locked, replace_file
from digest.subscribers.rows import KEYS
from digest.subscribers.together import ListFile
from digest.subscribers.toml_edit import toml_with, toml_without


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What became of one list: `says` is one line for people."""

    list: str
    file: str
    changed: bool
    says: str


def add(
    folder: Path,
    list_name: str,
    email: str,
    *,
    name: str = "",
    language: str = "",
    timezone: str = "",
    topics: Iterable[str] = (),
    subscriber_id: str = "",
) -> Edit:
    """Put a person at the end of a list; someone already there stays as they are, and the Edit says so.

    Raises ConfigError for an unknown list, a file that must be mended first, or a value that is none.
    """
    given = {"name": name, "language": language, "timezone": timezone, "topics": list(topics), "id": subscriber_id}
    values = {"email": email.strip(" \t"), **{key: value for key, value in given.items() if value}}
    path = _path(folder, list_name)
    wanted = _checked(path, values)
    with locked(folder):
        file = _sound(list_name, path)
        for one in file.people:
            if one.mailbox == wanted:
                says = f"{one.email} is on {list_name} already ({file.file}:{one.line}); nothing was changed"
                return Edit(list=list_name, file=file.file, changed=False, says=says)
            if subscriber_id and one.id == subscriber_id:
                raise _error(path, f'the id "{subscriber_id}" is on line {one.line} already; choose another')
        make = csv_with if path.suffix == ".csv" else toml_with
        _change(path, lambda data: make(data, values))
    says = f"{values['email']} is now on {list_name} ({file.file})"
    return Edit(list=list_name, file=file.file, changed=True, says=says)


def remove(folder: Path, address: str, list_name: str | None = None) -> tuple[Edit, ...]:
    """Take a person off one list, or off every list that names them; also a line whose address is none.

    Raises ConfigError for an unknown list, a file that must be mended first, or an address that no list has.
    This records no "no": who is added again gets mail again.
    """
    wanted = address.strip(" \t")
    names = tuple(list_paths(folder)) if list_name is None else (list_name,)
    edits: list[Edit] = []
    for name in names:
        path = _path(folder, name)
        with locked(folder):
            _sound(name, path)
            changed = _change(path, _cutter(path, wanted))
        if changed:
            says = f"{wanted} is no longer on {name} ({shown(path)})"
            edits.append(Edit(list=name, file=shown(path), changed=True, says=says))
    if not edits:
        searched = f"looked in: {', '.join(names)}" if names else "there is no list"
        raise ConfigError([Mistake(file=f"{folder.name}/", why=f'"{wanted}" is on no list', mend=searched)])
    return tuple(edits)


def _path(folder: Path, list_name: str) -> Path:
    """The one file of a list."""
    paths = list_paths(folder).get(list_name)
    if not paths:
        raise ConfigError([unknown_list(folder, list_name)])
    if len(paths) > 1:
        raise ConfigError(read_list(list_name, paths).broken)
    return paths[0]


def _sound(list_name: str, path: Path) -> ListFile:
    """The list as read. Raises ConfigError when the file as a whole cannot be trusted."""
    file = read_list(list_name, [path])
    if file.broken:
        raise ConfigError(file.broken)
    return file


def _checked(path: Path, values: Mapping[str, object]) -> str:
    """The mailbox of these values. Raises ConfigError with every one that may not stand in a list."""
    mistakes = []
    for key, value in values.items():
        try:
            KEYS[key](value)
        except ValueError as error:
            why, _, mend = str(error).partition("; ")
            mistakes.append(Mistake(file=shown(path), key=key, why=why, mend=mend))
    if mistakes:
        raise ConfigError(mistakes)
    return mailbox(normalise(str(values["email"])).stored)


def _cutter(path: Path, address: str) -> Callable[[bytes], bytes]:
    cut = csv_without if path.suffix == ".csv" else toml_without
    return lambda data: cut(data, address)


def _change(path: Path, edit: Callable[[bytes], bytes]) -> bool:
    """Whether `edit` changed the file. Raises ConfigError when it cannot be edited, DigestError when not written."""
    try:
        before = path.read_bytes()
        after = edit(before)
        if after != before:
            replace_file(path, after)
    except UnicodeDecodeError as error:
        raise _error(path, "not UTF-8; save the file as UTF-8") from error
    except ValueError as error:
        raise _error(path, str(error)) from error
    except OSError as error:
        raise DigestError(f"{shown(path)}: cannot be changed: {error.strerror}") from error
    return after != before


def _error(path: Path, words: str) -> ConfigError:
    why, _, mend = words.partition("; ")
    return ConfigError([Mistake(file=shown(path), why=why, mend=mend)])
