"""The map from rendered text to template lines."""

import pytest
from jinja2 import DictLoader
from jinja2.sandbox import ImmutableSandboxedEnvironment

from digest.composer.linemap import LineMap, Lines, Place

FILES = {
    "a": "one\n{% for n in [1, 2] %}\n  two {{ n }}\n{% endfor %}\n{% include 'b' %}\n{{ 'three' }}{{ m() }}\n"
    "{%- if true -%}\n\n  four\n{%- endif %}\n{# gone #}\nfive",
    "b": "{% raw %}\n{{ six }}\n{% endraw %}\nseven\n",
}
FILES["a"] = "{% macro m() %}\neight\n{% endmacro %}\n" + FILES["a"]


def rendered(*, mapped):
    made = ImmutableSandboxedEnvironment(
        loader=DictLoader(FILES), trim_blocks=True, lstrip_blocks=True, extensions=[Lines] if mapped else []
    )
    made.extend(places=[])
    return made, made.get_template("a").render()


def test_taking_the_markers_out_gives_the_plain_text():
    made, marked = rendered(mapped=True)
    assert LineMap(marked, made.places).text == rendered(mapped=False)[1]


@pytest.mark.parametrize(
    ("word", "file", "line"),
    [
        ("one", "a", 4), ("two 1", "a", 6), ("two 2", "a", 6), ("2\n", "a", 6), ("three", "a", 9),
        ("eight", "a", 2), ("four", "a", 12), ("five", "a", 15), ("{{ six }}", "b", 2), ("seven", "b", 4),
    ],
)  # fmt: skip
def test_each_piece_is_found_on_the_line_that_wrote_it(word, file, line):
    made, marked = rendered(mapped=True)
    lines = LineMap(marked, made.places)
    assert lines.place(lines.text.index(word)) == Place(file, line)


def test_a_trimmed_block_stays_as_empty_as_it_was():
    made = ImmutableSandboxedEnvironment(extensions=[Lines])
    made.extend(places=[])
    template = made.from_string("{% set x %}\n  {{ '' }}\n{% endset %}{{ 'full' if x | trim else 'empty' }}")
    assert LineMap(template.render(), made.places).text == "empty"
