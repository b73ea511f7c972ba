"""A desk: a folder with a config.toml that has no mistake, and what it names beside itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from digest.config import Config, Result, load, read

GOOD = """\
[site]
name = "The Morning Desk"
id = "morning-desk"
postal_address = "1 Example Street, London"
timezone = "Europe/London"

[transport]
use = ["outbox"]

[transports.outbox]
kind = "folder"
path = "var/outbox"

[sources.world]
path = "samples/world.xml"
outlet = "Example Times"

[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "weekdays 06:30"
theme = "briefing"

[[newsletters.morning.sections]]
name = "World"
sources = ["world"]
"""


@dataclass
class Desk:
    folder: Path

    def write(self, text: str = GOOD, **changes: str) -> Path:
        """`changes` are old -> new lines, each old one by the word it starts with."""
        for key, line in changes.items():
            old = next(found for found in text.splitlines() if found.startswith(f"{key} ="))
            text = text.replace(old, line)
        (self.folder / "config.toml").write_text(text, "utf-8")
        return self.folder / "config.toml"

    def read(self, text: str = GOOD, *, environment: dict[str, str] | None = None, **changes: str) -> Result:
        self.write(text, **changes)
        return read("config.toml", environment=environment or {})

    def load(self, text: str = GOOD, *, environment: dict[str, str] | None = None, **changes: str) -> Config:
        return load(self.write(text, **changes), environment=environment or {})

    def lines(self, text: str = GOOD, *, environment: dict[str, str] | None = None, **changes: str) -> list[str]:
        return [str(mistake) for mistake in self.read(text, environment=environment, **changes).mistakes]

    def relay(self, login: str, *, tls: str = "starttls", host: str = "localhost") -> str:
        """GOOD sending over SMTP, `login` being further lines of the transport."""
        smtp = f'kind = "smtp"\nhost = "{host}"\ntls = "{tls}"\n{login}'
        return GOOD.replace('kind = "folder"\npath = "var/outbox"', smtp)

    def source(self, lines: str) -> str:
        """GOOD with these lines for the address of its source."""
        return GOOD.replace('path = "samples/world.xml"', lines)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "world.xml").write_text("<rss/>")
    (tmp_path / "subscribers").mkdir()
    (tmp_path / "subscribers" / "readers.toml").write_text("")
    (tmp_path / "templates" / "email" / "briefing").mkdir(parents=True)
    (tmp_path / "templates" / "email" / "_parts").mkdir()
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path)
