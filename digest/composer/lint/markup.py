"""The HTML that a theme writes into MJML: tags, attributes, pictures, links, styles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from digest.composer.lint import known
from digest.composer.lint.elements import HOLE, near
from digest.composer.lint.fault import Fault, warning
from digest.composer.lint.style import block_faults, font_faults, style_faults
from digest.composer.lint.tree import Node, attribute_at
from digest.model.rules import FORBIDDEN_TAGS, SHORTENERS, words

ALT_LENGTH = 150
_FILE_NAME = re.compile(r"\S*\.(?:jpe?g|png|gif|webp|avif|svg)|(?:image|photo|picture|img)[ _-]?\d*", re.IGNORECASE)
_SAYS_NOTHING = (
    "here|click here|read more|more|link|this link|this|continue|continue reading|learn more|hier|weiterlesen|mehr|"
    "ici|lire la suite|en savoir plus|aquí|leer más|qui|leggi tutto|continua"
)
_EMPTY_WORDS = frozenset(_SAYS_NOTHING.split("|"))
_LINKING = {"href": "a link", "src": "a picture", "background": "a picture", "background-url": "a picture", "cite": ""}
_INLINE_ONLY = words("p h1 h2 h3 h4 h5 h6")
_BLOCKS = words("p h1 h2 h3 h4 h5 h6 div table ul ol li blockquote pre hr dl tr td")
_HOMES = {
    "td": {"tr"}, "th": {"tr"}, "tr": {"table", "tbody", "thead", "tfoot", "mj-table"}, "li": {"ul", "ol"},
    "tbody": {"table", "mj-table"}, "thead": {"table", "mj-table"}, "tfoot": {"table", "mj-table"},
    "dt": {"dl"}, "dd": {"dl"},
}  # fmt: skip
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """What theme.toml allows: `fonts` in small letters, `colours` as #RRGGBB in capitals.

    `said` are texts of the issue itself: a headline may say "Here".
    """

    fonts: frozenset[str] = frozenset()
    colours: frozenset[str] = frozenset()
    said: frozenset[str] = frozenset()


def check_markup(data: bytes, nodes: Iterable[Node], palette: Palette) -> Iterator[Fault]:
    """Faults of HTML and of what MJML passes on to it; offsets in bytes."""
    level = 0
    for node in nodes:
        faults = list(_element(node, palette))
        if re.fullmatch("h[1-6]", node.name):
            faults += _heading(node, level)
            level = int(node.name[1])
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
    yield from _values(node, palette)
    default = node.parent is not None and node.parent.name == "mj-attributes"  # no picture, but what pictures have
    if node.name in {"img", "mj-image"} and not default:
        yield from _picture(node)
    elif node.name == "mj-social-element" and not default and not node.attributes.get("alt", "").strip():
        yield Fault(rule="alt", why="<mj-social-element> lacks alt: name where it leads")
    elif node.name == "a":
        yield from _link(node, palette)
    elif node.name == "mj-style":
        yield from block_faults(node.text, palette.colours)


def _values(node: Node, palette: Palette) -> Iterator[Fault]:
    for name, value in node.attributes.items():
        if name in _LINKING:
            yield from (_of(name, fault) for fault in url_faults(value, _LINKING[name] or "an address"))
        elif name == "style":
            yield from (_of(name, fault) for fault in style_faults(value, palette.fonts, palette.colours))
        elif name == "font-family":
            yield from (_of(name, fault) for fault in font_faults(value, palette.fonts))
        elif (
            name.endswith("color") and re.fullmatch(r"#[0-9A-Fa-f]{6}", value) and value.upper() not in palette.colours
        ):
            yield _of(name, warning("palette", f"{value} is no colour of theme.toml: its dark value is missing"))


def _tag(node: Node) -> Iterator[Fault]:
    parent = node.parent.name if node.parent else ""
    if node.name in FORBIDDEN_TAGS:
        yield Fault(rule="html-forbidden", why=f"<{node.name}> has no place in a message")
    elif node.name == "meta" and parent == "mj-raw" and node.parent and node.parent.parent:
        if node.parent.parent.name != "mj-head":
            yield Fault(rule="html-tag", why="<meta> belongs in <mj-raw> in <mj-head>")
    elif node.name not in known.TAGS:
        hint = near(node.name, known.TAGS)
        yield Fault(
            rule="html-tag", why=f"<{node.name}> is no tag of a message" + (f"; did you mean <{hint}>?" if hint else "")
        )
    yield from _nested(node, parent)
    mine = known.TAG_ATTRIBUTES.get(node.name, frozenset()) | known.GLOBAL
    for name in node.attributes:
        if name.startswith("on"):
            yield _of(name, Fault(rule="html-attribute", why=f"{name}: a message runs nothing"))
        elif name not in mine and not name.startswith(("aria-", "data-")):
            hint = near(name, mine)
            why = f'<{node.name}> has no attribute "{name}"' + (f'; did you mean "{hint}"?' if hint else "")
            yield _of(name, Fault(rule="html-attribute", why=why))


def _nested(node: Node, parent: str) -> Iterator[Fault]:
    homes = _HOMES.get(node.name)
    if homes and parent not in homes and not (parent == "mj-raw" or not parent):
        yield Fault(rule="html-nesting", why=f"<{node.name}> may not stand in <{parent}>")
    elif parent in _INLINE_ONLY and node.name in _BLOCKS:
        yield Fault(rule="html-nesting", why=f"<{node.name}> may not stand in <{parent}>: close it first")
    elif node.name == "a" and any(one.name == "a" for one in _above(node)):
        yield Fault(rule="html-nesting", why="a link may not stand in a link")


def _above(node: Node) -> Iterator[Node]:
    at = node.parent
    while at is not None:
        yield at
        at = at.parent


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
    if node.name == "img" and not width.isdigit():
        yield Fault(rule="image-width", why="<img> lacks a numeric width: Outlook shows it at its own size")
    elif node.name == "img" and int(width) > 600:
        yield _of("width", warning("image-width", f"a picture {width} px wide: wider than the 600 px of a message"))


def _link(node: Node, palette: Palette) -> Iterator[Fault]:
    if "href" not in node.attributes:
        if "name" not in node.attributes:
            yield Fault(rule="url", why="<a> lacks href")
        return
    said = " ".join(node.text.split())
    pictures = [child for child in _below(node) if child.name == "img"]
    if not said and not any(one.attributes.get("alt", "").strip() for one in pictures):
        yield Fault(rule="link-text", why="a link without words: write where it leads, or the picture's alt")
    elif said.lower().strip(" .\u203a\u00bb\u2192\u2026") in _EMPTY_WORDS and said not in palette.said:
        yield Fault(rule="link-text", why=f'the link says "{said}": write where it leads')


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


def url_faults(url: str, what: str) -> Iterator[Fault]:
    """Faults of an address; a hole's marker is one, too."""
    if HOLE.fullmatch(url):
        return
    parts = _split(url)
    if parts is None or not url.strip():
        yield Fault(rule="url", why=f"{what} leads nowhere: {url[:60]!r}")
    elif url.startswith("#"):
        yield warning("anchor", f"{what} within the message: dead in Gmail and Outlook on phones")
    elif parts.scheme == "mailto" or (parts.scheme == "tel" and what == "a link"):
        return
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
