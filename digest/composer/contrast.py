"""Whether a theme's colours can be read, on light screens and on dark ones (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from digest.composer.folders import Files
from digest.composer.tokens import line_of_key
from digest.errors import Mistake
from digest.model.rules import LEAST_CONTRAST, contrast

# Which colour stands on which: every text on every ground a block may have, and a button's words on its colour.
_PAIRS = (
    *((text, ground) for text in ("ink", "mute", "accent") for ground in ("card", "page", "tint")),
    ("button_ink", "accent"),
)


def contrast_mistakes(tokens: Mapping[str, Any], files: Files) -> Iterator[Mistake]:
    """One for each pair below 4.5:1, at the line of the text's colour in theme.toml."""
    file = files.shown("theme.toml")
    source = files.text("theme.toml") or ""
    for table in ("light", "dark"):
        colours = tokens[table]
        for text, ground in _PAIRS:
            ratio = contrast(colours[text], colours[ground])
            if ratio < LEAST_CONTRAST:
                yield Mistake(
                    file=file,
                    line=line_of_key(source, table, text),
                    key=f"[{table}] {text}",
                    why=f"{colours[text]} on {ground} {colours[ground]} has a contrast of {_cut(ratio)}:1",
                    mend=f"at least {LEAST_CONTRAST}:1 can be read; take a {'darker' if table == 'light' else 'lighter'} one",
                    rule="contrast",
                )


def _cut(ratio: float) -> str:
    """Two decimals, never rounded up to what it is not."""
    return f"{int(ratio * 100) / 100:.2f}"
