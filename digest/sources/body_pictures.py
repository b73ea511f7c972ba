"""The pictures within an article's HTML, with their sizes. Pure."""

from __future__ import annotations

import html
import re

from digest.model import Image
from digest.sources.sanitize import MAX_FIELD, headline_text
from digest.sources.urls import absolute_link

_MOST = 8  # pictures looked at; the first ones are the article's
_IMG = re.compile(r"<img\s([^<>]{1,8000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"(?<![a-zA-Z-])([a-zA-Z-]{1,30})\s{0,5}=\s{0,5}(?:\"([^\"]{0,6000})\"|'([^']{0,6000})'|([^\s\"'>]{1,2000}))"
)
_HIDDEN = re.compile(r"display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden", re.IGNORECASE)
_CAPTION_NEAR = 2_000  # characters between a picture and its caption
_MAX_ALT = 300


def pictures_in(raw: str, *, base: str = "") -> tuple[Image, ...]:
    """Each <img> of `raw`, in its order, every width of a srcset as an image of its own; hidden ones left out.

    `raw` is HTML, or HTML whose "<" are still entities. `alt` is the caption behind the picture, else its alt.
    """
    text = raw[:MAX_FIELD]
    if "&lt;img" in text.lower() and "<img" not in text.lower():
        text = html.unescape(text)
    found: dict[str, Image] = {}
    for match in list(_IMG.finditer(text))[:_MOST]:
        attributes = _attributes(match[1])
        if "hidden" in attributes or _HIDDEN.search(attributes.get("style", "")):
            continue
        caption = _caption(text[match.end() : match.end() + _CAPTION_NEAR])
        alt = headline_text(caption or attributes.get("alt", ""))[:_MAX_ALT]
        for image in _versions(attributes, base, alt):
            found.setdefault(image.url, image)
    return tuple(found.values())


def _versions(attributes: dict[str, str], base: str, alt: str) -> list[Image]:
    width, height = _px(attributes.get("width", "")), _px(attributes.get("height", ""))
    sources = (attributes.get(name, "") for name in ("src", "data-src", "data-original"))
    # A lazy page has a placeholder as src and the picture beside it.
    url = next((url for source in sources if source[:5] != "data:" and (url := absolute_link(source, base))), "")
    versions = [Image(url=url, width=width, height=height, alt=alt)] if url else []
    for one in (attributes.get("srcset") or attributes.get("data-srcset", "")).split(", "):
        link, _, size = one.strip().rpartition(" ")
        candidate, wide = absolute_link(link, base), _px(size.removesuffix("w"))
        if candidate and wide and size.endswith("w"):
            tall = round(height * wide / width) if width and height else 0
            versions.append(Image(url=candidate, width=wide, height=tall, alt=alt))
    return versions


def _caption(behind: str) -> str:
    """The figcaption behind a picture, "" where another picture comes first."""
    low = behind.lower()
    start = low.find("<figcaption")
    opened, end = low.find(">", start), low.find("</figcaption", start)
    return behind[opened + 1 : end] if 0 <= start < opened < end and low.find("<img", 0, start) < 0 else ""


def _attributes(text: str) -> dict[str, str]:
    found = {"hidden": ""} if re.search(r"(?:^|\s)hidden(?:\s|/|$)", text) else {}
    for match in _ATTRIBUTE.finditer(text):
        found.setdefault(match[1].lower(), html.unescape(match[2] or match[3] or match[4] or "").strip())
    return found


def _px(text: str) -> int:
    digits = text.strip().removesuffix("px")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 6 else 0
