"""An article's own page: bytes -> Reading with one article. Run in a child process: it meets whatever comes.

For every field each place of the page is asked in one order (SOURCES.md 5): JSON-LD, OpenGraph, meta elements,
microdata, then what people see. What is still missing comes from the optional extra `[extract]`.
"""

from __future__ import annotations

from datetime import datetime

from digest.model import Declared, Reading
from digest.sources import page_about as about
from digest.sources.page_authors import read_authors
from digest.sources.page_dates import is_believable, read_dates
from digest.sources.page_extract import fill_gaps
from digest.sources.page_headline import names_on_mast, pieces_beside, read_headline
from digest.sources.page_json import JsonLd
from digest.sources.page_markup import Markup, decode

EMPTY = "the answer is empty"
NOT_A_PAGE = "this is not a web page"
NOTHING_READ = "no headline on this page"


def read_page(html: bytes, *, url: str, zone: str = "", charset: str = "", now: datetime | None = None) -> Reading:
    """What a page says of its article; `declared` holds one, or none beside a `failure`. Pure.

    `url` is where the page was found, `zone` the IANA name for dates without an offset, `charset` what HTTP said,
    `now` bounds dates. Dates keep the offset they are written in. Raises TypeError for anything but bytes.
    """
    if not isinstance(html, bytes):
        raise TypeError(f"read_page takes bytes, not {type(html).__name__}")
    text = decode(html, charset)
    start = text.lstrip("\ufeff\0 \t\r\n")[:1]
    if not start:
        return Reading(failure=EMPTY)
    if "<" not in text[:100_000]:
        return Reading(failure=NOT_A_PAGE)
    declared = _declared(Markup(text, url=url), zone=zone, now=now)
    if declared is None:
        return Reading(failure=NOTHING_READ)
    declared = fill_gaps(declared, text, zone=zone, believable=lambda at: is_believable(at, now))
    return Reading(declared=(declared,), title=declared.outlet, language=declared.language, link=url)


def _declared(page: Markup, *, zone: str, now: datetime | None) -> Declared | None:
    """All that the page itself says; None without a headline."""
    data = JsonLd(page)
    sites = about.site_names(page, data)
    section = about.section(page, data)
    headline = read_headline(page, data, site_names=[name for name in sites if name != section])
    if not headline.text:
        return None
    language = about.language(page, data)
    dates = read_dates(page, data, language=language, headline=headline.element, zone=zone, now=now)
    house, beside = [*sites, *names_on_mast(page)], pieces_beside(page, headline.text)
    authors, byline = read_authors(page, data, house=house, beside=beside, headline=headline.element)
    return Declared(
        headline=headline.text,
        url=about.canonical_url(page),
        published=dates.published,
        updated=dates.updated,
        byline=byline,
        authors=authors,
        summary=about.summary(page, data, headline=headline.text, sites=sites),
        images=about.images(page, data),
        tags=about.tags(page, data),
        outlet=about.outlet(sites, section=section),
        language=language,
        kicker=headline.kicker,
        section=section,
        paywall=about.paywall(page, data),
        words=about.words(page, data),
        notes=(dates.note,) if dates.note else (),
    )
