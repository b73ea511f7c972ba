"""What both lints refuse, the one of a theme's MJML and the one of a finished message's bytes (MAIL.md A, B)."""

from __future__ import annotations

import re
from functools import lru_cache


def words(*lists: str) -> frozenset[str]:
    """The words of these lists, written with blanks between."""
    return frozenset(" ".join(lists).split())


LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3, for text of any size
LARGEST_HTML = 102_400  # bytes: Gmail cuts a message off near 102-105 kB
STYLE_BLOCK = 16_384  # bytes: Gmail drops a larger one
SHORTENERS = words(
    "bit.ly t.co goo.gl tinyurl.com ow.ly is.gd buff.ly rebrand.ly lnkd.in cutt.ly shorturl.at t.ly rb.gy"
)
# Each of these is taken out, shown as text, or punished (MAIL.md A 21).
FORBIDDEN_TAGS = words(
    "script form iframe frame frameset object embed applet input button select textarea video audio source base link",
    "svg math canvas marquee blink noscript template dialog",
)
# Layouts that mail programs lack altogether, so that the page falls apart.
BREAKING = re.compile(r"(?<![-\w])(?:display:(?:inline-)?(?:flex|grid)|position:(?:absolute|fixed|sticky|relative))")
HIDDEN = re.compile(
    r"(?<![-\w])(?:display:none|visibility:hidden|opacity:0(?:\.0+)?(?![.\d])|font-size:0(?:\.0+)?(?:px|em|rem|pt|%)?(?![.\d])|"
    r"max-height:0(?:px)?(?![.\d])|mso-hide:all)"
)
FILLER = re.compile("[\u034f\u200b\u200c\u200d\u2007\u00ad\ufeff\u200e\u200f\u2060]")
MOST_FILLER = 20  # characters that nobody sees (MAIL.md A 16)
_HEX = re.compile(r"#([0-9A-Fa-f]{6})")


@lru_cache(maxsize=1024)
def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours #RRGGBB, 1 to 21 (WCAG 2.2, relative luminance)."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    found = _HEX.fullmatch(colour)
    if not found:
        raise ValueError(f"{colour!r} is no colour of six hexadecimal digits")
    linear = [_linear(int(found[1][at : at + 2], 16) / 255) for at in (0, 2, 4)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def squeezed(style: str) -> str:
    """A style attribute in small letters without blanks, as HIDDEN and BREAKING read it."""
    return re.sub(r"\s+", "", style).lower()
