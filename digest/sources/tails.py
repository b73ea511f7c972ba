# ruff: noqa: RUF001 - letters of other scripts are meant
"""What publishing systems put behind a summary, in the languages it is met in."""

from __future__ import annotations

import re

# As they are written; a "*" stands for up to 30 characters of the same sentence.
_PHRASES = {
    "en": (
        *("read more", "read on", "read more here", "read more about this", "continue reading", "continue reading here"),
        *("keep reading", "read the full story*", "read the full article*", "read the rest*", "read the whole*"),
        *("read the entire*", "full story", "more story", "click here", "click here to*", "click here for*", "see more"),
        *("learn more", "view full coverage on google news", "read full story", "read full article", "view entire post"),
    ),
    "de": ("weiterlesen", "mehr dazu", "mehr lesen", "mehr erfahren", "zum artikel", "lesen sie weiter", "lesen sie hier weiter",
           "den ganzen artikel lesen", "hier weiterlesen"),
    "fr": ("lire la suite", "lire plus", "lire l'article", "lire l’article", "en savoir plus", "voir plus", "lire aussi"),
    "es": ("leer más", "ver más", "seguir leyendo", "sigue leyendo", "continúa leyendo", "saber más", "lee más"),
    "pt": ("leia mais", "ler mais", "saiba mais", "veja mais", "continue lendo", "continue a ler", "continuar a ler"),
    "it": ("continua a leggere", "continua", "leggi tutto", "leggi di più", "leggi anche", "leggi l'articolo"),
    "ca": ("llegir més",),
    "nl": ("lees verder", "lees meer"),
    "sv": ("läs mer", "läs hela*"),
    "da": ("læs mere",),
    "nb": ("les mer", "les hele saken"),
    "fi": ("lue lisää", "lue koko*"),
    "is": ("lesa meira",),
    "pl": ("czytaj więcej", "czytaj dalej"),
    "cs": ("číst dál", "číst více", "čtěte dál", "celý článek"),
    "sk": ("čítať ďalej", "čítajte viac"),
    "hu": ("tovább", "tovább olvasom", "bővebben"),
    "ro": ("citește mai mult", "citeşte mai mult", "citește mai departe"),
    "tr": ("devamını oku", "devamını okuyun"),
    "id": ("baca selengkapnya", "baca juga"),
    "vi": ("xem thêm", "đọc tiếp"),
    "ru": ("читать далее", "читать дальше", "читать полностью", "подробнее", "читайте далее"),
    "uk": ("читати далі", "детальніше"),
    "bg": ("прочетете още", "още"),
    "el": ("διαβάστε περισσότερα", "συνεχίστε την ανάγνωση"),
    "ar": ("اقرأ المزيد", "إقرأ المزيد", "اقرأ أيضا", "المزيد"),
    "fa": ("ادامه مطلب",),
    "ur": ("مزید پڑھیں",),
    "he": ("קרא עוד", "להמשך קריאה", "לכתבה המלאה"),
    "hi": ("और पढ़ें", "आगे पढ़ें"),
    "ja": ("続きを読む", "もっと見る"),
    "zh": ("阅读全文", "查看全文", "閱讀全文", "阅读更多", "查看更多", "繼續閱讀", "继续阅读"),
    "ko": ("더 보기", "더보기", "전체 기사", "기사 더보기"),
}  # fmt: skip
# All is looked at from the end, letters in reverse: one try in one place, where a search would try every letter.
_POINTER = r"(?:[.…»›→▶>\]):]\s?)*+"
_BOUNDARY = r"(?:$|\s|(?=[.!?…。！？\"”»)\]]))"


def _pattern() -> str:
    phrases = sorted((phrase for phrases in _PHRASES.values() for phrase in phrases), key=len, reverse=True)
    return "|".join(re.escape(phrase[::-1]).replace(r"\*", r"[\w ]{0,30}") for phrase in phrases)


_FROM_THE_END = re.compile(rf"{_POINTER}(?:(?:{_pattern()})[\[(]?{_BOUNDARY}|rhem\[ ?)", re.IGNORECASE)
_FIRST_THERE = re.compile(
    r" ?(?:The post .{1,150} (?:appeared|was published) first on|L['’]article .{1,150} est apparu en premier sur"
    r"|Der Beitrag .{1,150} erschien zuerst (?:auf|bei)|La entrada .{1,150} (?:se publicó|aparece) primero en"
    r"|L['’]articolo .{1,150} (?:proviene da|sembra essere il primo su)|O post .{1,150} apareceu primeiro em)"
    r" .{1,150}$",
    re.IGNORECASE,
)
_MARKS = (" first on ", "premier sur ", "zuerst ", "primero en ", "proviene da ", "primo su ", "primeiro em ")
_NEAR = 600  # characters at the end that may be a tail


def is_pointed_on(text: str) -> bool:
    """Whether `text` ends in words that lead to the rest of it ("Read more")."""
    return _FROM_THE_END.match(text[: -_NEAR - 1 : -1]) is not None


def without_source(text: str) -> str:
    """`text` without the sentence that says where it appeared first."""
    end = text[-_NEAR:]
    folded = end.casefold()
    return text[:-_NEAR] + _FIRST_THERE.sub("", end) if any(mark in folded for mark in _MARKS) else text


def without_tails(text: str) -> str:
    """`text` without all of that, as often as it stands there."""
    before = ""
    while text != before:
        before = text
        found = _FROM_THE_END.match(text[: -_NEAR - 1 : -1])
        text = without_source(text[: -found.end()] if found and found.end() else text)
    return text
