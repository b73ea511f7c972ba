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
# ... and in what Outlook alone reads: MJML itself writes <noscript> there.
FORBIDDEN_IN_COMMENTS = FORBIDDEN_TAGS - {"noscript"}
# What HTML may stand in a message; abbr, bdi, mark, time and wbr are missing in half of all mail programs (caniemail).
TAGS = words(
    "a b bdo blockquote br caption cite code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins li ",
    "ol p pre q s small span strong sub sup table tbody td tfoot th thead tr u ul",
)
# What Gmail, Outlook or Yahoo lack, so that the page falls apart there (caniemail, 2026).
_LACKING = (
    "float background-image background-size background-position box-shadow text-shadow transform transition animation "
    "filter overflow(?:-[xy])? object-fit clip-path columns column-count aspect-ratio text-overflow hyphens inset z-index "
    "list-style-position text-decoration-(?:color|thickness) text-underline-offset border-image mix-blend-mode "
    "background-clip writing-mode white-space user-select shape-outside resize font-stretch caption-side opacity"
)
BREAKING = re.compile(
    r"(?<![-\w])(?:display:(?:inline-)?(?:flex|grid|contents)|position:(?:absolute|fixed|sticky|relative)|"
    rf"(?:{'|'.join(_LACKING.split())}):[^;}}]+)|[:\s]\d*\.?\d+(?:rem|vw|vh)(?![a-z])|var\(--|expression\(|behavior:"
)
HIDDEN = re.compile(
    r"(?<![-\w])(?:display:none|visibility:hidden|opacity:0(?:\.0+)?(?![.\d])|font-size:0(?:\.0+)?(?:px|em|rem|pt|%)?(?![.\d])|"
    r"max-(?:height|width):0(?:px)?(?![.\d])|mso-hide:all|text-indent:-\d{3,}|clip:rect|color:transparent|"
    r"(?:height|width):[01](?:px)?;(?:.*;)?overflow:hidden|overflow:hidden;(?:.*;)?(?:height|width):[01](?:px)?(?![.\d]))"
)
SMALLEST = 13  # px of type that can be read (MAIL.md B)
TOO_SMALL = 8  # px: whoever writes smaller hides something
PIXEL = 2  # px: a picture no wider or higher counts readers, or props up a layout
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
