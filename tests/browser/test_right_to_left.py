"""An Arabic newsletter in a real browser: it is right in whole, not only where somebody looked."""

import pytest

from digest.composer import mjml_child
from tests.golden.cases import THEMES, variant_of

# Every element with words of its own, but those of articles in another language.
BLOCKS = """() => [...document.body.querySelectorAll("*")].filter(element =>
    [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())
    && !element.closest("[lang]:not([lang=ar])") && !element.closest("span[dir=auto]")
).map(element => {
    const block = element.closest("p, h1, h2, h3, li, td, div"), style = getComputedStyle(block)
    return [element.textContent.trim().slice(0, 40), style.direction, style.textAlign]
})"""
LISTS = """() => [...document.querySelectorAll("ol, ul")].map(list => {
    const style = getComputedStyle(list), item = getComputedStyle(list.firstElementChild)
    return [style.paddingRight !== "0px", style.paddingLeft, item.direction, item.listStylePosition]
})"""
PICTURES = """() => [...document.querySelectorAll("td.th img")].map(img => {
    const text = img.closest("tr").querySelector("h3").getBoundingClientRect()
    return img.getBoundingClientRect().right <= text.left
})"""


@pytest.fixture(scope="module")
def pages():
    """The HTML of the Arabic case in every theme."""
    child = mjml_child()
    holes = {"name": "", "unsubscribe_url": "#", "preferences_url": "#", "view_url": "#"}
    made = {theme: variant_of("rtl", theme, child).html.joined(holes) for theme in THEMES}
    child.close()
    return made


@pytest.fixture(params=THEMES)
def arabic(request, page, pages):
    page.route("**/*", lambda route: route.abort())
    page.set_viewport_size({"width": 600, "height": 800})
    page.set_content(pages[request.param])
    return page


def test_every_text_block_runs_from_the_right_and_begins_there(arabic):
    blocks = arabic.evaluate(BLOCKS)
    assert len(blocks) > 40
    assert [block for block in blocks if block[1] != "rtl"] == []
    assert {align for _, _, align in blocks} <= {"right", "start", "center"}


def test_bullets_and_numerals_stand_at_the_start(arabic):
    lists = arabic.evaluate(LISTS)
    assert len(lists) >= 3
    assert lists == [[True, "0px", "rtl", "outside"]] * len(lists)


def test_small_pictures_stand_at_the_end(arabic):
    assert all(arabic.evaluate(PICTURES))


def test_whatever_stands_directly_in_the_body_says_its_language_and_direction(arabic):
    said = arabic.evaluate("() => [...document.body.children].map(child => [child.lang, child.dir])")
    assert said == [["ar", "rtl"]]


def test_a_headline_of_another_language_runs_its_own_way_within_its_element(arabic):
    foreign = arabic.locator("h3[lang=en]").first
    assert foreign.get_attribute("dir") == "auto"
    assert foreign.evaluate("element => getComputedStyle(element).direction") == "ltr"
    assert foreign.evaluate("element => getComputedStyle(element).textAlign") == "right"
