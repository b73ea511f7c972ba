"""The HTML part as mail programs and screen readers find it (MAIL.md A 16-21, B)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from digest.model.rules import (
    FILLER,
    FORBIDDEN_IN_COMMENTS,
    FORBIDDEN_TAGS,
    MOST_FILLER,
    PIXEL,
    SHORTENERS,
    TAGS,
    squeezed,
    words,
)
from digest.sender.lint import looks
from digest.sender.lint.raw import Note

LEAST_TEXT = 500  # characters beside pictures (SpamAssassin HTML_IMAGE_ONLY)
_CARD = 600  # px, what is wider scrolls sideways on every phone
_PHONE = 320  # px, the narrowest screen
_VOID = words("area br col embed hr img input link meta source track wbr base")
_SILENT = words("style title script head")
_URL_LIKE = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?", re.IGNORECASE)
_FILE_NAME = re.compile(r"\S*\.(?:jpe?g|png|gif|webp|avif|svg)", re.IGNORECASE)
_PAGE = TAGS | words("html head body title meta style")
_PIXELS = re.compile(r"(?:^|;)(?:width|height):([\d.]+)px")
_FETCHED = re.compile(r"url\([\"']?([^)\"']*)")
_OPENED = re.compile(r"<([a-z][\w:-]*)")
_HREF = re.compile(r"\shref\s*=\s*[\"']?([^\"'\s>]*)")
_STANDING = words("content-type x-ua-compatible content-language")  # http-equiv that sends nobody anywhere
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
        self._looks: list[looks.Look] = [looks.Look()]
        self._said: list[tuple[str, str, list[str]]] = []  # links and headings being read: tag, href, words
        self._level = 0
        self._headings = 0
        self._title = ""
        self._ids: set[str] = set()
        self._doctype = False
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
        if len(given) < len(attrs):
            self.note("html-attribute", f"<{tag}> says an attribute twice")
        self._element(tag, given, squeezed(given.get("style", "")))
        if tag in {"a", "h1", "h2", "h3", "h4", "h5", "h6"}:
            self._said.append((tag, given.get("href", ""), []))
        if tag == "img" and self._said:
            self._said[-1][2].append(given.get("alt", ""))
        if tag not in _VOID:
            self._open.append(tag)
            self._looks.append(self._looks[-1].within(given.get("style", ""), given.get("bgcolor", "")))

    def handle_decl(self, decl: str) -> None:
        """The doctype."""
        self._doctype = self._doctype or decl.lower().startswith("doctype html")

    def handle_comment(self, data: str) -> None:
        """What a conditional comment holds is read by Outlook."""
        if data.lstrip().startswith("[if"):
            for tag in sorted(set(_OPENED.findall(data.lower())) & FORBIDDEN_IN_COMMENTS):
                self.note("html-forbidden", f"<{tag}> in a conditional comment has no place in a message")
            for url in _HREF.findall(data):
                self._link(unescape(url), "a link")

    def handle_endtag(self, tag: str) -> None:
        """One element ends; what is still open inside it was never closed."""
        if tag in _VOID:
            return
        if tag not in self._open:
            self.note("html-nesting", f"</{tag}> closes nothing")
            return
        while self._open:
            inner = self._open.pop()
            self._looks.pop()
            if inner == tag:
                break
            self.note("html-nesting", f"<{inner}> is not closed before </{tag}>")
        if self._said and self._said[-1][0] == tag:
            self._spoken(*self._said.pop())

    def handle_data(self, data: str) -> None:
        """Text."""
        if "style" in self._open:
            self.notes += looks.block_notes(data)
        if "title" in self._open:
            self._title += data
        if any(tag in _SILENT for tag in self._open) or not self._open:
            return
        self._texts.append(data)
        for _, _, said in self._said:
            said.append(data)
        if data.strip():
            self.notes += looks.text_notes(self._looks[-1], data)

    def _element(self, tag: str, given: dict[str, str], style: str) -> None:
        if tag in FORBIDDEN_TAGS:
            self.note("html-forbidden", f"<{tag}> has no place in a message")
        elif tag not in _PAGE:
            self.note("html-tag", f"<{tag}> is no tag of a message")
        self._attributes(tag, given)
        self.notes += looks.style_notes(tag, style)
        for url in (*_FETCHED.findall(given.get("style", "")), *filter(None, [given.get("background")])):
            self._link(url, "a picture")
        self._language(tag, given)
        self._width(tag, given, style)
        if tag == "table" and given.get("role") not in {"presentation", "none"}:
            self.note("table-role", "a table lacks role=presentation: it is read aloud cell by cell")
        if tag == "img":
            self._picture(given)
        if tag in {"a", "area"} and "href" in given:
            self._link(given["href"], "a link")
            self.links.append(given["href"])
        if re.fullmatch("h[1-6]", tag):
            self._heading(int(tag[1]))

    def _attributes(self, tag: str, given: dict[str, str]) -> None:
        for name in given:
            if name.startswith("on"):
                self.note("html-forbidden", f"{name} on <{tag}>: a message runs nothing")
        if "hidden" in given:
            self.note("hidden", f"<{tag}> is hidden: mailbox providers punish it")
        if tag == "meta" and given.get("http-equiv", "content-type").lower() not in _STANDING:
            self.note("html-forbidden", f"http-equiv={given['http-equiv'][:20]!r}: a message goes nowhere by itself")
        if tag == "style" and "body" in self._open:
            self.note("html-forbidden", "<style> in the body: mail programs drop it or show it")
        if tag == "a" and "a" in self._open:
            self.note("html-nesting", "a link stands in a link")
        if tag == "a" and not given.keys() & {"href", "name"}:
            self.note("url", "<a> lacks href")
        if given.get("id"):
            if given["id"] in self._ids:
                self.note("html-attribute", f"two elements are called {given['id'][:40]!r}")
            self._ids.add(given["id"])

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
        sizes = [given[name] for name in ("width", "height") if given.get(name, "").isdigit()]
        if any(float(size) <= PIXEL for size in (*sizes, *_PIXELS.findall(squeezed(given.get("style", ""))))):
            self.note("pixel", f"a picture of a pixel counts readers: {_place(given.get('src', ''))}")
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
        elif parts.username is not None:
            self.note("url", f"{what} has a name before its host: it hides where it leads")
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

    def _end(self) -> None:
        for tag in self._open:
            self.note("html-nesting", f"<{tag}> is never closed")
        if self._headings != 1:
            self.note("heading", f"{self._headings} <h1>: one is wanted, the newsletter's title")
        if not self._title.strip():
            self.note("title", "the page has no <title>")
        if not self._doctype:
            self.note("doctype", "the page does not begin with <!doctype html>: browsers lay it out as in 1998")
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


def _place(url: str) -> str:
    """Scheme and host: what comes behind may be a reader's token, and this is said in logs."""
    return "/".join(url.split("/", 3)[:3])[:60]
