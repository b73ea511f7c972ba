"""From bytes to text, whatever a feed says or fails to say about its charset. Pure.

Order: byte order mark; UTF-8 wherever the bytes prove it (text of another charset is next to never valid UTF-8); what
HTTP says; what the XML declaration says; detection by what the letters look like, the feed's language as a hint.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from digest.sources.detection import looks_wrong, most_likely

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: it begins the same
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED = ((b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml\b[^>]{0,400}\?>", re.IGNORECASE)
_LANGUAGE = re.compile(
    rb"(?:<(?:dc:)?language>\s*(?:<!\[CDATA\[)?\s*|xml:lang\s*=\s*[\"'])([A-Za-z]{2,3})", re.IGNORECASE
)

# What is written under these names is the superset (WHATWG Encoding Standard, "names and labels").
_SUPERSET = {
    **dict.fromkeys(("ascii", "us-ascii", "iso8859-1", "iso-8859-1", "latin-1", "latin1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "cp936", "hz", "euc-cn", "gb18030"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji"), "cp932"),
    **dict.fromkeys(("euc_kr", "euc-kr", "ks_c_5601-1987", "ks_c_5601", "korean"), "cp949"),
    **dict.fromkeys(("iso8859-9", "iso-8859-9", "latin5"), "cp1254"),
    **dict.fromkeys(("iso8859-11", "iso-8859-11", "tis-620"), "cp874"),
    **dict.fromkeys(("big5", "big5-hkscs", "x-x-big5"), "big5hkscs"),
    **dict.fromkeys(("x-euc-jp", "eucjp"), "euc_jp"),
}
_TEXTUAL = re.compile(r"utf-?(8|16|32|7)|unicode|ascii", re.IGNORECASE)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
# What the second to fourth byte of UTF-8 becomes when it is read as windows-1252.
_REST = f"[\x80-\xbf{re.escape(bytes(range(0x80, 0xA0)).decode('cp1252', 'ignore'))}]"
_READ_AS_1252 = re.compile(f"(?:[\xc2-\xdf]{_REST}|[\xe0-\xef]{_REST}{{2}}|[\xf0-\xf4]{_REST}{{3}})+")
# A closing quotation mark whose last byte, which windows-1252 does not have, was dropped on the way.
_CLOSING_LOST = re.compile(f"\u00e2\u20ac(?!{_REST})")
_STRAY = 5  # good sequences of UTF-8 for each broken one: such a text is UTF-8 with slips


def decode(data: bytes, *, said: str = "") -> tuple[str, str]:
    """The text without byte order mark and XML declaration, and a note where its charset is not as declared, "" else.

    `said` is the charset that HTTP named. Never fails: what no charset explains is read as windows-1252.
    """
    text, used = _decoded(data, said)
    text = _DECLARATION.sub("", text.removeprefix("\ufeff"), count=1)
    single = undoubled(text)
    if single != text:
        return single, "encoded twice as UTF-8: undone"
    declared = _declared(data) or (said if known(said) else "")
    odd = declared and codecs.lookup(declared).name != codecs.lookup(used).name and not text.isascii()
    return text, f"declared as {declared}, read as {used}" if odd and _superset(declared) != used else ""


def undoubled(text: str) -> str:
    """`text` as it was before it was taken for windows-1252 and encoded again; unchanged unless all of it agrees.

    UTF-8 read as windows-1252 leaves pairs like "\u00c3\u00a9" and triples like "\u00e2\u20ac\u2122": the whole text
    goes back to bytes that are valid UTF-8, and gets shorter.
    """
    if text.isascii():
        return text
    if "\u00e2\u20ac" in text:
        text, whole = _CLOSING_LOST.sub("\u00e2\u20ac\x9d", text), text
        single = _undone(text)
        return whole if single == text else single
    return _undone(text)


def _undone(text: str) -> str:
    runs = [match.group() for match in _BEYOND_ASCII.finditer(text)]
    if not runs or not all(map(_READ_AS_1252.fullmatch, runs)):
        return text
    try:
        single = b"".join(_back(text)).decode("utf-8")
    except UnicodeError:
        return text
    return single if len(single) < len(text) else text


def known(name: str) -> bool:
    """Whether `name` is a charset that is known here."""
    try:
        codecs.lookup(_SUPERSET.get(name.lower(), name))
    except (LookupError, ValueError):
        return False
    return bool(name)


def _decoded(data: bytes, said: str) -> tuple[str, str]:
    """Text, and the charset it was read in."""
    for mark, name in (*_MARKS, *_UNMARKED):
        if data.startswith(mark):
            return data.decode(name, "replace"), name
    names = [name for name in (said, _declared(data)) if known(name)]
    utf8 = _as_utf8(data, stray=1 if any(codecs.lookup(name).name == "utf-8" for name in names) else _STRAY)
    if data.isascii():
        # Seven-bit charsets that shift by escape sequences look like ASCII.
        shifted = next((name for name in names if codecs.lookup(name).name.startswith(("iso2022", "hz", "utf-7"))), "")
        return (_strict(data, shifted) or data.decode("ascii"), shifted or "utf-8")
    if utf8 is not None:
        return utf8, "utf-8"
    language = _language(data)
    for name in names:
        superset = _superset(name)
        text = None if _TEXTUAL.search(superset) else _strict(data, superset)
        if text is not None and not looks_wrong(text, superset, language):
            return text, superset
    found = most_likely(data, language)
    return _strict(data, found) or data.decode("cp1252", "c1"), found


def _as_utf8(data: bytes, *, stray: int) -> str | None:
    """The text if the bytes are UTF-8, but for one stray byte of windows-1252 in `stray` good ones at most."""
    kept = data.decode("utf-8", "ignore")
    size = len(kept.encode())
    broken = len(data) - size
    # Each letter beyond ASCII takes more bytes than one: what is over counts them, at the speed of the decoder.
    if broken == 0:
        return kept
    return data.decode("utf-8", "stray") if size - len(kept) > broken * stray else None


def _strict(data: bytes, name: str) -> str | None:
    if not name:
        return None
    try:
        return data.decode(name, "c1" if name.startswith("cp125") else "strict")
    except (UnicodeError, LookupError):
        return None


def _superset(name: str) -> str:
    return _SUPERSET.get(name.lower(), codecs.lookup(name).name)


def _declared(data: bytes) -> str:
    match = _DECLARED.match(data[:600])
    name = match[1].decode("ascii") if match else ""
    return name if known(name) else ""


def _language(data: bytes) -> str:
    match = _LANGUAGE.search(data[:5000])
    return match[1].decode("ascii").lower() if match else ""


def _back(text: str) -> Iterator[bytes]:
    """The bytes that gave `text` when they were read as windows-1252, C1 controls as Latin-1."""
    for letter in text:
        yield letter.encode("latin-1") if letter < "\xa0" else letter.encode("cp1252")


def _c1(error: UnicodeError) -> tuple[str, int]:
    """The five bytes that windows-1252 leaves open are C1 controls (WHATWG), and so go with the other controls."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


def _stray(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("c1", _c1)
codecs.register_error("stray", _stray)
