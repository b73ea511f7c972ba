"""Who wrote a page: the names that JSON-LD, meta elements, microdata or the byline give, one source at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from selectolax.lexbor import LexborNode

from digest.sources.identity import fold
from digest.sources.page_json import JsonLd, Node, plain
from digest.sources.page_markup import Markup, is_listed, text_of, words_of
from digest.sources.page_names import is_desk, names_in, turned
from digest.sources.sanitize import clean
from digest.sources.urls import host_of

MAX_AUTHORS = 20
_MAX_BYLINE = 250
_SURE_METAS = (
    *("byl", "parsely-author", "sailthru.author", "cxenseparse:author", "article:author", "article:author_name"),
    *(
        "og:article:author",
        "article.author",
        "rbauthors",
        "shareaholic:article_author_name",
        "bt:author",
        "byline",
        "search.byline",
    ),
)
# Publishing systems write the site's owner, or whoever made the site, into these.
_VAGUE_METAS = (
    *("author", "authors", "author_name", "og:author", "dc.creator", "dcterms.creator", "dc.author", "dc.contributor"),
    *("creator",),
)
_SINGLE_METAS = ("citation_author", "citation_authors", "bepress_citation_author", "eprints.creators_name")

_BYLINE = (
    '[rel~="author"]',
    '[itemprop~="author"] [itemprop~="name"]',
    '[itemprop~="author"]',
    '[class~="author-name" i], [class~="author__name" i], [class~="byline__name" i], [class~="byline-name" i], [class~="fn" i]',
    '[class*="author" i] a[href*="/author" i], [class*="byline" i] a[href*="/author" i], [class*="author" i] a[href*="/autor" i]',
    '[class~="byline" i], [class*="byline" i], [id*="byline" i]',
    '[class~="author" i], [class~="autor" i], [class~="auteur" i], [class*="author" i], [class*="autor" i], [id*="author" i]',
    'a[href*="/author/" i], a[href*="/autor/" i], a[href*="/authors/" i], a[href*="/auteur/" i], a[href*="/profile/" i], a[href*="/people/" i]',
    '[class*="writer" i], [class*="reporter" i], [class*="verfasser" i], [class*="creator" i], [class*="signature" i], [class*="firma" i]',
)
_META_LINES = 'small, [class*="meta" i], [class*="info" i], [class*="posted" i], [class*="date" i], [class*="datum" i]'
_LINES = "p, div, span, li, address, cite, h2, h3, h4, h5, h6, td"
_SURE = 6  # of these, the ones that hardly ever hold anything else
_ELSEWHERE = re.compile(
    r"(?<!has-)(?<!with-)(?<!no-)(?:comment|kommentar|related|sidebar|(?<!post-)(?<!entry-)(?<!article-)footer|recommend|widget|popular|latest|teaser|caption|credit)"
)
_OTHERS = re.compile(
    r"comment|kommentar|related|recommend|popular|latest|teaser"
)  # a box about the author may stand aside
_PRINTED = re.compile(
    r"(?:^|[\s|\u2022\u00b7])(?:[Bb]y|BY|[Vv]on|VON|[Pp]ar|[Pp]or|[Dd]oor|[Aa]utor(?:in)?:|[Aa]uthor:|[Tt]ext:|Posted by|Written by)\s+"
    r"((?:[^\W\d_a-z][\w.'\u2019-]*|de|van|von|der|den|la|le|di|da|al|bin|del|du|and|und|et|y|&)(?:,?\s(?:[^\W\d_a-z][\w.'\u2019-]*|de|van|von|der|den|la|le|di|da|al|bin|del|du|and|und|et|y|&)){1,8})"
)
_IN_LINE = re.compile(
    r"(?:(?:^|[\s|\u2022\u00b7])(?i:by|von|par|por|door|autor(?:in)?:|author:)\s+"
    r"((?:[^\W\d_a-z][\w.'\u2019-]*)(?:\s(?:(?:de|van|von|der|den|la|le|di|da|al|bin|del|du)\s)?[^\W\d_a-z][\w.'\u2019-]*){0,3})"
    r"|(?:\u4f5c\u8005|\u8bb0\u8005|\u8a18\u8005|\u6587)\s?[:\uff1a/]\s?([^\W\d_]{2,4})(?!\w)"
    r"|\d(?:\suhr|\s?[ap]m)?[,.]?\s(?:by|von|par|por)\s+((?=[a-z])\w[\w.-]{1,30}))"
)
_LONGEST_LINE = 120
# The month of a date that follows a name; "Marsh" and "Augustin" are names.
_MONTH = re.compile(
    r"\s(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)$"
)
_DAY_FOLLOWS = re.compile(r"\.?\s\d")
_NEAR = 400


def read_authors(
    page: Markup, data: JsonLd, *, house: Sequence[str], headline: LexborNode | None, beside: Sequence[str] = ()
) -> tuple[tuple[str, ...], str]:
    """The authors in their order, and the byline as printed. `house` is what the site calls itself: nobody's name.

    Nor are the pieces `beside` the headline in <title>, unless the page says in so many words that one is the author.
    The first source that names a person decides; a newsroom or an agency counts where there is nobody else.
    """
    signed = {fold(text_of(link)[:_MAX_BYLINE]) for link in page.every(_BYLINE[0], 20)}
    signed |= {fold(_person(node)) for node in data.of(data.article, "author") if node.get("@type") == "Person"}
    house = [*house, *(piece for piece in beside if fold(piece) not in signed)]
    own = {
        fold(name).replace(" ", "") for name in (*house, host_of(page.url), host_of(page.url).partition(".")[0]) if name
    }
    spare: tuple[str, ...] = ()
    for raw in _sources(page, data, headline):
        by_fold: dict[str, str] = {}
        for name in (name for text in raw for name in names_in(text)):
            by_fold.setdefault(fold(name), name)
        names = tuple(by_fold.values())[:MAX_AUTHORS]
        people = tuple(name for name in names if not _is_house(name, own) and not is_desk(name))
        if people:
            return people, ", ".join(people)
        spare = spare or tuple(name for name in names if not _is_house(name, own))
    return spare, ", ".join(spare)


def _is_house(name: str, own: set[str]) -> bool:
    flat = fold(name).replace(" ", "")
    return flat in own or flat.removeprefix("the") in own or any(len(one) > 5 and flat.startswith(one) for one in own)


def _sources(page: Markup, data: JsonLd, headline: LexborNode | None) -> Iterator[list[str]]:
    """What each place of a page says, the most trustworthy first."""
    yield [
        name
        for node in _each((*data.of(data.article, "author"), *data.of(data.article, "creator")))
        if (name := _person(node))
    ]
    yield [turned(text) for text in page.metas(*_SINGLE_METAS)]
    yield from _metas(page, _SURE_METAS)
    for selector in _BYLINE[:_SURE]:
        yield _printed_in(page.near(headline, page.every(selector, 200)))
    yield from _metas(page, _VAGUE_METAS)
    for selector in _BYLINE[_SURE:]:
        yield _printed_in(page.near(headline, page.every(selector, 200)))
    yield _in_meta_lines(page, headline)
    for selector in _BYLINE[:3]:
        yield _printed_in(page.every(selector, 40))
    if headline is not None:
        yield _near(page, headline)
    yield _printed_in(page.every(_BYLINE[0], 40), _OTHERS)
    yield [name for node in data.of(data.page, "author") if (name := _person(node))]


def _metas(page: Markup, names: Sequence[str]) -> Iterator[list[str]]:
    for name in names:
        said = page.metas(name)
        if said:
            yield [turned(text) if name.startswith("dc") else text for text in said]


def _each(nodes: Iterable[Node]) -> Iterator[Node]:
    """Several names in one node are several persons."""
    for node in nodes:
        names = node.get("name")
        yield from ({**node, "name": name} for name in names[:MAX_AUTHORS]) if isinstance(names, list) else (node,)


def _person(node: Node) -> str:
    if str(node.get("@type")) in {"Organization", "NewsMediaOrganization", "['Organization']"}:
        return f"{plain(node.get('name'))}" if len(node) <= 3 else ""
    name = plain(node.get("name"))
    return name or " ".join(filter(None, (plain(node.get("givenName")), plain(node.get("familyName")))))


def _printed_in(elements: Iterable[LexborNode], elsewhere: re.Pattern[str] = _ELSEWHERE) -> list[str]:
    """The texts of elements that say they hold the author, until one is found that belongs to the article's head."""
    found: list[str] = []
    parent = None
    for element in elements:
        if element.tag in {"script", "style", "meta", "link", "body", "html"} or _is_elsewhere(element, elsewhere):
            continue
        text = clean(element.text(separator=" ")[: _MAX_BYLINE * 3])
        if not text or len(text) > _MAX_BYLINE or not names_in(text):
            continue
        holder = element.parent.parent if element.parent is not None else None
        # The first byline of a page, and its neighbours under one roof: further down are other articles'.
        if found and holder is not None and parent is not None and holder.mem_id != parent.mem_id:
            break
        found.append(text)
        parent = holder
    return found


