"""Everything that can go wrong, as a tree.

DigestError                     one base, one line for people, the cause chained
  ConfigError(mistakes)         the files are wrong: all mistakes at once, exit 2
  SourceError(source, why)      one source could not be read; caught by gather()
  TemplateError(theme, why)     the issue is not sent; the operator is told
  TransportError(why)           the conversation failed; one refused recipient is an Outcome
  StoreError(why)               the ledger cannot be written: sending stops
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing wrong in a file its owner wrote.

    `file` is as the owner would type it, `line` is 1-based (0: the file as a whole), `key` the dotted table
    or field, `mend` what to do about it. `rule` is a stable name of what is broken, for machines; `warning`: shown, but
    nothing is refused for it.
    """

    file: str
    line: int = 0
    key: str = ""
    why: str
    mend: str = ""
    rule: str = ""
    warning: bool = False

    def __str__(self) -> str:
        """`config.toml:31: [newsletters.morning] theme: no theme called "breifing"; did you mean ...?`."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f" {self.key}:" if self.key else ""
        mend = f"; {self.mend}" if self.mend else ""
        return f"{place}:{key} {self.why}{mend}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean "briefing"?` for the nearest of `known`, letter case aside; "" when none is near."""
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return f'did you mean "{folded[near[0]]}"?' if near else ""


class DigestError(Exception):
    """Base of all; `str()` is one line for people. `exit_code` is what the command ends with."""

    exit_code = 1

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes whole, whatever a subclass's __init__ takes."""
        return _restored, (type(self), self.args, self.__dict__)


def wrong(why: str) -> DigestError:
    """An error of whoever typed a command: one line, exit 2."""
    error = DigestError(why)
    error.exit_code = 2
    return error


def _restored(kind: type[DigestError], args: tuple[object, ...], state: dict[str, object]) -> DigestError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class ConfigError(DigestError):
    """The owner's files are wrong. Holds every mistake found, in file and line order."""

    exit_code = 2

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        """Keep the mistakes sorted by file and line; doubles once."""
        self.mistakes = tuple(sorted(set(mistakes), key=lambda m: (m.file, m.line, m.key, m.why)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


class SourceError(DigestError):
    """One source could not be read; the others go on."""

    def __init__(self, source: str, why: str) -> None:
        """`source` is its name in config.toml, `why` one line for people."""
        self.source = source
        self.why = why
        super().__init__(f"source {source}: {why}")


class TemplateError(DigestError):
    """A theme cannot be rendered. `file` and `line` (1-based, 0: unknown) point into the theme.

    `findings`: every error the lint found, this one first; () where there is only this one.
    """

    def __init__(
        self, why: str, *, theme: str = "", file: str = "", line: int = 0, findings: Iterable[Mistake] = ()
    ) -> None:
        """`file` is relative to the folder of config.toml, e.g. `templates/email/briefing/issue.mjml`."""
        self.findings = tuple(findings)
        self.theme = theme
        self.file = file
        self.line = line
        self.why = why
        place = (f"{file}:{line}" if line else file) or (f"theme {theme}" if theme else "")
        more = f" (and {len(self.findings) - 1} more: digest check)" if len(self.findings) > 1 else ""
        super().__init__(f"{place}: {why}{more}" if place else f"{why}{more}")


class TransportError(DigestError):
    """A conversation with a relay failed. `permanent`: trying again changes nothing until somebody mends it."""

    def __init__(self, why: str, *, permanent: bool = False) -> None:
        """`why` is one line for people."""
        self.permanent = permanent
        super().__init__(why)


class StoreError(DigestError):
    """The store cannot be read or written; nothing is sent without it.

    `final`: the disk failed under it, so this process must end: another sync might claim what the first one lost.
    """

    def __init__(self, why: str, *, final: bool = False) -> None:
        """`why` is one line for people."""
        self.final = final
        super().__init__(why)
