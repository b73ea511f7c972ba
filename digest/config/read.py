"""config.toml -> Config, or every mistake in it at once."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from digest.config import secret, signing
from digest.config.build import Ground, build
from digest.config.check import look_around, relations
from digest.config.fields import SecretValue, UserName
from digest.config.parts import Config, Result
from digest.config.positions import Positions
from digest.config.say import Finding, Loc, findings
from digest.config.schema import KINDS, ConfigTable
from digest.config.values import Reference
from digest.errors import ConfigError, Mistake
from digest.model import Secret

_LARGEST = 4 * 1024 * 1024
_LOGIN: dict[str, TypeAdapter[Reference]] = {
    "username": TypeAdapter(UserName),
    "password": TypeAdapter(SecretValue),
    "token": TypeAdapter(SecretValue),
}


def load(
    path: str | Path, *, themes: frozenset[str] = frozenset(), environment: Mapping[str, str] = os.environ
) -> Config:
    """The config in the file at `path`; see read(). Raises ConfigError with every mistake in it."""
    result = read(path, themes=themes, environment=environment)
    if result.config is None:
        raise ConfigError(result.mistakes)
    return result.config


def read(
    path: str | Path, *, themes: frozenset[str] = frozenset(), environment: Mapping[str, str] = os.environ
) -> Result:
    """Read config.toml and look at what it names beside itself; never raises for what stands in it.

    `themes` are names of themes known from elsewhere than templates/email beside it. Secrets of the transports in
    use are fetched here, from `environment`, files and credentials.
    """
    file = _shown(Path(path))
    try:
        text = _text(Path(path))
        document = tomllib.loads(text)
    except _UnreadableError as error:
        return Result(config=None, mistakes=(Mistake(file=file, line=error.line, why=error.why, mend=error.mend),))
    except tomllib.TOMLDecodeError as error:
        return Result(config=None, mistakes=(_syntax(file, str(error), text),))
    except RecursionError:
        return Result(config=None, mistakes=(Mistake(file=file, why="is nested too deeply", mend="write flat tables"),))
    return _checked(document, Positions(text), Path(os.path.normpath(Path(path).absolute())), file, themes, environment)


def _checked(
    document: Mapping[str, Any],
    positions: Positions,
    path: Path,
    file: str,
    themes: frozenset[str],
    environment: Mapping[str, str],
) -> Result:
    found: list[Finding] = []
    table: ConfigTable | None = None
    try:
        table = ConfigTable.model_validate(document)
    except ValidationError as error:
        found += findings(error)
    found += relations(document, look_around(path.parent, themes))
    secrets: dict[Loc, Secret] = {}
    keys: dict[Loc, tuple[str, int]] = {}
    for loc, reference in (*_logins(document), *signing.references(document)):
        place = f"{file}:{positions.line(loc)}"
        try:
            secrets[loc] = secret.resolve(reference, folder=path.parent, environment=environment, origin=place)
            if loc[-1] == "key":
                keys[loc] = signing.examine(secrets[loc])
        except ValueError as error:
            why, _, mend = str(error).partition("; ")
            found.append((loc, why, mend))
    if table is None or found:
        return Result(config=None, mistakes=_mistakes(found, positions, file))
    return Result(config=build(table, Ground(file=path, positions=positions, secrets=secrets, keys=keys)), mistakes=())


def _logins(document: Mapping[str, Any]) -> Iterable[tuple[Loc, Reference]]:
    """The well-formed secrets of sources and of transports in use; a malformed one is the schema's to report."""
    sources = document.get("sources")
    for name, table in sources.items() if isinstance(sources, dict) else ():
        if isinstance(table, dict):
            yield from _references(("sources", name), table)
    transports, transport = document.get("transports"), document.get("transport")
    used = transport.get("use") if isinstance(transport, dict) else None
    for name, table in transports.items() if isinstance(transports, dict) else ():
        if not isinstance(used, list) or name not in used or not isinstance(table, dict):
            continue
        kind = table.get("kind")
        if kind == "smtp":
            yield from _references(("transports", name), table)
        elif isinstance(kind, str) and kind not in KINDS:
            yield from _references(("transports", name), table, dict.fromkeys(table, _LOGIN["password"]))


def _references(
    loc: Loc, table: Mapping[str, Any], keys: Mapping[str, TypeAdapter[Reference]] = _LOGIN
) -> Iterable[tuple[Loc, Reference]]:
    """The keys of `table` that say where a secret is; of a plugin's table any may."""
    for key, adapter in keys.items():
        try:
            if key in table:
                yield (*loc, key), adapter.validate_python(table[key])
        except ValidationError:
            continue


def _mistakes(found: Iterable[Finding], positions: Positions, file: str) -> tuple[Mistake, ...]:
    mistakes = [
        Mistake(file=file, line=positions.line(loc), key=_key(loc), why=why, mend=mend) for loc, why, mend in found
    ]
    return ConfigError(mistakes).mistakes  # sorted, doubles once


def _key(loc: Loc) -> str:
    """`[newsletters.morning] theme`, `[[newsletters.morning.sections]] max`, `[sources.world]`."""
    if len(loc) == 1 and loc[0] not in ConfigTable.model_fields:
        return str(loc[0])
    names = [part if isinstance(part, str) else None for part in loc]
    if len(names) > 3 and names[:1] == ["newsletters"] and names[2] in {"sections", "dkim"}:
        depth, marks = 4, ("[[", "]]")
    elif len(names) > 3 and names[0] == "newsletters" and names[2] == "rank":
        depth, marks = 3, ("[", "]")
    else:
        depth, marks = (2 if names[0] in {"transports", "sources", "newsletters"} else 1), ("[", "]")
    table = ".".join(_quoted(name) for name in names[:depth] if name is not None)
    rest = ".".join(_quoted(name) for name in names[depth:] if name is not None)
    return f"{marks[0]}{table}{marks[1]} {rest}".rstrip()


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else repr(name)


class _UnreadableError(Exception):
    def __init__(self, why: str, mend: str = "", line: int = 0) -> None:
        super().__init__(why)
        self.why, self.mend, self.line = why, mend, line


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "no such file"
            raise _UnreadableError(what, "run digest init to make one, or name yours with --config")
        data = path.read_bytes()[:_LARGEST]
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _UnreadableError("is not UTF-8", "save it as UTF-8", line) from None
    except OSError as error:
        raise _UnreadableError(f"cannot be read: {error.strerror}") from None


def _syntax(file: str, message: str, text: str) -> Mistake:
    """Take the place out of the words: tomllib says `... (at line 3, column 5)` or `(at end of document)`."""
    why, _, place = message.partition(" (at ")
    found = re.search(r"line (\d+), column (\d+)", place)
    line = int(found[1]) if found else text.count("\n") + 1
    column = f" at column {found[2]}" if found else ""
    return Mistake(
        file=file, line=line, why=f"not TOML{column}: {why[:1].lower()}{why[1:]}", mend="mend this line first"
    )


def _shown(path: Path) -> str:
    """As given; an absolute path inside the current folder is shortened to what would be typed."""
    try:
        return str(path.relative_to(Path.cwd())) if path.is_absolute() else str(path)
    except (ValueError, OSError):
        return str(path)
