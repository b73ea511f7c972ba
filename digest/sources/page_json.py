"""The JSON-LD of a page: blocks mended where they are broken, and the node that is the article. Pure."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from digest.sources.page_markup import Markup
from digest.sources.sanitize import headline_text
from digest.sources.urls import canonical

Node = Mapping[str, Any]

_MAX_BLOCKS, _MAX_BLOCK, _MAX_NODES, _MAX_DEPTH = 30, 1_000_000, 5_000, 12
_MAX_VALUE = 5_000
_WRAPPING = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)|(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$"
)
_TRAILING_COMMA = re.compile(r",\s*(?=[}\]])")
_ARTICLE = re.compile(
    r"(?<!\w)(?:\w{0,40}(?:Article|BlogPosting|Review)|SocialMediaPosting|DiscussionForumPosting|Report)$"
)
_PAGE = re.compile(
    r"(?:WebPage|ItemPage|VideoObject|AudioObject|PodcastEpisode|CreativeWork|Recipe|Event|NewsMediaObject)$"
)
# What stands under these keys is another article, or a part of one.
_ELSEWHERE = frozenset(
    ("itemListElement", "hasPart", "isPartOf", "citation", "mentions", "relatedLink", "video", "subjectOf", "about")
)


_BY = re.compile(r'"author"\s{0,9}:\s{0,9}(\[[^\[\]]{0,3000}\]|\{[^{}]{0,1500}\}|"[^"\n]{1,300}")')
_NAME = re.compile(r'"name"\s{0,9}:\s{0,9}"([^"\n]{1,200})"')


class JsonLd:
    """Everything a page says in JSON-LD. `article` is the node of the article, {} where there is none."""

    def __init__(self, page: Markup) -> None:
        """Read every block; those that cannot be mended are passed over."""
        self._url = canonical(page.url) if page.url else ""
        self._by_id: dict[str, Node] = {}
        self.nodes: list[tuple[Node, bool]] = []
        for element in page.every('script[type*="ld+json"]', _MAX_BLOCKS):
            for value in read_block(element.text()[:_MAX_BLOCK]):
                self._walk(value)
        self.article = self._pick(_ARTICLE)
        self.page = self._pick(_PAGE)

    def names(self, kind: str) -> list[str]:
        """The names of all nodes of a type ("WebSite", "Organization" ...)."""
        return [name for node, _ in self.nodes if _is(node, re.compile(kind)) and (name := plain(node.get("name")))]

    def of(self, node: Node, key: str) -> list[Node]:
        """What stands under `key`, as nodes: a list, one node, a reference to another node, or a mere name."""
        found = node.get(key)
        values = found if isinstance(found, list) else [found]
        return [self._known(value) for value in values[:50] if value]

    def _known(self, value: Any) -> Node:
        if not isinstance(value, dict):
            return {"name": value}
        if "name" in value or not isinstance(value.get("@id"), str):
            return value
        return self._by_id.get(value["@id"], value)

    def _pick(self, kind: re.Pattern[str]) -> Node:
        """The node that says most, those not inside another one's list first."""
        of_kind = [(node, own) for node, own in self.nodes if _is(node, kind)]
        told = ("headline", "author", "datePublished", "name", "description")
        return max(
            of_kind,
            key=lambda pair: (pair[1], self._is_here(pair[0]), sum(bool(pair[0].get(key)) for key in told)),
            default=({}, True),
        )[0]

    def _is_here(self, node: Node) -> bool:
        """Whether a node says that it is about this very page."""
        said = [node.get("url"), node.get("mainEntityOfPage"), node.get("@id")]
        links = (one.get("@id") if isinstance(one, dict) else one for one in said)
        return any(
            isinstance(one, str) and one.startswith("http") and canonical(one[:2_000]) == self._url for one in links
        )

    def _walk(self, value: Any) -> None:
        """Every node of a block, breadth first; `own` is False below keys that lead elsewhere."""
        waiting: deque[tuple[Any, int, bool]] = deque([(value, 0, True)])
        while waiting and len(self.nodes) < _MAX_NODES:
            item, depth, own = waiting.popleft()
            if depth > _MAX_DEPTH:
                continue
            if isinstance(item, list):
                waiting.extend((each, depth + 1, own) for each in item)
            elif isinstance(item, dict):
                self.nodes.append((item, own))
                if isinstance(item.get("@id"), str) and len(item) > 1:
                    self._by_id.setdefault(item["@id"], item)
                for key, each in item.items():
                    if isinstance(each, dict | list):
                        waiting.append((each, depth + 1, own and key not in _ELSEWHERE))


def read_block(text: str) -> Iterator[Any]:
    """The JSON values of a script element: comments and CDATA off, then trimmed and mended until it reads."""
    trimmed = _WRAPPING.sub("", _WRAPPING.sub("", text)).strip()
    starts = [at for mark in "{[" if (at := trimmed.find(mark)) >= 0]
    if not starts:
        return
    decoder = json.JSONDecoder(strict=False)
    body = trimmed[min(starts) :]
    for mended in (body, _TRAILING_COMMA.sub("", body), body.replace("\\'", "'"), re.sub(r"[\x00-\x1f]+", " ", body)):
        values: list[Any] = []
        at = 0
        try:
            # Several objects one after the other, with or without commas, are met.
            while (found := re.compile(r"[{\[]").search(mended, at)) and len(values) < 20:
                value, at = decoder.raw_decode(mended, found.start())
                values.append(value)
        except (ValueError, RecursionError):
            if not values:
                continue
        yield from values
        return
    yield _salvaged(body)


def _salvaged(body: str) -> dict[str, Any]:
    """The few strings that matter, out of a block that is not JSON."""
    found: dict[str, Any] = {}
    for key in ("headline", "datePublished", "dateModified", "description"):
        match = re.search(rf'"{key}"\s*:\s*"((?:[^"\\\n]|\\.){{1,1000}})"', body)
        if match:
            found[key] = match[1].replace('\\"', '"').replace("\\/", "/")
    by = _BY.search(body)
    if by:
        found["author"] = [{"name": name} for name in _NAME.findall(by[1]) or [by[1].strip('"')]][:20]
    kind = re.search(r'"@type"\s*:\s*"(\w{1,40})"', body)
    return {"@type": kind[1] if kind else "", **found}


def plain(value: Any) -> str:
    """A JSON-LD value as plain text: a string, the first of a list, or what an object calls itself."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value") or value.get("name") or value.get("headline") or ""
        else:
            break
    return headline_text(str(value)[:_MAX_VALUE]) if isinstance(value, str | int | float) else ""


def _is(node: Node, kind: re.Pattern[str]) -> bool:
    types = node.get("@type")
    return any(isinstance(one, str) and kind.match(one) for one in (types if isinstance(types, list) else [types]))
