"""MJML to HTML. Runs in a child process: mrml ends the whole process on deep nesting (seen from 8,944 elements on)."""

from __future__ import annotations

from mjml import mjml2html

from digest.composer.mjml import MjmlError, look
from digest.composer.tidy import tidy


def render_mjml(mjml: str) -> str:
    """The page, tidied. Raises MjmlError, with the line of `mjml` it stands in where that is known."""
    look(mjml)  # the cap comes first, whoever calls
    try:
        return tidy(mjml2html(mjml, fonts={}))
    except ValueError as error:
        raise MjmlError(str(error), line=line_of(mjml, str(error))) from error


def line_of(mjml: str, message: str) -> int:
    """The 1-based line of mrml's `at position 76:84` (UTF-8 byte offsets), 0 where it names none."""
    _, found, rest = message.partition("at position ")
    start = rest.partition(":")[0]
    if not found or not start.isdigit():
        return 0
    return mjml.encode()[: int(start)].count(b"\n") + 1
