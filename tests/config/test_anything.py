"""Whatever stands in the file, read() answers with a config or with mistakes, each on a line of the file."""

from __future__ import annotations

from datetime import UTC, date, datetime

import tomlkit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.config import read
from digest.config.newsletters import NewsletterTable, SectionTable
from digest.config.schema import KINDS, SINGLE, ConfigTable, SourceTable, keys_of

_tables = [ConfigTable, NewsletterTable, SectionTable, SourceTable, *SINGLE.values(), *KINDS.values()]
_keys = st.sampled_from(sorted({key for table in _tables for key in keys_of(table)})) | st.text(max_size=3)
_words = st.sampled_from(
    [
        "world",
        "readers",
        "briefing",
        "daily 06:30",
        "45m",
        "UTC",
        "folder",
        "smtp",
        "none",
        "x@y.z",
        "127.0.0.1",
        "0 7 * * *",
    ]
)
_leaves = (
    _words
    | st.text(max_size=6)
    | st.integers(-5, 10**12)
    | st.booleans()
    | st.floats()
    | st.just(datetime(2026, 1, 1, tzinfo=UTC))
    | st.just(date(2026, 1, 1))
)
_values = st.recursive(
    _leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=5), max_leaves=20
)
_any = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _known(table, inner):
    """A table whose keys are mostly right and whose values are not."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys_of(table), _leaves | inner))


_sections = st.lists(_known(SectionTable, st.lists(_words, max_size=2)), max_size=2)
_lists = st.lists(_leaves, max_size=2) | st.dictionaries(_keys, _leaves, max_size=2)
_likely = st.fixed_dictionaries(
    {name: _known(table, _lists) for name, table in SINGLE.items()},
    optional={
        "transports": st.dictionaries(
            _words, st.one_of(*(_known(kind, _lists) for kind in KINDS.values())), max_size=2
        ),
        "sources": st.dictionaries(_words, _known(SourceTable, _lists), max_size=2),
        "newsletters": st.dictionaries(_words, _known(NewsletterTable, _sections), max_size=2),
    },
)


def _check(desk, text):
    (desk.folder / "config.toml").write_text(text, "utf-8")
    result = read("config.toml", environment={})
    assert (result.config is None) == bool(result.mistakes)
    for mistake in result.mistakes:
        assert 1 <= mistake.line <= text.count("\n") + 1
        assert mistake.why
        assert "pydantic" not in str(mistake)


@given(document=st.dictionaries(_keys, _values, max_size=6))
@_any
def test_any_toml_is_answered(desk, document):
    _check(desk, tomlkit.dumps(document))


@given(document=_likely)
@_any
def test_any_values_under_our_own_keys_are_answered(desk, document):
    _check(desk, tomlkit.dumps(document))


@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
@_any
def test_any_text_is_answered(desk, text):
    _check(desk, text)
