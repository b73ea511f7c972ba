"""Issues made up to try a theme with: everything an article can have, and the days that break layouts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.model import Article, CoveredBy, Image, Newsletter, Pick, Picks, Section

NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
_WORDS = [
    "Council",
    "agrees",
    "on",
    "plan",
    "to",
    "reopen",
    "the",
    "old",
    "harbour",
    "railway",
    "after",
    "winter",
    "storms",
    "closed",
    "the",
    "coast",
    "road",
]
_LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_ARABIC = "قطار الليل يعود إلى الميناء القديم (1 من 5) بعد عاصفة الشتاء"
_HOSTILE = 'AT&T <b>"bold"</b> {{ 7*7 }} {% x %} *|EMAIL|* </mj-text> javascript:alert(1) %recipient%'


def full_picks(newsletter: Newsletter) -> Picks:
    """Sound articles: a lead and in each section a row that have everything, and one that is a headline and a link."""
    sections = [section.name for section in newsletter.sections] or ["News"]
    rows = [_pick(2 * n + 1, name) for n, name in enumerate(sections)]
    bare = [_bare(_pick(2 * n + 2, name)) for n, name in enumerate(sections)]
    return Picks(chosen=(_pick(0, sections[0], lead=True), *rows, *bare))


def stress(newsletter: Newsletter) -> Iterator[tuple[str, Picks]]:
    """(what is special about it, picks) of the issues a theme must survive."""
    sections = [section.name for section in newsletter.sections] or ["News"]
    day = [_pick(n, sections[n % len(sections)], lead=n == 0) for n in range(8)]
    yield "one article that is a headline alone", Picks(chosen=(_bare(day[0]),))
    yield "no pictures", _chosen([_with(pick, image=None) for pick in day])
    yield "40 articles", _chosen([_pick(n, sections[n % len(sections)], lead=n == 0) for n in range(40)])
    yield (
        "the longest words",
        _chosen([_with(pick, headline=f"{_LONG} {n}", teaser=_LONG * 3) for n, pick in enumerate(day)]),
    )
    long = " ".join(_WORDS * 3)[:190]
    yield "headlines of 200 characters", _chosen([_with(pick, headline=f"{long} {n}") for n, pick in enumerate(day)])
    arabic = [_with(pick, headline=f"{_ARABIC} {n}", teaser=_ARABIC, language="ar") for n, pick in enumerate(day)]
    yield "right-to-left articles", _chosen(arabic)
    hostile = [
        _with(pick, headline=f"{n} {_HOSTILE}", teaser=_HOSTILE, kicker=_HOSTILE, byline=_HOSTILE, outlet=_HOSTILE)
        for n, pick in enumerate(day)
    ]
    yield "hostile text", _chosen(hostile)


def _chosen(picks: list[Pick]) -> Picks:
    more = tuple(replace(_pick(n, ""), n=n - 89) for n in range(90, 92))
    sponsor = replace(more[0].article, id="house", sponsor="The Quay Bakery", url="https://bakery.example/")
    return Picks(chosen=tuple(picks), more=more, sponsor=sponsor)


def _with(pick: Pick, **changes: object) -> Pick:
    return replace(pick, article=replace(pick.article, **changes))  # type: ignore[arg-type]


def _bare(pick: Pick) -> Pick:
    bare = Article(id=pick.article.id, url=pick.article.url, headline=pick.article.headline, outlet="", published=None)
    return replace(pick, article=bare, also_covered_by=())


def _pick(number: int, section: str, *, lead: bool = False) -> Pick:
    words = " ".join(_WORDS[number % 7 :][:9])
    url = f"https://post.example/2026/11/{number}"
    article = Article(
        id=f"invented-{number}",
        url=url,
        headline=f"{words}, report {number}",
        outlet="The Harbour Post",
        published=NOW - timedelta(minutes=37 * (number + 1)),
        kicker="Transport",
        teaser=f"The first trains may run in spring, says report {number}. " + " ".join(_WORDS) + ".",
        byline="Ines Calloway",
        image=Image(url=f"{url}.jpg", width=1200, height=675, alt=f"A quiet harbour at dawn, picture {number}"),
    )
    also = (
        CoveredBy(
            outlet="Northern Ledger", headline=f"Railway returns {number}", url=f"https://ledger.example/{number}"
        ),
    )
    return Pick(article=article, section=section, n=number + 1, lead=lead, also_covered_by=also if lead else ())


def sections_of(picks: Picks) -> tuple[Section, ...]:
    """The sections that these picks name, in their order."""
    return tuple(Section(name=name, sources=()) for name in dict.fromkeys(pick.section for pick in picks.chosen))
