"""The renderer's side of a theme: Jinja, lint, MJML. Runs in a child process, which may hang or die.

A theme is its owner's program: it may loop without end, and mrml ends the whole process on deep nesting (seen from
8,944 elements on). `answer` is what the child serves; one child serves all themes of a program.
"""

from __future__ import annotations

import signal
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from mjml import mjml2html

from digest.composer import layout, lint, said
from digest.composer.faults import LoopError, located, naming, source_line
from digest.composer.folders import Files, ThemeLoader
from digest.composer.holes import Markers
from digest.composer.linemap import LineMap, Lines
from digest.composer.lint import Fault, Palette
from digest.composer.tidy import tidy
from digest.composer.tokens import read_labels, read_tokens
from digest.errors import Mistake, TemplateError
from digest.model import Part

RENDER_SECONDS = 20.0  # a render takes milliseconds; this is for a library that hangs, on a busy machine
TEMPLATE_SECONDS = 2.0  # of CPU: a template's loop without end is stopped inside, so that its line can be named
RENDER_MB = 512
_THEMES = 8  # kept open at one time


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Which theme to render with. `opened` tells one opening from the next: a theme is read once.

    `seconds` of CPU one answer may take.
    """

    name: str
    roots: tuple[Path, ...]
    base: Path
    opened: str
    seconds: float = TEMPLATE_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One rendered audience. `warnings` are asked for only when somebody is to read them."""

    html: Part
    text: Part
    mjml: str
    warnings: tuple[Mistake, ...] = ()


def answer(kind: str, spec: Spec, *given: Any, warn: bool = False) -> Any:
    """What the child does: `page` of a context, or `line` of a template and a context. Raises TemplateError."""
    bench = _bench(spec)
    with _in_time(spec.seconds):
        return bench.page(*given, warn=warn) if kind == "page" else bench.line(*given)


def html_of(mjml: str) -> str:
    """What the child makes of MJML alone; raises TemplateError."""
    try:
        return tidy(mjml2html(mjml, fonts={}))
    except ValueError as error:
        raise TemplateError(f"MJML could not be rendered: {error}") from error


_open: OrderedDict[Spec, Bench] = OrderedDict()


