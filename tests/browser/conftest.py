"""Debian's own Chromium, kept off the network."""

from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
OFFLINE = ["--disable-background-networking", "--no-first-run", "--disable-sync"]


# For a module, not the session: while it is open this thread has a running loop, and other tests call asyncio.run().
@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM.exists():
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=OFFLINE)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A page as wide as a desk's screen, with JavaScript; `page.faults` are the errors scripts left behind."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    page = context.new_page()
    page.faults = []
    page.on("pageerror", lambda fault: page.faults.append(fault))  # noqa: PLW0108 - it must be a Python function
    yield page
    context.close()
    assert page.faults == []
