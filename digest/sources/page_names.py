"""The names in a byline, in the languages it is met in: what stands before, between and behind them taken off. Pure."""

from __future__ import annotations

import re

from digest.sources.identity import fold
from digest.sources.sanitize import clean

_MAX_NAME = 70


def _words(*lines: str) -> frozenset[str]:
    return frozenset(" ".join(lines).split())


_BY = re.compile(
    r"^(?:(?:(?:an?|the|eine?)\s[\w-]{1,30}(?:\s[\w-]{1,30})?\s(?:by|von)\b[:\s]\s*|(?:propos\s)?recueillis?\spar\s)"
    r"|(?:(?:written|edited|compiled|curated|posted|published|submitted|words|story|reported|text|author|autor(?:in|es|a)?|auteurs?|autore"
    r"|verfasst|geschrieben|publié|publicado|erstellt|eingestellt|gepostet|veröffentlicht|interview|kommentar|opinion|analysis|analyse)\b\s*:?\s*)?"
    r"(?:by|von|vom|par|por|de|di|door|av|af|texto de|a cura di|przez|od|от)\b[:\s]\s*"
    r"|(?:author|autor(?:in|es|a)?|auteurs?|autore|text|texte|texto|words|reporter|redakteur(?:in)?|tekst|yazar|haber|作者|记者|記者|文|责任编辑"
    r"|執筆者?|著者|撰文|авторы?|текст|מאת|بقلم|كتبت?|الكاتب)\s*[:/\uff1a|]\s*"
    r"|(?:بقلم|מאת)\s+)",
    re.IGNORECASE,
)
_AND = re.compile(
    r"(?:;|\u3001|\n|\s/\s|\s\+\s|&|,?\s{1,9}(?:and|und|et|y|e|en|och|og|ja|with|mit|avec|con)\s{1,9}(?=[^\W\d_a-z]|\w{1,40}\s[^\W\d_a-z]))"
)
_COMMA = re.compile(r"[,\uff0c]")
# What somebody else did for the article, once its author is named.
_OTHERS_WORK = re.compile(
    r"(?:edited|editing|photos?|photograph\w*|pictures?|illustrat\w*|graphics?|videos?|additional|translated|translation|foto\w*|bild(?:er)?"
    r"|ilustra\w*|grafik\w*)\b",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"(?:[|\u2022\u00b7(\u2013\u2014]"
    r"|\s(?:-\s|@|staff|special to|envoyée?s? spécia|(?:senior |chief )?(?:correspondent|reporter|writer|editor)\b)"
    r"|\b(?:on\s{1,9}\w{3,9}\s\d|is an?\s|am\s\d|vom\s\d|in\s(?:\w{1,40}\s)?\w{1,40}$|for\s"
    r"|(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?\s\d|(?:posted|updated|published)\b)"
    r"|\d{1,2}[.:/]\d|\d{1,2}\.?\s[^\W\d_]{3,10}\.?\s\d{4}|\d{4}).*$",
    re.IGNORECASE | re.DOTALL,
)
_WITH = re.compile(r"\s?\((?:avec|with|mit|con|com)\s+", re.IGNORECASE)
_ADDRESS_OF = re.compile(r"^\s{0,9}[^\s@()]{1,80}@[^\s@()]{1,80} \(([^()]{1,80})\)\s{0,9}$")
_ADDRESS = re.compile(r"(?<![^\s(<\[,;])[(<\[]?[^\s@(<\[,;]{1,80}@\S{1,80}")
_NO_NAME = re.compile(r"https?:|www\.|[@<>{}=\[\]#]|\d|[!?]|\.(?:com|org|net|de|html?|php)\b", re.IGNORECASE)
_NOT_SAID = _words(
    "about admin administrator anonym anonymous author autor by comments contact default facebook follow",
    "gastautor guest inkl kommentare kontakt more none null root share siteadmin twitter uhr undefined user von",
    "webadmin webmaster wordpress",
) | {
    "getty images",
    "guest author",
    "n a",
    "posted by",
    "read more",
    "site admin",
    "super user",
    "unknown author",
    "user admin",
    "view all posts",
    "web admin",
    "written by",
}
# Words of links and buttons around a byline.
_NOISE = _words(
    "about actualizado aktualisiert all alle archive article articles artikel atualizado beitrag biography click",
    "comment comments contact erstellt folgen follow image kommentar lesen login mehr modifie modifié more",
    "newsletter page photo post posted posts print profile publicado publie published publié read reply see",
    "seguir seite send share subscribe suivre teilen tweet uhr updated ver veröffentlicht view voir website",
)
_ROLE = re.compile(
    r"^(?:(?:(?:senior|chief|deputy|associate|assistant|managing|contributing|staff|news|political|foreign|sports?|executive|guest|former|national|world|science|health|business|technology|editorial|special)\s+)*"
    r"(?:editor|writer|reporter|correspondent|contributor|columnist|journalist|critic|author|producer|photographer|staff|bureau|fellow|professor|director|analyst|intern|blogger|newsroom)\b.*"
    r"|(?:chef)?redakt(?:eur|ion|or)\w*\b(?=.*\b(?:der|des|für|bei)\b).*|(?:freier?\s)?(?:journalist|autor|redakteur|korrespondent|volontär|chefredakteur|reporter)(?:in)?|ressortleiter(?:in)?.*"
    r"|(?:journaliste|rédact(?:eur|rice)|envoyée? spécial|correspondant)\b.*|(?:periodista|redactor|corresponsal)a?\b.*|(?:ph\.?d|md|jr|sr|m\.?d|dr|mba|esq|ii|iii)\.?)$",
    re.IGNORECASE,
)
_AGENCIES = _words(
    "afp agencies agenturen anp ans ansa ap apa ats belga bloomberg cnn dapd ddp dpa efe epa epd ians kna lusa",
    "pti reuters sda sid tass upi xinhua",
) | {
    "agence france presse",
    "associated press",
    "press association",
    "the associated press",
}
# What stands behind a name in Korean and Japanese bylines.
_CALLED = re.compile(r"(?<=\w)\s?(?:기자|특파원|선임기자|記者|记者)$")
# A desk, not a person: counts where there is nobody else.
_DESKS = _words(
    "desk editorial nachrichtenredaktion newsdesk newsroom onlineredaktion redacao redaccion redacción redactie",
    "redaction redakce redakcja redaktion redaktionen redazione redação rédaction staff toimitus webdesk редакция",
    "редакція 編集部 编辑部",
)


