"""From a summary to a teaser: the tail off, whole sentences, at most 240 characters (MAIL.md). Pure."""

from __future__ import annotations

import re

import sentencex

LENGTH = 240
_SHORTEST = 40  # less says nothing, as long as there is more to say
_READ = 1200  # characters that are cut into sentences

_TAIL = re.compile(
    r"(?:\s*[\[(]?(?:(?:read|continue|keep) (?:more|reading|on)|read the (?:full|rest)[\w ]{0,20}|(?:full|more) story"
    r"|weiterlesen|mehr dazu|mehr lesen|lire la suite|lire plus|leer m\u00e1s|seguir leyendo|continua a leggere"
    r"|leggi tutto|leia mais|continue lendo|lees verder|l\u00e4s mer)"
    r"|\s*\[mehr)(?:\s?(?:\.{3}|\u2026|\u00bb|\u203a|\u2192|>{1,2}|[\]).:]))*$",
    re.IGNORECASE,
)
_APPEARED = re.compile(r"\s*The post .{1,300} (?:appeared|was published) first on .{1,150}$", re.IGNORECASE)
_CUT = re.compile(r"\s*(?:\[(?:\.{3}|\u2026)\]|\((?:\.{3}|\u2026)\)|\.{3}|\u2026)$")

# Words after which a full stop ends no sentence, where the splitter thinks it does.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"\u201c\u00ab])(?:[A-Z]|Mr|Mrs|Ms|Mx|Dr|Prof|St|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Rev|Hon|Jr|Sr|No|vs|MM|Mme"
    r"|Mlle|Hr|Fr|bzw|ca|Nr|Sra|Dra|Sig)\.$"
)
_ORDINAL = re.compile(r"\d{1,2}\.$")
_ORDINAL_LANGUAGES = frozenset({"cs", "da", "de", "et", "fi", "hr", "hu", "nb", "nn", "no", "pl", "sk", "sl", "tr"})


def teaser(summary: str, *, language: str = "") -> str:
    """Whole sentences of plain `summary`, at most 240 characters; else cut at a word, with an ellipsis."""
    text = without_tail(summary)
    if len(text) <= LENGTH:
        return text
    end = 0
    for stop in _stops(text[:_READ], language):
        if stop > LENGTH:
            break
        end = stop
    return text[:end] if end >= _SHORTEST else _cut(text, LENGTH)


def first_sentence(summary: str, *, language: str = "", length: int) -> str:
    """The first sentence of plain `summary`, cut at a word when it is longer than `length`."""
    text = without_tail(summary)
    stops = _stops(text[:_READ], language)
    return shorten(text[: stops[0]] if stops else text, length)


def shorten(text: str, length: int) -> str:
    """`text`, cut at a word with an ellipsis when it is longer than `length`."""
    return text if len(text) <= length else _cut(text, length)


def without_tail(text: str) -> str:
    """`text` without what a publishing system adds behind it."""
    head, tail = text[:-600], text[-600:]
    before = None
    while tail != before:
        before = tail
        tail = _APPEARED.sub("", _TAIL.sub("", tail))
    if _CUT.search(tail):
        tail = _CUT.sub("", tail).rstrip(" ,;:-") + "\u2026"
    return head + tail


def _cut(text: str, length: int) -> str:
    room = text[: length - 1]
    space = room.rfind(" ")
    return room[: space if space > length // 2 else None].rstrip(" ,;:-\u2013\u2014") + "\u2026"


def _stops(text: str, language: str) -> list[int]:
    """Where sentences end, as offsets into `text`."""
    stops: list[int] = []
    at = 0
    code = language.partition("-")[0].lower() or "en"
    for piece in sentencex.segment(code, text):
        sentence = piece.strip()
        found = text.find(sentence, at)
        if not sentence or found < 0:
            continue
        if stops and _goes_on(text[: stops[-1]][-40:], code):
            stops.pop()
        at = found + len(sentence)
        stops.append(at)
    return stops


def _goes_on(end: str, code: str) -> bool:
    """Whether the full stop at `end` ends a word, not a sentence."""
    return bool(_ABBREVIATION.search(end)) or (code in _ORDINAL_LANGUAGES and bool(_ORDINAL.search(end)))
