"""What MJML knows, and a strict look at a document before mrml sees it: mrml itself validates nothing.

Names from the MJML 4 and 5 component lists; what our mrml cannot do is left out (MAIL.md C).
"""

from __future__ import annotations

from difflib import get_close_matches
from xml.parsers import expat

from digest.errors import TemplateError

MAX_DEPTH = 100  # mrml overflows its stack near 9,000; no real theme is deeper than 30

_BOXES = {"mjml", "mj-head", "mj-attributes", "mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column"}
_BOXES |= {"mj-social", "mj-navbar"}
_TEXTS = {"mj-title", "mj-style", "mj-raw", "mj-text", "mj-table", "mj-button", "mj-social-element", "mj-navbar-link"}
_EMPTY = {"mj-all", "mj-class", "mj-breakpoint", "mj-image", "mj-divider", "mj-spacer"}
ELEMENTS = frozenset(_BOXES | _TEXTS | _EMPTY)

_REFUSED = {
    "mj-include": 'mj-include loses widths and can end the process: write {% include "_parts/NAME.mjml" %}',
    "mj-preview": "mj-preview makes hidden text that mailbox providers punish: the standfirst is the visible first line",
    "mj-html-attributes": "mj-html-attributes is not known to our MJML: write the attribute where it belongs",
    "mj-font": "mj-font asks a remote host for a font: name the fonts readers have in theme.toml",
}


class MjmlError(TemplateError):
    """A fault in rendered MJML; `line` counts in that MJML until it is mapped to the theme's file."""


class _Look:
    """Handlers of one expat parse."""

    def __init__(self, mjml: str) -> None:
        self.stack: list[str] = []
        self.parser = expat.ParserCreate(encoding="utf-8")
        self.parser.UseForeignDTD(True)
        self.parser.ExternalEntityRefHandler = lambda *_: 1
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.StartCdataSectionHandler = self._cdata
        self.parser.CharacterDataHandler = self._text
        try:
            self.parser.Parse(mjml.encode("utf-8", "replace"), True)
        except expat.ExpatError as error:
            raise MjmlError(_said(error, self.stack), line=error.lineno) from error

    def fault(self, why: str) -> MjmlError:
        return MjmlError(why, line=self.parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        raise self.fault("a DOCTYPE has no place in MJML")

    def _cdata(self) -> None:
        raise self.fault("mrml cannot read CDATA: write the text as it is")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.fault(f"elements are nested more than {MAX_DEPTH} deep")
        if name in _REFUSED:
            raise self.fault(_REFUSED[name])
        parent = self.stack[-1] if self.stack else ""
        if name.startswith("mj") and name not in ELEMENTS:
            near = get_close_matches(name, ELEMENTS, 1)
            raise self.fault(f"no MJML element is called <{name}>" + (f"; did you mean <{near[0]}>?" if near else ""))
        if not name.startswith("mj") and (parent in _BOXES or not parent):
            raise self.fault(
                f"MJML drops <{name}> in <{parent or 'the document'}> without a word: put it into <mj-text>"
            )
        self.stack.append(name)

    def _text(self, text: str) -> None:
        if text.strip() and self.stack[-1] in _BOXES:
            raise self.fault(f'MJML drops text in <{self.stack[-1]}> without a word: "{text.strip()[:40]}"')

    def _end(self, _name: str) -> None:
        self.stack.pop()


def look(mjml: str) -> None:
    """Raise MjmlError for the first fault: bad XML, an unknown or refused element, text that mrml would drop, depth."""
    _Look(mjml)


def _said(error: expat.ExpatError, stack: list[str]) -> str:
    why = expat.errors.messages[error.code]
    where = f" in <{stack[-1]}>" if stack else ""
    mends = {
        "mismatched tag": "close every element in order; void ones as <br />",
        "not well-formed (invalid token)": "write & as &amp;, < as &lt;, and quote every attribute",
        "no element found": "the document is empty or an element is not closed",
        "duplicate attribute": "keep one",
    }
    mend = mends.get(why)
    return f"not well-formed MJML{where}: {why}" + (f"; {mend}" if mend else "")