def _in_meta_lines(page: Markup, headline: LexborNode | None) -> list[str]:
    """In "12. Juni 2009 von gizzmo" the name behind "by" in the line that tells when it was written."""
    for element in page.near(headline, page.every(_META_LINES, 200)):
        text = clean(element.text(separator=" ")[: _MAX_BYLINE * 2])
        match = _IN_LINE.search(text) if len(text) <= _LONGEST_LINE and not _is_elsewhere(element) else None
        name = (match[1] or match[2] or match[3]) if match else ""
        if name and names_in(name):
            return [name]
    return []


def _is_elsewhere(element: LexborNode, elsewhere: re.Pattern[str] = _ELSEWHERE) -> bool:
    """Whether an element belongs to something beside the article; `elsewhere` are the words that say so."""
    tags = {"aside", "footer", "nav", "figure"} if elsewhere is _ELSEWHERE else {"nav", "figure"}
    node: LexborNode | None = element
    for _ in range(6):
        if node is None or node.tag in {"body", "html", "article", "main"}:
            return node is not None and is_listed(node)
        if node.tag in tags or elsewhere.search(words_of(node)):
            return True
        node = node.parent
    return False


def _near(page: Markup, headline: LexborNode) -> list[str]:
    """A "By Ada Marsh" printed soon after the headline."""
    text = page.visible_text()
    title = text_of(headline)[:200]
    at = text.find(title) if title else -1
    match = _PRINTED.search(text[at + len(title) : at + len(title) + _NEAR]) if at >= 0 else None
    if match is None:
        return []
    name = _in_its_line(page, headline, match[1])
    dated = _DAY_FOLLOWS.match(text, at + len(title) + match.start(1) + len(name))
    return [_MONTH.sub("", name) if dated else name]


def _in_its_line(page: Markup, headline: LexborNode, printed: str) -> str:
    """`printed` as far as it stands in one element: what the next paragraph begins with is no name."""
    lines = (
        clean(element.text(separator=" ")[:_MAX_BYLINE]) for element in page.near(headline, page.every(_LINES, 300))
    )
    matches = (match[1] for line in lines if (match := _PRINTED.search(line)))
    return min((one for one in matches if printed.startswith(one)), key=len, default=printed)
