"""The preview in a real browser: saving a file is enough."""

from functools import partial

import pytest
from playwright.sync_api import expect

from digest.web import serve_preview
from tests.web.desks import FilesDesk
from tests.web.running import running


@pytest.fixture
def desk(tmp_path):
    return FilesDesk(tmp_path)


@pytest.fixture
def url(desk):
    with running(partial(serve_preview, desk, newsletter="morning")) as url:
        yield url


@pytest.fixture
def open_page(page, url):
    """The newsletter's page, listening; a mark set in its window is gone after any reload."""
    page.goto(url)
    expect(page.locator("#state.live")).to_be_visible()
    page.evaluate("window.mark = 'never reloaded'")
    yield page
    assert page.evaluate("window.mark") == "never reloaded"


def headline(page, frame="#w800"):
    return page.frame_locator(frame).locator("h1")


def test_saving_a_template_shows_the_new_result_in_both_frames_without_a_reload(open_page, desk):
    expect(headline(open_page)).to_have_text("First rendering")
    desk.template.write_text("<!doctype html><h1>Second rendering</h1>")
    for frame in ("#w800", "#w390"):
        expect(headline(open_page, frame)).to_have_text("Second rendering")


def test_saving_the_config_shows_the_new_title_everywhere(open_page, desk):
    desk.config.write_text("morning The Evening Briefing\nbest Best\n")
    expect(open_page.locator("h1")).to_have_text("The Evening Briefing")
    expect(open_page.locator(".row .line b")).to_have_text("The Evening Briefing: river towns win")
    expect(open_page.locator("pre")).to_contain_text("THE EVENING BRIEFING")
    expect(open_page.locator("nav a").nth(1)).to_have_text("Best")
    expect(open_page).to_have_title("The Evening Briefing: preview")


def test_a_mistake_stands_over_the_last_good_rendering_and_goes_when_mended(open_page, desk):
    box = open_page.locator(".mistake")
    desk.template.write_text("<!doctype html>\n<h1>MISTAKE</h1>")
    expect(box.locator("code")).to_have_text("theme/issue.html:2: unexpected '}'")
    assert box.evaluate("box => getComputedStyle(box).borderBottomColor") == "rgb(163, 22, 28)"
    expect(headline(open_page)).to_have_text("First rendering")
    desk.template.write_text("<!doctype html><h1>Mended</h1>")
    expect(box).to_have_count(0)
    expect(headline(open_page)).to_have_text("Mended")


def test_a_mistake_in_the_config_is_shown_as_text(open_page, desk):
    desk.config.write_text("morning x\nMISTAKE\n")
    expect(open_page.locator(".mistake code")).to_have_text("config.txt:2: newsletters: unknown key <MISTAKE>")
    expect(headline(open_page)).to_have_text("First rendering")


def test_the_first_good_rendering_after_a_mistake_brings_the_frames(page, url, desk):
    desk.template.write_text("MISTAKE")
    page.goto(url)
    expect(page.locator(".mistake")).to_contain_text("cannot be shown")
    expect(page.locator("#state.live")).to_be_visible()
    desk.template.write_text("<h1>Here at last</h1>")
    expect(headline(page)).to_have_text("Here at last")


def test_scroll_positions_and_open_lists_stay(open_page, desk):
    pane = open_page.locator(".glass").first
    pane.evaluate("pane => { pane.scrollTop = 300; scrollTo(0, 200); }")
    open_page.locator("summary").first.click()
    before = open_page.evaluate("scrollY")
    desk.template.write_text("<!doctype html><h1>Second rendering</h1>")
    expect(headline(open_page)).to_have_text("Second rendering")
    expect(open_page.locator("details").first).to_have_attribute("open", "")
    assert (pane.evaluate("pane => pane.scrollTop"), open_page.evaluate("scrollY")) == (300, before)


def test_t28_what_an_article_brings_never_runs_nor_leaves_the_machine(page, url, desk):
    left = []

    def answer(route):
        left.append(route.request.url)
        route.fulfill(status=200, body="")

    page.route(lambda asked: not asked.startswith(url.split("/show/")[0]), answer)
    desk.template.write_text(
        "<h1>Nasty</h1><script>document.title = parent.document.title = 'owned'</script>"
        "<img src='https://tracker.invalid/p.png' onerror=\"parent.postMessage('owned', '*')\">"
        "<form action='https://phish.invalid/'><button>Log in</button></form><iframe src='/'></iframe>"
    )
    page.goto(url)
    expect(page.locator("#state.live")).to_be_visible()
    expect(headline(page)).to_have_text("Nasty")
    page.frame_locator("#w800").locator("button").click()
    expect(headline(page)).to_have_text("Nasty")
    expect(page).to_have_title("The Morning Briefing: preview")
    assert left == []


def test_a_samples_picture_is_seen_in_the_frame(page, url, desk):
    # A PNG of 1x1 px, by hand.
    png = (
        "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154"
        "789c63606060000000040001f61738550000000049454e44ae426082"
    )
    (desk.folder / "pictures" / "river.png").write_bytes(bytes.fromhex(png))
    desk.template.write_text('<h1>x</h1><img src="https://pictures.example/river.png" alt="A river">')
    page.goto(url)
    picture = page.frame_locator("#w800").locator("img")
    expect(picture).to_have_js_property("complete", value=True)
    expect(picture).to_have_js_property("naturalWidth", 1)


def test_the_page_says_when_the_preview_has_ended(page, desk):
    with running(partial(serve_preview, desk)) as url:
        page.goto(url)
        expect(page.locator("#state.live")).to_be_visible()
    expect(page.locator("#state")).to_have_text("stopped")


@pytest.mark.parametrize("width", [320, 390, 800, 1400])
def test_the_page_never_scrolls_sideways(page, url, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(url)
    expect(page.locator("#state.live")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
