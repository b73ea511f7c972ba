"""The words around a headline: kicker, byline, outlet. Pure."""

from __future__ import annotations

import re

from digest.model import Declared, Reading, Source
from digest.sources.identity import fold
from digest.sources.urls import host_of

# What papers print above a headline. Only these, and those a source names, are ever taken out of a headline:
# "Corruption: The spy sheikh" is one headline.
KICKERS = frozenset(
    fold(word)
    for word in (
        *("Analysis", "Big Read", "Briefing", "Comment", "Commentary", "Editorial", "Essay", "Exclusive", "Explainer"),
        *("Fact Check", "Feature", "First Person", "Good News", "In Depth", "In Pictures", "Instant Opinion"),
        *("Interview", "Investigation", "Letters", "Live", "Long Read", "Newsletter", "Obituary", "Opinion", "Podcast"),
        *("Profile", "Q&A", "Quiz", "Review", "Speed Read", "Speed Reads", "Talking Point", "Talking Points"),
        *("The Explainer", "The Week in Pictures", "Today's Big Question", "Under the Radar", "Video", "Viewpoint"),
        *("Analyse", "Hintergrund", "Kommentar", "Leitartikel", "Nachruf", "Porträt", "Reportage", "Rezension"),
        *("Décryptage", "Édito", "Enquête", "Entretien", "Portrait", "Tribune", "Critique", "Opinión", "Análisis"),
        *("Entrevista", "Reportaje", "Perfil", "Análise", "Opinião", "Intervista", "Opinioni"),
    )
)
_PREFIX = re.compile(r"([^|]{2,40}?) \| (.{3,})")
_TITLE_CUT = re.compile(r" [-|>\u2013\u2014\u00b7] ")
_FEED_WORD = re.compile(r"\s+(?:rss\s*)?(?:feed|rss)$", re.IGNORECASE)
_BY = re.compile(r"^(?:by|von|par|por|de|di|door|av)[: ]\s*(?=\w)", re.IGNORECASE)
_NO_NAME = re.compile(r"https?://|www\.|\d{4}|@", re.IGNORECASE)
_EMAIL_AND_NAME = re.compile(r"\S{1,100}@\S{1,100} \(([^()]{1,200})\)")
_EMAIL = re.compile(r"[<(]?\S{1,100}@[^\s,;]{1,100}[>)]?")
_MAX_NAMES = 3


def kicker_and_headline(declared: Declared, source: Source) -> tuple[str, str]:
    """The kicker, "" where there is none, and the headline without it."""
    own = {fold(word) for word in source.kickers}
    for wanted in (own, KICKERS):
        for tag in declared.tags:
            if fold(tag) in wanted:
                return tag, _without_prefix(declared.headline, tag)
    prefix = _PREFIX.fullmatch(declared.headline)
    if prefix and fold(prefix[1]) in own | KICKERS:
        return prefix[1].strip(), prefix[2].strip()
    return "", declared.headline


def _without_prefix(headline: str, kicker: str) -> str:
    prefix = _PREFIX.fullmatch(headline)
    return prefix[2].strip() if prefix and fold(prefix[1]) == fold(kicker) else headline


def outlet_of(declared: Declared, reading: Reading, source: Source, url: str) -> str:
    """Whose article it is: as configured, as declared, from the feed's title, else the host."""
    title = _FEED_WORD.sub("", _TITLE_CUT.split(reading.title, maxsplit=1)[0].strip())
    return source.outlet or declared.outlet or title or host_of(url) or source.name


def byline_of(declared: Declared, *, outlet: str, url: str) -> str:
    """The authors as printed: no "By", no addresses, no outlet; at most three names."""
    names = [name for author in declared.authors or (declared.byline,) for name in _names(author)]
    house = {fold(outlet).replace(" ", ""), host_of(url).partition(".")[0]}
    kept = [name for name in dict.fromkeys(names) if not _is_house(name, house)]
    if len(kept) > _MAX_NAMES:
        return f"{', '.join(kept[:_MAX_NAMES])} and others"
    return ", ".join(kept)


def _names(author: str) -> list[str]:
    text = _EMAIL.sub("", _EMAIL_AND_NAME.sub(r"\1", author)).strip()
    pieces = (piece.strip(" ,;|-") for piece in re.split(r"[,;]", _BY.sub("", text, count=1)))
    return [piece for piece in pieces if piece and len(piece) <= 100 and not _NO_NAME.search(piece)]


def _is_house(name: str, house: set[str]) -> bool:
    """Whether its first words are the outlet's name: "The Week UK" is no person."""
    words = fold(name).split()
    return any("".join(words[:count]) in house for count in range(1, len(words) + 1))
