"""The headline of a page: of what JSON-LD, OpenGraph, <h1> and <title> say, the one that two agree on. Pure.

Measured by others on 990 public pages: more than half of the wrong titles of a good extractor were right plus extra
text, mostly the name of the site. So every candidate is cut first, and what people see on the page decides.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.sources.identity import fold
from digest.sources.page_json import JsonLd, plain
from digest.sources.page_markup import Markup, attribute, text_of, words_of
from digest.sources.sanitize import clean
from digest.sources.urls import host_of

MAX_HEADLINE = 1_000
_MAX_SITE_WORDS = 8
# What stands between a headline and the name of a site, a section, a slogan.
_SEPARATOR = re.compile(
    r" (?:[-|/>~\u2013\u2014\u00b7\u2022\u00bb\u00ab\u203a\u2039\u2503\u2502:*]|--|::|\|\|) | ?[\uff5c\uff1a\u2503] ?|_(?=\S{2,20}$)|(?<=\S)-(?=\S{2,8}$)|: | [\u2022|]"
)
_JOINT = re.compile(r"(?: [|\u2013\u2014-]|:) ")
_KICKER_WORDS = re.compile(
    r"kicker|badge|\bflag\b|\bpill\b|topline|top-line|overline|over-line|dachzeile|eyebrow|ober(?:titel|zeile)|spitzmarke|rubric|rubrik|supertitle|uptitle|tagline"
    r"|antetitulo|antetitre|surtitre|prefix|headline-intro|cintillo|chapeu|occhiello"
)
_TITLE_WORDS = re.compile(
    r"headline|title|titre|titel|titulo|titolo|heading|entry|post|article|story|artikel|node|\bhed\b|news"
)
_ARCHIVED = re.compile(r"^.{2,80} [»|-] Blog Archive [»|-] (?=\S)")  # how WordPress once named its articles
_LOGO_WORDS = re.compile(
    r"logo|site-?(?:title|name|branding)|brand|masthead|blog-?title|navbar|hidden|sr-only|visually"
)
_META_TITLES = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title")
_OTHER_TITLES = ("citation_title", "headline", "cxenseparse:title", "title", "rnews:headline", "prism.title", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """`text`, what stood above it as a kicker, and the element it was found in, None where it is in no element."""

    text: str = ""
    kicker: str = ""
    element: LexborNode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """A heading on the page; `strong`: its place or its class says that it is the headline."""

    text: str
    kicker: str
    element: LexborNode
    strong: bool


def read_headline(page: Markup, data: JsonLd, *, site_names: Sequence[str]) -> Headline:
    """The headline without the site's name. `site_names` are what the page calls its site."""
    sites = _folded_sites(page.url, [*site_names, *names_on_mast(page)])
    declared = _declared(page, data)
    cut = [(weight, without_site(text, sites)) for weight, text in declared if text]
    seen = [one for one in _headings(page) if fold(one.text).replace(" ", "") not in sites]
    agreed = _agreed(seen, [text for _, text in declared], [text for _, text in cut])
    if agreed is not None:
        return replace(agreed, text=_punctuated(agreed.text, cut))
    best = _voted(cut)
    shown = _displayed(seen, best)
    if shown is not None:
        return Headline(text=shown.text, kicker=shown.kicker, element=shown.element)
    if best and not any(text == best for _, text in declared[:-1]):
        best = _first_part(best)
    smaller = _smaller_heading(page, best) if best else None
    if smaller is not None:
        return Headline(text=_punctuated(smaller.text, cut), kicker=smaller.kicker, element=smaller.element)
    element = next((one.element for one in seen if fold(best) and fold(best) in fold(text_of(one.element))), None)
    return Headline(text=best or (seen[0].text if seen else ""), element=element)


def names_on_mast(page: Markup) -> list[str]:
    """What the page prints as a link to its site's front page: the site's name, though it be in an <h1>."""
    links = page.every(
        'h1 a[href], a[rel~="home"], [class*="site-title" i], [class*="blog-title" i], [id*="site-title" i]', 20
    )
    front = [
        element for element in links if element.tag != "a" or _is_front(page.link(attribute(element, "href")), page.url)
    ]
    return [name for element in front if (name := text_of(element)) and len(name) <= 60]


def _is_front(link: str, url: str) -> bool:
    parts, own = urlsplit(link), urlsplit(url)
    return bool(link) and not parts.path.strip("/") and not parts.query and bool(own.path.strip("/") or own.query)


def pieces_beside(page: Markup, headline: str) -> list[str]:
    """What <title> says beside the headline: a site, a section, nobody's name."""
    title = page.first("head > title") or page.first("title")
    text = text_of(title)[:MAX_HEADLINE] if title is not None else ""
    return [piece for piece in _SEPARATOR.split(text) if piece and fold(piece) not in fold(headline)]


