"""What the orders `features` and `good` look for in an article, and what they refuse (docs/reference/ranking.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from digest.model import Article, Reason, Section
from digest.picker.lexicon import Lexicon, lexicon
from digest.picker.rules import Verdict, fold

LONG_WORDS = 1200  # five minutes and more at 240 words a minute
SIGN, LENGTH = 2.0, 3.0
HINT, GLAD = 3, 2
STEM = 5  # letters: of words that begin alike one counts
NEAR, NEXT = 3, 2  # words

_FEATURE = (
    "long read;longread;the long read;long reads;longreads;feature;features;in depth;analysis;essay;interview;profile;"
    "portrait;reportage;investigation;big read;the big read;"
    "hintergrund;analyse;essays;reportagen;dossier;gesprach;langstrecke;enquete;entretien;grand format;decryptage;"
    "grand reportage;recit;reportaje;entrevista;analisis;en profundidad;perfil;investigacion;inchiesta;intervista;"
    "approfondimento;analisi;ritratto;reportagem;analise;perfis;ensaio;achtergrond;diepgaand;onderzoek;reportages;"
    "reportaz;wywiad;analiza;esej;sledztwo"
)
_BREAKING = (
    "breaking;breaking news;live;live updates;liveblog;live blog;speed read;newsflash;eilmeldung;liveticker;ticker;"
    "en direct;direct;urgent;ultima hora;en vivo;directo;ultim ora;diretta;ao vivo;urgente;pilne;na zywo;laatste nieuws"
)
_GOOD_HINT = (
    "good news;good;the upside;positive news;uplifting;fix the world;constructive;solutions;gute nachrichten;"
    "gute nachricht;positives;bonne nouvelle;bonnes nouvelles;buena noticia;buenas noticias;buona notizia;"
    "buone notizie;boa noticia;boas noticias;goed nieuws;dobra wiadomosc;dobre wiadomosci"
)
FEATURE, BREAKING, GOOD_HINTS = (frozenset(text.split(";")) for text in (_FEATURE, _BREAKING, _GOOD_HINT))
_BREAKS = re.compile(
    r"^(breaking|live|just in|watch live|eilmeldung|liveticker|en direct|direct|ultima hora|en vivo|ao vivo|pilne) |"
    r" (live updates|liveblog|live blog|as it happened) "
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """How well an article fits an order: `value` by which the section is sorted first, `fact` the words behind it."""

    value: float = 0.0
    fact: str = ""


def taste_of(section: Section, article: Article, *, hint: str = "", language: str = "") -> Taste | Verdict:
    """How the section's order likes the article, or why it does not take it.

    `hint` is the `section` of the article's source, `language` that of an article that does not say.
    """
    if section.order == "features":
        return _feature(section, article, hint)
    if section.order == "good":
        return _good(section, article, hint, language)
    return Taste()


def _where(section: Section) -> str:
    return f"config.toml:{section.line}" if section.line else f'section "{section.name}"'


def _feature(section: Section, article: Article, hint: str) -> Taste | Verdict:
    labels = [article.kicker, *article.tags, article.section, hint]
    folded = {fold(label): label for label in reversed(labels)}
    breaking = [folded[name] for name in sorted(BREAKING & folded.keys())]
    opening = _BREAKS.search(f"{fold(article.headline)} ")
    if breaking or opening:
        what = breaking[0] if breaking else opening[0].strip() if opening else ""
        return Reason.EXCLUDED, f"{_where(section)}: features takes no breaking news ({what})"
    signs = [folded[name] for name in sorted(FEATURE & folded.keys())]
    long = article.words >= LONG_WORDS
    if not signs and not long:
        return Reason.NOT_INCLUDED, f"{_where(section)}: features takes long reads: no kicker, tag or length says so"
    value = (SIGN if signs else 0.0) + min(article.words / LONG_WORDS, LENGTH)
    said = [*signs[:3], *([f"{article.words} words"] if article.words else [])]
    return Taste(value=round(value, 4), fact=f"feature: {', '.join(said)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tone:
    """`points` of gladness, the words for and against it; `veto` is the one that rules the article out."""

    points: int = 0
    words: tuple[str, ...] = ()
    veto: str = ""


def _good(section: Section, article: Article, hint: str, language: str) -> Taste | Verdict:
    tone = tone_of(article, hint=hint, language=language)
    if tone.veto:
        return Reason.EXCLUDED, f'{_where(section)}: good takes no deaths, wars and crimes ("{tone.veto}")'
    words = ", ".join(tone.words)
    if tone.points < GLAD:
        found = f" ({words})" if words else ""
        return Reason.NOT_INCLUDED, f"{_where(section)}: good takes glad news: tone {tone.points:+d}{found}"
    return Taste(value=float(tone.points), fact=f"tone {tone.points:+d}: {words}")


def tone_of(article: Article, *, hint: str = "", language: str = "") -> Tone:
    """How glad its headline (each word twice) and teaser are, by the lexicon of its language and by hints.

    "Fewer deaths" counts once wherever it stands: it takes more than that to be glad news.
    A hint is a kicker, tag, or section of article or source that says "good news".
    """
    labels = {fold(label): label for label in (hint, article.section, *article.tags, article.kicker)}
    hints = sorted(GOOD_HINTS & labels.keys())
    points, words = (HINT, [labels[hints[0]]]) if hints else (0, [])
    known = lexicon(article.language or language)
    if known is None:
        return Tone(points=points, words=tuple(words))
    seen: set[str] = set()
    for text, weight in ((article.headline, 2), (article.teaser, 1)):
        for word, value in _told(fold(text).split(), known):
            if value is None:
                return Tone(points=points, words=tuple(words), veto=word)
            if word[:STEM] not in seen:
                seen.add(word[:STEM])
                points += value if " " in word else value * weight
                words.append(word if value > 0 else f"not {word}")
    return Tone(points=points, words=tuple(words))


def _told(words: list[str], known: Lexicon) -> Iterator[tuple[str, int | None]]:
    """(word, +1 or -1, None for a veto). A "no" before it or a "fewer" near it turns what is bad."""
    for place, word in enumerate(words):
        before = words[max(0, place - NEAR) : place]
        near = [*before, *words[place + 1 : place + 1 + NEAR]]
        if known.grim.fullmatch(word) or known.bad.fullmatch(word):
            turns = [one for one in near if known.fewer.fullmatch(one)]
            turns += [one for one in before[-NEXT:] if known.nots.fullmatch(one)]
            if turns:
                yield f"{turns[0]} {word}", 1
            else:
                yield word, None if known.grim.fullmatch(word) else -1
        elif known.good.fullmatch(word):
            yield word, -1 if any(known.nots.fullmatch(one) for one in before) else 1
