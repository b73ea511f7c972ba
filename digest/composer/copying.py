"""A theme of one's own: a copy of another one, whole, with the shared parts it uses beside it to be changed as well."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from digest.composer.folders import PARTS, Files, theme_folder, theme_names, theme_roots
from digest.errors import TemplateError

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_PART = re.compile(rf"(?<=[\"']){PARTS}/([A-Za-z0-9_.-]+\.(?:mjml|txt))(?=[\"'])")
_TITLE = re.compile(r"^title\s*=.*$", re.MULTILINE)


def copy_theme(name: str, *, origin: str, base: Path, dry_run: bool = False) -> tuple[Path, ...]:
    """Write templates/email/NAME beside config.toml (`base` is its folder) from another theme; the files written.

    `dry_run` only names them. Every part that the theme includes or imports is copied into the folder and named there, so the copy looks the same
    and nothing of it changes with the next version. Words in the readers' languages stay shared. Raises TemplateError
    for a bad or taken name, or an unknown origin.
    """
    roots = theme_roots(base)
    if not _NAME.fullmatch(name):
        raise TemplateError(f"{name!r} is no theme name: small letters, digits and single hyphens only")
    if name in theme_names(roots) or (roots[0] / name).exists():
        raise TemplateError(f'there is a theme called "{name}" already; nothing was written')
    source = theme_folder(origin, roots)
    texts = _whole(Files(origin, roots, base.absolute()), source)
    title = name.replace("-", " ").capitalize()
    texts["theme.toml"] = _TITLE.sub(f'title = "{title}"', texts.get("theme.toml", ""), count=1)
    folder = roots[0] / name
    if dry_run:
        return tuple(folder / file for file in texts)
    try:
        folder.mkdir(parents=True)
        for file, text in texts.items():
            (folder / file).write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)  # ours: it was not there before
        raise TemplateError(f"{folder}: cannot be written: {error.strerror or error}") from error
    return tuple(folder / file for file in texts)


def _whole(files: Files, source: Path) -> dict[str, str]:
    """File name -> text: the theme's own files and the parts they reach, each part named as lying beside."""
    own = {path.name: files.text(path.name) or "" for path in sorted(source.iterdir()) if path.is_file()}
    parts: dict[str, str] = {}
    waiting = list(own.values())
    while waiting:
        for found in _PART.findall(waiting.pop()):
            text = None if found in own or found in parts else files.text(f"{PARTS}/{found}")
            if text is not None:
                parts[found] = text
                waiting.append(text)
    return {name: _beside(text, parts) for name, text in {**own, **parts}.items()}


def _beside(text: str, parts: Mapping[str, str]) -> str:
    return _PART.sub(lambda found: found[1] if found[1] in parts else found[0], text)
