"""The HTML that a theme writes into MJML: tags, attributes, pictures, links, styles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape
from urllib.parse import SplitResult, urlsplit

from digest.composer.lint import known
from digest.composer.lint.elements import HOLE, near
from digest.composer.lint.fault import Fault, warning
from digest.composer.lint.nesting import nesting_faults
from digest.composer.lint.style import block_faults, font_faults, style_faults
from digest.composer.lint.tree import Node, attribute_at
from digest.model.colours import colour
from digest.model.rules import FORBIDDEN_IN_COMMENTS, FORBIDDEN_TAGS, PIXEL, SHORTENERS, TAGS

ALT_LENGTH = 150
_FILE_NAME = re.compile(r"\S*\.(?:jpe?g|png|gif|webp|avif|svg)|(?:image|photo|picture|img)[ _-]?\d*", re.IGNORECASE)
_SAYS_NOTHING = (
    "here|click here|read more|more|link|this link|this|continue|continue reading|learn more|hier|weiterlesen|mehr|"
    "ici|lire la suite|en savoir plus|aquí|leer más|qui|leggi tutto|continua"
)
_EMPTY_WORDS = frozenset(_SAYS_NOTHING.split("|"))
_LINKING = {"href": "a link", "src": "a picture", "background": "a picture", "background-url": "a picture", "cite": ""}
_STYLED = re.compile(r"(?:^|[;\s])(?:width|height)\s*:\s*([\d.]+)px")
_SIZE = re.compile(r"\d+(?:\.\d+)?(?!\d*%)(?=px$|$)")
_URL_LIKE = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
_OPENED = re.compile(r"<([A-Za-z][\w:-]*)")
_LINKS = re.compile(r"\s(href|src|background)\s*=\s*[\"']?([^\"'\s>]*)")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What theme.toml allows: `fonts` in small letters, `colours` as #RRGGBB in capitals.

    `said` are texts of the issue itself: a headline may say "Here". `holes` are the markers of this render: an article
    may say what looks like one.
    """

    fonts: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()
    holes: frozenset[str] = frozenset()


def check_markup(data: bytes, nodes: Iterable[Node], palette: Palette) -> Iterator[Fault]:
    """Faults of HTML and of what MJML passes on to it; offsets in bytes."""
    level = titles = 0
    for node in nodes:
        faults = [*_element(node, palette), *nesting_faults(node)]
        if re.fullmatch("h[1-6]", node.name):
            faults += _heading(node, level)
            level = int(node.name[1])
            titles += level == 1
            if level == 1 and titles > 1:
                faults.append(Fault(rule="heading", why="a second <h1>; there must be one, the newsletter's title"))
        for fault in faults:
            name, _, why = fault.why.partition("\0")
            at = attribute_at(data, node, name) if why else node.offset
            yield replace(fault, why=why or name, offset=at)


def _of(name: str, fault: Fault) -> Fault:
    """The fault stands at this attribute."""
    return replace(fault, why=f"{name}\0{fault.why}")


def _element(node: Node, palette: Palette) -> Iterator[Fault]:
    if not node.name.startswith("mj"):
        yield from _tag(node)
    if node.name == "table" and node.attributes.get("role", "presentation") not in {"presentation", "none"}:
        why = f'role="{node.attributes["role"]}": a table of a layout is role="presentation"'
        yield _of("role", Fault(rule="table-role", why=why))
    yield from _values(node, palette)
    default = node.parent is not None and node.parent.name == "mj-attributes"  # no picture, but what pictures have
    if node.name in {"img", "mj-image"} and not default:
        yield from _picture(node)
    elif node.name == "mj-social-element" and not default and not node.attributes.get("alt", "").strip():
        yield Fault(rule="alt", why="<mj-social-element> lacks alt: name where it leads")
    elif node.name in {"a", "mj-button", "mj-navbar-link"} and not default:
        yield from _link(node, palette)
    elif node.name == "mj-style":
        yield from block_faults(node.text, palette.colours)


