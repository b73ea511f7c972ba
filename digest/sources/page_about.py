"""What else a page says of its article: teaser, picture, section, outlet, language, canonical URL, paywall, words. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from digest.model import Image
from digest.sources.body_pictures import pictures_in
from digest.sources.identity import fold
from digest.sources.page_json import JsonLd, plain
from digest.sources.page_markup import Markup, attribute, text_of, words_of
from digest.sources.sanitize import body_text, clean
from digest.sources.urls import host_of

_MAX_SUMMARY = 5_000
_SHORTEST_SUMMARY = 25  # less is a label, as long as another place says more
_SHORTEST_PARAGRAPH = 60
_MAX_TAGS = 30
_STANDFIRST = re.compile(
    r"standfirst|\bdek\b|\bdeck\b|subtitle|sub-title|subhead|\bintro\b|\blead\b|teaser|chapo|chapeau|entradilla|bajada|vorspann|sottotitolo|summary|\bexcerpt\b|linea-fina|\bkicker-text\b"
)
_NOT_TEXT = re.compile(
    r"comment|cookie|consent|newsletter|promo|related|footer|sidebar|nav|menu|caption|credit|share|\bad\b|ads|byline|author|date|widget|disclaimer"
)
# Second-level names under which others register (a short list stands for the public suffix list: it only ever makes
# the answer stricter, and two hosts under one of these names count as strangers).
_MADE_LINE = re.compile(
    r"(?:publi|post|ver\u00f6ffentlicht|aktualisiert|updated|mis \u00e0 jour|actualizado|atualizado|by |por |von |par |\u00a9)"
    r"|.{0,200}(?:javascript|cookies)",
    re.IGNORECASE,
)
_SHARED = frozenset(
    (
        *("ac", "co", "com", "edu", "gen", "go", "gob", "gov", "info", "ne", "net", "nom", "or", "org"),
        *("blogspot", "github", "medium", "substack", "tumblr", "wixsite", "wordpress"),
    )
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}")


def site_names(page: Markup, data: JsonLd) -> list[str]:
    """What the page calls its site, the outlet's own word first."""
    found = [
        page.meta("og:site_name"),
        *(plain(node) for node in data.of(data.article, "publisher")),
        *data.names("WebSite$"),
        *data.names("(?:NewsMedia)?Organization$"),
        page.meta(
            "application-name",
            "apple-mobile-web-app-title",
            "twitter:app:name:iphone",
            "cre",
            "publisher",
            "dc.publisher",
        ),
        page.meta("article:publisher") if not page.meta("article:publisher").startswith("http") else "",
    ]
    return list(dict.fromkeys(name for name in found if name and len(name) <= 80))


def outlet(names: list[str], *, section: str) -> str:
    """The outlet's name; og:site_name is sometimes the section, and then another one is meant."""
    return next((name for name in names if fold(name) != fold(section)), "")


def summary(page: Markup, data: JsonLd, *, headline: str, sites: list[str]) -> str:
    """The page's description: what two of its places agree on, else OpenGraph, meta, JSON-LD, the standfirst, the text."""
    dull = {fold(headline), *map(fold, sites), ""}
    said = [
        text
        for raw in (
            *page.metas("og:description")[:1],
            *page.metas("description", "dc.description", "dcterms.description")[:1],
            plain(data.article.get("description")),
            *page.metas("twitter:description")[:1],
            plain(data.page.get("description")) if not data.article else "",
        )
        if not _is_dull(fold(text := body_text(raw)[:_MAX_SUMMARY]), dull)
    ]
    said = [text for text in said if len(text) >= _SHORTEST_SUMMARY] or said
    if said:
        counts = Counter(map(fold, said))
        return max(said, key=lambda text: counts[fold(text)])
    return _printed_summary(page, headline)


def _is_dull(text: str, dull: set[str]) -> bool:
    """Whether it says nothing but the headline, with the site's name behind it or without."""
    return text in dull or any(text.startswith(said) and len(text) < len(said) + 30 for said in dull if len(said) > 30)


def _printed_summary(page: Markup, headline: str) -> str:
    """A standfirst, else the first paragraph that is running text."""
    for element in page.every('h2, h3, p, div, [itemprop~="description"]', 1500):
        said = words_of(element)
        if said and (_STANDFIRST.search(said) or "description" in attribute(element, "itemprop").lower()):
            text = clean(element.text(separator=" ")[:_MAX_SUMMARY])
            if 30 <= len(text) <= 600 and fold(text) != fold(headline) and not _is_aside(element):
                return text_of(element)
    for element in page.every("article p, main p", 60) or page.every("p", 200):
        text = text_of(element)
        if (
            len(text) >= _SHORTEST_PARAGRAPH
            and not _MADE_LINE.match(text)
            and not _is_aside(element)
            and fold(text) != fold(headline)
        ):
            return text[:_MAX_SUMMARY]
    return ""


