"""Sources written into config.toml: comments stay, and a text that is no config is never kept."""

import tomllib

import pytest

from digest.config import load
from digest.config.adding import add_sources, source_text
from digest.errors import ConfigError, DigestError


def test_new_sources_stand_behind_the_others_and_comments_stay(desk):
    file = desk.write(f"# Ours.\n{desk.write().read_text()}")
    file.chmod(0o640)
    add_sources(
        file,
        {
            "coast": {"url": "https://coast.example/feed", "section": 'The "Coast"'},
            "two": {"url": "https://2.example/"},
        },
    )
    config = load(file)
    assert list(config.sources) == ["world", "coast", "two"]
    assert (config.sources["coast"].section, config.sources["two"].url) == ('The "Coast"', "https://2.example/")
    assert file.read_text().startswith("# Ours.\n")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [found.name for found in desk.folder.glob(".config*")] == []


def test_a_config_without_sources_gets_its_first(desk):
    text = source_text({"coast": {"url": "https://coast.example/feed"}})
    assert tomllib.loads(text) == {"sources": {"coast": {"url": "https://coast.example/feed"}}}


@pytest.mark.parametrize(
    ("sources", "why"),
    [
        ({"world": {"url": "https://w.example/"}}, "already there"),
        ({"coast": {"url": "ftp://coast.example/"}}, "no web address"),
        ({"not a name": {"url": "https://coast.example/"}}, "is no name"),
    ],
)
def test_what_would_break_the_config_is_not_written(desk, sources, why):
    file = desk.write()
    before = file.read_bytes()
    with pytest.raises((ConfigError, DigestError), match=why):
        add_sources(file, sources)
    assert file.read_bytes() == before
    assert [found.name for found in desk.folder.glob(".config*")] == []
