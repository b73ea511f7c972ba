"""Hostile text made plain: controls and markup out, entities decoded, white space folded. Pure.

Whatever leaves this module is text: nothing downstream repairs it, the composer only escapes it, once.
"""

from __future__ import annotations

import html.entities
import re
import unicodedata

import nh3

from digest.sources.charset import undoubled

MAX_FIELD = 65_536  # characters; nh3 is quadratic in nesting (12,000 divs 258 ms)
_MAX_TAGS = 2_000

# Cc but white space, surrogates, noncharacters and U+FEFF, zero-width and invisible characters, bidi marks that
# embed, override or isolate. LRM, RLM and ALM stay: they order, but they hide nothing and never reach further.
_FORBIDDEN = (
    *((0x00, 0x08), (0x0E, 0x1F), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x180E, 0x180E), (0x200B, 0x200B)),
    *((0x202A, 0x202E), (0x2060, 0x206F), (0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)),
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
    (0xE0000, 0xE007F),  # tag characters: text that nobody sees
)
_CONTROLS = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _FORBIDDEN) + "]")
_JOINERS = re.compile("[\u200c\u200d]+")
# Scripts in which ZWJ and ZWNJ shape letters: Arabic, Syriac, Thaana, N'Ko, Mongolian, the Indic ones, Khmer, Tibetan.
_JOINING = ((0x0600, 0x08FF), (0x0900, 0x0DFF), (0x0F00, 0x109F), (0x1780, 0x18AF), (0xFB50, 0xFDCF), (0xFE70, 0xFEFC))
_EMOJI = ((0x1F000, 0x1FAFF), (0x2190, 0x2BFF), (0xFE0F, 0xFE0F), (0x2600, 0x27BF))
_WHITE = re.compile(r"\s+")

