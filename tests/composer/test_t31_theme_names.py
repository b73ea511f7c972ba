"""SECURITY.md T31: a theme's name or an include never opens a file outside the themes' folders."""

import pytest

from digest.composer import FolderTheme, theme_names, theme_roots
from digest.errors import TemplateError

ESCAPES = [
    "../briefing",
    "..",
    ".",
    "/etc",
    "briefing/../plain",
    "briefing/",
    "brief\x00ing",
    "%2e%2e/briefing",
    "%2e%2e",
    "..\\briefing",
    "_parts",
    "Briefing",
    "",
    "brief ing",
    "briefing\n",
    "-x",
]


@pytest.mark.parametrize("name", ESCAPES)
def test_t31_a_theme_name_that_is_a_path_is_refused(tmp_path, name):
    with pytest.raises(TemplateError, match="is no theme name"):
        FolderTheme(name, base=tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "../mine/issue.txt",
        "../../../secret.txt",
        "/etc/passwd",
        "_parts/../mine/issue.txt",
        "_parts//etc/passwd",
        "sub/issue.txt",
        "%2e%2e/secret.txt",
        "_parts/%2e%2e/%2e%2e/secret.txt",
        "secret.txt\\0",
        ".hidden",
        "..\\\\secret.txt",
    ],
)
@pytest.mark.parametrize("how", ['{%% include "%s" %%}', '{%% import "%s" as x %%}', '{%% extends "%s" %%}'])
def test_t31_an_include_that_is_a_path_is_refused(tmp_path, own_theme, composed, how, name):
    (tmp_path / "secret.txt").write_text("the secret")
    with pytest.raises(TemplateError, match="is no file of a theme") as caught:
        composed(by=own_theme(mjml=how % name))
    assert caught.value.line == 1


def test_t31_an_include_that_is_a_link_out_of_the_theme_is_refused(tmp_path, own_theme, composed):
    (tmp_path / "secret.txt").write_text("the secret")
    theme = own_theme(mjml='{% include "part.txt" %}')
    (theme.files.folder / "part.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TemplateError, match="a link that leaves"):
        composed(by=theme)


def test_t31_a_shared_part_that_is_a_link_out_of_the_root_is_refused(tmp_path, own_theme, composed):
    (tmp_path / "secret.txt").write_text("the secret")
    theme = own_theme(mjml='{% include "_parts/part.txt" %}')
    parts = tmp_path / "templates" / "email" / "_parts"
    parts.mkdir()
    (parts / "part.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(TemplateError, match="a link that leaves"):
        composed(by=theme)


def test_t31_a_theme_that_is_a_link_out_of_the_root_is_refused(tmp_path):
    root = tmp_path / "templates" / "email"
    root.mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "issue.mjml").write_text("")
    (root / "mine").symlink_to(elsewhere)
    with pytest.raises(TemplateError, match="a link that leaves"):
        FolderTheme("mine", base=tmp_path)


def test_t31_a_file_without_end_is_not_read_whole(own_theme, composed):
    theme = own_theme()
    (theme.files.folder / "issue.txt").write_text("x" * (1 << 20) + "y")
    with pytest.raises(TemplateError, match="larger than 1048576 bytes"):
        composed(by=theme)


def test_t31_a_folder_with_another_name_is_not_offered(tmp_path, own_theme):
    folder = own_theme().files.folder
    (folder.parent / "Not_A_Name").mkdir()
    (folder.parent / "Not_A_Name" / "issue.mjml").write_text("")
    assert "mine" in theme_names(theme_roots(tmp_path))
    assert "Not_A_Name" not in theme_names(theme_roots(tmp_path))
