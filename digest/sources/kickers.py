# ruff: noqa: RUF001 - letters of other scripts are meant
"""The word above a headline ("Opinion", "Talking Point"): recognised by a source's rule or a well-known set. Pure.

Nothing is guessed: "Corruption: The spy sheikh" is one headline.
"""

from __future__ import annotations

import functools
import re

from digest.model import Declared, Source
from digest.sources.identity import fold

# What papers print above a headline, by language; as they are to be shown.
_KNOWN = {
    "en": (
        *("Analysis", "Big Read", "Briefing", "Comment", "Commentary", "Editorial", "Essay", "Exclusive", "Explainer"),
        *("Fact Check", "Feature", "First Person", "Good News", "In Depth", "In Pictures", "Instant Opinion", "Column"),
        *("Interview", "Investigation", "Letters", "Live", "Long Read", "Newsletter", "Obituary", "Opinion", "Podcast"),
        *("Profile", "Q&A", "Quiz", "Review", "Speed Read", "Speed Reads", "Talking Point", "Talking Points"),
        *("The Explainer", "The Week in Pictures", "Today's Big Question", "Under the Radar", "Video", "Viewpoint"),
        *("Watch", "Guest Essay", "Op-Ed", "Photos", "Live Updates", "Breaking", "Timeline", "Special Report"),
    ),
    "de": (
        *("Analyse", "Hintergrund", "Kommentar", "Leitartikel", "Nachruf", "Porträt", "Reportage", "Rezension"),
        *("Interview", "Kolumne", "Meinung", "Glosse", "Liveblog", "Faktencheck", "Video", "Podcast", "Exklusiv"),
        *("Gastbeitrag", "Essay", "Kritik", "Bildergalerie", "Newsblog", "Liveticker", "Pressestimmen", "Quiz"),
    ),
    "fr": (
        *("Décryptage", "Édito", "Éditorial", "Enquête", "Entretien", "Portrait", "Tribune", "Critique", "Analyse"),
        *("Interview", "Vidéo", "Vidéos", "En images", "En direct", "Chronique", "Reportage", "Récit", "Exclusif"),
        *("Opinion", "Infographie", "Le point de vue", "Billet", "Nécrologie", "Direct", "Podcast", "Photos", "Vrai ou faux"),
    ),
    "es": (
        *("Opinión", "Análisis", "Entrevista", "Reportaje", "Perfil", "Crónica", "Editorial", "Vídeo", "Video"),
        *("Columna", "Tribuna", "En vivo", "En directo", "Última hora", "Exclusiva", "Obituario", "Crítica", "Fotos"),
    ),
    "pt": ("Análise", "Opinião", "Entrevista", "Reportagem", "Perfil", "Crónica", "Crônica", "Editorial", "Vídeo",
           "Ao vivo", "Coluna", "Crítica", "Exclusivo", "Podcast"),
    "it": ("Intervista", "Opinioni", "Opinione", "Analisi", "Editoriale", "Commento", "Reportage", "Video", "Foto",
           "In diretta", "Ritratto", "Recensione", "Esclusiva", "Podcast", "L'intervista", "L'analisi", "Il commento"),
    "nl": ("Analyse", "Opinie", "Interview", "Reportage", "Column", "Recensie", "Achtergrond", "Commentaar", "Podcast",
           "Video", "Profiel", "Live"),
    "sv": ("Analys", "Krönika", "Ledare", "Debatt", "Intervju", "Recension", "Reportage", "Direkt"),
    "da": ("Analyse", "Kommentar", "Leder", "Interview", "Reportage", "Anmeldelse", "Debat", "Live"),
    "nb": ("Analyse", "Kommentar", "Leder", "Intervju", "Reportasje", "Anmeldelse", "Kronikk", "Direkte"),
    "fi": ("Analyysi", "Kolumni", "Kommentti", "Pääkirjoitus", "Haastattelu", "Arvio"),
    "pl": ("Opinia", "Analiza", "Wywiad", "Reportaż", "Komentarz", "Felieton", "Recenzja", "Na żywo"),
    "cs": ("Komentář", "Rozhovor", "Analýza", "Reportáž", "Recenze", "Glosa"),
    "ru": ("Мнение", "Интервью", "Аналитика", "Репортаж", "Колонка", "Видео", "Фото", "Онлайн", "Эксклюзив", "Обзор"),
    "uk": ("Думка", "Інтерв'ю", "Аналітика", "Репортаж", "Колонка", "Відео", "Фото"),
    "tr": ("Görüş", "Analiz", "Röportaj", "Yorum", "Söyleşi", "Video", "Canlı"),
    "el": ("Άποψη", "Ανάλυση", "Συνέντευξη", "Ρεπορτάζ", "Βίντεο"),
    "ar": ("رأي", "تحليل", "مقابلة", "تقرير", "فيديو", "حوار", "مباشر"),
    "he": ("דעה", "ראיון", "פרשנות", "טור", "וידאו"),
    "ja": ("社説", "コラム", "インタビュー", "解説", "論説", "動画", "独自"),
    "zh": ("评论", "社论", "分析", "专访", "特写", "视频", "評論", "專訪"),
    "ko": ("사설", "칼럼", "인터뷰", "분석", "단독", "속보", "영상"),
}  # fmt: skip
_SAME = {"no": "nb", "nn": "nb", "be": "ru", "sk": "cs"}
_LANGUAGES = {name: {fold(word): word for word in words} for name, words in _KNOWN.items()}
_EVERYWHERE = {folded: word for words in reversed(_LANGUAGES.values()) for folded, word in words.items()}

_BEFORE = re.compile(
    r"(?:\[([^\[\]]{2,40})\]|\u3010([^\u3011]{2,40})\u3011|([^|:\u2013\u2014\u2022]{2,40}?)(?:\s?[|\u2022\u00b7]\s|\s[-\u2013\u2014]{1,2}\s|:\s|//\s?))\s?(.{3,})",
    re.DOTALL,
)


def kicker_of(declared: Declared, source: Source, *, headline: str, text: str, language: str) -> tuple[str, str, str]:
    """The kicker, "" where there is none; the headline and the text without it.

    First of: a category the source's `kickers` name, a well-known one, a prefix of the headline, a prefix of the text.
    """
    own = {fold(word): word for word in source.kickers}
    known = _known(language.replace("_", "-").partition("-")[0].lower())
    for wanted in (own, known):
        for tag in declared.tags:
            if fold(tag) in wanted:
                return tag, *_without(headline, text, fold(tag))
    for place in (headline, text):
        found, _ = _prefix(place)
        folded = fold(found)
        wanted = known if folded in known else own
        if found and folded in wanted:
            shown = wanted[folded] if found == found.upper() else found
            return shown, *_without(headline, text, folded)
    return "", headline, text


@functools.cache
def _known(code: str) -> dict[str, str]:
    code = _SAME.get(code, code)
    return {**_LANGUAGES["en"], **_LANGUAGES[code]} if code in _LANGUAGES else _EVERYWHERE


def _prefix(text: str) -> tuple[str, str]:
    """What stands before "|", " - ", ": " or in brackets at the start, and what follows; "" where nothing does."""
    match = _BEFORE.fullmatch(text[:1000])
    if match is None:
        return "", text
    return (match[1] or match[2] or match[3]).strip(), match[4].strip() + text[1000:]


def _without(headline: str, text: str, kicker: str) -> tuple[str, str]:
    (first, rest), (begun, after) = _prefix(headline), _prefix(text)
    return rest if fold(first) == kicker else headline, after if fold(begun) == kicker else text
