"""What a finished issue must hold: every story, its links, the way out, the postal address, and no piece of template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape, unescape
from typing import Any

from digest.composer.lint.fault import Fault, warning
from digest.composer.lint.tree import Node
from digest.model import Part

LEAST_TEXT = 200  # characters; a digest with less is an accident (MAIL.md K)
LONGEST_LINE = 76  # columns of the text part, but for addresses (MAIL.md H)
_WORD_MARKS = r"\bNone\b|\b[Uu]ndefined\b"
_MARKS = re.compile(
    rf"\{{\{{|\}}\}}|\{{%|%\}}|\{{#|#\}}|%%|[\[{{]'|\[\{{|\{{[a-z_]\w*(?:\.\w+)*\}}|<(?:built-in|bound|function|Macro|generator)\b"
    rf"|\bobject at 0x|{_WORD_MARKS}"
)
_BARE_WORD = re.compile(r"\W*(?:None|[Uu]ndefined)\W*")
_RAW_MARKS = re.compile(
    r"\{\{|\}\}|\{%|%\}|\{#|#\}|%%|[\[{](?:'|&#39;|\{)|\{[a-z_]\w*(?:\.\w+)*\}|"
    r"&lt;(?:built-in|bound|function|Macro|generator)|object at 0x|None|ndefined"
)
_STYLES = re.compile(r"<mj-style\b.*?</mj-style>", re.DOTALL)
_ISOLATES = re.compile("[\u2066-\u2069]")
_UNSEEN = re.compile(r"<!--.*?-->|<(style|title)\b[^>]*>.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>")
_HREF = re.compile(r'\shref="([^"]*)"')
_H1 = re.compile(r"<h1\b")


def check_html(part: Part, mjml: str, context: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the HTML part against what the issue says it holds; offsets in characters of `mjml`."""
    html = part.shown()
    text = _folded(seen(html))
    tight = _tight(text)
    if len(text) < LEAST_TEXT:
        why = f"the HTML has only {len(text)} characters of text: is the template empty?"
        yield Fault(rule="empty", why=why)
    headings = len(_H1.findall(html))
    if headings != 1:
        yield Fault(rule="heading", why=f"the HTML has {headings} <h1>; there must be one, the newsletter's title")
    for story in stories(context):
        if _tight(story["headline"]) not in tight:
            written = mjml.find(escape(story["headline"]))
            yield Fault(rule="text-lost", why=f'the HTML lacks the headline "{story["headline"][:60]}"', offset=written)
    yield from _links(_hrefs(html), "HTML", context)
    yield from _owed(tight, part, "HTML", context)


