"""What an issue is made with: versions, and hashes of the theme's files and of the settings that are seen in it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from digest import __version__
from digest.composer import theme_files
from digest.model import Newsletter

_LIBRARIES = ("jinja2", "mjml-python")


def made_with(newsletter: Newsletter, base: Path) -> Mapping[str, str]:
    """Name -> version or hash, "" where it cannot be told; `base` is the folder of config.toml."""
    return {
        **versions(),
        "theme": _hash(theme_files(newsletter.theme, base)),
        "settings": _hash({name: repr(value).encode() for name, value in _settings(newsletter).items()}),
    }


def versions() -> Mapping[str, str]:
    """Name -> version of what renders here."""
    return {
        "digest": __version__,
        "python": platform.python_version(),
        **{name: _version(name) for name in _LIBRARIES},
    }


def differences(then: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """Lines for people: what is not as it was; nothing for what was not kept then, or is not looked at now."""
    said = {"theme": "the theme's files have changed", "settings": "the newsletter's settings have changed"}
    return tuple(
        said.get(name, f"{name} was {before}, is {now.get(name) or 'not there'}")
        for name, before in then.items()
        if before and name in now and before != now[name]
    )


def _settings(newsletter: Newsletter) -> Mapping[str, object]:
    """What a reader sees of them; where they stand in config.toml is not among them."""
    sections = [(one.name, one.style, one.sub) for one in newsletter.sections]
    seen = (
        "title",
        "subject",
        "language",
        "timezone",
        "link_params",
        "all_hosts",
        "budget",
        "feedback",
        "site",
        "more",
    )
    return {"sections": sections} | {name: getattr(newsletter, name) for name in seen}


def _hash(parts: Mapping[str, bytes]) -> str:
    """sha256 over names and contents, the first 16 hex digits; "" of nothing."""
    digest = hashlib.sha256()
    for name, content in sorted(parts.items()):
        for data in (name.encode(), content):
            digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:16] if parts else ""


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
