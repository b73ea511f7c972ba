"""A theme of an owner's own: what is wrong with it is said with file and line, and nothing wrong gets out."""

import re
from pathlib import Path

import pytest

from digest.child import Child
from digest.composer import FolderTheme, check_theme, theme_names, theme_roots
from digest.errors import TemplateError

MINE = "templates/email/mine"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def fault(own_theme, composed):
    """The error of a theme: with `old` replaced by `new` in its MJML, or with files as own_theme takes them."""

    def find(old="", new="", **files):
        theme = own_theme(**files)
        if old:
            path = theme.files.folder / "issue.mjml"
            source = path.read_text("utf-8")
            assert old in source
            path.write_text(source.replace(old, new), "utf-8")
        with pytest.raises(TemplateError) as caught:
            composed(by=theme)
        return caught.value

    return find


def test_a_theme_that_is_only_a_folder_works(own_theme, composed):
    assert "Ferry unions" in composed(by=own_theme()).variants[0].html.shown()


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("<mj-text><p>{{ story.teaser }}</p></mj-text>", "<mj-txt>{{ story.teaser }}</mj-txt>", 8, "<mj-text>?"),
        ("<mj-text>{{ site.postal_address }}", "<mj-text>{{ site.postal }}", 12, '"postal"'),
        ("{{ story.teaser }}", "{{ stroy.teaser }}", 8, '"stroy"'),
        ("{{ story.teaser }}", "{{ story.teaser", 8, "unexpected"),
        ("{% endfor %}\n<mj-text><a", "\n<mj-text><a", 12, "endfor"),
        ("<mj-column>", '<mj-column>{% include "_parts/gone.mjml" %}', 4, "_parts/gone.mjml is missing"),
        ("<p>{{ story.teaser }}</p>", "<p>{{ story.teaser }}", 8, "close every element"),
        ("<p>{{ story.teaser }}</p>", "<p class=x>{{ story.teaser }}</p>", 8, "quote every attribute"),
        ("<p>{{ story.teaser }}</p>", "<![CDATA[x]]>", 8, "CDATA"),
        ("<mj-column>", '<mj-column><mj-include path="x.mjml" />', 4, "include"),
        ("<mj-body>", "<mj-head><mj-preview>x</mj-preview></mj-head><mj-body>", 2, "standfirst"),
        ("<mj-body>", "<mj-head><mj-html-attributes /></mj-head><mj-body>", 2, "mj-html-attributes"),
        ("<mj-column>", "<mj-column><p>lost</p>", 4, "drops <p> in <mj-column>"),
        ("<mj-column>", "<mj-column>lost", 4, "drops text in <mj-column>"),
        ("{{ story.teaser }}", "{{ ''.__class__.__mro__ }}", 8, "not allowed"),
        ("{{ story.teaser }}", "{{ 1 / 0 }}", 8, "ZeroDivisionError"),
        ("<mj-column>", '<mj-column>{% include "issue.mjml" %}', 4, "without end"),
    ],
)
def test_a_broken_template_is_named_with_its_line(fault, old, new, line, why):
    error = fault(old, new)
    assert (error.file, error.line) == (f"{MINE}/issue.mjml", line)
    assert why in error.why
    assert str(error).startswith(f"{MINE}/issue.mjml:{line}: ")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{{ site.postal_address }}", "", "postal address"),
        ('<a href="{{ holes.unsubscribe_url }}">{{ labels.unsubscribe }}</a>', "x", "unsubscribe link"),
        ("{{ story.headline }}", "A headline", "lacks the headline"),
        ("{{ story.url }}", "https://x.example", "does not link"),
        ("<h1>{{ newsletter.title }}</h1>", "{{ newsletter.title }}", "0 <h1>"),
        ("{{ story.teaser }}", "{% raw %}{{ story.teaser }}{% endraw %}", "{{ story.teaser }}"),
        ("{{ story.url }}", "javascript:alert(1)", "a link begins with"),
        ("{{ labels.unsubscribe }}", "{{ holes.name | upper }}", "changed by a filter"),
        ("<mj-body>", '<mj-body width="{{ holes.name }}">', "holes may stand only in text and in href"),
    ],
)
def test_a_page_that_lacks_what_it_owes_is_refused(fault, old, new, why):
    error = fault(old, new)
    assert error.file == f"{MINE}/issue.mjml"
    assert why in error.why


def test_an_empty_page_is_refused(fault):
    error = fault(mjml='<mjml lang="en" dir="ltr"><mj-body></mj-body></mjml>\n')
    assert "only 0 characters" in error.why


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("<{{ holes.unsubscribe_url }}>", "", "unsubscribe link"),
        ("<{{ story.url }}>", "{{ story.url }}", "does not link"),
        ("{{ story.headline }}", "", "lacks the headline"),
        ("{{ site.postal_address }}", "", "postal address"),
        ("{{ site.postal_address }}", "{{ site.adress }}", '"adress"'),
    ],
)
def test_the_text_part_is_held_to_the_same(own_theme, fault, old, new, why):
    source = own_theme().files.text("issue.txt")
    error = fault(text=source.replace(old, new))
    assert error.file == f"{MINE}/issue.txt"
    assert why in error.why


def test_a_missing_text_part_is_named(own_theme, composed):
    theme = own_theme()
    (theme.files.folder / "issue.txt").unlink()
    with pytest.raises(TemplateError, match=f"{MINE}/issue.txt is missing"):
        composed(by=theme)