def _bench(spec: Spec) -> Bench:
    if spec not in _open:
        _open[spec] = Bench(spec)
    _open.move_to_end(spec)
    while len(_open) > _THEMES:
        _open.popitem(last=False)
    return _open[spec]


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Raise LoopError wherever the code is after so many seconds of CPU."""

    def stop(*_: object) -> None:
        raise LoopError(f"ran for more than {seconds:g} s: is there a loop without end?")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


class Bench:
    """One theme, open for rendering."""

    def __init__(self, spec: Spec) -> None:
        """Raises TemplateError for a bad name or theme.toml."""
        self.name = spec.name
        self.files = Files(spec.name, spec.roots, spec.base)
        self._tokens = read_tokens(self.files)
        self._fonts, self._colours = _allowed(self._tokens)
        self._labels: dict[str, Mapping[str, Any]] = {}
        loader = self._loader = ThemeLoader(self.files)
        # Three environments and no guess by file name: select_autoescape() leaves .mjml unescaped.
        self._mjml = environment(loader, autoescape=True)
        self._text = environment(loader, autoescape=False)
        self._line = environment(None, autoescape=False)

    def line(self, template: str, context: Mapping[str, object]) -> str:
        """One rendered line of plain text, not yet freed of line breaks."""
        with located(self.name, "", {}):
            return self._line.from_string(template).render(context)

    def page(self, context: Mapping[str, object], *, warn: bool = False) -> Page:
        """Both parts for one audience; raises TemplateError with every error the lint finds.

        `context["holes"]` names the holes this issue may have; the templates see them as `holes.NAME`.
        """
        offered = context["holes"]
        markers = Markers(offered if isinstance(offered, Sequence) else ())
        words = self._words(context, markers)
        with self._named("issue.mjml"):
            mjml = self._filled(self._mjml, "issue.mjml", words)
            warnings = self._judged("issue.mjml", words, mjml, self._look(mjml, words), warn=warn)
            html = markers.cut_html(self._html(mjml, words), mjml)
        with self._named("issue.txt"):
            plain = self._filled(self._text, "issue.txt", words)
            text = markers.cut(plain)
        found = list(lint.check_html(html, mjml, words)), [*lint.check_text(text, words), *lint.check_both(html, text)]
        warnings += self._judged("issue.mjml", words, mjml, found[0], warn=warn)
        warnings += self._judged("issue.txt", words, plain, found[1], warn=warn)
        if warn:
            warnings += self._untranslated()
        return Page(html=html, text=text, mjml=markers.cut(mjml).shown(), warnings=tuple(warnings))

    def _untranslated(self) -> Iterator[Mistake]:
        """The first words of each template that are said in one language alone."""
        for file, source in self.files.texts.items():
            for line, said_there in list(lint.written_words(source))[:1] if file.endswith(".mjml") else ():
                why = (
                    f'"{said_there[:40]}" is said in one language alone: readers of others need it in labels.LANG.toml'
                )
                yield Mistake(file=file, line=line, why=why, rule="words", warning=True)

    def _look(self, mjml: str, words: Mapping[str, Any]) -> list[Fault]:
        said = frozenset(story["headline"] for story in lint.stories(words))
        holes = frozenset(words["holes"].values()) - {""}
        palette = Palette(fonts=self._fonts, colours=self._colours, said=said, holes=holes)
        return lint.check_mjml(mjml, palette, words)

    def _html(self, mjml: str, words: Mapping[str, Any]) -> str:
        try:
            return tidy(mjml2html(mjml, fonts={}))
        except ValueError as error:
            fault = Fault(rule="mjml-syntax", why=str(error), offset=offset_of(mjml, str(error)))
            self._judged("issue.mjml", words, mjml, [fault], warn=False)
            raise

    def _judged(
        self, name: str, words: Mapping[str, Any], rendered: str, faults: Sequence[Fault], *, warn: bool
    ) -> list[Mistake]:
        """The warnings among the faults, located; raises TemplateError when there is an error among them."""
        errors = [fault for fault in faults if not fault.warning]
        if not errors and not (warn and faults):
            return []
        found = self._located(name, words, rendered, errors or faults)
        if not errors:
            return found
        first = found[0]
        raise TemplateError(first.why, theme=self.name, file=first.file, line=first.line, findings=found)

    def _located(self, name: str, words: Mapping[str, Any], rendered: str, faults: Sequence[Fault]) -> list[Mistake]:
        """The faults with file and line, by a marked render of the same words; by likeness where that comes out other."""
        shown = self.files.shown(name)
        marked = environment(self._loader, autoescape=name.endswith(".mjml"), mapped=True)
        lines = LineMap(self._filled(marked, name, words), marked.places)  # type: ignore[attr-defined]
        found = []
        for fault in faults:
            file, line = shown, 0
            place = lines.place(fault.offset) if fault.offset >= 0 and lines.text == rendered else None
            if place is not None:
                file, line = place.file, place.line
            elif fault.offset >= 0:
                number = rendered.count("\n", 0, fault.offset) + 1
                file, line = source_line(rendered, number, self.files.texts, shown, about=fault.why)
            found.append(Mistake(file=file, line=line, why=fault.why, rule=fault.rule, warning=fault.warning))
        return list(dict.fromkeys(found))

    def _filled(self, made: ImmutableSandboxedEnvironment, name: str, words: Mapping[str, Any]) -> str:
        with located(self.name, self.files.shown(name), self.files.texts):
            return made.get_template(name).render(words)

    def _words(self, context: Mapping[str, object], markers: Markers) -> dict[str, Any]:
        language, rightwards = str(context["language"]), context["dir"] != "rtl"
        if language not in self._labels:
            with self._named("theme.toml"):
                self._labels[language] = read_labels(self.files, language)
        return {
            **context,
            "holes": markers.values,
            "labels": self._labels[language],
            "theme": self._tokens,
            "start": "left" if rightwards else "right",
            "end": "right" if rightwards else "left",
        }

    def _named(self, name: str) -> AbstractContextManager[None]:
        return naming(self.name, self.files.shown(name), self.files.texts)


def _allowed(tokens: Mapping[str, Any]) -> tuple[frozenset[str], frozenset[str]]:
    """Fonts (small letters) and colours (capitals) that theme.toml names."""
    fonts = {part.strip(" '\"").lower() for value in tokens["fonts"].values() for part in str(value).split(",")}
    values = (value for table in tokens.values() if isinstance(table, dict) for value in table.values())
    return frozenset(fonts), frozenset(value.upper() for value in values if isinstance(value, str) and value[:1] == "#")


def environment(loader: ThemeLoader | None, *, autoescape: bool, mapped: bool = False) -> ImmutableSandboxedEnvironment:
    """Jinja as every theme has it; `mapped` keeps which line wrote what (`places`)."""
    made = ImmutableSandboxedEnvironment(
        loader=loader,
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Lines] if mapped else [],
    )
    if mapped:
        made.extend(places=[])
    made.filters["counted"] = _counted
    made.filters["across"] = _across
    filters: dict[str, Callable[..., Any]] = {"wrap": layout.wrap, "joined": layout.joined, "isolated": layout.isolated}
    made.filters.update(filters)
    return made


@pass_context
def _counted(context: Context, forms: dict[str, str], number: int) -> str:
    return said.plural(forms, number, str(context["language"]))


@pass_context
def _across(context: Context, text: str) -> bool:
    return layout.across(str(text), str(context["dir"]))


def offset_of(mjml: str, message: str) -> int:
    """The character at mrml's `at position 76:84` (UTF-8 byte offsets), -1 where it names none."""
    _, found, rest = message.partition("at position ")
    start = rest.partition(":")[0]
    if not found or not start.isdigit():
        return -1
    return len(mjml.encode()[: int(start)].decode(errors="replace"))