def _declared(page: Markup, data: JsonLd) -> list[tuple[float, str]]:
    """Each candidate of the page's own metadata with its weight; <title> last."""
    title = page.first("head > title") or page.first("title")
    metas = [
        (weight, page.meta(name)) for weight, name in zip((1.0, 0.3, 0.5, 0.5, 0.5, 0.5), _META_TITLES, strict=True)
    ]
    found = [
        (1.1, plain(data.article.get("headline")) or plain(data.article.get("name"))),
        (0.6, plain(data.page.get("headline")) or plain(data.page.get("name"))),
        *metas,
        (0.4, page.meta(*_OTHER_TITLES)),
        (0.9, text_of(title) if title is not None else ""),
    ]
    return [(weight, text) for weight, text in found if len(text) <= MAX_HEADLINE]


def _folded_sites(url: str, names: Iterable[str]) -> set[str]:
    host = host_of(url)
    labels = host.split(".")
    found = {fold(name).replace(" ", "") for name in names if len(fold(name).split()) <= _MAX_SITE_WORDS}
    found |= {fold(host).replace(" ", ""), fold(".".join(labels[-2:])).replace(" ", "")}
    found |= {label for label in labels[:-1] if len(label) > 3 and label not in {"blog", "news", "blogs"}}
    found |= {label for label in labels[-2:-1] if len(label) > 1}
    return {name for name in found if len(name) > 1}


def _names_site(text: str, sites: set[str]) -> bool:
    """Whether a piece of a title is the site's name, with or without "the", ".com" or a word beside it."""
    flat = fold(text).replace(" ", "")
    if not flat:
        return False
    if flat in sites or flat.removeprefix("the") in sites or f"the{flat}" in sites:
        return True
    for site in sites:
        longer, shorter = (flat, site) if len(flat) >= len(site) else (site, flat)
        if len(shorter) >= 4 and shorter in longer and len(shorter) * 2.5 >= len(longer):
            return True
    words = fold(text).split()
    return len(words) <= 4 and (words[0] in sites or words[-1] in sites)


def without_site(text: str, sites: set[str]) -> str:
    """`text` with the pieces off that name its site, behind it (and what follows them) or before it."""
    text = _ARCHIVED.sub("", text)
    for _ in range(4):
        pieces = list(_SEPARATOR.finditer(text))
        behind = next((at for at in pieces if at.start() > 3 and _names_site(text[at.end() :], sites)), None)
        before = next(
            (
                at
                for at in pieces[:1]
                if at.end() < len(text) - 3 and fold(text[: at.start()]).replace(" ", "") in sites
            ),
            None,
        )
        if behind is not None and not (before is not None and len(text) - before.end() > behind.start()):
            text = text[: behind.start()].rstrip()
        elif before is not None and ":" not in before.group():
            text = text[before.end() :].lstrip()
        else:
            return text.strip()
    return text.strip()


def _first_part(text: str) -> str:
    """A title that nothing confirms, without a short tail behind its last strong separator."""
    pieces = [at for at in _SEPARATOR.finditer(text) if at.group().strip() not in {":", "/", "*", "\uff1a", ""}]
    if not pieces:
        return text
    head, tail = text[: pieces[-1].start()], text[pieces[-1].end() :]
    long_enough = len(head) >= 20 or len(head.split()) >= 3
    return _first_part(head) if long_enough and len(tail) < len(head) and len(tail.split()) <= 6 else text


def _headings(page: Markup) -> list[_Seen]:
    found = []
    for element in [*page.every('h1, [itemprop~="headline"]', 20)]:
        if element.tag == "meta" or (element.tag != "h1" and not attribute(element, "itemprop")):
            continue
        said = words_of(element)
        parts = _without_kicker(element)
        if not parts[0] or len(parts[0]) > MAX_HEADLINE or _LOGO_WORDS.search(said):
            continue
        strong = bool(_TITLE_WORDS.search(said)) or _is_inside(element, {"article", "main"})
        found.append(_Seen(text=parts[0], kicker=parts[1], element=element, strong=strong))
    return found


def _without_kicker(element: LexborNode) -> tuple[str, str]:
    """A heading's text, and the text of a part of it whose class says that it is the kicker."""
    whole = text_of(element)
    for part in element.css("span, small, strong, em, div, p, a, i, b")[:20]:
        if _KICKER_WORDS.search(words_of(part)):
            kicker = text_of(part)
            rest = whole.removeprefix(kicker).lstrip(" :|\u2013-") if kicker else whole
            if kicker and rest and rest != whole:
                return rest.strip(), kicker.strip(" :|")
    return whole, ""


def _is_inside(element: LexborNode, tags: set[str]) -> bool:
    node = element.parent
    for _ in range(15):
        if node is None:
            return False
        if node.tag in tags:
            return True
        node = node.parent
    return False


