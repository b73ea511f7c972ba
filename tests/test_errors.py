"""Errors say one line and travel between processes whole."""

import pickle

import pytest

from digest.errors import ConfigError, Mistake, SourceError, TemplateError


@pytest.mark.parametrize(
    "error",
    [
        SourceError("world", "gone"),
        TemplateError("no such key", theme="briefing", file="templates/email/briefing/issue.mjml", line=3),
        ConfigError([Mistake(file="config.toml", line=3, key="[site] id", why="missing", mend="write one")]),
    ],
)
def test_an_error_survives_pickling(error):
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.__dict__ == error.__dict__


def test_mistakes_are_sorted_and_said_once():
    second = Mistake(file="config.toml", line=9, why="b")
    first = Mistake(file="config.toml", line=2, key="[a] b", why="a", mend="do c")
    assert str(ConfigError([second, first, second])) == "config.toml:2: [a] b: a; do c\nconfig.toml:9: b"
