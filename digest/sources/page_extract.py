"""What the optional extra `[extract]` (trafilatura) finds where a page's own words leave a gap. Without it: nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec

from digest.model import Declared
from digest.sources.dates import read_date
from digest.sources.page_names import names_in
from digest.sources.sanitize import body_text

AVAILABLE = find_spec("trafilatura") is not None
NOTE = "completed by trafilatura"


def fill_gaps(declared: Declared, text: str, *, zone: str, believable: Callable[[datetime], bool]) -> Declared:
    """`declared` with authors, date and summary that trafilatura finds, where it has none; noted where any was.

    Its date is a day without a time, and only a sure one is taken: asked for every date it finds some on any page.
    """
    if not AVAILABLE or (declared.authors and declared.published and declared.summary):
        return declared
    found = import_module("trafilatura.metadata").extract_metadata(text, default_url=declared.url, extensive=False)
    if found is None:
        return declared
    authors = declared.authors or tuple(name for part in (found.author or "").split(";") for name in names_in(part))
    published = declared.published
    if published is None and found.date:
        at = read_date(found.date, zone=zone)
        published = at if at is not None and believable(at) else None
    filled = replace(
        declared,
        authors=authors,
        byline=declared.byline or ", ".join(authors),
        published=published,
        summary=declared.summary or body_text(found.description or ""),
    )
    return replace(filled, notes=(*filled.notes, NOTE)) if filled != declared else declared
