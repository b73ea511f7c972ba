"""Colours that cannot be read are a mistake with its line in theme.toml."""

from pathlib import Path

import pytest

from digest.composer import check_theme
from digest.model.rules import contrast

ROOT = Path(__file__).resolve().parents[2]
PLAIN = (ROOT / "templates/email/plain/theme.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#FFFFFF", "#FFFFFF", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#595650", "#FFFFFF", 7.3),
    ],
)
def test_the_ratio_is_that_of_wcag(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.05)
    assert contrast(one, other) == contrast(other, one)


@pytest.mark.parametrize(
    ("old", "new", "key", "ground"),
    [
        ('mute = "#595650"', 'mute = "#999999"', "[light] mute", "card #FFFFFF"),
        ('accent = "#7CC4F0"', 'accent = "#224466"', "[dark] accent", "tint #2A2620"),
        ('button_ink = "#FFFFFF"', 'button_ink = "#7799BB"', "[light] button_ink", "accent #0B5C8A"),
    ],
)
def test_a_faint_colour_is_named_with_its_line(own_theme, site, old, new, key, ground):
    source = PLAIN.replace(old, new, 1)
    found = [one for one in check_theme(own_theme(theme__toml=source), site, stressed=False) if one.rule == "contrast"]
    assert any(one.key == key and ground in one.why for one in found), found
    assert {source.splitlines()[one.line - 1] for one in found if one.key == key} == {new}
    assert all(one.file == "templates/email/mine/theme.toml" for one in found)
