"""Personal places in a rendered text: marked while the template renders, then cut out once.

A marker is letters and digits with a random token of this render, so it passes escaping, MJML and URLs unchanged and no
article can contain it. After the cut nothing of the token is left: equal input gives equal literals.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable

from digest.errors import TemplateError
from digest.model import HOLES, Part


class ChangedHoleError(TemplateError):
    """A filter has changed a marker: `FILTERED` finds the line of the template."""


FILTERED = re.compile(r"\bholes\.\w+\s*\|")


class Markers:
    """The markers of one render. `values` is what templates see as `holes`: "" for a hole this issue has not."""

    def __init__(self, available: Iterable[str]) -> None:
        """`available` are names of digest.model.HOLES."""
        self._token = secrets.token_hex(16)
        self._pattern = re.compile(f"h{self._token}x([0-9])e")
        offered = set(available)
        self.values = {
            name: f"h{self._token}x{number}e" if name in offered else "" for number, name in enumerate(HOLES)
        }

    def names(self, text: str) -> tuple[str, ...]:
        """The holes in this text, in order."""
        return tuple(HOLES[int(number)] for number in self._pattern.findall(text))

    def cut(self, text: str) -> Part:
        """The text as literals and hole names. Raises ChangedHoleError where a filter has changed a marker."""
        pieces = self._pattern.split(text)
        literals = tuple(pieces[::2])
        if any(self._token in literal.lower() for literal in literals):
            raise ChangedHoleError("a personal hole was changed by a filter: write {{ holes.NAME }} as it is")
        return Part(literals=literals, holes=tuple(HOLES[int(number)] for number in pieces[1::2]))

    def cut_html(self, html: str, mjml: str) -> Part:
        """As cut(); raises TemplateError unless every hole stands where the MJML had it, once."""
        part = self.cut(html)
        for name in HOLES:
            wanted, found = self.names(mjml).count(name), part.holes.count(name)
            if wanted != found:
                raise TemplateError(
                    f"the hole {name} is in the MJML {wanted} times but in the HTML {found}: "
                    "holes may stand only in text and in href"
                )
        if part.holes != self.names(mjml):
            raise TemplateError("MJML moved a personal hole: holes may stand only in text and in href")
        return part
