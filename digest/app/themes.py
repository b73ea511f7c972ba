"""Themes as their owner handles them: which there are, and a new one made from another."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from digest import config as configuration
from digest.composer import FolderTheme, copy_theme, theme_names, theme_roots
from digest.errors import TemplateError, wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeShown:
    """A theme: its `title`, where it lies, `own` when beside config.toml, the newsletters that use it, what is wrong."""

    name: str
    title: str
    folder: str
    own: bool
    newsletters: tuple[str, ...]
    wrong: str = ""


def themes(file: Path) -> tuple[ThemeShown, ...]:
    """Every theme that config.toml could name; also while that has mistakes."""
    base = file.absolute().parent
    roots = theme_roots(base)
    own, known = theme_names(roots[:1]), theme_names(roots)
    config = configuration.read(file, themes=frozenset(known)).config
    shown = []
    for name in known:
        users = tuple(one.name for one in config.newsletters.values() if one.theme == name) if config else ()
        title, folder, fault = "", "", ""
        try:
            theme = FolderTheme(name, base=base)
            title, folder = theme.title, str(theme.files.folder)
        except TemplateError as error:
            fault = str(error)
        shown.append(ThemeShown(name=name, title=title, folder=folder, own=name in own, newsletters=users, wrong=fault))
    return tuple(shown)


def new_theme(file: Path, name: str, origin: str, *, dry_run: bool = False) -> tuple[Path, ...]:
    """Copy a theme beside config.toml; the files written, or that would be. Raises DigestError (exit 2)."""
    try:
        return copy_theme(name, origin=origin, base=file.absolute().parent, dry_run=dry_run)
    except TemplateError as error:
        raise wrong(str(error)) from error
