"""Where themes lie, and the one door to their files: nothing outside a theme's roots is ever opened."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path

from jinja2 import BaseLoader, Environment, TemplateNotFound

from digest.errors import TemplateError

_THEME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_FILE = re.compile(r"(_parts/)?[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9_-]+)+")
PARTS = "_parts"
_MAX_BYTES = 1 << 20


def theme_roots(base: Path) -> tuple[Path, ...]:
    """The folders that hold themes, first hit wins: beside config.toml (`base` is its folder), then the built-in ones."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_templates" / "email"
    builtin = installed if installed.is_dir() else package.parent / "templates" / "email"
    own = base.absolute() / "templates" / "email"
    return (own,) if own.resolve() == builtin else (own, builtin)


def theme_names(roots: Sequence[Path]) -> tuple[str, ...]:
    """Every theme that can be named, sorted."""
    found = {
        path.parent.name
        for root in roots
        if root.is_dir()
        for path in root.glob("*/issue.mjml")
        if _THEME.fullmatch(path.parent.name)
    }
    return tuple(sorted(found))


def theme_folder(name: str, roots: Sequence[Path]) -> Path:
    """The theme's folder. Raises TemplateError for a name that is none, is unknown, or leads out of its root."""
    if not _THEME.fullmatch(name):
        raise TemplateError(f"{name!r} is no theme name: small letters, digits and single hyphens only")
    for root in roots:
        folder = root / name
        if folder.is_dir():
            _stay_inside(folder, root)
            return folder
    known = theme_names(roots)
    near = get_close_matches(name, known, 1)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    raise TemplateError(f'no theme called "{name}"{hint} (known: {", ".join(known)})')


def theme_files(name: str, base: Path) -> Mapping[str, bytes]:
    """Everything a theme may be rendered from: its folder's files and the shared parts it sees, by name.

    Raises TemplateError as theme_folder(), and where a file cannot be read.
    """
    roots = theme_roots(base)
    found = {path.name: path for path in theme_folder(name, roots).iterdir() if path.is_file()}
    found.pop("sample.toml", None)  # what a theme is tried on shows in no issue
    for root in reversed(roots):
        parts = root / PARTS
        found |= {f"{PARTS}/{path.name}": path for path in parts.glob("*") if path.is_file()} if parts.is_dir() else {}
    try:
        return {name: path.read_bytes() for name, path in found.items() if path.stat().st_size <= _MAX_BYTES}
    except OSError as error:
        raise TemplateError(f"cannot be read: {error.strerror}", file=str(error.filename)) from error


class Files:
    """The files one theme may use: its own folder's, and `_parts/...` of the first root that has them.

    `shown` maps a file to how its owner would type it: relative to the folder of config.toml where it lies below.
    `texts` keeps what was read, by shown name, so that a fault can be traced to its line.
    """

    def __init__(self, name: str, roots: Sequence[Path], base: Path) -> None:
        """Raises TemplateError as theme_folder()."""
        self.roots = tuple(roots)
        self.folder = theme_folder(name, roots)
        self.base = base
        self.texts: dict[str, str] = {}

    def shown(self, name: str) -> str:
        """`templates/email/briefing/issue.mjml` for `issue.mjml`; also for a file that is not there."""
        path = self._find(name) or self.folder / name
        try:
            return str(path.relative_to(self.base))
        except ValueError:
            return str(path)

    def text(self, name: str) -> str | None:
        """The file's text, None when there is none. Raises TemplateError for a name that leads elsewhere."""
        if not _FILE.fullmatch(name):
            raise TemplateError(f"{name!r} is no file of a theme: FILE or {PARTS}/FILE, without folders")
        path = self._find(name)
        if path is None:
            return None
        shown = self.shown(name)
        try:
            if path.stat().st_size > _MAX_BYTES:
                raise TemplateError(f"the file is larger than {_MAX_BYTES} bytes", file=shown)
            self.texts[shown] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise TemplateError("the file is not UTF-8; save it as UTF-8", file=shown) from error
        except OSError as error:
            raise TemplateError(f"cannot be read: {error.strerror}", file=shown) from error
        return self.texts[shown]

    def _find(self, name: str) -> Path | None:
        places = [(root, root / name) for root in self.roots] if name.startswith(PARTS) else [(self.folder,) * 2]
        for root, place in places:
            path = place if name.startswith(PARTS) else place / name
            if path.is_file():
                _stay_inside(path, root)
                return path
        return None


class ThemeLoader(BaseLoader):
    """Jinja's way to the files; includes and imports go through the same door."""

    def __init__(self, files: Files) -> None:
        """One theme's files."""
        self._files = files

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002
        """Source, shown file name, and "still up to date": a theme is read once and opened anew after an edit."""
        try:
            text = self._files.text(template)
        except TemplateError as error:
            raise TemplateNotFound(template, message=error.why) from error
        if text is None:
            raise TemplateNotFound(template, message=f"{self._files.shown(template)} is missing")
        return text, self._files.shown(template), lambda: True


def _stay_inside(path: Path, root: Path) -> None:
    if not path.resolve().is_relative_to(root.resolve()):
        raise TemplateError(f"{path.name} is a link that leaves {root.name}/: copy the file instead")
