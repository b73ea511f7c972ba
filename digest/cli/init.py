"""digest init: a starter project that runs offline."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Annotated

import typer

from digest.cli.ambient import say, verb
from digest.errors import wrong

_PACKAGE = Path(__file__).resolve().parent.parent
_PARTS = ("config.toml", "samples", "subscribers")


@verb
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="Where; made when missing.")] = Path(),
) -> None:
    """Write config.toml, samples/ and subscribers/: a project that runs as it stands, offline."""
    taken = [name for name in _PARTS if (folder / name).exists()]
    if taken:
        raise wrong(f"{folder}: {', '.join(taken)} is already there; nothing was written")
    starter = starter_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PARTS:
        if (starter / name).is_dir():
            shutil.copytree(starter / name, folder / name, ignore=shutil.ignore_patterns("*.lock", "__pycache__"))
        else:
            shutil.copyfile(starter / name, folder / name)
    ignored = folder / ".gitignore"
    if not ignored.exists():
        ignored.write_text("/var/\n", encoding="utf-8")
    inside = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    digest = "digest" if starter.parent == _PACKAGE else f"{shlex.quote(str(starter / 'run'))} digest"
    say(f"{folder}: {', '.join(_PARTS)} written", f"next: {inside}{digest} preview", f"then: {digest} send morning")


def register(cli: typer.Typer) -> None:
    """Add the verb."""
    cli.command("init")(init)


def starter_folder() -> Path:
    """Where the starter project lies: in the wheel, or the checkout's own root."""
    inside = _PACKAGE / "_starter"
    return inside if inside.is_dir() else _PACKAGE.parent
