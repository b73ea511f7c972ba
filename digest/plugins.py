"""Find a part by its kind's name: the built-in ones first, then installed plugins.

Built-in parts are named as text ("package.module:Name") and imported when asked for, so a command that needs none of
them does not pay for their imports. A plugin cannot take a built-in name.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from digest.errors import DigestError


def known(group: str, builtin: Mapping[str, str]) -> tuple[str, ...]:
    """Every name that find() knows in this group, sorted."""
    return tuple(sorted({*builtin, *(point.name for point in entry_points(group=group))}))


def find(group: str, name: str, builtin: Mapping[str, str]) -> Any:
    """The object called `name`: from `builtin`, else from the entry points of `group` (e.g. "digest.transports").

    Raises DigestError when there is none, or when its module cannot be imported (the message names what is missing).
    """
    target = builtin.get(name)
    try:
        if target is not None:
            module, _, attribute = target.partition(":")
            return getattr(import_module(module), attribute)
        for point in entry_points(group=group):
            if point.name == name:
                return point.load()
    except ImportError as error:
        raise DigestError(f"{group} {name}: cannot be loaded: {error}") from error
    raise DigestError(f"no {group} called {name!r} (known: {', '.join(known(group, builtin))})")
