"""Every theme over every case: the HTML and the text of an issue as reviewed by eye, hole by hole.

`./run golden --update` writes the expected files anew, `./run golden --shots DIR` makes pictures of them; the diff and
the pictures are the review.
"""

import pytest

from digest.composer import mjml_child
from tests.golden.cases import CASES, HERE, ROOT, THEMES, variant_of


@pytest.fixture(scope="module")
def child():
    child = mjml_child()
    yield child
    child.close()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("case", CASES)
def test_a_case_looks_as_it_was_reviewed(case, theme, child, request):
    folder, variant = HERE / case / theme, variant_of(case, theme, child)
    made = {"expected.html": variant.html.shown() + "\n", "expected.txt": variant.text.shown()}
    for name, text in made.items():
        file = folder / name
        if request.config.getoption("--update-golden", default=False):
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        assert file.read_text("utf-8") == text, f"{file.relative_to(ROOT)} differs; ./run golden --update"


def test_there_is_a_file_for_every_case_and_theme_and_no_other():
    wanted = {(case, theme) for case in CASES for theme in THEMES}
    found = {(path.parent.parent.name, path.parent.name) for path in HERE.glob("*/*/expected.html")}
    assert found == wanted
