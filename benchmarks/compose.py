"""Composing: each theme's sample warm, 12 articles, 200 variants; mjml-python and, where node is present, MJML.js beside.

MJML.js is looked for in $DIGEST_MJML_JS (a node_modules folder), else in npm's global folder; it is no part of the
repository. Its figures are those of a warm process: starting node is not counted.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mjml import mjml2html

from benchmarks.rounds import paired
from digest.composer import FolderTheme, compose, mjml_child, sample_issue
from digest.composer.invented import NOW, full_picks
from digest.model import Audience, Issue, Newsletter, Picks, Section, Sender, Site
from digest.times import Schedule

ROOT = Path(__file__).resolve().parent.parent
SITE = Site(
    name="The Morning Desk",
    id="morningdesk",
    base_url="https://news.example.org",
    postal_address="1 Harbour Street, Northport",
    timezone="Europe/London",
    language="en",
    pages=("preferences", "archive"),
)
SECTIONS = tuple(
    Section(name=name, sources=()) for name in ("World", "Business", "Science", "Culture", "Sport", "Living")
)
NEWSLETTER = Newsletter(
    name="morning",
    title="The Morning Briefing",
    sender=Sender(name="The Morning Desk", address="briefing@news.example.org"),
    lists=(),
    sections=SECTIONS,
    sources=(),
    schedule=Schedule(words="daily 06:30"),
    timezone="Europe/London",
    theme="briefing",
    site=SITE,
)
ROUNDS = 5
_TIMES_JS = """
const mjml = require(process.argv[1] + '/mjml'), render = mjml.default || mjml;
let text = '';
process.stdin.on('data', piece => text += piece).on('end', async () => {
  for (let n = 0; n < 5; n++) await render(text);
  const start = process.hrtime.bigint();
  for (let n = 0; n < 20; n++) await render(text);
  console.log(Number(process.hrtime.bigint() - start) / 20 / 1e6);
});
"""


def measure() -> dict[str, object]:
    """Milliseconds per issue and render, seconds for 200 variants, HTML bytes; medians of rounds."""
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
    theme = FolderTheme("briefing", base=ROOT, child=child)
    twelve = composed(theme, ())
    told["twelve_articles"] = {
        "compose_ms": round(_median(lambda: composed(theme, ())) * 1000, 1),
        "mjml_ms": round(statistics.median(_bare(twelve.variants[0].mjml) for _ in range(ROUNDS)), 2),
        "mjml_js_ms": _javascript(twelve.variants[0].mjml),
        "mjml_bytes": len(twelve.variants[0].mjml.encode()),
        "html_bytes": len(twelve.variants[0].html.shown().encode()),
    }
    many = two_hundred()
    told["variants_200_s"] = round(_median(lambda: composed(theme, many), rounds=3), 2)
    child.close()
    return told


def two_hundred() -> list[Audience]:
    """199 audiences beside the newsletter's own: every choice of sections in four languages."""
    names = [section.name for section in SECTIONS]
    choices = [chosen for size in range(1, len(names)) for chosen in itertools.combinations(names, size)]
    languages = ("en", "de", "fr", "nl")
    return [Audience(language=language, topics=chosen) for language in languages for chosen in choices][:199]


def composed(theme: FolderTheme, audiences: tuple[Audience, ...] | list[Audience]) -> Issue:
    """An issue of twelve articles in six sections, all with a picture and a teaser."""
    invented = full_picks(NEWSLETTER).chosen
    picture = invented[0].article
    chosen = tuple(
        pick
        if pick.article.image
        else replace(pick, article=replace(pick.article, image=picture.image, teaser=picture.teaser))
        for pick in invented
    )[:12]
    return compose(Picks(chosen=chosen), NEWSLETTER, theme, slot="2026-11-23", number=1, audiences=audiences, now=NOW)


def _median(act: Callable[[], object], rounds: int = ROUNDS) -> float:
    act()
    return statistics.median(_seconds(act) for _ in range(rounds))


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _ms(theme: FolderTheme, times: int = 10) -> float:
    return _seconds(lambda: [sample_issue(theme, SITE) for _ in range(times)]) * 1000 / times


def _bare(mjml: str, times: int = 10) -> float:
    return _seconds(lambda: [mjml2html(mjml, fonts={}) for _ in range(times)]) * 1000 / times


def _javascript(mjml: str) -> float | None:
    """Milliseconds a render by MJML.js, None where it is not installed."""
    modules = _node_modules()
    if modules is None:
        return None
    done = subprocess.run(
        ["node", "-e", _TIMES_JS, str(modules)], input=mjml, capture_output=True, text=True, timeout=120, check=False
    )
    return round(float(json.loads(done.stdout)), 1) if done.returncode == 0 and done.stdout.strip() else None


def _node_modules() -> Path | None:
    if not shutil.which("node"):
        return None
    named = os.environ.get("DIGEST_MJML_JS")
    if named:
        return Path(named)
    if not shutil.which("npm"):
        return None
    found = subprocess.run(
        ["npm", "root", "-g"], capture_output=True, text=True, timeout=60, check=False
    ).stdout.strip()
    return Path(found) if found and (Path(found) / "mjml").is_dir() else None
