"""One picture out of those a source declares. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from digest.model import Image

WANTED = 600  # px: the narrowest at least this wide, else the widest (SOURCES.md 3)
_UNKNOWN = 400
_LEAST_WIDTH, _LEAST_HEIGHT = 120, 80
_STEEPEST = 3.0


def choose(images: Iterable[Image]) -> Image | None:
    """The picture to show, None where none is fit. Sizes nobody told are taken for 400 px wide."""
    fit = [image for image in images if _is_fit(image)]
    wide = [image for image in fit if _width(image) >= WANTED]
    if wide:
        return min(wide, key=_width)
    return max(fit, key=_width, default=None)


def _width(image: Image) -> int:
    return image.width or _UNKNOWN


def _is_fit(image: Image) -> bool:
    """Neither a counter's pixel nor an icon nor a banner."""
    if not image.url.startswith(("http://", "https://")):
        return False
    if 0 < image.width < _LEAST_WIDTH or 0 < image.height < _LEAST_HEIGHT:
        return False
    known = image.width and image.height
    return not known or 1 / _STEEPEST <= image.width / image.height <= _STEEPEST
