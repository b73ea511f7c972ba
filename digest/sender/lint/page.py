"""The HTML part as mail programs and screen readers find it (MAIL.md A 16-21, B)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from urllib.parse import urlsplit

from digest.model.rules import (
    BREAKING,
    FILLER,
    FORBIDDEN_TAGS,
    HIDDEN,
    LEAST_CONTRAST,
    MOST_FILLER,
    SHORTENERS,
    STYLE_BLOCK,
    contrast,
    squeezed,
    words,
)
from digest.sender.lint.raw import Note

LEAST_TEXT = 500  # characters beside pictures (SpamAssassin HTML_IMAGE_ONLY)
_CARD = 600  # px, what is wider scrolls sideways on every phone
_PHONE = 320  # px, the narrowest screen
_VOID = words("area br col embed hr img input link meta source track wbr base")
_SILENT = words("style title script head")
_URL_LIKE = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S*\.(?:jpe?g|png|gif|webp|avif|svg)", re.IGNORECASE)
_COLOUR = re.compile(r"(?:^|;)color:(#[0-9a-f]{6}|#[0-9a-f]{3})(?![0-9a-f])")
_GROUND = re.compile(r"(?:^|;)background(?:-color)?:(#[0-9a-f]{6}|#[0-9a-f]{3})(?![0-9a-f])")
_WIDTH = re.compile(r"(?:^|;)(?:min-)?width:(\d+)px")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Page(HTMLParser):
    """One reading: `links` and `text` as a reader finds them, `notes` what is wrong on the way."""

    def __init__(self, html: str) -> None:
        """Read it whole."""
        super().__init__()
        self.notes: list[Note] = []
        self.links: list[str] = []
        self.pictures = 0
        self._texts: list[str] = []
        self._open: list[str] = []
        self._colours: list[tuple[str, str]] = [("#000000", "#ffffff")]
        self._said: list[tuple[str, str, list[str]]] = []  # links and headings being read: tag, href, words
        self._level = 0
        self._headings = 0
        self._titles = 0
        self.feed(html)
        self.close()
        self.text = re.sub(r"\s+", " ", "".join(self._texts)).strip()
        self._end()

    def note(self, rule: str, why: str, *, warning: bool = False) -> None:
        """Keep a finding."""
        self.notes.append(Note(rule, why, warning))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element begins."""
        given = {name: value or "" for name, value in attrs}
        style = squeezed(given.get("style", ""))
        self._element(tag, given, style)
        ink, ground = self._colours[-1]
        found = _COLOUR.search(style), _GROUND.search(style)
        own = _long(given.get("bgcolor", ""))
        colours = (_long(found[0][1]) if found[0] else ink, _long(found[1][1]) if found[1] else own or ground)
        if tag in {"a", "h1", "h2", "h3", "h4", "h5", "h6"}:
            self._said.append((tag, given.get("href", ""), []))
        if tag == "img" and self._said:
            self._said[-1][2].append(given.get("alt", ""))
        if tag not in _VOID:
            self._open.append(tag)
            self._colours.append(colours)

    def handle_endtag(self, tag: str) -> None:
        """One element ends; what is still open inside it was never closed."""
        if tag in _VOID:
            return
        if tag not in self._open:
            self.note("html-nesting", f"</{tag}> closes nothing")
            return
        while self._open:
            inner = self._open.pop()
            self._colours.pop()
            if inner == tag:
                break
            self.note("html-nesting", f"<{inner}> is not closed before </{tag}>")
        if self._said and self._said[-1][0] == tag:
            self._spoken(*self._said.pop())

    def handle_data(self, data: str) -> None:
        """Text."""
        if "style" in self._open:
            self._styles(data)
        if any(tag in _SILENT for tag in self._open) or not self._open:
            return
        self._texts.append(data)
        for _, _, said in self._said:
            said.append(data)
        if data.strip():
            ink, ground = self._colours[-1]
            if contrast(ink, ground) < LEAST_CONTRAST:
                why = f'"{data.strip()[:30]}" is {ink} on {ground}: a contrast of {contrast(ink, ground):.2f}:1'
                self.note("contrast", f"{why}, at least {LEAST_CONTRAST}:1 can be read")

    def _element(self, tag: str, given: dict[str, str], style: str) -> None:
        if tag in FORBIDDEN_TAGS:
            self.note("html-forbidden", f"<{tag}> has no place in a message")
        for name in given:
            if name.startswith("on"):
                self.note("html-forbidden", f"{name} on <{tag}>: a message runs nothing")
        self._looks(tag, style)
        self._language(tag, given)
        self._width(tag, given, style)
        if tag == "table" and given.get("role") not in {"presentation", "none"}:
            self.note("table-role", "a table lacks role=presentation: it is read aloud cell by cell")
        if tag == "img":
            self._picture(given)
        if tag in {"a", "area"} and "href" in given:
            self._link(given["href"], "a link")
            self.links.append(given["href"])
        self._titles += tag == "title"
        if re.fullmatch("h[1-6]", tag):
            self._heading(int(tag[1]))

    def _looks(self, tag: str, style: str) -> None:
        if hidden := HIDDEN.search(style):
            sized = hidden[0].startswith("font-size") and tag in {"div", "td", "table"}
            if not sized:  # the renderer squeezes blanks between columns so; text in them has a size again
                self.note("hidden", f"<{tag}> is hidden by {hidden[0]}: mailbox providers punish it")
        if breaking := BREAKING.search(style):
            self.note("client-support", f"{breaking[0]} on <{tag}> is unknown to half of all mail programs")

    def _language(self, tag: str, given: dict[str, str]) -> None:
        if (tag == "html" or self._open[-1:] == ["body"]) and not (given.get("lang") and given.get("dir")):
            self.note("language", f"<{tag}> lacks lang or dir: it is read aloud in the wrong voice")

    def _width(self, tag: str, given: dict[str, str], style: str) -> None:
        found = _WIDTH.search(style)
        width = int(found[1]) if found else int(given["width"]) if given.get("width", "").isdigit() else 0
        if tag == "img":
            fluid = "width:100%" in style
            if width > _PHONE and not fluid:
                self.note("width", f"a picture {width} px wide scrolls sideways on a phone: give it width:100%")
        elif width > _CARD or (width > _PHONE and tag in {"table", "div", "p"} and "max-width" not in style):
            self.note("width", f"<{tag}> is {width} px wide: it scrolls sideways on a phone")

    def _picture(self, given: dict[str, str]) -> None:
        self.pictures += 1
        self._link(given.get("src", ""), "a picture")
        if "alt" not in given:
            self.note("alt", f"a picture lacks alt: {given.get('src', '')[:60]}")
        elif _FILE_NAME.fullmatch(given["alt"].strip()):
            self.note("alt", f"alt={given['alt'][:40]!r} is a file's name")
        if not given.get("width", "").isdigit():
            self.note("image-width", f"a picture lacks a numeric width: {given.get('src', '')[:60]}")

    def _link(self, url: str, what: str) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            self.note("url", f"{what} leads nowhere: {url[:60]!r}")
            return
        if parts.scheme in {"mailto", "tel"} and what == "a link":
            return
        if url.startswith("#"):
            self.note("anchor", f"a link within the message: {url[:40]!r}", warning=True)
        elif parts.scheme == "http" and (host in _LOOPBACK or port):
            self.note("url", f"{what} begins with http: {_place(url)!r}", warning=True)
        elif parts.scheme != "https" or not host:
            self.note("url", f"{what} must begin with https: {_place(url)!r}")
        elif host in SHORTENERS:
            self.note("url", f"{what} hides where it leads behind {host}")
        if host.startswith("xn--") or ".xn--" in host or not host.isascii():
            self.note("idn", f"{what} leads to {host}: letters that look alike are distrusted", warning=True)

    def _heading(self, level: int) -> None:
        self._headings += level == 1
        if level > self._level + 1:
            self.note("heading", f"<h{level}> skips a level: whoever hears the message loses the way")
        self._level = level

    def _spoken(self, tag: str, href: str, said: list[str]) -> None:
        text = " ".join("".join(said).split())
        if tag != "a":
            if not text:
                self.note("heading", f"an empty <{tag}>")
            return
        if href and not text:
            self.note("link-text", f"a link without words: {href[:60]}")
        looks = _URL_LIKE.fullmatch(text)
        if (
            looks
            and href.startswith(("http:", "https:"))
            and looks[1].lower() != (urlsplit(href).hostname or "").lower()
        ):
            self.note("link-text", f"the link says {text[:40]} and leads to {urlsplit(href).hostname}")

    def _styles(self, css: str) -> None:
        tight = squeezed(css)
        if "@import" in tight or "@font-face" in tight or "url(" in tight:
            self.note("remote", "the style block fetches something")
        if breaking := BREAKING.search(tight):
            self.note("client-support", f"{breaking[0]} in the style block is unknown to half of all mail programs")
        if len(css.encode()) > STYLE_BLOCK:
            self.note("style-block", f"a style block of {len(css.encode())} bytes: Gmail drops it")

    def _end(self) -> None:
        for tag in self._open:
            self.note("html-nesting", f"<{tag}> is never closed")
        if self._headings != 1:
            self.note("heading", f"{self._headings} <h1>: one is wanted, the newsletter's title")
        if not self._titles:
            self.note("title", "the page has no <title>")
        if self.pictures and len(self.text) < LEAST_TEXT:
            self.note("image-only", f"{len(self.text)} characters of text beside {self.pictures} pictures")
        filler = len(FILLER.findall(self.text))
        if filler > MOST_FILLER and filler > len(self.text) / 50:
            self.note("hidden", f"{filler} characters that nobody sees")


@lru_cache(maxsize=2)
def read(html: str) -> Page:
    """The page, read once."""
    return Page(html)


def check(html: str) -> Iterator[Note]:
    """Faults of the HTML part, each kind once per wording."""
    yield from dict.fromkeys(read(html).notes)


def _long(colour: str) -> str:
    """A colour of three or six digits as #rrggbb in small letters, "" for anything else."""
    colour = colour.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", colour):
        return "#" + "".join(digit * 2 for digit in colour[1:])
    return colour if re.fullmatch(r"#[0-9a-f]{6}", colour) else ""


def _place(url: str) -> str:
    """Scheme and host: what comes behind may be a reader's token, and this is said in logs."""
    return "/".join(url.split("/", 3)[:3])[:60]
