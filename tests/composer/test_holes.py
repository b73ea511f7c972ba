"""Holes: cut exactly where the template put them, or not at all."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer.holes import Markers
from digest.errors import TemplateError
from digest.model import HOLES


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(HOLES), st.text()), max_size=8), st.text())
def test_a_cut_text_joined_again_is_the_text_with_its_fills(pieces, last):
    markers = Markers(HOLES)
    text = "".join(literal + markers.values[name] for name, literal in pieces) + last
    part = markers.cut(text)
    assert part.holes == tuple(name for name, _ in pieces)
    assert part.literals == (*(literal for _, literal in pieces), last)


def test_a_hole_that_is_not_offered_is_empty_for_the_template():
    values = Markers(["name"]).values
    assert values["name"]
    assert not any(values[name] for name in HOLES if name != "name")


@pytest.fixture
def three():
    markers = Markers(HOLES)
    return markers, markers.values["name"], markers.values["view_url"]


def test_a_hole_that_mjml_doubled_is_refused(three):
    markers, name, _ = three
    with pytest.raises(TemplateError, match="the hole name is in the MJML 1 times but in the HTML 2"):
        markers.cut_html(name + name, name)


def test_a_hole_that_mjml_lost_is_refused(three):
    markers, name, view = three
    with pytest.raises(TemplateError, match="the hole view_url is in the MJML 1 times but in the HTML 0"):
        markers.cut_html(name, name + view)


def test_holes_that_mjml_moved_are_refused(three):
    markers, name, view = three
    with pytest.raises(TemplateError, match="moved a personal hole"):
        markers.cut_html(view + name, name + view)


@pytest.mark.parametrize("spoil", [str.upper, lambda marker: marker[:-1], lambda marker: marker[1:]])
def test_a_marker_changed_by_a_filter_is_refused(three, spoil):
    markers, name, _ = three
    with pytest.raises(TemplateError, match="changed by a filter"):
        markers.cut(spoil(name))
