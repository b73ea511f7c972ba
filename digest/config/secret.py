"""Secrets: the site's keys in var/secret, and values kept outside config.toml. SECURITY.md 6.

Nothing here puts a value into a message.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

from digest.config.values import Reference
from digest.errors import ConfigError, Mistake
from digest.model import Secret

KEY_BYTES = 32
_LINE = re.compile(r"([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]{43}=)", re.ASCII)
_LARGEST = 64 * 1024


def load_keys(path: Path, *, create: bool) -> tuple[tuple[str, bytes], ...]:
    """The site's keys as (id, 32 bytes), in the file's order: the first keys the ledger, the last one signs.

    A missing file is made (0600, in a folder 0700) when `create`. Raises ConfigError when it is missing otherwise,
    open to others, somebody else's, or malformed.
    """
    if create and not path.exists():
        _make(path)
    try:
        lines = _read(path, private=True).decode("ascii").splitlines()
    except UnicodeDecodeError:
        raise _wrong(path, "is not text", "one `id:base64` line per key") from None
    except FileNotFoundError:
        raise _wrong(
            path, "no such file", "it is made on the first run; restore it from a backup if there was one"
        ) from None
    except (OSError, ValueError) as error:
        why, _, mend = _why(error).partition("; ")
        raise _wrong(path, why, mend) from None
    keys = [_key(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not keys:
        raise _wrong(
            path,
            "holds no key",
            "restore it from a backup; where nothing was sent yet, remove it and a new one is made",
        )
    if len({name for name, _ in keys}) != len(keys):
        raise _wrong(path, "two keys have the same id", "give each line an id of its own")
    return tuple(keys)


def _key(path: Path, number: int, line: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line.strip())
    try:
        value = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error:
        value = b""
    if match is None or len(value) != KEY_BYTES:
        raise ConfigError([Mistake(file=str(path), line=number, why="is no key", mend="write id:base64 of 32 bytes")])
    return match[1], value


def _make(path: Path) -> None:
    """Write a new key beside `path` and link it there, so that nobody ever reads half a file."""
    line = f"{secrets.token_hex(4)}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}\n"
    new = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(new, path)
        except FileExistsError:
            pass  # another process was first: its key counts
        finally:
            new.unlink()
        _sync(path.parent)
    except OSError as error:
        raise _wrong(path, f"cannot be made: {error.strerror}", "") from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def resolve(reference: Reference, *, folder: Path, environment: Mapping[str, str], origin: str) -> Secret:
    """The value a reference stands for. `folder` is config.toml's, `origin` the place of a plain one.

    Raises ValueError with one line for people: the variable or file is missing, empty or open to others.
    """
    match reference.how:
        case "env":
            value, origin = environment.get(reference.value, ""), f"env {reference.value}"
            if not value:
                raise ValueError(f"environment variable {reference.value} is not set; set it for this process")
        case "file":
            value, origin = _line_of(folder / reference.value, private=True), f"file {reference.value}"
        case "credential":
            value, origin = _credential(reference.value, environment), f"credential {reference.value}"
        case _:
            value = reference.value
    return Secret(value, origin=origin)


def _credential(name: str, environment: Mapping[str, str]) -> str:
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        raise ValueError(
            f"no credential {name} without $CREDENTIALS_DIRECTORY; add LoadCredential={name}:PATH to the unit"
        )
    # systemd guards this folder itself and may hand the files over by ACL, so mode and owner say nothing here.
    return _line_of(Path(folder) / name, private=False)


def _line_of(path: Path, *, private: bool) -> str:
    try:
        value = _read(path, private=private).decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not UTF-8 text") from None
    except (OSError, ValueError) as error:
        raise ValueError(f"{path}: {_why(error)}") from None
    if not value:
        raise ValueError(f"{path} is empty")
    return value


def _read(path: Path, *, private: bool) -> bytes:
    """The bytes of a regular file; with `private` it must be ours and closed to others, asked of the open file."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a named pipe must not hang us
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("is no file")
        if private and about.st_uid != os.geteuid():
            raise ValueError(f"belongs to another user; chown {path} to the user digest runs as")
        if private and stat.S_IMODE(about.st_mode) & ~0o600:
            raise ValueError(f"can be read by others; run chmod 600 {path}")
        return os.read(handle, _LARGEST)
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    return (error.strerror or "cannot be read").lower() if isinstance(error, OSError) else str(error)


def _wrong(path: Path, why: str, mend: str) -> ConfigError:
    return ConfigError([Mistake(file=str(path), why=why, mend=mend)])
