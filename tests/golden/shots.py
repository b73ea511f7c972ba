"""Pictures of the golden cases, to be looked at by people.

`./run golden --shots DIR [CASE | THEME ...]`: each light and dark, 600 and 320 px wide; `./run golden --docs` makes those
in docs/shots anew. The pictures of the samples are served from samples/pictures; nothing else is fetched.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from digest.composer import mjml_child
from tests.golden.cases import CASES, ROOT, THEMES, variant_of

PICTURES = ROOT / "samples" / "pictures"
DOCS = ROOT / "docs" / "shots"
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


def shoot(browser, html, file, *, width, dark, **look):
    """One picture of the page at `file`: whole, unless `height` cuts it; `scale` of its pixels; JPEG by `quality`."""
    context = browser.new_context(
        viewport={"width": width, "height": look.get("height", 800)},
        device_scale_factor=look.get("scale", 1),
        color_scheme="dark" if dark else "light",
        java_script_enabled=False,
    )
    page = context.new_page()
    page.route("**/*", _answer)
    page.set_content(html.replace("</head>", f"<style>{GEORGIA}</style></head>", 1), wait_until="load")
    kind = {"type": "jpeg", "quality": look["quality"]} if "quality" in look else {}
    page.screenshot(path=file, full_page="height" not in look, **kind)
    context.close()


def gallery(browser, child, folder, only):
    """CASE.THEME.LIGHT.WIDTH.png in `folder`; `only` names cases and themes, all of them when empty."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in [case for case in CASES if case in only] or CASES:
        for theme in [theme for theme in THEMES if theme in only] or THEMES:
            html = variant_of(case, theme, child).html.joined(FILLED)
            for width in WIDTHS:
                for light in ("light", "dark"):
                    file = folder / f"{case}.{theme}.{light}.{width}.png"
                    shoot(browser, html, file, width=width, dark=light == "dark")


def for_the_docs(browser, child):
    """docs/shots: every design whole and small, and the first screen of a briefing for the README."""
    for theme in THEMES:
        html = variant_of("normal", theme, child).html.joined(FILLED)
        shoot(browser, html, DOCS / f"{theme}.jpg", width=600, dark=False, scale=0.7, quality=46)
    html = variant_of("normal", "briefing", child).html.joined(FILLED)
    for light in ("light", "dark"):
        file = DOCS / f"readme-{light}.jpg"
        shoot(browser, html, file, width=600, dark=light == "dark", height=1480, quality=80)


def main(arguments):
    """`docs`, or a folder and what to show in it."""
    child = mjml_child()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", chromium_sandbox=False)
        if arguments == ["--docs"]:
            for_the_docs(browser, child)
        else:
            gallery(browser, child, Path(arguments[0]), set(arguments[1:]))
        browser.close()
    child.close()


if __name__ == "__main__":
    main(sys.argv[1:])