def _agreed(seen: Sequence[_Seen], whole: Sequence[str], cut: Sequence[str]) -> Headline | None:
    """A heading that the metadata confirm: equal to one of them cut, or the start of one of them whole."""
    folded_cut = Counter(_flat(text) for text in cut)
    folded_whole = [fold(text) for text in whole if text]
    best: tuple[float, _Seen] | None = None
    for one in seen:
        text = fold(one.text)
        if not text:
            continue
        score = float(2 * folded_cut[_flat(text)])
        if not score and len(text) >= 12:
            score = sum(longer.startswith(text) and len(text) * 2 >= len(longer) for longer in folded_whole) * 1.0
            # "Politics: The headline" with the headline alone in the heading.
            score += 0.8 * sum(longer.endswith(text) and len(text) * 1.8 >= len(longer) for longer in folded_whole)
        if score and (best is None or score > best[0]):
            best = (score, one)
    if best is not None:
        return Headline(text=best[1].text, kicker=best[1].kicker, element=best[1].element)
    return _inside_heading(seen, cut)


def _inside_heading(seen: Sequence[_Seen], cut: Sequence[str]) -> Headline | None:
    """A heading that holds more than the headline: what the metadata say of it, and the rest before it as a kicker."""
    for text in sorted(set(cut), key=len, reverse=True):
        folded = fold(text)
        for one in seen:
            heading = fold(one.text)
            if len(folded) >= 12 and heading != folded and len(folded) * 3 >= len(heading):
                if heading.endswith(folded):
                    at = one.text.casefold().rfind(text.casefold())
                    kicker = one.text[:at].strip(" :|\u2013-") if at > 0 else ""
                    return Headline(text=text, kicker=kicker if len(kicker) <= 60 else "", element=one.element)
                if heading.startswith(folded):
                    return Headline(text=text, element=one.element)
            # "Daten gehackt - Unterlagen im Netz" above, "Unterlagen im Netz Daten gehackt" below; or with the site behind.
            piece = _SEPARATOR.split(text)[0].strip()
            part = fold(piece)
            if len(part.split()) >= 3 and len(part) < len(heading) <= len(folded) + 3:
                if heading.endswith(part):
                    kicker = one.text[: -len(piece)].strip(" :")
                    return Headline(text=piece, kicker=kicker if len(kicker) <= 60 else "", element=one.element)
                if heading.startswith(part):
                    return Headline(text=piece, element=one.element)
    return None


def _voted(cut: Sequence[tuple[float, str]]) -> str:
    """The text with the greatest weight behind it; of equals the first."""
    weights: defaultdict[str, float] = defaultdict(float)
    first: dict[str, str] = {}
    for weight, text in cut:
        key = fold(text)
        if key:
            weights[key] += weight
            first.setdefault(key, text)
    return first[max(weights, key=lambda key: weights[key])] if weights else ""


def _punctuated(printed: str, cut: Sequence[tuple[float, str]]) -> str:
    """A headline printed in two parts, as the metadata join them: "Northport: The bridge" for "Northport The bridge"."""
    own = fold(printed)
    joined = (text for _, text in cut if text != printed)
    return next(
        (
            text
            for text in joined
            if _JOINT.sub(" ", text, count=1) == printed or (fold(text) != own and _flat(text) == own.replace(" ", ""))
        ),
        printed,
    )


def _flat(text: str) -> str:
    """Without spaces too: two parts of a heading may stand together without one."""
    return fold(text).replace(" ", "")


def _displayed(seen: Sequence[_Seen], best: str) -> _Seen | None:
    """The heading people see, where the metadata have another wording of it."""
    strong = [one for one in seen if one.strong] or (list(seen) if len(seen) == 1 else [])
    for one in strong:
        if _alike(one.text, best) >= 0.34:
            return one
    sure = [one for one in strong if len(one.text.split()) >= 4 or (not best and len(one.text) > 5)]
    return sure[0] if len(sure) == 1 and len(seen) == 1 else None


def _alike(one: str, other: str) -> float:
    """The share of words that two texts have in common, of the shorter one's."""
    first, second = set(fold(one).split()), set(fold(other).split())
    return len(first & second) / max(1, min(len(first), len(second)))


def _smaller_heading(page: Markup, best: str) -> _Seen | None:
    """An h2, h3 or element with the class of a title that says the same, or the start of it."""
    wanted = fold(best)
    pieces = {fold(piece) for piece in _SEPARATOR.split(best)} if len(best) < 300 else set()
    named = page.every('h2, h3, h4, [class*="title" i], [class*="headline" i], [class*="titel" i]', 150)
    for element in named:
        text, kicker = _without_kicker(element)
        folded = fold(text)
        same = folded == wanted or (len(folded) >= 15 and len(folded) * 2 >= len(wanted) and wanted.startswith(folded))
        same = same or (len(folded.split()) >= 3 and folded in pieces)
        if same and element.tag not in {"title", "html", "body"}:
            return _Seen(text=clean(text), kicker=kicker, element=element, strong=True)
    return None