def _is_aside(element: LexborNode) -> bool:
    node: LexborNode | None = element
    for _ in range(8):
        if node is None or node.tag in {"body", "html", "article", "main"}:
            return False
        if node.tag in {"aside", "footer", "nav", "figure", "form", "header"} or _NOT_TEXT.search(words_of(node)):
            return True
        node = node.parent
    return False


def images(page: Markup, data: JsonLd) -> tuple[Image, ...]:
    """Pictures as declared, the article's own first: og:image with its size, JSON-LD, twitter:image, microdata.

    Where nothing is declared, the figures of the article.
    """
    found: dict[str, Image] = {}
    declared = (*_open_graph_images(page), *_json_images(page, data), *_other_images(page), *_marked_images(page))
    for image in declared if any(image.url for image in declared) else _figures(page):
        before = found.get(image.url)
        if image.url and (before is None or (not before.width and image.width)):
            found[image.url] = image
    return tuple(found.values())[:20]


def _open_graph_images(page: Markup) -> Iterator[Image]:
    """og:image with the og:image:width, :height and :alt that follow it."""
    current: dict[str, str] = {}
    for element in page.every("meta[property], meta[name]", 500):
        name = (attribute(element, "property") or attribute(element, "name")).lower()
        content = attribute(element, "content").strip()
        if name in {"og:image", "og:image:url", "og:image:secure_url"}:
            if current and name == "og:image":
                yield _image(page, current)
                current = {}
            current.setdefault("url", content)
        elif name in {"og:image:width", "og:image:height", "og:image:alt"} and current:
            current.setdefault(name.rpartition(":")[2], content)
    if current:
        yield _image(page, current)


def _image(page: Markup, said: dict[str, str]) -> Image:
    return Image(
        url=page.link(said.get("url", "")),
        width=_px(said.get("width")),
        height=_px(said.get("height")),
        alt=clean(said.get("alt", ""))[:300],
    )


def _json_images(page: Markup, data: JsonLd) -> Iterator[Image]:
    for node in data.of(data.article, "image")[:10]:
        address = plain(node.get("url") or node.get("contentUrl") or node.get("name") or node.get("@id"))
        yield Image(
            url=page.link(address),
            width=_px(node.get("width")),
            height=_px(node.get("height")),
            alt=plain(node.get("caption"))[:300],
        )
    yield Image(url=page.link(plain(data.article.get("thumbnailUrl"))))


def _other_images(page: Markup) -> Iterator[Image]:
    for address in page.metas(
        "twitter:image", "twitter:image:src", "parsely-image-url", "sailthru.image.full", "thumbnail"
    ):
        yield Image(url=page.link(address))
    for element in page.every('link[rel~="image_src"]', 1):
        yield Image(url=page.link(attribute(element, "href")))


def _marked_images(page: Markup) -> Iterator[Image]:
    """Microdata: itemprop="image" on the picture, on a link, or around the picture; not the publisher's logo."""
    for element in page.every('[itemprop~="image"]', 10):
        inner = element if element.tag in {"img", "link", "meta", "a"} else element.css_first("img, [itemprop~=url]")
        if inner is None or _is_of_a_house(element):
            continue
        address = next((found for name in ("src", "href", "content") if (found := attribute(inner, name))), "")
        yield Image(
            url=page.link(address),
            width=_px(attribute(inner, "width")),
            height=_px(attribute(inner, "height")),
            alt=clean(attribute(inner, "alt"))[:300],
        )


def _is_of_a_house(element: LexborNode) -> bool:
    """Whether it belongs to the publisher or an author within the article."""
    node = element.parent
    for _ in range(6):
        if node is None:
            return False
        if {"publisher", "author", "logo"} & set(attribute(node, "itemprop").split()):
            return True
        node = node.parent
    return False


def _figures(page: Markup) -> Iterator[Image]:
    for figure in page.every("article figure, main figure", 5):
        caption = figure.css_first("figcaption")
        for image in pictures_in(figure.html or "", base=page.link(".") or page.url):
            yield image if caption is None else replace(image, alt=text_of(caption)[:300])


