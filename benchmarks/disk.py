"""disk.c, compiled and put under a process: a disk that is full, fails to sync, or loses what was not synced."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path


def compiler() -> str | None:
    """A C compiler of this machine."""
    return shutil.which("gcc") or shutil.which("cc")


def build(folder: Path, source: str = "disk.c") -> Path:
    """The library that this file beside us makes, in this folder. Raises RuntimeError without a compiler."""
    found = compiler()
    if found is None:
        raise RuntimeError("no C compiler: apt-get install gcc libc6-dev")
    library = (folder / source).with_suffix(".so")
    subprocess.run(
        [
            found,
            "-shared",
            "-fPIC",
            "-O2",
            "-o",
            str(library),
            str(Path(__file__).with_name(source)),
            "-ldl",
            "-lpthread",
        ],
        check=True,
    )
    return library


def environment() -> dict[str, str]:
    """What a process is started with to have it under itself; the library stays in a folder of its own."""
    return {**os.environ, "LD_PRELOAD": str(build(Path(tempfile.mkdtemp(prefix="disk-"))))}


def is_loaded() -> bool:
    """Whether this process has it."""
    return Path(os.environ.get("LD_PRELOAD", "")).name == "disk.so"


def power_cuts(folder: Path) -> Callable[[], None]:
    """From now on: what to call when the processes are dead, and the folder's database is as a power cut leaves it."""
    kept = folder.with_name(f"{folder.name}.kept")
    kept.mkdir()
    _replace(folder, kept)
    os.environ.update(DISK_FOLDER=str(folder.resolve()), DISK_KEPT=str(kept))

    def lose() -> None:
        del os.environ["DISK_FOLDER"]  # what we remove here is removed on that disk only
        _replace(kept, folder)
        os.environ["DISK_FOLDER"] = str(folder.resolve())

    return lose


def _replace(source: Path, target: Path) -> None:
    """The database as it is in `source`; its index in shared memory never survives."""
    for file in target.glob("digest.db*"):
        file.unlink()
    for name in ("digest.db", "digest.db-wal", "digest.db-journal"):
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
