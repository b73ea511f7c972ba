"""What stands in style attributes and style blocks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import lru_cache

from digest.composer.lint.fault import Fault, warning
from digest.model.colours import NAMED
from digest.model.rules import BREAKING, HIDDEN, SMALLEST, STYLE_BLOCK, TOO_SMALL, squeezed, words

WIDEST = 600  # px
PROPERTIES = words(
    "align background background-color background-image background-position background-repeat background-size border "
    "border-bottom border-bottom-color border-bottom-left-radius border-bottom-right-radius border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color border-left-style border-left-width "
    "border-radius border-right border-right-color border-right-style border-right-width border-spacing border-style "
    "border-top border-top-color border-top-left-radius border-top-right-radius border-top-style border-top-width "
    "border-width box-sizing clear color color-scheme cursor direction display float font font-family font-size "
    "font-style font-variant font-weight height letter-spacing line-height list-style list-style-position "
    "list-style-type margin margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width "
    "opacity outline overflow overflow-wrap padding padding-bottom padding-left padding-right padding-top position "
    "table-layout text-align text-decoration text-indent text-transform unicode-bidi vertical-align visibility "
    "white-space width word-break word-spacing word-wrap"
)
_SIZED = (
    "font-size|line-height|width|height|max-width|min-width|max-height|min-height|"
    "(?:margin|padding|border)(?:-(?:top|bottom|left|right))?(?:-width)?|border-radius|letter-spacing"
)
_BARE = re.compile(rf"(?:^|;)({_SIZED}):(?:[^;]*\s)?(-?\d*\.?\d+)(?=$|;|\s)")
_HEX = re.compile(r"#([0-9A-Fa-f]+)\b")
_FONT_SIZE = re.compile(r"(?:^|;)font(?:-size)?:(?:[^;]*?\s)?(\d+(?:\.\d+)?)(px|pt)")
_POINT = 4 / 3  # px
_RUN_ON = re.compile(r"\s([a-z-]{3,}):")  # a property within a value
_COLOUR_VALUE = re.compile(r"(?:^|;)(?:[a-z-]*-)?(?:color|background):([a-z]+)(?=$|;|\s)")
_NO_COLOURS = words("transparent inherit initial currentcolor none unset url")
_WIDTH = re.compile(r"(?:^|;)(?:min-)?width:(\d+)")
_FAMILY = re.compile(r"(?:^|;)font(?:-family)?:([^;]*)")
_SHORTHAND = re.compile(r"^.*?\d(?:px|pt|em|rem|%)(?:/[\w.%]+)?\s+")
# Fonts that come with the systems readers have, and the generic names.
_FAMILIES = (
    "georgia|times new roman|times|serif|-apple-system|blinkmacsystemfont|system-ui|segoe ui|roboto|helvetica neue|"
    "helvetica|arial|arial black|verdana|tahoma|trebuchet ms|geneva|lucida grande|lucida sans unicode|cambria|"
    "palatino|palatino linotype|book antiqua|garamond|baskerville|courier new|courier|monaco|menlo|consolas|monospace|"
    "ui-sans-serif|ui-serif|ui-monospace|sans-serif|noto sans|noto serif|geeza pro|hiragino sans|"
    "hiragino kaku gothic pron|yu gothic|meiryo|ms gothic|pingfang sc|microsoft yahei|inherit|initial"
)
FONTS = frozenset(_FAMILIES.split("|"))


@lru_cache(maxsize=4096)
def style_faults(style: str, fonts: frozenset[str], colours: frozenset[str]) -> tuple[Fault, ...]:
    """Faults of one style attribute. `fonts` (small letters) and `colours` (#RRGGBB, capitals) are the theme's."""
    return tuple(_style(";".join(part.strip() for part in style.split(";")), fonts, colours))


def _style(style: str, fonts: frozenset[str], colours: frozenset[str]) -> Iterator[Fault]:
    plain = re.sub(r"\s*:\s*", ":", style.lower())
    tight = squeezed(style)
    yield from _declared(plain)
    for found in HIDDEN.finditer(tight):
        yield Fault(rule="hidden", why=f'"{found[0]}" hides text: mailbox providers punish it (MAIL: nothing hidden)')
    for found in BREAKING.finditer(tight):
        yield Fault(rule="client-support", why=f'"{found[0]}" is unknown to half of all mail programs: use a table')
    for found in _BARE.finditer(plain):
        if float(found[2]) and not (found[1] == "line-height" and float(found[2]) < 4):
            yield Fault(rule="unit", why=f'"{found[1]}: {found[2]}" lacks its unit: write {found[2]}px')
    yield from _colours(style, colours)
    yield from _named_colours(plain)
    yield from _type(plain, fonts)
    if "url(" in tight or "expression(" in tight or "@import" in tight:
        yield Fault(rule="remote", why="a style may fetch nothing: no url(), no @import")
    if "text-align:justify" in tight:
        yield warning("type", "justified text is hard to read on a phone")
    if re.search(r"letter-spacing:-", tight):
        yield warning("type", "negative letter-spacing is hard to read")


def _declared(plain: str) -> Iterator[Fault]:
    """Faults of the declarations as such: names, and what lies between them."""
    for declaration in filter(None, plain.split(";")):
        name, colon, value = declaration.partition(":")
        if not colon or not value.strip():
            yield Fault(rule="style", why=f'"{declaration[:40]}" says nothing: write property:value')
            continue
        run_on = _RUN_ON.search(value)
        if run_on and run_on[1] in PROPERTIES:
            yield Fault(rule="style", why=f'"{declaration[:60]}": a semicolon is missing before {run_on[1]}')
        if name not in PROPERTIES and not name.startswith(("mso-", "-")):
            near = get_close_matches(name, sorted(PROPERTIES), n=1, cutoff=0.8)
            why = f'no style is called "{name[:40]}"'
            hint = f'{why}; did you mean "{near[0]}"?' if near else f"{why} in mail programs"
            yield Fault(rule="style", why=hint, warning=not near)


def _colours(text: str, colours: frozenset[str]) -> Iterator[Fault]:
    for found in _HEX.finditer(text):
        if len(found[1]) != 6:
            yield Fault(rule="colour", why=f'"{found[0]}": write # and six hexadecimal digits (Outlook needs six)')
        elif found[0].upper() not in colours:
            yield warning("palette", f"{found[0]} is no colour of theme.toml: its dark value is missing")


def _named_colours(plain: str) -> Iterator[Fault]:
    for found in _COLOUR_VALUE.finditer(plain):
        if found[1] in NAMED:
            yield warning("palette", f"{found[1]} is no colour of theme.toml: its dark value is missing")
        elif found[1] not in _NO_COLOURS:
            yield Fault(rule="colour", why=f'"{found[1]}" is no colour: write # and six hexadecimal digits')


def _type(plain: str, fonts: frozenset[str]) -> Iterator[Fault]:
    for found in _FONT_SIZE.finditer(plain):
        size = float(found[1]) * (_POINT if found[2] == "pt" else 1)
        if 0 < size < TOO_SMALL:
            yield Fault(
                rule="hidden", why=f"type of {found[1]}{found[2]} hides text: nothing below {SMALLEST}px can be read"
            )
        elif 0 < size < SMALLEST:
            yield warning("small-type", f"type of {found[1]}{found[2]}: nothing below {SMALLEST}px can be read")
    for found in _WIDTH.finditer(plain):
        if int(found[1]) > WIDEST and not plain[found.end() :].startswith("%"):
            why = f"a width of {found[1]}px: wider than the {WIDEST} px of a message, it scrolls sideways"
            yield Fault(rule="width", why=why)
    for found in _FAMILY.finditer(plain):
        yield from font_faults(_SHORTHAND.sub("", found[1]), fonts)


def font_faults(families: str, fonts: frozenset[str]) -> Iterator[Fault]:
    """Faults of a list of font families."""
    for family in families.split(","):
        name = family.strip(" '\"").lower()
        if name and name not in FONTS and name not in fonts:
            why = (
                f'font "{family.strip()}": readers do not have it, and a web font is dropped; see [fonts] in theme.toml'
            )
            yield Fault(rule="font", why=why)


@lru_cache(maxsize=64)
def block_faults(css: str, colours: frozenset[str]) -> tuple[Fault, ...]:
    """Faults of a style block."""
    return tuple(_block(css, colours))


def _block(css: str, colours: frozenset[str]) -> Iterator[Fault]:
    tight = squeezed(css)
    if "@import" in tight or "url(" in tight or "@font-face" in tight:
        yield Fault(rule="remote", why="a style block may fetch nothing: no @import, no @font-face, no url()")
    for found in BREAKING.finditer(tight):
        yield Fault(rule="client-support", why=f'"{found[0]}" is unknown to half of all mail programs: use a table')
    if HIDDEN.search(tight):
        yield warning("hidden", "a style block hides something: what is hidden on one screen must stand on another")
    if len(css.encode()) > STYLE_BLOCK:
        yield Fault(rule="style-block", why=f"{len(css.encode())} bytes of styles: Gmail drops more than {STYLE_BLOCK}")
    yield from _colours(re.sub(r"#[\w-]+(?=[^{}]*\{)", "", css), colours)
