"""Every design in a real browser, with every day that breaks designs."""

import pytest

from digest.composer import mjml_child
from tests.golden.cases import CASES, THEMES, variant_of

HOLES = {"name": ", Ada", "unsubscribe_url": "#", "preferences_url": "#", "view_url": "#"}
OUTSIDE = """() => [...document.body.querySelectorAll("p, h1, h2, h3, li, td, a, img")].filter(element => {
    const box = element.getBoundingClientRect()
    return box.width && (box.left < -1 || box.right > innerWidth + 1)
}).map(element => element.outerHTML.slice(0, 80))"""
SMALL = """() => [...document.body.querySelectorAll("p, h1, h2, h3, li, span, a, td")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    && parseFloat(getComputedStyle(element).fontSize) < 13
).map(element => element.outerHTML.slice(0, 80))"""
ROWS = """() => [...document.querySelectorAll("td.th")].map(cell => {
    const text = cell.closest("tr").querySelector("h3").getBoundingClientRect(), picture = cell.querySelector("img")
    return [picture.getBoundingClientRect().width, picture.getBoundingClientRect().left >= text.right]
})"""


@pytest.fixture(scope="module")
def child():
    child = mjml_child()
    yield child
    child.close()


def shown(page, html, width):
    page.route("**/*", lambda route: route.abort())
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    return page


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("theme", THEMES)
def test_nothing_hangs_over_the_edge_of_a_small_phone(page, child, theme, case):
    shown(page, variant_of(case, theme, child).html.joined(HOLES), 320)
    assert page.evaluate("document.scrollingElement.scrollWidth") == 320
    assert page.evaluate(OUTSIDE) == []


@pytest.mark.parametrize("theme", THEMES)
def test_no_words_are_smaller_than_13_px(page, child, theme):
    shown(page, variant_of("normal", theme, child).html.joined(HOLES), 600)
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize(("width", "picture"), [(600, 152), (320, 96)])
def test_a_small_picture_stands_beside_its_story_at_every_width(page, child, width, picture):
    shown(page, variant_of("normal", "briefing", child).html.joined(HOLES), width)
    rows = page.evaluate(ROWS)
    assert len(rows) > 3
    assert rows == [[picture, True]] * len(rows)
