"""A theme that is a folder: theme.toml, issue.mjml, issue.txt. Jinja first, then MJML, never the other way round."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.child import Child, ChildError
from digest.composer import layout, lint, said
from digest.composer.faults import located, source_line
from digest.composer.folders import Files, ThemeLoader, theme_roots
from digest.composer.holes import Markers
from digest.composer.mjml import MjmlError, look
from digest.composer.tokens import read_labels, read_tokens
from digest.errors import TemplateError
from digest.model import Part

RENDER_SECONDS = 10.0  # a render takes about a millisecond; this is for one that hangs
RENDER_MB = 512


def mjml_child() -> Child:
    """The process that renders MJML; one serves all themes of a program."""
    return Child("digest.composer.render:render_mjml", deadline=RENDER_SECONDS, memory_mb=RENDER_MB)


class FolderTheme:
    """protocols.Theme over a folder of templates. Read once: open it anew after an edit.

    `files` is the door to the theme's files.
    """

    def __init__(
        self, name: str, *, base: Path, roots: Sequence[Path] | None = None, child: Child | None = None
    ) -> None:
        """`base` is the folder of config.toml. Raises TemplateError for a bad name, theme.toml or missing file."""
        self.name = name
        self.files = Files(name, theme_roots(base) if roots is None else roots, base.absolute())
        self._child = child or mjml_child()
        with self._named("theme.toml"):
            self._tokens = read_tokens(self.files)
        self._labels: dict[str, Mapping[str, Any]] = {}
        loader = ThemeLoader(self.files)
        # Three environments and no guess by file name: select_autoescape() leaves .mjml unescaped.
        self._mjml = _environment(loader, autoescape=True)
        self._text = _environment(loader, autoescape=False)
        self._line = _environment(None, autoescape=False)

    @property
    def title(self) -> str:
        """What theme.toml calls it."""
        return str(self._tokens["title"])

    def shown(self, name: str) -> str:
        """A file of the theme as its owner would type it."""
        return self.files.shown(name)

    def render(self, context: Mapping[str, object]) -> tuple[Part, Part, str]:
        """`(html, text, mjml)` for one audience (docs/reference/theme-context.md); raises TemplateError.

        `context["holes"]` names the holes this issue may have; the templates see them as `holes.NAME`.
        """
        offered = context["holes"]
        markers = Markers(offered if isinstance(offered, Sequence) else ())
        words = self._words(context, markers)
        html, mjml = self._page(words, markers)
        with self._named("issue.txt"):
            text = markers.cut(self._filled(self._text, "issue.txt", words))
            lint.check_text(text, words)
        return html, text, mjml

    def line(self, template: str, context: Mapping[str, object]) -> str:
        """One rendered line of plain text, not yet freed of line breaks; raises TemplateError without a file."""
        with located(self.name, "", {}):
            return self._line.from_string(template).render(context)

    def _page(self, words: Mapping[str, Any], markers: Markers) -> tuple[Part, str]:
        with self._named("issue.mjml"):
            mjml = self._filled(self._mjml, "issue.mjml", words)
            try:
                look(mjml)
                page = self._child.call(mjml)
            except MjmlError as error:
                file, line = source_line(mjml, error.line, self.files.texts, self.shown("issue.mjml"), about=error.why)
                raise TemplateError(error.why, theme=self.name, file=file, line=line) from error
            except ChildError as error:
                raise TemplateError(f"MJML could not be rendered: {error}") from error
            part = markers.cut_html(page, mjml)
            lint.check_html(part, words)
            return part, markers.cut(mjml).shown()

    def _filled(self, environment: ImmutableSandboxedEnvironment, name: str, words: Mapping[str, Any]) -> str:
        with located(self.name, self.shown(name), self.files.texts):
            return environment.get_template(name).render(words)

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

    @contextmanager
    def _named(self, name: str) -> Iterator[None]:
        """Name the theme's file in an error that names none."""
        try:
            yield
        except TemplateError as error:
            if error.file:
                raise
            raise TemplateError(error.why, theme=self.name, file=self.shown(name), line=error.line) from error


def _environment(loader: ThemeLoader | None, *, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=loader, autoescape=autoescape, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["counted"] = _counted
    environment.filters["across"] = _across
    filters: dict[str, Callable[..., Any]] = {"wrap": layout.wrap, "joined": layout.joined, "isolated": layout.isolated}
    environment.filters.update(filters)
    return environment


@pass_context
def _counted(context: Context, forms: dict[str, str], number: int) -> str:
    return said.plural(forms, number, str(context["language"]))


@pass_context
def _across(context: Context, text: str) -> bool:
    return layout.across(str(text), str(context["dir"]))
