"""A web page as read: bytes to text, text to a tree, and the few questions the readers of its parts ask. Pure."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from digest.sources.detection import looks_wrong, most_likely
from digest.sources.sanitize import body_text, clean, headline_text
from digest.sources.urls import absolute_link

MAX_PAGE = 5_000_000  # characters
_DEEPEST = 1_000
# Elements that only an end tag of their own closes.
_NESTING = re.compile(
    r"<(/?)(?:a|article|aside|b|big|blockquote|button|center|code|details|div|dl|em|fieldset|figure|font|footer|form|header"
    r"|i|main|menu|nav|nobr|ol|pre|s|section|small|span|strike|strong|svg|table|template|tt|u|ul)(?=[\s>/])",
    re.IGNORECASE,
)
_MAX_METAS = 500
_MAX_ELEMENTS = 100_000
_BEFORE, _AFTER = 60, 300  # elements around a headline among which its byline is looked for
_MAX_VALUE = 5_000
_SNIFFED = 4_096  # bytes: browsers look for the charset in 1,024, old publishing systems write it later
_META_CHARSET = re.compile(rb"<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{2,40})", re.IGNORECASE)
_PAGE_LANGUAGE = re.compile(rb"<html[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2,3})", re.IGNORECASE)
_RELATED = re.compile(
    r"\b(?:related|recommend|read-next|also-read|most-(?:read|popular)|more-(?:stories|news|articles))"
)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
# What a declared name means in practice (WHATWG Encoding Standard 4.2).
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030"}
_WIDER |= {"shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs", "iso8859-11": "cp874", "tis-620": "cp874"}


def decode(data: bytes, charset: str = "") -> str:
    """A page's text: by its byte order mark, else UTF-8 where it fits, else what HTTP or the page itself names.

    UTF-8 goes first because hardly any other text is valid in it, while pages are met that declare something else.
    Where nothing is named, or Western Europe for what is none, the letters tell.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    declared = _META_CHARSET.search(data[:_SNIFFED])
    names = [_codec(charset), _codec(declared[1].decode("ascii")) if declared else ""]
    found = _PAGE_LANGUAGE.search(data[:_SNIFFED])
    language = found[1].decode("ascii").lower() if found else ""
    for name in ("utf-8", *names):
        if name:
            try:
                text = data.decode(name)
            except (UnicodeDecodeError, LookupError):
                continue
            if not looks_wrong(text, name, language):
                return text
    # UTF-8 with a torn character or two holds whole ones as well; a text in windows-1252 does not.
    best = min((data.decode(name, "replace") for name in (*filter(None, names), "utf-8")), key=_torn)
    whole = sum(not letter.isascii() for letter in best) - _torn(best)
    return (
        best
        if whole > _torn(best) and not looks_wrong(best, "cp1252")
        else data.decode(most_likely(data, language), "replace")
    )


def _torn(text: str) -> int:
    return text.count("\ufffd")


def _codec(name: str) -> str:
    """Python's name of a charset that reads bytes into text, "" for an unknown one."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return "" if found in {"utf-16", "utf-16-le", "utf-16-be", "utf-7"} else _WIDER.get(found, found)


class Markup:
    """One page's tree. `url` is where it was found; links count from <base href> where the page has one."""

    def __init__(self, text: str, *, url: str) -> None:
        """Parse `text`; whatever it holds, there is a tree."""
        self.tree = LexborHTMLParser(_shallow(text.replace("\0", "")[:MAX_PAGE]))
        self.url = url
        base = self.first("base[href]")
        self._base = absolute_link(attribute(base, "href"), url) if base is not None else ""
        self._order: dict[int, int] = {}
        self._visible: str | None = None
        self._metas = dict(self._collect())

    def meta(self, *names: str) -> str:
        """The first meta element's content that is not empty, by its name, property or itemprop, as plain text."""
        return next(iter(self.metas(*names)), "")

    def metas(self, *names: str) -> list[str]:
        """Every content under these names, in the order of the names, then the page's."""
        found = (plain for name in names for raw in self._metas.get(name, ()) if (plain := headline_text(raw)))
        return list(dict.fromkeys(found))

    def first(self, selector: str) -> LexborNode | None:
        """The first element that a CSS selector of ours finds."""
        return self.tree.css_first(selector)

    def every(self, selector: str, most: int = 50) -> list[LexborNode]:
        """Elements that a CSS selector of ours finds, in the page's order."""
        return self.tree.css(selector)[:most]

    def near(self, place: LexborNode | None, elements: list[LexborNode]) -> list[LexborNode]:
        """Those elements that stand a little before or soon after `place`, in the page's order, those after it first."""
        if place is None or not elements:
            return []
        if not self._order:
            self._order = {element.mem_id: number for number, element in enumerate(self.tree.css("*")[:_MAX_ELEMENTS])}
        at = self._order.get(place.mem_id, -_MAX_ELEMENTS)
        apart = [(self._order.get(element.mem_id, _MAX_ELEMENTS) - at, element) for element in elements]
        after = [element for distance, element in apart if 0 <= distance <= _AFTER]
        return after + [element for distance, element in apart if -_BEFORE <= distance < 0]

    def visible_text(self) -> str:
        """The body's words, blocks apart by spaces, without scripts and styles; at most 400,000 characters."""
        if self._visible is None:
            tree = self.tree.clone()
            tree.strip_tags(["script", "style", "noscript", "template"], recursive=True)
            self._visible = clean(tree.body.text(separator=" ", skip_empty=True)[:400_000]) if tree.body else ""
        return self._visible

    def link(self, href: str) -> str:
        """An absolute http(s) URL, "" where it is none."""
        return absolute_link(href, self._base or self.url)

    def _collect(self) -> Iterator[tuple[str, list[str]]]:
        found: dict[str, list[str]] = {}
        for element in self.tree.css("meta[content]")[:_MAX_METAS]:
            content = attribute(element, "content")[:_MAX_VALUE]
            for kind in ("property", "name", "itemprop"):
                # Several names in one attribute, apart by spaces, are met and mean each of them.
                for name in attribute(element, kind).lower().split()[:4]:
                    found.setdefault(name, []).append(content)
        yield from found.items()


def _shallow(text: str) -> str:
    """`text` up to where it is nested deeper than any page: the parser is quadratic in it (60,000 divs: 37 s)."""
    depth = 0
    for tag in _NESTING.finditer(text):
        depth = max(0, depth + (-1 if tag[1] else 1))
        if depth > _DEEPEST:
            return text[: tag.start()]
    return text


def attribute(element: LexborNode, name: str) -> str:
    """An attribute's text, "" where there is none."""
    return element.attributes.get(name) or ""


def is_listed(article: LexborNode) -> bool:
    """Whether an <article> is one of a list beside the page's own: within another, an aside, or "related" things."""
    node = article.parent if article.tag == "article" else None
    for _ in range(4):
        if node is None or node.tag in {"body", "html", "main"}:
            return False
        if node.tag in {"article", "aside", "footer"} or _RELATED.search(words_of(node)):
            return True
        node = node.parent
    return False


def words_of(element: LexborNode) -> str:
    """What an element's class, id and itemprop say, in small letters."""
    return " ".join(attribute(element, name) for name in ("class", "id", "itemprop")).lower()[:500]


def text_of(element: LexborNode, most: int = 20_000) -> str:
    """An element's plain text, blocks apart by spaces."""
    markup = element.html or ""
    return body_text(markup) if len(markup) <= most else clean(element.text(separator=" ")[:most])