def check_text(part: Part, context: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults of the text part against what the issue says it holds; offsets in characters of the part as rendered."""
    shown = part.shown()
    text = _folded(shown)
    tight = _tight(text)
    for story in stories(context):
        if _tight(story["headline"]) not in tight:
            yield Fault(rule="text-lost", why=f'the text part lacks the headline "{story["headline"][:60]}"')
    yield from _links(_addresses(shown), "text part", context)
    yield from _owed(tight, part, "text part", context)
    mark = left_over(text, context)
    if mark:
        yield Fault(rule="left-over", why=f"the text part shows a piece of template: {mark}")
    for line in shown.splitlines():
        if len(line) > LONGEST_LINE + 2 and " " in line.strip() and "://" not in line and "[[" not in line:
            yield warning("text-line", f'a line of {len(line)} columns: "{line[:40]}..."; pipe it through wrap')
            return


def check_both(html: Part, text: Part) -> Iterator[Fault]:
    """Faults between the two parts: the text must say the same and link the same (MAIL.md A 15)."""
    page, plain = html.shown(), text.shown()
    links = list(dict.fromkeys(link for link in _hrefs(page) if not link.startswith(("#", "mailto:"))))
    said = _addresses(plain)
    missing = [link for link in links if link not in said]
    if missing:
        why = f"{len(missing)} of {len(links)} links of the HTML are not in the text part: {missing[0][:80]}"
        yield Fault(rule="links-differ", why=why, warning=2 * len(missing) <= len(links))
    visible = len(_folded(seen(page)))
    if visible and len(plain) < visible / 4:
        why = f"the text part has {len(plain)} characters where the HTML shows {visible}: it must say the same"
        yield Fault(rule="links-differ", why=why)


def check_left_over(mjml: str, nodes: Sequence[Node], context: Mapping[str, Any]) -> Iterator[Fault]:
    """Pieces of template in the text and attributes of rendered MJML; offsets in bytes."""
    if not _RAW_MARKS.search(_STYLES.sub("", mjml)):  # as a rule; looking at each node costs ten times as much
        return
    said = _said(context)
    for node in nodes:
        if node.name == "mj-style":
            continue
        for text, offset in (*node.texts, *((value, node.offset) for value in node.attributes.values())):
            if _MARKS.search(text):
                mark = _without(_folded(text), said)
                if mark:
                    yield Fault(rule="left-over", why=f"the HTML shows a piece of template: {mark}", offset=offset)
                    return


def check_voice(nodes: Sequence[Node], context: Mapping[str, Any]) -> Iterator[Fault]:
    """Whether the page says which language it speaks and from which side; offsets in bytes."""
    for root in nodes[:1]:
        for name, key in (("lang", "language"), ("dir", "dir")):
            if root.name == "mjml" and root.attributes.get(name) != context[key]:
                said = root.attributes.get(name)
                found = f'{name}="{said}" on a page in {context[key]}' if said else f"<mjml> lacks {name}"
                why = f'{found}: write {name}="{{{{ {key} }}}}", it is read aloud by it'
                yield Fault(rule="language", why=why, offset=root.offset)


def left_over(text: str, context: Mapping[str, Any]) -> str:
    """A `{{` or the like that no article wrote, with what follows it; "" without one."""
    return _without(text, _said(context)) if _MARKS.search(text) else ""


def stories(context: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every story of the issue, the lead first, those under "more headlines" last."""
    yield context["lead"]
    for section in context["sections"]:
        yield from section["stories"]
    yield from context.get("more", ())


@lru_cache(maxsize=4)
def seen(html: str) -> str:
    """The text a reader sees. Attribute values hold no bare `<` or `>`: autoescape or mrml wrote them."""
    return unescape(_TAG.sub("", _UNSEEN.sub("", html)))


@lru_cache(maxsize=4)
def _hrefs(html: str) -> tuple[str, ...]:
    return tuple(map(unescape, _HREF.findall(html)))


def _addresses(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"<(\S+)>", text))


def _links(links: Sequence[str] | frozenset[str], where: str, context: Mapping[str, Any]) -> Iterator[Fault]:
    linked = frozenset(links)
    for story in stories(context):
        if story["url"] and story["url"] not in linked:  # an editor's note may have no page of its own
            yield Fault(rule="text-lost", why=f'the {where} does not link "{story["headline"][:60]}"')


def _owed(tight: str, part: Part, where: str, context: Mapping[str, Any]) -> Iterator[Fault]:
    if _tight(context["site"]["postal_address"]) not in tight:
        why = f"the {where} lacks the postal address: write {{{{ site.postal_address }}}}"
        yield Fault(rule="postal-address", why=why)
    names = {"unsubscribe_url": "unsubscribe", "preferences_url": "preferences", "view_url": "web"}
    for name, said in names.items():
        if name not in part.holes and (name == "unsubscribe_url" or context["holes"].get(name)):
            why = f"the {where} lacks the {said} link: write {{{{ holes.{name} }}}}"
            yield Fault(rule=f"{said}-link", why=why)


def _without(text: str, said: Sequence[str]) -> str:
    for words in said:
        text = text.replace(words, " ")
    found = _MARKS.search(text)
    return text[found.start() :][:40] if found else ""


def _said(context: Mapping[str, Any]) -> list[str]:
    """Every text in the context that holds such a mark itself, the longest first; no words of the theme."""
    return sorted(set(_strings({**context, "labels": "", "theme": ""})), key=len, reverse=True)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        folded = _folded(value)
        if _MARKS.search(folded):
            yield folded
            # Where it is quoted, wrapped or escaped beside other words only its pieces are found again.
            words = folded.split(" ")
            for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
                if _BARE_WORD.fullmatch(word):  # alone it would excuse every None of the theme
                    yield from (f"{one} {other}" for one, other in ((before, word), (word, after)) if one and other)
                elif _MARKS.search(word):
                    yield word
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _tight(text: str) -> str:
    """Without blanks and isolates: Chinese and Japanese are wrapped within words."""
    return "".join(_ISOLATES.sub("", text).split())


def _folded(text: str) -> str:
    return " ".join(_ISOLATES.sub("", text).split())
