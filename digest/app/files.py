"""An issue as files: what `send` writes beside the messages and `preview --out` writes alone, byte for byte the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from digest.errors import DigestError
from digest.model import Issue


def shown_files(issue: Issue) -> dict[str, str]:
    """File name -> content, each hole as `[[name]]`; the issue's first variant."""
    variant = issue.variants[0]
    return {"issue.html": variant.html.shown(), "issue.txt": variant.text.shown(), "issue.mjml": variant.mjml}


def write_shown(issue: Issue, folder: Path) -> tuple[Path, ...]:
    """Write the files into `folder`, each whole or not at all; their paths. Missing folders are made, ours alone (0700).

    Raises DigestError when it cannot be written.
    """
    return write_files({name: text.encode() for name, text in shown_files(issue).items()}, folder)


def write_files(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """As write_shown(), of any files; a name may lie in a folder below."""
    try:
        for missing in reversed([one for one in (folder, *folder.parents) if not one.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        for name, content in files.items():
            (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
            _replace(folder / name, content)
    except OSError as error:
        raise DigestError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return tuple(folder / name for name in files)


def _replace(path: Path, content: bytes) -> None:
    """As the messages beside it: nobody else may read it, and nobody sees half of it."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(aside, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    aside.replace(path)
