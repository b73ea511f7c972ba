"""From plain tables, as TOML has them, to an issue's Extras: `[number]`, `[quote]`, `[[missed]]`, `[[joys]]`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from digest.model import Aside, Extras, Number, Quote


def read_extras(told: Mapping[str, Any]) -> Extras:
    """The blocks in these tables; other keys are left alone. Raises KeyError, TypeError or ValueError as they are spoilt."""
    return Extras(
        number=Number(**_texts(told["number"], "value", "text")) if "number" in told else None,
        quote=Quote(**_texts(told["quote"], "text", "who")) if "quote" in told else None,
        missed=_asides(told.get("missed", ())),
        joys=_asides(told.get("joys", ())),
    )


def _asides(told: Iterable[Mapping[str, Any]]) -> tuple[Aside, ...]:
    return tuple(Aside(**_texts(line, "headline")) for line in told)


def _texts(table: Mapping[str, Any], *needed: str) -> dict[str, str]:
    """The table's values as texts: `value = 61` is as good as `value = "61"`."""
    texts = {key: str(value) for key, value in table.items()}
    for key in needed:
        if not texts[key].strip():
            raise ValueError(f"{key}: it is empty")
    return texts
