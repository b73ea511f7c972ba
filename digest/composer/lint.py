"""What a finished issue must hold before anybody gets it; each rule names where it comes from.

`digest.composer.mjml.look` guards the MJML before mrml, this module what came out. Raises TemplateError for the first
fault; the caller adds file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from digest.errors import TemplateError
from digest.model import Part

LEAST_TEXT = 200  # characters; a digest with less is an accident (MAIL.md K)
_LEFT_OVER = ("{{", "{%", "{#")
_ISOLATES = str.maketrans("", "", "\u2066\u2067\u2068\u2069")
_SCHEME = re.compile(r"[\x00-\x20]*(javascript|data|vbscript):", re.IGNORECASE)


class _Page(HTMLParser):
    """The text a reader sees, the links, and how many h1 there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.headings = 0
        self._silent = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"style", "title", "script"}
        self.headings += tag == "h1"
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "title", "script"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


def check_html(part: Part, context: Mapping[str, Any]) -> None:
    """The HTML part against what the issue says it holds."""
    page = _Page(part.shown())
    text = _folded("".join(page.texts))
    if len(text) < LEAST_TEXT:
        raise TemplateError(f"the HTML has only {len(text)} characters of text: is the template empty?")
    if page.headings != 1:
        raise TemplateError(f"the HTML has {page.headings} <h1>; there must be one, the newsletter's title")
    for link in page.links:
        if _SCHEME.match(link):
            raise TemplateError(f"a link begins with {link[:30]!r}: only https, http and mailto may be linked")
    _check(text, part, "HTML", context)
    _check_links(page.links, "HTML", context)


def check_text(part: Part, context: Mapping[str, Any]) -> None:
    """The text part against what the issue says it holds."""
    text = _folded(part.shown())
    _check(text, part, "text part", context)
    _check_links(re.findall(r"<(\S+)>", part.shown()), "text part", context)


def stories(context: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every story of the issue, the lead first."""
    yield context["lead"]
    for section in context["sections"]:
        yield from section["stories"]


def _check(text: str, part: Part, where: str, context: Mapping[str, Any]) -> None:
    for story in stories(context):
        if _folded(story["headline"]) not in text:
            raise TemplateError(f'the {where} lacks the headline "{story["headline"][:60]}"')
    if _folded(context["site"]["postal_address"]) not in text:
        raise TemplateError(f"the {where} lacks the postal address: write {{{{ site.postal_address }}}}")
    if "unsubscribe_url" not in part.holes:
        raise TemplateError(f"the {where} lacks the unsubscribe link: write {{{{ holes.unsubscribe_url }}}}")
    mark = _left_over(text, context)
    if mark:
        raise TemplateError(f"the {where} shows a piece of template: {mark}")


def _check_links(links: Sequence[str], where: str, context: Mapping[str, Any]) -> None:
    linked = set(links)
    for story in stories(context):
        if story["url"] and story["url"] not in linked:  # an editor's note may have no page of its own
            raise TemplateError(f'the {where} does not link "{story["headline"][:60]}"')


def _left_over(text: str, context: Mapping[str, Any]) -> str:
    """A `{{` that no article wrote, with what follows it."""
    for said in sorted(set(_strings(context)), key=len, reverse=True):
        text = text.replace(said, " ")
    for mark in _LEFT_OVER:
        if mark in text:
            return text[text.index(mark) :][:40]
    return ""


def _strings(value: object) -> Iterator[str]:
    """Every text in the context that holds a template mark."""
    if isinstance(value, str):
        folded = _folded(value)
        if any(mark in folded for mark in _LEFT_OVER):
            yield folded
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _folded(text: str) -> str:
    return " ".join(text.translate(_ISOLATES).split())
