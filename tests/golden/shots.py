"""`./run golden --shots DIR [CASE ...]`: pictures of the golden cases, to be looked at by people.

Each case and theme light and dark, 600 and 320 px wide. The pictures of the samples are served from samples/pictures;
nothing else is fetched.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest.composer import mjml_child
from tests.golden.cases import CASES, ROOT, THEMES, variant_of

PICTURES = ROOT / "samples" / "pictures"
FILLED = {"name": ", Ada", "unsubscribe_url": "#", "preferences_url": "#", "view_url": "#"}
WIDTHS = (600, 320)
# Debian has no Georgia; of what it has, Noto Serif runs nearest to its width.
GEORGIA = "".join(
    f"@font-face{{font-family:Georgia;font-weight:{weight};src:local('Noto Serif {name}'),local('Noto Serif')}}"
    for weight, name in ((400, "Regular"), (700, "Bold"))
)


def _answer(route):
    picture = PICTURES / route.request.url.rpartition("/")[2]
    if picture.is_file():
        route.fulfill(path=picture)
    else:
        route.abort()


def shoot(browser, html, file, *, width, dark, kind="png"):
    """One picture of the whole page at `file`, at the device's double resolution on a phone."""
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light", java_script_enabled=False
    )
    page = context.new_page()
    page.route("**/*", _answer)
    page.set_content(html.replace("</head>", f"<style>{GEORGIA}</style></head>", 1), wait_until="load")
    quality = {"quality": 82} if kind == "jpeg" else {}
    page.screenshot(path=file, full_page=True, type=kind, **quality)
    context.close()


def main(folder, only):
    """Write CASE.THEME.LIGHT.WIDTH.png into `folder`; `only` names cases or themes, all when empty."""
    folder.mkdir(parents=True, exist_ok=True)
    child = mjml_child()
    cases = [case for case in CASES if case in only] or CASES
    themes = [theme for theme in THEMES if theme in only] or THEMES
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False)
        for case in cases:
            for theme in themes:
                html = variant_of(case, theme, child).html.joined(FILLED)
                for width in WIDTHS:
                    for light in ("light", "dark"):
                        file = folder / f"{case}.{theme}.{light}.{width}.png"
                        shoot(browser, html, file, width=width, dark=light == "dark")
        browser.close()
    child.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), set(sys.argv[2:]))
