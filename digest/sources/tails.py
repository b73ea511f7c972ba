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
_BOUNDARY = r"(?:^|\s|(?<=[.!?…。！？\"”»)\]]))"
_POINTER = r"(?:\s?(?:\.{3}|…|»|›|→|▶|>{1,2}|[\]).:]))*$"


def _pattern() -> str:
    phrases = sorted((phrase for phrases in _PHRASES.values() for phrase in phrases), key=len, reverse=True)
    return "|".join(re.escape(phrase).replace(r"\*", r"[\w ]{0,30}") for phrase in phrases)


def _first_letters() -> str:
    """What any phrase begins with: a look at one letter spares most tries."""
    return re.escape("".join(sorted({phrase[0] for phrases in _PHRASES.values() for phrase in phrases})))


TAIL = re.compile(rf"(?:{_BOUNDARY}[\[(]?(?=[{_first_letters()}])(?:{_pattern()})| ?\[mehr){_POINTER}", re.IGNORECASE)
APPEARED = re.compile(
    r" ?(?:The post .{1,150} (?:appeared|was published) first on|L['’]article .{1,150} est apparu en premier sur"
    r"|Der Beitrag .{1,150} erschien zuerst (?:auf|bei)|La entrada .{1,150} (?:se publicó|aparece) primero en"
    r"|L['’]articolo .{1,150} (?:proviene da|sembra essere il primo su)|O post .{1,150} apareceu primeiro em)"
    r" .{1,150}$",
    re.IGNORECASE,
)