def _values(node: Node, palette: Palette) -> Iterator[Fault]:
    for name, value in node.attributes.items():
        held = next((hole for hole in palette.holes if hole in value), "")
        if held and not (name == "href" and held == value):
            why = f"a personal hole in {name}: holes may stand only in text and in href, there alone"
            yield _of(name, Fault(rule="holes", why=why))
        elif name in _LINKING:
            yield from (_of(name, fault) for fault in url_faults(value, _LINKING[name] or "an address"))
        elif name == "style":
            yield from (_of(name, fault) for fault in style_faults(value, palette.fonts, palette.colours))
        elif name == "font-family":
            yield from (_of(name, fault) for fault in font_faults(value, palette.fonts))
        elif name.endswith("color"):
            yield from (_of(name, fault) for fault in _colour(value, palette))


def _colour(value: str, palette: Palette) -> Iterator[Fault]:
    if value.startswith("#") and not re.fullmatch(r"#[0-9A-Fa-f]{6}", value):
        yield Fault(rule="colour", why=f'"{value}": write # and six hexadecimal digits (Outlook needs six)')
    elif not colour(value) and value not in {"transparent", "inherit"}:
        yield Fault(rule="colour", why=f'"{value}" is no colour: write # and six hexadecimal digits')
    elif value.upper() not in palette.colours and colour(value):
        yield warning("palette", f"{value} is no colour of theme.toml: its dark value is missing")


def _tag(node: Node) -> Iterator[Fault]:
    parent = node.parent.name if node.parent else ""
    if node.name in FORBIDDEN_TAGS:
        yield Fault(rule="html-forbidden", why=f"<{node.name}> has no place in a message")
    elif node.name == "meta" and parent == "mj-raw" and node.parent and node.parent.parent:
        if node.parent.parent.name != "mj-head":
            yield Fault(rule="html-tag", why="<meta> belongs in <mj-raw> in <mj-head>")
        if "http-equiv" in node.attributes:
            yield _of("http-equiv", Fault(rule="html-forbidden", why="http-equiv: a message goes nowhere by itself"))
    elif node.name not in TAGS:
        hint = near(node.name, TAGS)
        yield Fault(
            rule="html-tag", why=f"<{node.name}> is no tag of a message" + (f"; did you mean <{hint}>?" if hint else "")
        )
    mine = known.TAG_ATTRIBUTES.get(node.name, frozenset()) | known.GLOBAL
    for name in node.attributes:
        if name.startswith("on"):
            yield _of(name, Fault(rule="html-attribute", why=f"{name}: a message runs nothing"))
        elif name not in mine and not name.startswith(("aria-", "data-")):
            hint = near(name, mine)
            why = f'<{node.name}> has no attribute "{name}"' + (f'; did you mean "{hint}"?' if hint else "")
            yield _of(name, Fault(rule="html-attribute", why=why))


def _picture(node: Node) -> Iterator[Fault]:
    alt, width = node.attributes.get("alt"), node.attributes.get("width", "")
    if "src" not in node.attributes or not node.attributes["src"].strip():
        yield Fault(rule="src", why=f"<{node.name}> lacks src")
    if alt is None:
        yield Fault(rule="alt", why=f'<{node.name}> lacks alt: write a sentence, or alt="" where words beside it tell')
    elif _FILE_NAME.fullmatch(alt.strip()):
        yield _of("alt", Fault(rule="alt", why=f'alt="{alt}" is a file\'s name: write a sentence, or ""'))
    elif len(alt) > ALT_LENGTH:
        yield _of("alt", warning("alt", f"alt has {len(alt)} characters: {ALT_LENGTH} are read aloud with patience"))
    sizes = [width, node.attributes.get("height", ""), *_STYLED.findall(node.attributes.get("style", ""))]
    if any(size and float(size[0]) <= PIXEL for size in map(_SIZE.match, sizes)):
        why = "a picture of a pixel: it counts readers or props up the layout, and filters punish both"
        yield Fault(rule="pixel", why=why)
    if node.name == "mj-image" and node.attributes.get("href") and not (alt or "").strip():
        yield Fault(rule="link-text", why="a picture that links needs alt: where it leads")
    if node.name == "img" and not width.isdigit():
        yield Fault(rule="image-width", why="<img> lacks a numeric width: Outlook shows it at its own size")
    elif node.name == "img" and int(width) > 600:
        yield _of("width", warning("image-width", f"a picture {width} px wide: wider than the 600 px of a message"))


