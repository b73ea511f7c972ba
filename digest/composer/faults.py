"""From whatever goes wrong in a template to one line for its owner: file, line, why."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from jinja2 import TemplateError as JinjaError
from jinja2 import TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError

from digest.composer.holes import FILTERED, ChangedHoleError
from digest.errors import TemplateError


class LoopError(Exception):
    """A template ran for too long."""


_NO_ATTRIBUTE = re.compile(r"'dict object' has no attribute '(.+)'")
_UNDEFINED = re.compile(r"'(.+)' is undefined")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_ELEMENT = re.compile(r"<([A-Za-z][\w-]*)")
_WORDS: dict[type[Exception], str] = {
    SecurityError: "not allowed in a template: {}",
    RecursionError: "the template includes or calls itself without end",
    MemoryError: "the template needs more memory than a message is worth: is there a loop without end?",
    LoopError: "the template {}",
}
_ENOUGH = 6  # literal characters of a template line that must be found again to call it the same line


@contextmanager
def located(theme: str, file: str, texts: Mapping[str, str]) -> Iterator[None]:
    """Turn Jinja's errors, and those of expressions in a template, into TemplateError with file and line."""
    try:
        yield
    except TemplateError:
        raise
    except TemplateSyntaxError as error:
        why = error.message or "syntax error"
        raise TemplateError(why, theme=theme, file=error.filename or file, line=error.lineno) from error
    except Exception as error:  # a template is an owner's program: any error of it has a line in his file
        place, line = _last_template_line(error, texts) or (file, 0)
        raise TemplateError(_said(error), theme=theme, file=place, line=line) from error


@contextmanager
def naming(theme: str, file: str, texts: Mapping[str, str]) -> Iterator[None]:
    """Name `file` of the theme in an error that names none; a hole changed by a filter is looked for in `texts`."""
    try:
        yield
    except TemplateError as error:
        if error.file:
            raise
        place = file, error.line
        if isinstance(error, ChangedHoleError):
            place = line_of(FILTERED, texts, file)
        raise TemplateError(error.why, theme=theme, file=place[0], line=place[1]) from error


def _last_template_line(error: BaseException, texts: Mapping[str, str]) -> tuple[str, int] | None:
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename in texts and frame.lineno:
            return frame.filename, frame.lineno
    return None


def _said(error: Exception) -> str:
    text = str(error)
    if isinstance(error, UndefinedError):
        found = _NO_ATTRIBUTE.search(text) or _UNDEFINED.search(text)
        if found:
            return f'nothing is called "{found[1]}" here (docs/reference/theme-context.md lists what there is)'
        return text
    if isinstance(error, TemplateNotFound):
        return error.message or text
    for kind, why in _WORDS.items():
        if isinstance(error, kind):
            return why.format(text)
    return text if isinstance(error, JinjaError) else f"{type(error).__name__}: {text}"


def source_line(rendered: str, line: int, texts: Mapping[str, str], first: str, *, about: str = "") -> tuple[str, int]:
    """The template line that wrote line `line` (1-based) of `rendered`, found by its text.

    `first` is the file looked at first. `(first, 0)` when no line fits. Lines with Jinja in them fit by what
    stands around it; the one with most text in common wins. Where none fits, the first that holds the element which
    `about` (the fault in words) names: Jinja joins lines.
    """
    lines = rendered.splitlines()
    wanted = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    best, place = _ENOUGH - 1, (first, 0)
    for file in sorted(texts, key=lambda name: name != first):
        for number, text in enumerate(texts[file].splitlines(), 1):
            score = _likeness(text.strip(), wanted)
            if score > best:
                best, place = score, (file, number)
    return place if place[1] else _naming(about, texts, first)


def line_of(pattern: re.Pattern[str], texts: Mapping[str, str], first: str) -> tuple[str, int]:
    """The first template line that holds the pattern; `first` is the file looked at first, `(first, 0)` without one."""
    for file in sorted(texts, key=lambda name: name != first):
        for number, text in enumerate(texts[file].splitlines(), 1):
            if pattern.search(text):
                return file, number
    return first, 0


def _naming(about: str, texts: Mapping[str, str], first: str) -> tuple[str, int]:
    named = _ELEMENT.search(about)
    return line_of(re.compile(rf"<{re.escape(named[1])}(?![\w-])"), texts, first) if named else (first, 0)


def _likeness(template: str, rendered: str) -> int:
    """How many literal characters of the template's line are in the rendered one; 0 when it cannot have written it."""
    first, *rest = _JINJA.split(template)
    if not rest:
        return len(template) if template == rendered else 0
    at, end = len(first), len(rendered) - len(rest[-1])
    if not (rendered.startswith(first) and rendered.endswith(rest[-1]) and at <= end):
        return 0
    for literal in rest[:-1]:
        found = rendered.find(literal, at, end)
        if found < 0:
            return 0
        at = found + len(literal)
    return len(first) + sum(map(len, rest))
