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
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

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
    if dataclasses.is_dataclass(value):
        pairs = ((field, getattr(value, field.name)) for field in dataclasses.fields(value))
        return {field.name: _plain(item) for field, item in pairs if item or item != field.default}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return value.hex() if isinstance(value, bytes) else value  # a StrEnum is a str


@functools.cache
def _hints(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _typed(kind: Any, data: Any) -> Any:
    origin = get_origin(kind)
    if origin is not None:
        return _held(origin, get_args(kind), data)
    if dataclasses.is_dataclass(kind):
        make = cast("Callable[..., Any]", kind)
        hints = _hints(make)
        return make(**{name: _typed(hints[name], item) for name, item in data.items() if name in hints})
    if kind is datetime:
        return datetime.fromisoformat(data)
    if kind is bytes:
        return bytes.fromhex(data)
    return kind(data) if issubclass(kind, enum.Enum) else data


def _held(origin: Any, arguments: tuple[Any, ...], data: Any) -> Any:
    """`X | None`, `tuple[X, ...]` or `Mapping[str, X]`."""
    if origin in {Union, types.UnionType}:
        return None if data is None else _typed(next(one for one in arguments if one is not types.NoneType), data)
    if origin is tuple:
        return tuple(_typed(arguments[0], item) for item in data)
    return {name: _typed(arguments[1], item) for name, item in data.items()}
