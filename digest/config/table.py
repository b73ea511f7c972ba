"""What every table of config.toml is made of: a pydantic model whose keys have a meaning and an example."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict


def key(meaning: str, example: object, *, otherwise: str = "", **rules: Any) -> Any:
    """A key with its meaning and an example; `otherwise` says a default that depends on something."""
    extra: JsonDict | None = {"x-default": otherwise} if otherwise else None
    return Field(description=meaning, examples=[example], json_schema_extra=extra, **rules)


class Table(BaseModel):
    """A TOML table: no unknown keys, no changing later, no input in pydantic's own messages (it may be a secret)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
