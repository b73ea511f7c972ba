"""A theme of one's own is a copy with its parts beside it, and looks the same."""

import pytest

from digest.composer import FolderTheme, check_theme, copy_theme, theme_names
from digest.composer.folders import theme_roots
from digest.errors import TemplateError


@pytest.mark.parametrize("origin", ["best-articles", "briefing", "good-news", "plain"])
def test_a_copy_looks_the_same_and_needs_no_shared_part(tmp_path, composed, child, theme, site, origin):
    files = copy_theme("mine", origin=origin, base=tmp_path)
    assert {file.parent for file in files} == {tmp_path / "templates" / "email" / "mine"}
    assert not [file for file in files if '"_parts/' in file.read_text("utf-8")]
    mine = FolderTheme("mine", base=tmp_path, child=child)
    assert mine.title == "Mine"
    assert composed(by=mine).variants == composed(by=theme(origin)).variants
    assert [one for one in check_theme(mine, site, stressed=False) if not one.warning] == []


def test_a_copy_of_a_copy_works_too(tmp_path, child, composed):
    copy_theme("one", origin="plain", base=tmp_path)
    copy_theme("two-more", origin="one", base=tmp_path)
    assert composed(by=FolderTheme("two-more", base=tmp_path, child=child)).theme == "two-more"
    assert {"one", "two-more"} <= set(theme_names(theme_roots(tmp_path)))


@pytest.mark.parametrize(
    ("name", "origin", "why"),
    [
        ("Mine", "plain", "is no theme name"),
        ("../mine", "plain", "is no theme name"),
        ("briefing", "plain", "already"),
        ("mine", "brefing", 'did you mean "briefing"'),
    ],
)
def test_a_bad_name_writes_nothing(tmp_path, name, origin, why):
    with pytest.raises(TemplateError, match=why):
        copy_theme(name, origin=origin, base=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_lies_there_is_not_written_over(tmp_path):
    first = copy_theme("mine", origin="plain", base=tmp_path)[0].read_text("utf-8")
    with pytest.raises(TemplateError, match="already"):
        copy_theme("mine", origin="briefing", base=tmp_path)
    assert (tmp_path / "templates/email/mine/issue.mjml").read_text("utf-8") == first


def test_a_dry_run_names_the_files_and_writes_none(tmp_path):
    assert copy_theme("mine", origin="plain", base=tmp_path, dry_run=True)
    assert list(tmp_path.iterdir()) == []
