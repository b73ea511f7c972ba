"""Composing the sample issue of each theme, warm, beside mjml-python rendering the same MJML alone."""

from __future__ import annotations

import time
from pathlib import Path

from mjml import mjml2html

from benchmarks.rounds import paired
from digest.composer import FolderTheme, mjml_child, sample_issue
from digest.model import Site

ROOT = Path(__file__).resolve().parent.parent
SITE = Site(
    name="The Morning Desk",
    id="morningdesk",
    base_url="https://news.example.org",
    postal_address="1 Harbour Street, Northport",
    timezone="Europe/London",
    language="en",
)


def measure() -> dict[str, object]:
    """Milliseconds per issue, HTML bytes, and the share that is not MJML."""
    child = mjml_child()
    told: dict[str, object] = {}
    for name in ("briefing", "best-articles", "good-news", "plain"):
        theme = FolderTheme(name, base=ROOT, child=child)
        variant = sample_issue(theme, SITE).variants[0]
        ours, peer, ratio = paired(lambda theme=theme: _ms(theme), lambda mjml=variant.mjml: _bare(mjml))
        told[name] = {
            "compose_ms": round(ours, 1),
            "mjml_ms": round(peer, 2),
            "ratio": round(ratio, 1),
            "html_bytes": len(variant.html.shown().encode()),
        }
    child.close()
    return told


def _ms(theme: FolderTheme, times: int = 10) -> float:
    start = time.perf_counter()
    for _ in range(times):
        sample_issue(theme, SITE)
    return (time.perf_counter() - start) * 1000 / times


def _bare(mjml: str, times: int = 10) -> float:
    start = time.perf_counter()
    for _ in range(times):
        mjml2html(mjml, fonts={})
    return (time.perf_counter() - start) * 1000 / times
