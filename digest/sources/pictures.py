"""One picture out of those a source declares and those of the text. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from digest.model import Declared, Image
from digest.sources.picture_size import MOST

WANTED = 600  # px: the narrowest at least this wide, else the widest (SOURCES.md 3)
_UNKNOWN = 400
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 80
_STEEPEST = 3.0
_LOGO_SHARE = 0.3  # of a feed's articles with the same picture
_LOGO_LEAST = 3
_LATE = re.compile(
    r"\.(?:webp|avif)$|[?&](?:fm|format|f|output)=(?:webp|avif)\b", re.IGNORECASE
)  # not shown by every mail program
_DRAWING = re.compile(r"\.svgz?$", re.IGNORECASE)

_BOTH_IN_NAME = re.compile(r"[_/-](\d{2,4})x(\d{2,4})(?=[._/?-]|$)")
_WIDTH_IN_NAME = re.compile(r"[?&](?:w|width)=(\d{2,4})(?=&|$)")

# Who counts readers, or decorates: hosts and paths whose pictures are no article's. Met in public feeds.
_COUNTERS = re.compile(
    r"^https?://(?:[^/]{0,200}\.)?(?:feedburner\.com/~|feedsportal\.com|doubleclick\.net|google-analytics\.com"
    r"|googlesyndication\.com|vgwort\.de|ivwbox\.de|ioam\.de|scorecardresearch\.com|moreover\.com|pixel\.wp\.com"
    r"|stats\.wordpress\.com|feeds\.wordpress\.com|gravatar\.com/avatar|s\.w\.org/images/core/emoji|cpx\.golem\.de"
    r"|feedblitz\.com|buysellads\.com|adserver\.|ads\.|pixel\.|counter\.|count\.|track\.|tracking\.|stats\.|analytics\.)"
    r"|/(?:1x1|pixel|blank|spacer|clear|transparent|counter|tracker|beacon)\.(?:gif|png|jpe?g)"
    r"|/(?:share|social|icons?|emoji|smil(?:ey|ies))/|/(?:facebook|twitter|whatsapp|linkedin|email)[_-]?(?:icon|share|button)?\.(?:gif|png)",
    re.IGNORECASE,
)


def choose(images: Iterable[Image], *, logos: frozenset[str] = frozenset()) -> Image | None:
    """The picture to show, None where none is fit. Sizes nobody told are taken for 400 px wide.

    JPEG, PNG and GIF come before WebP and AVIF. `logos` are the URLs that logos_of() found.
    """
    fit = [image for image in images if image.url not in logos and _is_fit(image)]
    fit = [image for image in fit if not _LATE.search(image.url)] or fit
    wide = [image for image in fit if _width(image) >= WANTED]
    if wide:
        return min(wide, key=_width)
    return max(fit, key=_width, default=None)


def logos_of(declared: Iterable[Declared]) -> frozenset[str]:
    """The pictures that stand beside over 30 % of a feed's articles (and at least 3): they say nothing about any."""
    articles = list(declared)
    counted = Counter(url for one in articles for url in {image.url for image in (*one.images, *one.pictures)})
    most = max(_LOGO_LEAST - 1, len(articles) * _LOGO_SHARE)
    return frozenset(url for url, count in counted.items() if count > most)


def _width(image: Image) -> int:
    return image.width or _size_in_name(image.url)[0] or _UNKNOWN


def _size_in_name(url: str) -> tuple[int, int]:
    """What a picture's address says of its size ("harbour_142x100.jpg", "?w=460"); 0 where it says nothing."""
    both = _BOTH_IN_NAME.search(url)
    if both:
        return int(both[1]), int(both[2])
    width = _WIDTH_IN_NAME.search(url)
    return (int(width[1]), 0) if width else (0, 0)


def _is_fit(image: Image) -> bool:
    """Neither a counter's pixel nor an icon nor a banner."""
    path = image.url.partition("?")[0]
    if not image.url.startswith(("http://", "https://")) or _DRAWING.search(path) or _COUNTERS.search(image.url):
        return False
    width, height = (image.width, image.height) if image.width else _size_in_name(image.url)
    if 0 < width < _LEAST_WIDTH or 0 < height < _LEAST_HEIGHT or max(width, height) > MOST:
        return False
    return not (width and height) or 1 / _STEEPEST <= width / height <= _STEEPEST
