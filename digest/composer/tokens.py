"""theme.toml and labels.LANG.toml: a theme's colours and fonts, and the words around the articles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from digest.composer.folders import PARTS, Files
from digest.errors import TemplateError

COLOURS = ("page", "card", "ink", "mute", "accent", "button_ink", "tint", "rule")
FONTS = ("serif", "sans")
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_POSITION = re.compile(r"\(at line (\d+), column \d+\)")
_LANGUAGE = re.compile(r"[A-Za-z0-9]{1,8}(-[A-Za-z0-9]{1,8})*")


def read_toml(files: Files, name: str) -> dict[str, Any] | None:
    """A TOML file of the theme, None when there is none. Raises TemplateError with the line of a syntax error."""
    text = files.text(name)
    if text is None:
        return None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _POSITION.search(str(error))
        why = _POSITION.sub("", str(error)).strip() if found else str(error)
        raise TemplateError(why, file=files.shown(name), line=int(found[1]) if found else 0) from error


def read_tokens(files: Files) -> dict[str, Any]:
    """theme.toml, whole: `title`, tables `light` and `dark` of COLOURS, `fonts`; further keys are the owner's.

    Raises TemplateError with file and line for a missing key or a colour that is not six hexadecimal digits.
    """
    tokens = read_toml(files, "theme.toml")
    shown = files.shown("theme.toml")
    if tokens is None:
        raise TemplateError("the file is missing: copy one from another theme", file=shown)
    text = files.texts[shown]
    if not isinstance(tokens.get("title"), str):
        raise TemplateError('title: say what the theme is called, as in title = "The briefing"', file=shown)
    for table, names in (("light", COLOURS), ("dark", COLOURS), ("fonts", FONTS)):
        values = tokens.get(table)
        if not isinstance(values, dict):
            raise TemplateError(f"[{table}] is missing", file=shown)
        for name in names:
            value = values.get(name)
            if not isinstance(value, str):
                near = get_close_matches(name, set(values) - set(names), 1)
                hint = f' (is "{near[0]}" meant to be it?)' if near else ""
                at = line_of_key(text, table, near[0] if near else name) or _head(text, table)
                raise TemplateError(f'[{table}] {name}: write it as text, {name} = "..."{hint}', file=shown, line=at)
            if table != "fonts" and not _HEX.fullmatch(value):
                why = (
                    f"[{table}] {name}: {value!r} is no colour; write # and six hexadecimal digits (Outlook needs six)"
                )
                raise TemplateError(why, file=shown, line=line_of_key(text, table, name))
    return tokens


def read_labels(files: Files, language: str) -> Mapping[str, Any]:
    """The words of a language; of its first part, then English, where there are none. A missing word is English.

    Raises TemplateError when there is no English either.
    """
    labels = read_toml(files, f"{PARTS}/labels.en.toml")
    if labels is None:
        raise TemplateError("the words of the themes are missing", file=f"{PARTS}/labels.en.toml")
    if not _LANGUAGE.fullmatch(language):
        return labels
    for tag in (language, language.partition("-")[0]):
        own = read_toml(files, f"{PARTS}/labels.{tag}.toml")
        if own is not None:
            return {**labels, **own}
    return labels


def _head(text: str, table: str) -> int:
    lines = enumerate(text.splitlines(), 1)
    return next((number for number, line in lines if line.strip().startswith(f"[{table}]")), 0)


def line_of_key(text: str, table: str, key: str) -> int:
    """The 1-based line of a key in a table of theme.toml, 0 where it is not found."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            inside = line.strip().startswith(f"[{table}]")
        elif inside and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return 0
