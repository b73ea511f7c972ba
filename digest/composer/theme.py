"""A theme that is a folder: theme.toml, issue.mjml, issue.txt. Jinja first, then MJML, never the other way round.

What is written in the folder is its owner's program, so all of it runs in a child process (render.py) under a deadline.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from digest.child import Child, ChildError
from digest.composer.faults import naming
from digest.composer.folders import Files, theme_roots
from digest.composer.render import RENDER_MB, RENDER_SECONDS, TEMPLATE_SECONDS, Page, Spec
from digest.composer.tokens import read_tokens
from digest.errors import Mistake, TemplateError
from digest.model import Part


def mjml_child() -> Child:
    """The process that renders; one serves all themes of a program."""
    return Child("digest.composer.render:answer", deadline=RENDER_SECONDS, memory_mb=RENDER_MB)


def html_of(mjml: str) -> str:
    """The HTML that MJML gives, as an issue has it; raises TemplateError. In a child: the MJML may be anybody's."""
    child = Child("digest.composer.render:html_of", deadline=RENDER_SECONDS, memory_mb=RENDER_MB)
    try:
        return str(child.call(mjml))
    except ChildError as error:
        raise TemplateError(f"MJML could not be rendered: {error}") from error
    finally:
        child.close()


class RenderError(TemplateError):
    """The renderer hung or died over an issue; whatever it was, the theme's own sample may still come out sound."""


class FolderTheme:
    """protocols.Theme over a folder of templates. Read once: open it anew after an edit.

    `files` is the door to the theme's files.
    """

    def __init__(
        self,
        name: str,
        *,
        base: Path,
        roots: Sequence[Path] | None = None,
        child: Child | None = None,
        seconds: float = TEMPLATE_SECONDS,
    ) -> None:
        """`base` is the folder of config.toml; a render may take `seconds` of CPU.

        Raises TemplateError for a bad name, theme.toml or missing file.
        """
        self.name = name
        places = theme_roots(base) if roots is None else tuple(roots)
        self.files = Files(name, places, base.absolute())
        self._spec = Spec(
            name=name, roots=tuple(places), base=base.absolute(), opened=secrets.token_hex(8), seconds=seconds
        )
        self._child = child or mjml_child()
        with naming(name, self.files.shown("theme.toml"), {}):
            self.tokens: Mapping[str, Any] = read_tokens(self.files)

    @property
    def title(self) -> str:
        """What theme.toml calls it."""
        return str(self.tokens["title"])

    def shown(self, name: str) -> str:
        """A file of the theme as its owner would type it."""
        return self.files.shown(name)

    def render(self, context: Mapping[str, object]) -> tuple[Part, Part, str]:
        """`(html, text, mjml)` for one audience (docs/reference/theme-context.md); raises TemplateError.

        `context["holes"]` names the holes this issue may have; the templates see them as `holes.NAME`.
        """
        page = self._page(context)
        return page.html, page.text, page.mjml

    def warnings(self, context: Mapping[str, object]) -> tuple[Mistake, ...]:
        """What the lint would rather see otherwise; raises TemplateError as render()."""
        return self._page(context, warn=True).warnings

    def line(self, template: str, context: Mapping[str, object]) -> str:
        """One rendered line of plain text, not yet freed of line breaks; raises TemplateError without a file."""
        try:
            return str(self._child.call("line", self._spec, template, context))
        except ChildError as error:
            raise TemplateError(f"cannot be rendered: {error}") from error

    def _page(self, context: Mapping[str, object], *, warn: bool = False) -> Page:
        try:
            return cast("Page", self._child.call("page", self._spec, context, warn=warn))
        except ChildError as error:
            why = f"MJML could not be rendered: {error}"
            raise RenderError(why, theme=self.name, file=self.shown("issue.mjml")) from error
