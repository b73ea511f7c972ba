"""An issue as files: what `send` writes beside the messages and `preview --out` writes alone, byte for byte the same."""

from __future__ import annotations

from pathlib import Path

from digest.errors import DigestError
from digest.model import Issue


def shown_files(issue: Issue) -> dict[str, str]:
    """File name -> content, each hole as `[[name]]`; the issue's first variant."""
    variant = issue.variants[0]
    return {"issue.html": variant.html.shown(), "issue.txt": variant.text.shown(), "issue.mjml": variant.mjml}


def write_shown(issue: Issue, folder: Path) -> tuple[Path, ...]:
    """Write the files into `folder`, made when missing; their paths. Raises DigestError when it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, text in shown_files(issue).items():
            (folder / name).write_bytes(text.encode())
    except OSError as error:
        raise DigestError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return tuple(folder / name for name in shown_files(issue))
