"""Writing [sources.NAME] tables into config.toml: its comments stay, and nobody ever sees half of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from digest.config.read import read
from digest.errors import ConfigError, Mistake, wrong

Keys = Mapping[str, str | bool]


def source_text(sources: Mapping[str, Keys]) -> str:
    """The tables as TOML, for showing."""
    document = tomlkit.document()
    _add(document, sources)
    return tomlkit.dumps(document)


def add_sources(file: Path, sources: Mapping[str, Keys], *, themes: frozenset[str] = frozenset()) -> None:
    """Write `sources` behind those of config.toml, all or none.

    The new text is read as a config first: what was right must still be. Raises ConfigError or DigestError (exit 2),
    and then the file is as it was.
    """
    before = file.read_bytes()
    try:
        document = tomlkit.parse(before.decode("utf-8-sig"))
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise ConfigError(
            [Mistake(file=str(file), why=f"cannot be edited: {error}", mend="run digest check")]
        ) from error
    taken = [name for name in sources if name in document.get("sources", {})]
    if taken:
        raise wrong(f"{file}: [sources.{taken[0]}] is already there; nothing was written")
    _add(document, sources)
    _replace(file, before, tomlkit.dumps(document).encode(), themes)


def _add(document: tomlkit.TOMLDocument, sources: Mapping[str, Keys]) -> None:
    if "sources" not in document:
        document["sources"] = tomlkit.table(is_super_table=True)
    tables = document["sources"]
    for name, keys in sources.items():
        table: Table = tomlkit.table()
        for key, value in keys.items():
            table[key] = value
        if keys:
            table.add(tomlkit.nl())
        tables[name] = table


def _replace(file: Path, before: bytes, after: bytes, themes: frozenset[str]) -> None:
    """Write aside in the same folder, read it as a config, rename."""
    real = file.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".toml", dir=real.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(after)
            os.fchmod(stream.fileno(), real.stat().st_mode & 0o7777)
            stream.flush()
            os.fsync(stream.fileno())
        mistakes = read(aside, themes=themes).mistakes
        if mistakes:
            raise ConfigError([Mistake(file=str(file), line=one.line, key=one.key, why=one.why) for one in mistakes])
        if real.read_bytes() != before:
            raise wrong(f"{file}: somebody else has just changed it; try again")
        aside.replace(real)
    finally:
        aside.unlink(missing_ok=True)