def _link(node: Node, palette: Palette) -> Iterator[Fault]:
    if "href" not in node.attributes:
        if "name" not in node.attributes or node.name != "a":
            yield Fault(rule="url", why=f"<{node.name}> lacks href")
        return
    said = " ".join(node.text.split())
    pictures = [child for child in _below(node) if child.name == "img"]
    if not said and not any(one.attributes.get("alt", "").strip() for one in pictures):
        yield Fault(rule="link-text", why="a link without words: write where it leads, or the picture's alt")
    elif said.lower().strip(" .\u203a\u00bb\u2192\u2026") in _EMPTY_WORDS and said not in palette.said:
        yield Fault(rule="link-text", why=f'the link says "{said}": write where it leads')
    looks, parts = _URL_LIKE.fullmatch(said), _split(node.attributes["href"])
    if looks and parts and parts.hostname and looks[1].lower() != parts.hostname.lower() and said not in palette.said:
        yield Fault(rule="link-text", why=f'the link says "{said[:40]}" and leads to {parts.hostname}')


def _below(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _below(child)


def _heading(node: Node, before: int) -> Iterator[Fault]:
    level = int(node.name[1])
    if not node.text.strip():
        yield Fault(rule="heading", why=f"an empty <{node.name}>")
    if level > before + 1:
        skipped = f"<h{before + 1}>" if before else "<h1>"
        yield warning("heading", f"<{node.name}> skips {skipped}: whoever hears the message loses the way")


def check_comments(comments: Iterable[tuple[str, int]]) -> Iterator[Fault]:
    """Faults of what conditional comments hold: Outlook reads it; offsets in bytes."""
    for text, at in comments:
        if not text.lstrip().startswith("[if"):
            continue
        for name in sorted(set(_OPENED.findall(text.lower())) & FORBIDDEN_IN_COMMENTS):
            yield Fault(rule="html-forbidden", why=f"<{name}> has no place in a message", offset=at)
        for name, url in _LINKS.findall(text):
            for fault in url_faults(unescape(url), _LINKING[name]):
                yield replace(fault, offset=at)


@lru_cache(maxsize=2048)
def url_faults(url: str, what: str) -> tuple[Fault, ...]:
    """Faults of an address; a hole's marker is one, too."""
    return tuple(_address(url, what))


def _address(url: str, what: str) -> Iterator[Fault]:
    if HOLE.fullmatch(url):
        return
    parts = _split(url)
    if parts is None or not url.strip():
        yield Fault(rule="url", why=f"{what} leads nowhere: {url[:60]!r}")
    elif url.startswith("#"):
        yield warning("anchor", f"{what} within the message: dead in Gmail and Outlook on phones")
    elif parts.scheme in {"mailto", "tel"} and what == "a link":
        return
    elif parts.username is not None:
        yield Fault(rule="url", why=f"{what} has a name before its host: it hides where it leads")
    elif parts.scheme == "http" and (parts.hostname in _LOOPBACK or parts.port):
        yield warning("url", f"{what} begins with http: {url[:60]!r}")
    elif parts.scheme == "http":
        yield Fault(rule="url", why=f"{what} begins with http: write https, {url[:60]!r}")
    elif parts.scheme != "https" or not parts.hostname:
        yield Fault(rule="url", why=f"{what} begins with {url[:30]!r}: only https, http and mailto may be linked")
    elif parts.hostname in SHORTENERS:
        yield Fault(rule="url", why=f"{what} hides where it leads behind {parts.hostname}: link the page itself")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port, parts.hostname
    except ValueError:
        return None
    return parts
