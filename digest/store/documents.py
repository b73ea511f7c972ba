"""Any of the model's dataclasses as JSON text and back, equal: what no query asks for is kept whole.

A field that is empty (None, "", (), 0, False) and whose default is the same is left out, so a field added later with
an empty default needs no migration.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import types
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from digest.errors import StoreError

_T = TypeVar("_T")


def dumps(value: object) -> str:
    """ASCII JSON of a dataclass, or of a mapping or sequence of what may stand in one."""
    return json.dumps(_plain(value), separators=(",", ":"))


def loads(kind: type[_T], text: str | bytes) -> _T:
    """The `kind` that dumps() was given. Raises StoreError when the text is not one."""
    try:
        value: _T = _typed(kind, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise StoreError(f"a stored {kind.__name__} cannot be read: {error}") from error
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, str):  # most values; a StrEnum is a str
        return value
    kind: Any = type(value)
    fields = _fields(kind)
    if fields:
        pairs = ((name, getattr(value, name), default) for name, default in fields)
        return {name: _plain(item) for name, item, default in pairs if item or item != default}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value


@functools.cache
def _fields(kind: Any) -> tuple[tuple[str, Any], ...]:
    """Names and defaults of a dataclass's fields; none for anything else."""
    return tuple((one.name, one.default) for one in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


@functools.cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, data: Any) -> Any:
    made = _maker(kind)
    return made(data) if made else data


@functools.cache
def _maker(kind: Any) -> Callable[[Any], Any] | None:
    """What makes a `kind` out of JSON; None where the JSON is one already."""
    origin = get_origin(kind)
    if origin is not None:
        return _held(origin, get_args(kind))
    if dataclasses.is_dataclass(kind):
        return functools.partial(_whole, kind)
    if kind is datetime:
        return datetime.fromisoformat
    if kind is bytes:
        return bytes.fromhex
    return kind if issubclass(kind, enum.Enum) else None


def _whole(kind: Any, data: Any) -> Any:
    hints = _hints(kind)
    return kind(**{name: _typed(hints[name], item) for name, item in data.items() if name in hints})


def _held(origin: Any, arguments: tuple[Any, ...]) -> Callable[[Any], Any]:
    """`X | None`, `tuple[X, ...]` or `Mapping[str, X]`."""
    if origin in {Union, types.UnionType}:
        inner = next(one for one in arguments if one is not types.NoneType)
        return lambda data: None if data is None else _typed(inner, data)
    if origin is tuple:
        return lambda data: tuple(_typed(arguments[0], item) for item in data)
    return lambda data: {name: _typed(arguments[1], item) for name, item in data.items()}
