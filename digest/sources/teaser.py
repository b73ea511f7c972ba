"""From a summary to a teaser: the tail off, whole sentences, at most 240 characters (MAIL.md). Pure."""

from __future__ import annotations

import re
import unicodedata

import sentencex

from digest.sources.tails import without_tails

LENGTH = 240
_SHORTEST = 40  # less says nothing, as long as there is more to say
_READ = 1200  # characters that are cut into sentences

# Place and agency: LONDON (Reuters), KYIV, Ukraine (AP), Berlin (dpa/bb), or a place in capitals; then a dash.
_DATELINE = re.compile(
    r"(?:[^\W\d_][^()\u2013\u2014:;!?]{1,60} ?\((?:[A-Z][A-Za-z/ .&-]{1,24}|dpa[\w/-]{0,12}|sda|apa|efe|ansa)\) ?(?:--?|\u2013|\u2014|:)"
    r"|[A-Z\u00c0-\u00dd][A-Z\u00c0-\u00dd .'\u2019-]{2,30}(?:, [A-Z][\w.]{1,15}(?: \d{1,2})?)? (?:--|\u2013|\u2014|-(?= [A-Z\u00c0-\u00dd\"\u201c][^A-Z])))\s+",
)
_CUT = re.compile(r" ?(?:\[(?:\.{3}|\u2026)\]|\((?:\.{3}|\u2026)\)|\.{3}|\u2026)$")
_CUT_ENDS = ("...", "\u2026", "...]", "\u2026]", "...)", "\u2026)")

_AFTER_HEADLINE = re.compile(r"\s{0,3}[.!?:|\u2026\u2013\u2014-]?\s{1,3}[-|\u2013\u2014]?\s{0,3}")

# Words after which a full stop ends no sentence, where the splitter thinks it does.
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"\u201c\u00ab])(?:[A-Z]|Mr|Mrs|Ms|Mx|Dr|Prof|St|Sen|Rep|Gov|Gen|Col|Lt|Sgt|Rev|Hon|Jr|Sr|No|vs|MM|Mme"
    r"|Mlle|Hr|Fr|bzw|ca|Nr|Sra|Dra|Sig)\.$"
)
_ORDINAL = re.compile(r"\d{1,2}\.$")
_ORDINAL_LANGUAGES = frozenset({"cs", "da", "de", "et", "fi", "hr", "hu", "nb", "nn", "no", "pl", "sk", "sl", "tr"})


def teaser(summary: str, *, language: str = "", headline: str = "") -> str:
    """Whole sentences of plain `summary`, at most 240 characters; else cut at a word, with an ellipsis.

    Without what stands before the text: the `headline` once more, a dateline ("LONDON (Reuters) - ").
    """
    text = without_dateline(without_headline(without_tail(summary), headline))
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


def without_headline(text: str, headline: str) -> str:
    """`text` without the headline repeated at its start; as it is when a sentence merely begins with the same words."""
    if not headline or text[: len(headline)].casefold() != headline.casefold():
        return text
    rest = text[len(headline) :]
    if not rest.strip(" .!?:-\u2013\u2014|\u2026"):
        return ""
    joint = _AFTER_HEADLINE.match(rest)
    # A new beginning follows a headline; small letters go on with it.
    return rest[joint.end() :] if joint and not rest[joint.end() :][:1].islower() else text


def without_dateline(text: str) -> str:
    """`text` without place and agency before the first sentence."""
    match = _DATELINE.match(text)
    return text[match.end() :] if match and len(text) - match.end() >= _SHORTEST else text


def shorten(text: str, length: int) -> str:
    """`text`, cut at a word with an ellipsis when it is longer than `length`."""
    return text if len(text) <= length else _cut(text, length)


def without_tail(text: str) -> str:
    """`text` without what a publishing system adds behind it."""
    text = without_tails(text)
    if text.endswith(_CUT_ENDS) and (cut := _CUT.search(text[-10:])):
        text = text[: cut.start() - len(cut.string)].rstrip(" ,;:-")
        text += "" if text.endswith((".", "!", "?", "\u3002")) else "\u2026"  # a whole sentence needs none
    return text


def _cut(text: str, length: int) -> str:
    room = text[: length - 1]
    space = room.rfind(" ")
    if space <= length // 2:  # no words: Chinese, Japanese, Thai, or one endless word
        space = len(room)
        while space > 1 and _belongs(text[space]):
            space -= 1
    return room[:space].rstrip(" ,;:-\u2013\u2014\u3001\uff0c") + "\u2026"


def _belongs(letter: str) -> bool:
    """Whether a character is part of the one before it: a vowel sign, a joiner, a skin tone."""
    return unicodedata.category(letter) in {"Mn", "Mc", "Me", "Cf"} or "\U0001f3fb" <= letter <= "\U0001f3ff"


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
