"""Which charset bytes are in when nobody says so: each candidate is tried, the one whose letters look right wins. Pure.

Two questions decide. Do the letters come from the part of the character set that its languages really use (kana in
Japanese, the first level of the hanzi, Hangul)? Do words look like words (no signs within them, no capital after a
small letter)? Figures were chosen on news text of 13 languages, each in all of its charsets.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_SAMPLE = 200_000  # bytes
_TAGS = re.compile(rb"<[^<>]{0,2000}>|[\x00-\x1f]")

# The language a feed names makes its charsets likelier; cp1252 is what the rest of the world uses.
_OF_LANGUAGE = {
    **dict.fromkeys(("cs", "pl", "sk", "hu", "hr", "sl", "ro", "bs", "sq"), ("cp1250", "iso8859-2")),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk"), ("cp1251", "koi8-r")),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257",)),
    **dict.fromkeys(("tr", "az"), ("cp1254",)),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256",)),
    "el": ("cp1253",),
    "he": ("cp1255",),
    "iw": ("cp1255",),
    "th": ("cp874",),
    "vi": ("cp1258",),
    "ja": ("euc_jp", "cp932"),
    "zh": ("gb18030", "big5hkscs"),
    "ko": ("cp949",),
}
_WIDE = ("euc_jp", "cp932", "cp949", "gb18030", "big5hkscs")
_NARROW = ("cp1252", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp874", "cp1250", "iso8859-2")
_HINT = 0.25  # what a language is worth, as a share of all letters right
_LATIN_LETTERS = re.compile(r"[\xc0-\xff]+")
_LATIN_RUN = re.compile(r"[\xc0-\xff]{4,}")
# No acute accent (written for an apostrophe) and no middle dot (Catalan).
_SIGN_BETWEEN_LETTERS = re.compile(
    r"[a-z\xdf-\xff][\x80-\x9f\xa1-\xa9\xac\xae-\xb3\xb5\xb6\xb8\xb9\xbc-\xbf](?=[a-z\xdf-\xff])"
)
_SIGNS, _SIGN_SHARE = 3, 0.1


def most_likely(data: bytes, language: str = "") -> str:
    """The charset of `data`, which is no UTF-8; "cp1252" where nothing speaks for another. `language`: "ja" or ""."""
    sample = _TAGS.sub(b" ", data[:_SAMPLE])
    hinted = _OF_LANGUAGE.get(language, ())
    best, best_score = "cp1252", 0.0
    for name in dict.fromkeys((*hinted, *_WIDE, *_NARROW)):
        score = _score(sample, name) + (_HINT if name in hinted else 0.0)
        if score > best_score + 1e-9:
            best, best_score = name, score
    return best


def looks_wrong(text: str, charset: str, language: str = "") -> bool:
    """Whether text read in a charset for Western Europe is a text of another alphabet.

    Letters with accents stand in rows, or signs stand within words ("og\u00b3osi\u00b3o"), or its `language` has
    letters that Western Europe's charset lacks, though that is what many systems declare without a thought.
    """
    if charset not in {"cp1252", "iso8859-15", "cp1254"}:
        return False
    if charset == "cp1252" and language in _OF_LANGUAGE:
        return True
    sample = text[:_SAMPLE]
    accented = sum(map(len, _LATIN_LETTERS.findall(sample)))
    signs = len(_SIGN_BETWEEN_LETTERS.findall(sample))
    if signs >= _SIGNS and signs > accented * _SIGN_SHARE:
        return True
    return accented > 20 and sum(map(len, _LATIN_RUN.findall(sample))) > accented * 0.5


def _score(sample: bytes, name: str) -> float:
    """From 0 (not this charset) to 1 (all letters beyond ASCII are as they should be); a little over for proof."""
    errors = "strict" if name in _WIDE else "c1"
    try:
        text = sample.decode(name, errors)
    except UnicodeError:
        if name not in _WIDE:
            return 0.0
        text = sample.decode(name, "replace")  # a tail cut within a letter must not decide
        if text.count("\ufffd") > 2:
            return 0.0
    letters = [letter for letter in text if letter > "\x7f"]
    if not letters:
        return 0.0
    return _WIDE_SCORES[name](letters) if name in _WIDE else _words(text, letters, name)


def _japanese(letters: list[str]) -> float:
    kana = sum("\u3041" <= letter <= "\u30fe" for letter in letters) / len(letters)
    return 1.1 if kana > 0.2 else kana


def _korean(letters: list[str]) -> float:
    hangul = sum("\uac00" <= letter <= "\ud7a3" for letter in letters) / len(letters)
    return 1.1 if hangul > 0.85 else hangul / 2


def _simplified(letters: list[str]) -> float:
    return _share_of_first_level(letters, "gb2312", 0xB0, 0xD7)


def _traditional(letters: list[str]) -> float:
    return _share_of_first_level(letters, "big5", 0xA4, 0xC6)


def _share_of_first_level(letters: list[str], charset: str, first: int, last: int) -> float:
    """The share of hanzi that stand in the level of everyday use."""
    hanzi = [letter for letter in letters if "\u4e00" <= letter <= "\u9fff"]
    if len(hanzi) < len(letters) / 2:
        return 0.0
    codes = (letter.encode(charset, "replace") for letter in hanzi)
    return sum(len(code) == 2 and first <= code[0] <= last for code in codes) / len(hanzi)


_WIDE_SCORES: dict[str, Callable[[list[str]], float]] = {
    "euc_jp": _japanese,
    "cp932": _japanese,
    "cp949": _korean,
    "gb18030": _simplified,
    "big5hkscs": _traditional,
}
_BLOCKS = {
    "cp1251": "[\u0400-\u045f\u0490\u0491]",
    "koi8-r": "[\u0400-\u045f]",
    "cp1253": "[\u0384-\u03ce]",
    "cp1255": "[\u05b0-\u05ea]",
    "cp1256": "[\u060c-\u06d2]",
    "cp874": "[\u0e01-\u0e5b]",
    "cp1257": "[\xc0-\u017e]",
    "cp1258": "[\xc0-\u01b0\u0300-\u0323]",
}
_LATIN = {
    "cp1250": "[\xc1\xc4\xc9\xcb\xcd\xd3\xd4\xd6\xda\xdc\xdd\xdf\xe1\xe4\xe9\xeb\xed\xf3\xf4\xf6\xfa\xfc\xfd\u0102-\u017e]",
    "iso8859-2": "[\xc1\xc4\xc9\xcb\xcd\xd3\xd4\xd6\xda\xdc\xdd\xdf\xe1\xe4\xe9\xeb\xed\xf3\xf4\xf6\xfa\xfc\xfd\u0102-\u017e]",
    "cp1252": "[\xc0-\xd6\xd8-\xf6\xf8-\xff\u0152-\u017e]",
    "cp1254": "[\xc0-\xd6\xd8-\xf6\xf8-\xff\u011e-\u015f]",
}
_SIGN_IN_WORD = re.compile(r"[^\W\d_][^\w\s'\u2019\u2018\u201c\u201d.,:;!?()/&\"-]+[^\W\d_]")
_CASE_BREAK = re.compile(r"[\u0430-\u045f][\u0410-\u042f]|[\u03ac-\u03ce][\u0391-\u03a9]|[\xdf-\xff][\xc0-\xde]")
_CONTROL = re.compile(r"[\x80-\x9f]")
_TYPOGRAPHY = re.compile(r"[\u2010-\u2030\u20ac\u2122\xa0\xa9\xab\xae\xb0\xb7\xbb]")


def _words(text: str, letters: list[str], name: str) -> float:
    """For charsets of one byte: letters of its block, less what no word looks like."""
    rest = "".join(letters)
    right = len(re.findall(_BLOCKS.get(name) or _LATIN[name], rest))
    fair = len(_TYPOGRAPHY.findall(rest))
    wrong = sum(len(pattern.findall(text)) for pattern in (_SIGN_IN_WORD, _CASE_BREAK, _CONTROL))
    if name in _LATIN and looks_wrong(text, "cp1252"):
        return 0.0
    share = (right + fair * 0.8 - 2 * wrong) / len(letters)
    # A script of its own is proof when its letters stand in rows; Latin text can hide in it letter by letter.
    if name in _BLOCKS:
        rows = sum(map(len, re.findall(f"{_BLOCKS[name]}{{2,}}", text)))
        # Hebrew looks like Cyrillic that knows no capitals, or nothing else.
        small = name in {"cp1251", "koi8-r", "cp1253"} and right > 30 and rest in {rest.lower(), rest.upper()}
        return share / (3 if rows <= right * 0.6 else 1) - (0.3 if small else 0.0)
    if name == "cp1250" and not any(0x80 <= byte < 0xA0 for byte in text.encode(name, "ignore")):
        share -= 0.01  # then it may as well be ISO 8859-2, which has nothing there
    return share - (0.02 if name != "cp1252" else 0.0)