# The folder's other files.


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        ('title = "x"\n[light\n', 2, "Expected"),
        ('title = "x"\n', 0, "[light] is missing"),
        ("", 0, "title"),
    ],
)
def test_a_broken_theme_toml_is_named(own_theme, content, line, why):
    with pytest.raises(TemplateError) as caught:
        own_theme(theme__toml=content)
    assert (caught.value.file, caught.value.line) == (f"{MINE}/theme.toml", line)
    assert why in caught.value.why


@pytest.mark.parametrize("colour", ["#FFF", "red", "#12345G", "123456"])
def test_a_colour_has_six_digits(own_theme, colour):
    good = (ROOT / "templates/email/plain/theme.toml").read_text("utf-8")
    spoilt = good.replace('rule = "#3A3A3C"', f'rule = "{colour}"')
    with pytest.raises(TemplateError) as caught:
        own_theme(theme__toml=spoilt)
    lines = spoilt.splitlines()
    assert lines[caught.value.line - 1] == f'rule = "{colour}"'
    assert "[dark] rule" in caught.value.why


def test_a_file_that_is_not_utf8_is_named(own_theme, composed):
    theme = own_theme()
    (theme.files.folder / "issue.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(TemplateError, match=r"issue\.txt: .*not UTF-8"):
        composed(by=theme)


def test_an_unknown_theme_is_named_with_its_neighbours():
    with pytest.raises(TemplateError, match='no theme called "breifing"; did you mean "briefing"'):
        FolderTheme("breifing", base=ROOT)


def test_the_built_in_themes_are_these():
    assert theme_names(theme_roots(ROOT)) == ("best-articles", "briefing", "good-news", "plain")


def test_an_owners_theme_hides_the_built_in_one_of_its_name(tmp_path, own_theme):
    own = own_theme().files.folder
    own.rename(own.parent / "plain")
    assert FolderTheme("plain", base=tmp_path).files.folder == own.parent / "plain"
    assert "plain" in theme_names(theme_roots(tmp_path))


def test_an_owners_part_hides_the_built_in_one(tmp_path, own_theme, composed):
    theme = own_theme()
    parts = tmp_path / "templates" / "email" / "_parts"
    parts.mkdir()
    (parts / "labels.en.toml").write_text('unsubscribe = "Leave the harbour"\n', "utf-8")
    assert "Leave the harbour" in composed(by=theme).variants[0].html.shown()


# The sample.


@pytest.mark.parametrize("name", ["best-articles", "briefing", "good-news", "plain"])
def test_every_built_in_theme_is_sound_and_gives_no_cause_for_a_warning(theme, site, name):
    assert check_theme(theme(name), site) == ()


def test_a_theme_that_speaks_one_language_alone_is_refused(own_theme, site):
    source = own_theme().files.text("issue.mjml")
    theme = own_theme(mjml=source.replace('lang="{{ language }}" dir="{{ dir }}"', 'lang="en" dir="ltr"'))
    found = [str(one) for one in check_theme(theme, site) if one.rule == "language"]
    assert len(found) == 2
    assert found[0].startswith(f'{MINE}/issue.mjml:1: with a page in Arabic: lang="en" on a page in ar')


def test_a_hole_changed_by_a_filter_is_named_with_its_line(own_theme, site):
    source = own_theme().files.text("issue.mjml")
    theme = own_theme(mjml=source.replace("{{ labels.unsubscribe }}", "{{ holes.name | upper }}"))
    (mistake,) = check_theme(theme, site, stressed=False)
    assert str(mistake).startswith(f"{MINE}/issue.mjml:10: a personal hole was changed by a filter")


def test_a_theme_is_checked_with_its_own_sample(own_theme, site):
    theme = own_theme(mjml='<mjml lang="en" dir="ltr">\n<mj-body>\n<mj-secton />\n</mj-body>\n</mjml>\n')
    (mistake,) = check_theme(theme, site)
    assert str(mistake) == (f"{MINE}/issue.mjml:3: no MJML element is called <mj-secton>; did you mean <mj-section>?")


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        ("articles = 3", "lacks or spoils"),
        ("[[articles]]\nurl = 'x'", "headline"),
        ("x = [", "Invalid|Unclosed|xpected"),
    ],
)
def test_a_spoilt_sample_is_a_mistake_too(own_theme, site, sample, why):
    (mistake,) = check_theme(own_theme(sample__toml=sample), site)
    assert mistake.file == f"{MINE}/sample.toml"
    assert re.search(why, mistake.why)


# The child.


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("import time\n    time.sleep(60)", "took more than"),
        ("import os\n    os.abort()", "died"),
        ("return 1 / 0", "ZeroDivision"),
    ],
)
def test_a_render_that_hangs_or_dies_is_a_template_error(tmp_path, monkeypatch, composed, body, why):
    (tmp_path / "slow_render.py").write_text(
        f"def answer(kind, *_, **more):\n    if kind == 'line':\n        return 'A subject'\n    {body}\n", "utf-8"
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{ROOT}")
    child = Child("slow_render:answer", deadline=1.5, memory_mb=512)
    try:
        with pytest.raises(
            TemplateError, match=f"templates/email/briefing/issue.mjml: MJML could not be rendered.*{why}"
        ):
            composed(by=FolderTheme("briefing", base=ROOT, child=child))
    finally:
        child.close()