def _px(value: Any) -> int:
    text = plain(value).strip().lower().removesuffix("px").strip().partition(".")[0]
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def section(page: Markup, data: JsonLd) -> str:
    """The section: articleSection, article:section, else the breadcrumb's deepest step above the article."""
    declared = plain(data.article.get("articleSection")) or page.meta(
        "article:section", "parsely-section", "cxenseparse:section", "og:section", "article:categoryid", "category"
    )
    return declared[:100] if declared and not declared.isdigit() else _crumb(page, data)


def _crumb(page: Markup, data: JsonLd) -> str:
    """The last step of the breadcrumb that is neither the front page nor the article itself."""
    for node, _ in data.nodes:
        if node.get("@type") == "BreadcrumbList":
            steps = [plain(step.get("name")) or plain(step.get("item")) for step in data.of(node, "itemListElement")]
            steps = [step for step in steps if step and len(step) <= 40 and not step.startswith("http")]
            return steps[-1] if len(steps) > 1 else ""
    steps = [text_of(link)[:100] for link in page.every('[class*="breadcrumb" i] a, [itemtype*="Breadcrumb"] a', 10)]
    return steps[-1] if len(steps) > 1 and len(steps[-1]) <= 40 else ""


def tags(page: Markup, data: JsonLd) -> tuple[str, ...]:
    """Keywords: article:tag, JSON-LD, news_keywords, keywords."""
    said = data.article.get("keywords")
    listed = [plain(one) for one in said[:_MAX_TAGS]] if isinstance(said, list) else plain(said).split(",")
    metas = page.metas("article:tag") or [
        one for text in page.metas("news_keywords", "parsely-tags", "keywords")[:1] for one in text.split(",")
    ]
    cleaned = (clean(one)[:100] for one in (*metas, *listed))
    return tuple(dict.fromkeys(one for one in cleaned if one))[:_MAX_TAGS]


def language(page: Markup, data: JsonLd) -> str:
    """The page's language tag, "" where it names none."""
    root = page.first("html")
    candidates = (
        plain(data.article.get("inLanguage")),
        attribute(root, "lang") if root is not None else "",
        attribute(root, "xml:lang") if root is not None else "",
        page.meta("og:locale", "content-language", "language", "dc.language", "dcterms.language"),
    )
    return next((one.replace("_", "-") for one in candidates if one and _LANGUAGE.fullmatch(one)), "")


def canonical_url(page: Markup) -> str:
    """The link rel=canonical or og:url of the same registrable host, else where the page was found."""
    for address in (
        *(attribute(link, "href") for link in page.every('link[rel~="canonical" i]', 2)),
        page.meta("og:url"),
    ):
        found = page.link(address) if address.strip() else ""
        if found and registrable(host_of(found)) == registrable(host_of(page.url)) and _is_deep(found, page.url):
            return found
    return page.url


def registrable(host: str) -> str:
    """The part of a host name that somebody registered; a stricter answer where a shared name is not known here."""
    labels = host.lower().split(".")
    if labels[-1].isdigit() or ":" in host:
        return host.lower()  # an address is all of it
    count = 3 if len(labels) > 2 and labels[-2] in _SHARED else 2
    return ".".join(labels[-count:])


def _is_deep(found: str, url: str) -> bool:
    """A front page is no article's canonical URL."""
    return urlsplit(found).path.strip("/") != "" or urlsplit(url).path.strip("/") == ""


def paywall(page: Markup, data: JsonLd) -> bool:
    """Whether the page says that it is not free to read."""
    for node in (data.article, data.page):
        said = node.get("isAccessibleForFree")
        if said is not None:
            return said is False or str(plain(said) or said).strip().lower() in {
                "false",
                "no",
                "0",
                "http://schema.org/false",
                "https://schema.org/false",
            }
    return page.meta("article:content_tier", "content_tier").lower() in {"locked", "metered", "premium", "paid"}


def words(page: Markup, data: JsonLd) -> int:
    """The length of the text: as declared, else counted over the paragraphs of the article; 0 where nobody knows."""
    declared = plain(data.article.get("wordCount"))
    if declared.isascii() and declared.isdigit() and 0 < int(declared) < 200_000:
        return int(declared)
    body = plain(data.article.get("articleBody"))
    if body and len(body) >= 500 and len(body) < 4_900:
        return len(body.split())
    paragraphs = page.every("article p", 500) or page.every("main p", 500) or page.every("p", 500)
    return sum(len((element.text() or "").split()) for element in paragraphs if not _is_aside(element))
