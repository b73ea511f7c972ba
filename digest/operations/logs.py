"""Logs: one event, one line, whatever a feed or a relay put into a field.

Text on stderr by default; `DIGEST_LOG=json` gives one JSON object a line, with the fields of `extra=` beside the message.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from datetime import UTC, datetime

# What every LogRecord has; the rest came by `extra=`.
_ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_LEVELS = {0: logging.WARNING, 1: logging.INFO}
# Libraries that tell their every step at INFO: heard from -vv on only.
_CHATTY = ("alembic", "apscheduler", "asyncio", "httpcore2", "httpx2", "uvicorn", "watchfiles")

# An address, whoever brought it in: relays love to repeat them. An issue's key (morning@2026-11-23) is none. The
# bounds (RFC 5321 4.5.3.1) keep long texts linear.
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@(?!\d{4}-\d\d-\d\d)([\w.-]{1,255})")


def setup(verbose: int = 0) -> None:
    """Log to stderr: warnings, with 1 also what was done, with 2 everything."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if os.environ.get("DIGEST_LOG") == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(_LEVELS.get(verbose, logging.DEBUG))
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING if verbose < 2 else logging.NOTSET)


def escaped(text: str) -> str:
    r"""Text on one line: controls (CR, LF, ESC ...) and line separators as `\xNN` or `\uNNNN`."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def fields(record: logging.LogRecord) -> dict[str, object]:
    """What `extra=` gave."""
    return {name: value for name, value in vars(record).items() if name not in _ORDINARY}


def discreet(text: str, record: logging.LogRecord) -> str:
    """Text without anybody's address, `***@example.org`, unless the record is for -vv alone (SECURITY.md 6)."""
    return text if record.levelno <= logging.DEBUG else _ADDRESS.sub(r"***@\1", text)


class TextLines(logging.Formatter):
    """`2026-11-23T06:30:00Z INFO digest.scheduler: sent key=morning@2026-11-23`."""

    def format(self, record: logging.LogRecord) -> str:
        """One line; a traceback's lines are joined by ` | `."""
        said = [f"{_moment(record)} {record.levelname} {record.name}: {escaped(record.getMessage())}"]
        said += [f"{name}={escaped(str(value))}" for name, value in fields(record).items() if str(value)]
        if record.exc_info:
            said.append(escaped(self.formatException(record.exc_info).replace("\n", " | ")))
        return discreet(" ".join(said), record)


class JsonLines(logging.Formatter):
    """One JSON object a line, ASCII only, so no byte of a field can end the line."""

    def format(self, record: logging.LogRecord) -> str:
        """`at`, `level`, `logger`, `event`, the fields of extra=, and `error` for an exception."""
        event: dict[str, object] = {
            **fields(record),  # first: no field may pass for one of ours
            "at": _moment(record),
            "level": record.levelname,
            "logger": record.name,
            "event": record.getMessage(),
        }
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps({name: discreet(str(value), record) for name, value in event.items()})


def _moment(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