def names_in(text: str) -> list[str]:
    """The names of a byline: "By" off, apart at commas and "and", without roles, places, dates, addresses."""
    text = _ADDRESS_OF.sub(r"\1", text[:1_000])
    text = _WITH.sub(", ", clean(_ADDRESS.sub(" ", text))).strip(" '\"")
    if ";" in text and all(part.count(",") == 1 for part in text.split(";")):
        text = "; ".join(map(turned, text.split(";")))
    text = _BY.sub("", text).strip()
    found: list[str] = []
    for part in _AND.split(text):
        for piece in map(str.strip, _COMMA.split(part)):
            if _ROLE.match(piece) or (found and _OTHERS_WORK.match(piece)):
                continue
            name = _CALLED.sub("", _BY.sub("", _TAIL.sub("", piece)).strip(" ,;:|-\u2013'\"*)"))
            if name.endswith(".") and not re.search(r"\b\w{1,2}\.$|\bjr\.$|\bsr\.$", name, re.IGNORECASE):
                name = name.rstrip(". ")
            if _is_name(name):
                found.append(name)
            elif found and not name:
                continue
    return found


def turned(text: str) -> str:
    """A library's "Marsh, Ada B." as people write it."""
    last, comma, first = text.partition(",")
    single = comma and "," not in first and len(last.split()) <= 2 and 1 <= len(first.split()) <= 3
    return f"{first.strip()} {last.strip()}" if single and ";" not in text and " and " not in text else text


def is_desk(name: str) -> bool:
    """Whether a name is an agency's or a newsroom's."""
    folded = fold(name)
    return folded in _AGENCIES or not _DESKS.isdisjoint(folded.split())


def _is_name(name: str) -> bool:
    if not name or len(name) > _MAX_NAME or _NO_NAME.search(name) or fold(name) in _NOT_SAID or _ROLE.match(name):
        return False
    if _NOISE & set(fold(name).split()):
        return False
    return len(name.split()) <= 6 and any(letter.isalpha() for letter in name) and len(fold(name)) > 1
