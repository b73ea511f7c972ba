"""The HTML, style and script that web shows, as package files; whatever is put into them is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["web_link"] = web_link
    return environment


def web_link(url: str) -> bool:
    """Whether a URL may become a link: http or https, nothing else."""
    return url.lower().startswith(("http://", "https://"))


def page(name: str, /, **context: object) -> str:
    """The page `name` (a file of this folder) filled with `context`."""
    return _environment().get_template(name).render(**context)


def asset(name: str) -> bytes:
    """A file of this folder as it is. `name` is ours, never a visitor's."""
    return (_FOLDER / name).read_bytes()
