"""docs/reference/commands.md, written from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer.main import get_command

_HEAD = """# Commands

Written by `./run golden --update` from the commands themselves. Every verb takes `-c FILE` (default `config.toml`) and
`-v` (twice: everything).

Exit codes: 0 done; 1 the work failed or somebody is still owed; 2 the files or the words are wrong; 3 nothing was due or
too little news (`--fail-empty`).
"""


def reference(cli: Any) -> str:
    """Every verb with its words and options, as Markdown."""
    return _HEAD + "".join(_verbs(get_command(cli), "digest"))


def _verbs(command: Any, path: str) -> Iterator[str]:
    for name, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from _verbs(one, f"{path} {name}")
        else:
            yield "".join(_verb(one, f"{path} {name}"))


def _verb(command: Any, path: str) -> Iterator[str]:
    words = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option"]
    own = [param for param in options if param.name not in {"config", "verbose", "help"}]
    yield f"\n## {' '.join((path, *(_word(param) for param in words)))}\n\n{command.help}\n"
    rows = [(f"`{_word(param)}`", param.help or "") for param in words if param.help]
    rows += [(f"`{_flags(param)}`", param.help or "") for param in own]
    if rows:
        yield "\n| | |\n|---|---|\n" + "".join(f"| {flag} | {text} |\n" for flag, text in rows)


def _word(param: Any) -> str:
    name = param.metavar or (param.name or "").upper()
    return name if param.required or name.startswith("[") else f"[{name}]"


def _flags(param: Any) -> str:
    flags = ", ".join(sorted(param.opts, key=len))
    return flags if param.is_flag else f"{flags} {param.metavar or (param.name or '').upper()}"
