"""Every theme over every case: the HTML and the text of an issue as reviewed by eye, hole by hole.

A case is a folder with issue.toml (the shape of a theme's sample.toml, and `base_url`). `./run golden --update` writes
the expected files anew; the diff is the review.
"""

import tomllib
from pathlib import Path

import pytest

from digest.composer import FolderTheme, mjml_child, sample_issue, theme_names, theme_roots
from digest.model import Site

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = sorted(path.parent.name for path in HERE.glob("*/issue.toml"))
THEMES = theme_names(theme_roots(ROOT))


@pytest.fixture(scope="module")
def child():
    child = mjml_child()
    yield child
    child.close()


def made(case, theme, child):
    """The two parts of a case in a theme, holes as [[name]]."""
    told = tomllib.loads((HERE / case / "issue.toml").read_text("utf-8"))
    site = Site(
        name="The Marram Desk",
        id="marram",
        base_url=told["base_url"],
        postal_address="The Marram Desk, 12 Quay Street, Harbourtown HT1 2AB",
        timezone="Europe/London",
        language=told["language"],
        pages=("preferences", "archive"),
    )
    (variant,) = sample_issue(FolderTheme(theme, base=ROOT, child=child), site, told).variants
    return {"expected.html": variant.html.shown() + "\n", "expected.txt": variant.text.shown()}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("case", CASES)
def test_a_case_looks_as_it_was_reviewed(case, theme, child, request):
    folder = HERE / case / theme
    for name, text in made(case, theme, child).items():
        file = folder / name
        if request.config.getoption("--update-golden", default=False):
            folder.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        assert file.read_text("utf-8") == text, f"{file.relative_to(ROOT)} differs; ./run golden --update"


def test_there_is_a_file_for_every_case_and_theme_and_no_other():
    wanted = {(case, theme) for case in CASES for theme in THEMES}
    found = {(path.parent.parent.name, path.parent.name) for path in HERE.glob("*/*/expected.html")}
    assert {pair for pair in found if pair[0] in CASES} == wanted
