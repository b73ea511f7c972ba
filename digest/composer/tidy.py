"""Mend what mrml writes so that an HTML validator and screen readers are content: pure string work (MAIL.md C)."""

from __future__ import annotations

import re

_COMPATIBLE = re.compile(r'<!--\[if !mso\]><!--><meta http-equiv="X-UA-Compatible"[^>]*><!--<!\[endif\]-->')
_CHARSET = re.compile(r'<meta http-equiv="Content-Type" content="text/html; charset=UTF-8" ?/?>', re.IGNORECASE)
_PAIRS = re.compile(r"<!\[endif\]-->\s*<!--\[if mso \| IE\]>")
_TAG = re.compile(r"<(table|td|img)\b([^<>]*)>")
_ROLE = re.compile(r'\srole="[^"]*"')
_BETWEEN_LINES = re.compile(r"\s*\n\s*")
_STYLE = re.compile(r"(<style[^>]*>)(.*?)(</style>)", re.DOTALL)


def tidy(html: str) -> str:
    """The same page, lighter and valid. Attribute values hold no `<` or `>`: autoescape wrote them."""
    html = _COMPATIBLE.sub("", html)
    html = _CHARSET.sub('<meta charset="utf-8">', html, count=1)
    html = _TAG.sub(_attributes, html)
    html = _PAIRS.sub("", html)
    html = _BETWEEN_LINES.sub("\n", html)
    return _STYLE.sub(lambda found: found[1] + found[2].strip() + found[3], html)


def _attributes(found: re.Match[str]) -> str:
    tag, rest = found[1], found[2]
    if tag == "img":
        rest = rest.replace(' height="auto"', "")
    elif tag == "td":
        rest = _ROLE.sub("", rest.replace(' vertical-align="middle"', ""))
    elif not _ROLE.search(rest):
        rest = f' role="presentation"{rest}'
    return f"<{tag}{rest}>"
