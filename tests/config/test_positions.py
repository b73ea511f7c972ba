"""Every path of a TOML text leads to the line it stands on."""

from __future__ import annotations

import tomllib

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.config.positions import Positions

TEXT = '''\
top = 1
a.b = 1
"q \\u0078" = [1,
  { x = 2, y.z = 3 }, # with a comment
  [4,
   5]]
long = """
[no.table]
"""
[t . "u.v"]
k = 1
[[s.r]]
n = { m = [ "x",
  "y" ] }
[s.r.sub]
z = 1
[[s.r]]
[[s.r.deep]]
one = 1
[[s.r.deep]]
two = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 1),
        (("a",), 2),
        (("a", "b"), 2),
        (("q x",), 3),
        (("q x", 0), 3),
        (("q x", 1), 4),
        (("q x", 1, "y", "z"), 4),
        (("q x", 2, 1), 6),
        (("t",), 10),
        (("t", "u.v", "k"), 11),
        (("s", "r", 0, "n", "m", 1), 14),
        (("s", "r", 0, "sub", "z"), 16),
        (("s", "r", 1), 17),
        (("s", "r", 1, "deep", 0, "one"), 19),
        (("s", "r", 1, "deep", 1, "two"), 21),
    ],
)
def test_every_shape_of_key_has_its_line(path, line):
    assert Positions(TEXT).line(path) == line


def test_a_key_that_is_not_there_has_the_line_of_its_table():
    positions = Positions(TEXT)
    assert positions.line(("s", "r", 1, "nothing", "here")) == 17
    assert positions.line(("nothing",)) == 1


_leaves = st.integers() | st.booleans() | st.text(max_size=5)
_values = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(document=st.dictionaries(st.text(max_size=5), _values, max_size=4))
@settings(deadline=None, max_examples=100)
def test_every_path_of_any_document_is_known(document):
    text = tomlkit.dumps(document)
    positions = Positions(text)
    for path in _paths(tomllib.loads(text)):
        assert positions._lines[path] >= 1


def _paths(value, path=()):
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _paths(one, (*path, key))
