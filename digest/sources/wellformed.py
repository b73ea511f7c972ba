"""XML made fit for the parser: surveyed by expat, mended where it is broken, cut where it is too much. Pure.

One pass of expat over the bytes tells whether they are well-formed, whether a DOCTYPE declares entities, and where each
article begins, ends and how deep it goes. What is broken in a known way is mended, then surveyed once more.
"""

from __future__ import annotations

import html.entities
import re
from dataclasses import dataclass, field, replace
from xml.parsers import expat

from digest.sources.feed_notes import MAX_ARTICLES, TOO_DEEP, TOO_MUCH
from digest.sources.sanitize import paired

MAX_DEPTH = 200  # elements within elements; a feed's own are under 20

# More than any feed has; the parser takes some 20 us a tag, and longer where it must guess.
_MOST_TAGS_SURVEYED, _MOST_TAGS, _MOST_TAGS_BROKEN = 400_000, 100_000, 30_000
_MOST_BROKEN = 2_000_000  # bytes
_MOST_ENTITIES = 300_000
_LONG_TAG = re.compile(r"<[A-Za-z][^<>]{65535}")

_ARTICLE = ("item", "entry")
_TORN = {"no element found", "unclosed token", "partial character", "unclosed CDATA section"}
_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:rss|feed|rdf|RDF|channel|html|HTML)[\s>]")
_START = re.compile(
    r"<(?:\?xml\b|!DOCTYPE|!--|(?:[A-Za-z][\w.-]{0,30}:)?(?:rss|feed|RDF|rdf|channel)[\s>])", re.IGNORECASE
)
_DECLARATION = re.compile(r"<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CDATA_TWICE = re.compile(r"<!\[CDATA\[\s{0,20}<!\[CDATA\[")
_CDATA_END_TWICE = re.compile(r"\]\]>\s{0,20}\]\]>")
_AMPERSAND = re.compile(
    r"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)|&(?:#([0-9]{1,7});|#[xX]([0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?",
    re.DOTALL,
)
_XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIX = re.compile(r"[<\s](?:/?)([A-Za-z][\w.-]{0,30}):[A-Za-z]")
_FIRST_ARTICLE = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_LAST_ARTICLE = re.compile(r"</(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)\s*>", re.IGNORECASE)

# Prefixes that feeds use without declaring them.
_NAMESPACES = {
    "media": "http://search.yahoo.com/mrss/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "georss": "http://www.georss.org/georss",
    "thr": "http://purl.org/syndication/thread/1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


@dataclass(slots=True)
class Survey:
    """What one pass of expat saw. `articles`: start, end (bytes) and depth of each; `inner` those within articles."""

    error: str = ""
    root: str = ""
    entities: bool = False
    articles: list[tuple[int, int, int]] = field(default_factory=list)
    inner: list[tuple[int, int]] = field(default_factory=list)
    deepest: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Bytes for the parser, in UTF-8. `count`: articles before any were cut; 0 when nobody could count them."""

    data: bytes = b""
    root: str = ""
    entities: bool = False
    refused: str = ""
    error: str = ""
    mended: bool = False
    torn: bool = False
    dropped: int = 0
    count: int = 0


def prepare(text: str) -> Prepared:
    """`text` of a feed, without its XML declaration, as well-formed as it can be made; `refused` when it is too much."""
    if _LONG_TAG.search(text) or text.count("&") > _MOST_ENTITIES:
        return Prepared(refused=TOO_MUCH)
    text, count = _first(text)
    if text.count("<") > _MOST_TAGS_SURVEYED:
        return Prepared(refused=TOO_MUCH)
    prepared = _prepared(text)
    if count:
        prepared = replace(prepared, count=count)
    most = _MOST_TAGS_BROKEN if prepared.error else _MOST_TAGS
    if prepared.data.count(b"<") > most or (prepared.error and len(prepared.data) > _MOST_BROKEN):
        return Prepared(refused=TOO_MUCH)
    return prepared


def _prepared(text: str) -> Prepared:
    data = text.encode("utf-8", "replace")
    survey = survey_of(data)
    if survey.deepest > MAX_DEPTH and (survey.error or not survey.articles):
        return Prepared(refused=TOO_DEEP)
    if not survey.error or survey.entities:
        return _cut(data, survey)
    mended = mend(text)
    data = mended.encode("utf-8", "replace")
    again = survey_of(data)
    torn = any(again.error.startswith(words) for words in _TORN)
    if torn:
        data = _closed(mended)
        again = survey_of(data)
    if again.deepest > MAX_DEPTH and again.error:
        return Prepared(refused=TOO_DEEP)
    prepared = _cut(data, again)
    return Prepared(
        data=prepared.data,
        root=again.root or _root(mended),
        entities=again.entities,
        error=survey.error if again.error else "",
        mended=True,
        torn=torn,
        dropped=prepared.dropped,
        count=prepared.count,
    )


def survey_of(data: bytes) -> Survey:
    """One pass over `data` (UTF-8), stopped where entities are declared or elements nest too deep around articles."""
    surveyor = _Surveyor(data)
    survey = surveyor.survey
    try:
        surveyor.parser.Parse(data, True)
    except _Stopped:
        survey.error = "stopped"
    except expat.ExpatError as error:
        survey.error = f"{expat.ErrorString(error.code)}, line {error.lineno}"
    return survey


class _Stopped(Exception):  # noqa: N818 - only ends the pass
    pass


class _Surveyor:
    def __init__(self, data: bytes) -> None:
        self.survey = Survey()
        self.parser = expat.ParserCreate("utf-8", namespace_separator=" ")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity
        self._data = data
        self._depth = 0
        self._deepest = 0  # within the outermost article that is open
        self._open: list[tuple[int, int]] = []  # articles: start, depth there

    def _start(self, name: str, _attributes: object) -> None:
        self._depth = depth = self._depth + 1
        if depth == 1:
            self.survey.root = name.rpartition(" ")[2]
        elif name.endswith(_ARTICLE) and name.rpartition(" ")[2] in _ARTICLE:
            if not self._open:
                self._deepest = depth
            self._open.append((self.parser.CurrentByteIndex, depth))
        if depth > self._deepest:
            self._went_deeper(depth)

    def _went_deeper(self, depth: int) -> None:
        self._deepest = depth
        self.survey.deepest = max(depth, self.survey.deepest)
        if depth > MAX_DEPTH and not self._open:
            raise _Stopped

    def _end(self, _name: str) -> None:
        if self._open and self._open[-1][1] == self._depth:
            begun, _ = self._open.pop()
            ended = self._data.find(b">", self.parser.CurrentByteIndex) + 1
            if self._open:
                self.survey.inner.append((begun, ended))
            else:
                self.survey.articles.append((begun, ended, self._deepest))
        self._depth -= 1

    def _entity(self, *_: object) -> None:
        self.survey.entities = True
        raise _Stopped


def _first(text: str) -> tuple[str, int]:
    """Without the articles beyond the first 500, and how many there were; 0 when there were no more than that."""
    starts = [match.start() for match in _FIRST_ARTICLE.finditer(text)]
    if len(starts) <= MAX_ARTICLES:
        return text, 0
    end = max((match.end() for match in _LAST_ARTICLE.finditer(text, starts[-1])), default=len(text))
    return text[: starts[MAX_ARTICLES]] + text[end:], len(starts)


def mend(text: str) -> str:
    """Known faults undone: junk before the feed, characters that XML forbids, bare "&", CDATA in CDATA, prefixes."""
    begun = _START.search(text)
    text = _DECLARATION.sub("", text[begun.start() :] if begun else text, count=1)
    text = _NOT_XML.sub("", text.replace("\x0b", " ").replace("\x0c", " "))
    if _CDATA_TWICE.search(text):
        text = _CDATA_END_TWICE.sub("]]>", _CDATA_TWICE.sub("<![CDATA[", text))
    text = _AMPERSAND.sub(_ampersand, paired(text))
    return _with_prefixes(text)


def expands_entities() -> bool:
    """Whether the expat at hand lets a small bomb (9 levels of 10, 10^9 characters) go off: it must not."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE r [<!ENTITY l0 "{"x" * 1000}">{levels}]><r>&l9;</r>'
    parser = expat.ParserCreate()
    seen = 0

    def count(piece: str) -> None:
        nonlocal seen
        seen += len(piece)
        if seen > 20_000_000:
            raise _Stopped

    parser.CharacterDataHandler = count
    try:
        parser.Parse(bomb, True)
    except expat.ExpatError:
        return False
    except _Stopped:
        return True
    return True


def _cut(data: bytes, survey: Survey) -> Prepared:
    """Without articles that nest too deep, articles within articles, and those beyond the first 500."""
    deep = [(start, end) for start, end, depth in survey.articles if depth > MAX_DEPTH]
    fair = [(start, end) for start, end, depth in survey.articles if depth <= MAX_DEPTH]
    away = sorted((*deep, *survey.inner, *fair[MAX_ARTICLES:]))
    pieces, at = [], 0
    for start, end in away:
        if start >= at:
            pieces.append(data[at:start])
            at = end
    return Prepared(
        data=b"".join((*pieces, data[at:])) if away else data,
        root=survey.root,
        entities=survey.entities,
        error=survey.error,
        dropped=len(deep),
        count=len(survey.articles) if not survey.error else 0,
    )


def _closed(text: str) -> bytes:
    """A text that ends too early: cut behind its last whole article, what is open there closed."""
    ends = [match.end() for match in _LAST_ARTICLE.finditer(text)]
    begun = _FIRST_ARTICLE.search(text)
    whole = text[: ends[-1]] if ends else text[: begun.start()] if begun else text
    opened = [match[1] for match in re.finditer(r"<((?:[A-Za-z][\w.-]{0,30}:)?(?:rss|RDF|feed|channel))[\s>]", whole)]
    closed = {match[1] for match in re.finditer(r"</((?:[A-Za-z][\w.-]{0,30}:)?(?:rss|RDF|feed|channel))\s*>", whole)}
    tail = "".join(f"</{name}>" for name in reversed(opened) if name not in closed)
    return (whole + tail).encode("utf-8", "replace")


def _ampersand(match: re.Match[str]) -> str:
    """Entities that XML does not know as their characters, a bare "&" as "&amp;"; CDATA and comments as they are."""
    whole = match[0]
    if whole[0] == "<":
        return whole
    if match[1] or match[2]:
        number = int(match[1]) if match[1] else int(match[2], 16)
        return whole if number < 0x110000 and not _NOT_XML.match(chr(number)) else ""
    if match[3]:
        letter = html.entities.html5.get(f"{match[3]};")
        return whole if match[3] in _XML_NAMES else (letter if letter and letter not in "<&" else f"&amp;{whole[1:]}")
    return "&amp;"


def _with_prefixes(text: str) -> str:
    """The root element with the namespaces declared that are used without."""
    root = _ROOT.search(text)
    if root is None:
        return text
    used = set(_PREFIX.findall(text)) - {"xml", "xmlns"}
    missing = [prefix for prefix in sorted(used & _NAMESPACES.keys()) if f"xmlns:{prefix}" not in text]
    if not missing:
        return text
    at = root.end() - 1
    return text[:at] + "".join(f' xmlns:{prefix}="{_NAMESPACES[prefix]}"' for prefix in missing) + text[at:]


def _root(text: str) -> str:
    found = _ROOT.search(text[:5000])
    return found[0].strip("<> \t\r\n").rpartition(":")[2] if found else ""
