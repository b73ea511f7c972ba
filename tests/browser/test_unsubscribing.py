"""The public page in a real browser, with JavaScript switched off."""

from functools import partial

import pytest
from playwright.sync_api import expect

from digest.web import public_app, serve
from tests.web.desks import GOOD, FakePublicDesk
from tests.web.running import running


@pytest.fixture
def desk():
    return FakePublicDesk(title="The Morning Briefing of " + "Llanfairpwllgwyngyll" * 4)


@pytest.fixture(params=[320, 1400])
def page(browser, desk, request):
    """The page of a good token, without JavaScript, on a phone and on a desk."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": request.param, "height": 800})
    page = context.new_page()
    with running(partial(serve, public_app(desk), host="127.0.0.1")) as url:
        page.goto(f"{url}/u/{GOOD}")
        yield page
        context.close()


def test_looking_changes_nothing_and_one_press_leaves(page, desk):
    expect(page).to_have_title(f"Unsubscribe: {desk.about.title}")
    assert desk.said == []
    page.get_by_role("button", name="Leave The Morning Briefing").click()
    expect(page.get_by_role("heading")).to_have_text(f"You have left {desk.about.title}")
    assert desk.said == ["morning"]


def test_everything_can_be_left_afterwards(page, desk):
    page.get_by_role("button", name="Leave The Morning Briefing").click()
    page.get_by_role("button", name="Leave everything from The Morning Desk").click()
    expect(page.get_by_role("heading")).to_have_text("You have left everything from The Morning Desk")
    assert desk.said == ["morning", "*"]


def test_it_works_by_keyboard_alone(page, desk):
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading")).to_contain_text("You have left everything")
    assert desk.said == ["*"]


def test_a_long_title_never_makes_the_page_scroll_sideways(page):
    width = page.viewport_size["width"]
    for button in page.get_by_role("button").all():
        box = button.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 44
