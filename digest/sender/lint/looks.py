"""How an element of the HTML part looks: its colours and size of type, and what its style may not do (MAIL.md A 16, B)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.model.colours import colour
from digest.model.rules import BREAKING, HIDDEN, LEAST_CONTRAST, SMALLEST, STYLE_BLOCK, TOO_SMALL, contrast, squeezed
from digest.sender.lint.raw import Note

_INK = re.compile(r"(?:^|;)color:([^;!]+)")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:(#[0-9a-f]{3,6}|rgba?\([^)]*\)|[a-z]+)")
_SIZE = re.compile(r"(?:^|;)\s*font(?:-size)?\s*:\s*(?:[^;]*?\s)?(\d+(?:\.\d+)?)(px|pt)", re.IGNORECASE)
_POINT = 4 / 3  # px


@dataclass(frozen=True, slots=True)
class Look:
    """What text in an element looks like: colours #rrggbb, `size` in px."""

    ink: str = "#000000"
    ground: str = "#ffffff"
    size: float = 16

    def within(self, style: str, bgcolor: str = "") -> Look:
        """The look of an element in this one; `style` is its attribute as written."""
        tight = squeezed(style)
        ink, ground, size = _INK.findall(tight), _GROUND.findall(tight), _SIZE.findall(style)
        return Look(
            (colour(_spread(ink[-1])) if ink else "") or self.ink,
            (colour(_spread(ground[-1])) if ground else "") or colour(bgcolor) or self.ground,
            float(size[-1][0]) * (_POINT if size[-1][1].lower() == "pt" else 1) if size else self.size,
        )


def text_notes(look: Look, text: str) -> Iterator[Note]:
    """What keeps this text from being read."""
    said = text.strip()[:30]
    ratio = contrast(look.ink, look.ground)
    if ratio < LEAST_CONTRAST:
        why = f'"{said}" is {look.ink} on {look.ground}: a contrast of {ratio:.2f}:1'
        yield Note("contrast", f"{why}, at least {LEAST_CONTRAST}:1 can be read")
    if look.size < TOO_SMALL:
        yield Note("hidden", f'"{said}" is {look.size:g} px high: mailbox providers take it for hidden')
    elif look.size < SMALLEST:
        yield Note(
            "small-type", f'"{said}" is {look.size:g} px high: nothing below {SMALLEST} can be read', warning=True
        )


def style_notes(tag: str, style: str) -> Iterator[Note]:
    """What a style attribute (squeezed) does that mail programs punish or lack."""
    hidden = HIDDEN.search(style)
    # Text of size 0 is found where there is text: MJML squeezes the blanks between columns so.
    if hidden and not hidden[0].startswith("font-size"):
        yield Note("hidden", f"<{tag}> is hidden by {hidden[0]}: mailbox providers punish it")
    if breaking := BREAKING.search(style):
        yield Note("client-support", f"{breaking[0]} on <{tag}> is unknown to half of all mail programs")
    if "text-align:justify" in style or "letter-spacing:-" in style:
        yield Note("type", f"justified or narrowed text in <{tag}> is hard to read", warning=True)


def block_notes(css: str) -> Iterator[Note]:
    """What a style block does that mail programs punish or lack."""
    tight = squeezed(css)
    if "@import" in tight or "@font-face" in tight or "url(" in tight:
        yield Note("remote", "the style block fetches something")
    if breaking := BREAKING.search(tight):
        yield Note("client-support", f"{breaking[0]} in the style block is unknown to half of all mail programs")
    if HIDDEN.search(tight):
        yield Note("hidden", "the style block hides something on some screens", warning=True)
    if len(css.encode()) > STYLE_BLOCK:
        yield Note("style-block", f"a style block of {len(css.encode())} bytes: Gmail drops it")


def _spread(written: str) -> str:
    """A squeezed colour function with its blanks back."""
    return written.replace(",", ", ")
