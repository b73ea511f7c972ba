"""What readers really see, in light and in dark: every text against the colour behind it (WCAG 2.2, 1.4.3)."""

from functools import cache

import pytest

from digest.composer import mjml_child
from tests.golden.cases import THEMES, variant_of

HOLES = {"name": ", Ada", "unsubscribe_url": "#", "preferences_url": "#", "view_url": "#"}
# [words, ratio, what is owed] of every text node; large type is 24 px, or 18.66 px and bold.
TEXTS = """() => {
    const rgba = text => text.match(/[0-9.]+/g).map(Number)
    const share = one => (one /= 255) <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4
    const light = ([r, g, b]) => 0.2126 * share(r) + 0.7152 * share(g) + 0.0722 * share(b)
    const ground = element => {
        for (; element; element = element.parentElement) {
            const found = rgba(getComputedStyle(element).backgroundColor)
            if (found.length < 4 || found[3] > 0) return found
        }
        return [255, 255, 255]
    }
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = []
    while (walk.nextNode()) {
        const words = walk.currentNode.data.trim(), holder = walk.currentNode.parentElement
        if (!words) continue
        const style = getComputedStyle(holder), size = parseFloat(style.fontSize)
        const [high, low] = [light(rgba(style.color)), light(ground(holder))].sort((a, b) => b - a)
        const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700)
        found.push([words.slice(0, 40), (high + 0.05) / (low + 0.05), large ? 3 : 4.5])
    }
    return found
}"""
# The alt text of a picture that does not load stands on the picture's own ground.
PICTURES = """() => [...document.images].map(image => {
    const style = getComputedStyle(image)
    return [style.color, style.backgroundColor]
})"""
OUTLOOK = "<html data-ogsc "


@pytest.fixture(scope="module")
def pages():
    """The HTML of the normal case in every theme."""
    child = mjml_child()
    made = {theme: variant_of("normal", theme, child).html.joined(HOLES) for theme in THEMES}
    child.close()
    return made


@pytest.fixture(scope="module")
def seen(browser, pages):
    """(texts, pictures, the card's ground) of a theme on a screen; `outlook` is dark as Outlook's apps make it."""
    contexts = {scheme: browser.new_context(color_scheme=scheme) for scheme in ("light", "dark")}

    @cache
    def read(theme, screen):
        page = contexts["dark" if screen == "dark" else "light"].new_page()
        page.route("**/*", lambda route: route.abort())
        page.set_content(pages[theme].replace("<html ", OUTLOOK, 1) if screen == "outlook" else pages[theme])
        ground = page.evaluate("getComputedStyle(document.querySelector('.cd, .tn')).backgroundColor")
        found = page.evaluate(TEXTS), page.evaluate(PICTURES), ground
        page.close()
        return found

    yield read
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("screen", ["light", "dark", "outlook"])
@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_what_is_behind_it(seen, theme, screen):
    found, pictures, _ = seen(theme, screen)
    assert len(found) > 60
    assert [one for one in found if one[1] < one[2]] == []
    if screen != "light":
        assert all(ground not in {ink, "rgba(0, 0, 0, 0)"} for ink, ground in pictures)


@pytest.mark.parametrize("theme", THEMES)
def test_a_dark_screen_gets_a_dark_page(seen, theme):
    light, dark, outlook = (seen(theme, screen)[2] for screen in ("light", "dark", "outlook"))
    assert light != dark == outlook