_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_HALVES = re.compile(r"&#(5\d{4}|[xX][dD][89abAB][0-9a-fA-F]{2});&#(5\d{4}|[xX][dD][c-fC-F][0-9a-fA-F]{2});")
_TAG = re.compile(r"<(?:/?[A-Za-z][A-Za-z0-9:-]{0,31}[\s/>]|!--|!\[CDATA\[|!DOCTYPE|\?[a-z])", re.IGNORECASE)
_BREAK = re.compile(
    r"(?<=>)<(?=[a-z])|<(?=/?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|img|li|main"
    r"|nav|ol|p|pre|section|table|td|th|tr|ul)[\s/>])",
    re.IGNORECASE,
)
_ANY_TAG = re.compile(r"<(?=/?[a-z!])", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|&lt;!\[CDATA\[|\]\]&gt;")
_LIST = re.compile(r"(?<![.!?;:,\s])\s{0,20}(?:</li>|&lt;/li&gt;)\s{0,20}(?=(?:<|&lt;)li[\s>&])", re.IGNORECASE)
_ESCAPED = re.compile(
    r"&lt;(?:/(?:p|div|span|a|ul|ol|li|strong|em|b|i|h[1-6])&gt;|br ?/?&gt;|(?:img|a) )", re.IGNORECASE
)
_LONE = re.compile(r"<(/?)(a|abbr|b|blink|code|em|h[1-6]|i|mark|marquee|s|small|strong|sub|sup|u)>", re.IGNORECASE)


def clean(text: str) -> str:
    """Plain text without forbidden code points, in NFC, white space folded to single spaces."""
    if text.isascii() and text.isprintable():  # most text: nothing to take out
        return " ".join(text.split())
    text = _CONTROLS.sub("", text)
    text = _JOINERS.sub(_keep_joiner, text)
    return _WHITE.sub(" ", unicodedata.normalize("NFC", text)).strip()


def headline_text(text: str) -> str:
    """Plain text of a field that is text by its nature (headline, name, tag) but often carries markup.

    A bare inline tag that is never closed is taken for a word about markup and kept ("AT&T <b>").
    """
    return _plain(_escape_lone(text[:MAX_FIELD]))


def body_text(text: str) -> str:
    """Plain text of a field that holds HTML; blocks become spaces, items of a list end in "; "."""
    text = _unescaped(text[:MAX_FIELD])
    return _plain(_LIST.sub("; ", text) if "<li" in text else text)


def spaced_text(text: str) -> str:
    """Plain text of a field that holds HTML, with a space for each tag: what parsers agree on that know no HTML."""
    return _plain(_unescaped(text[:MAX_FIELD]), _ANY_TAG)


def reads_alike(text: str) -> bool:
    """Whether body_text() and spaced_text() are sure to agree: no tag but those that break a line, and no list."""
    if "<" not in text:
        return "&lt;" not in text
    return "<li" not in text and "&lt;" not in text and len(_ANY_TAG.findall(text)) == len(_BREAK.findall(text))


def _unescaped(text: str) -> str:
    """HTML that was escaped once too often: no tag is left in it, but the ends of some, or line breaks."""
    return html.unescape(text) if "&lt;" in text and not _TAG.search(text) and _ESCAPED.search(text) else text


def literal_text(text: str) -> str:
    """Plain text of a field declared to be text (Atom type="text"): tags in it are words."""
    text = text[:MAX_FIELD]
    return clean(undoubled(_again(text)))


def _plain(text: str, spaced: re.Pattern[str] | None = None) -> str:
    if "<" not in text and "&" not in text and "]]" not in text:
        return clean(undoubled(text))
    text = _CDATA.sub("", text)
    if _TAG.search(text):
        text = (spaced or _BREAK).sub(" <", _cap_tags(text))
        # nh3 gives escaped text: unescaping it once is the first decoding.
        text = nh3.clean(text, tags=set(), link_rel=None)
    return clean(undoubled(_again(_decode(text))))


def paired(text: str) -> str:
    """Two entities that are the halves of one character of UTF-16, as the character: some systems write emoji so."""
    return _HALVES.sub(_whole, text) if "&#" in text else text


def _whole(match: re.Match[str]) -> str:
    high, low = (int(part[1:], 16) if part[0] in "xX" else int(part) for part in match.groups())
    fits = 0xD800 <= high < 0xDC00 <= low < 0xE000
    return chr(0x10000 + ((high - 0xD800) << 10) + low - 0xDC00) if fits else match.group()


def _again(text: str) -> str:
    """Decoded a second time if an entity is still there and nothing that would turn into a tag."""
    return text if "<" in text or not _ENTITY.search(text) else _decode(text)


def _decode(text: str) -> str:
    """Known entities decoded, once. Only with their semicolon: `?a=1&copy=2` is no copyright."""
    return _ENTITY.sub(_character, paired(text))


def _character(match: re.Match[str]) -> str:
    entity = match.group()
    if entity[1] == "#":
        number = int(entity[3:-1], 16) if entity[2] in "xX" else int(entity[2:-1])
        return _CP1252.get(number) or _chr(number)
    return html.entities.html5.get(entity[1:], entity)


def _chr(number: int) -> str:
    return chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else ""


# &#146; is meant as the apostrophe of windows-1252 wherever it is met (HTML Living Standard 13.2.5.80).
_CP1252 = {code: letter for code in range(0x80, 0xA0) if (letter := bytes([code]).decode("cp1252", "ignore"))}


def _cap_tags(text: str) -> str:
    at = -1
    for _ in range(_MAX_TAGS):
        at = text.find("<", at + 1)
        if at < 0:
            return text
    return text[:at]


def _escape_lone(text: str) -> str:
    tags = [(match.group(1), match.group(2).lower()) for match in _LONE.finditer(text)]
    paired = {name for slash, name in tags if slash}

    def escape(match: re.Match[str]) -> str:
        lone = match.group(2).lower() not in paired
        return f"&lt;{match.group(1)}{match.group(2)}&gt;" if lone else match.group()

    return _LONE.sub(escape, text)


def _keep_joiner(match: re.Match[str]) -> str:
    """A single joiner between two letters that need it stays; every other one goes."""
    text, start, end = match.string, match.start(), match.end()
    if end - start > 1 or start == 0 or end == len(text):
        return ""
    before, after = ord(text[start - 1]), ord(text[end])
    for ranges in (_JOINING, _EMOJI):
        if _in(before, ranges) and _in(after, ranges):
            return match.group()
    return ""


def _in(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
