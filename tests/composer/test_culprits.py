"""An article that breaks the render is left out with its reason, and the issue goes; a broken theme stays broken."""

import pytest

from digest.child import Child
from digest.composer import FolderTheme
from digest.composer.theme import mjml_child
from digest.errors import TemplateError
from digest.model import Audience, Picks, Reason

TEASER = "<p>{{ story.teaser }}</p>"


LONG = "The talks go on until noon, and the islands wait for their freight, as they have for the last nine days. " * 2


@pytest.fixture
def spoiling(own_theme):
    """A theme that does something to stories with `dunegrass` in their teaser."""

    def build(what, **files):
        theme = own_theme()
        spoilt = f"<p>{{% if 'dunegrass' in story.teaser %}}{what}{{% endif %}}{{{{ story.teaser }}}}</p>"
        mjml = theme.files.text("issue.mjml").replace(TEASER, spoilt)
        return own_theme(mjml=mjml, **files)

    return build


def left_out(issue):
    return [(out.article.headline, out.reason, out.fact) for out in issue.picks.left_out]


@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("{{ 1 // 0 }}", "templates/email/mine/issue.mjml:8: ZeroDivisionError"),
        ("</b>", "templates/email/mine/issue.mjml:8: not well-formed"),
        ('<img src="x" />', "templates/email/mine/issue.mjml:8: "),
        (
            "{% for n in range(9999) %}{% for m in range(9999) %}{% endfor %}{% endfor %}",
            "issue.mjml:8: the template ran for more than",
        ),
        ("{{ 'x' * 3000000000 }}", "issue.mjml:8: the template needs more memory"),
    ],
)
def test_row62_an_article_that_breaks_the_render_is_left_out_and_the_issue_goes(
    spoiling, composed, pick, monkeypatch, what, why
):
    chosen = [pick(f"Story {n}", lead=n == 0, section="World" if n % 2 else "Science") for n in range(7)]
    chosen[4] = pick("The odd one", teaser="A dunegrass of a teaser.")
    issue = composed(Picks(chosen=tuple(chosen)), by=spoiling(what))
    ((headline, reason, fact),) = left_out(issue)
    assert (headline, reason) == ("The odd one", Reason.RENDER_REFUSED)
    assert why in fact
    assert [one.article.headline for one in issue.picks.chosen] == [f"Story {n}" for n in (0, 1, 2, 3, 5, 6)]
    assert "The odd one" not in issue.variants[0].html.shown()


def test_when_the_lead_is_left_out_the_next_one_leads(spoiling, composed, pick):
    chosen = (pick("A", lead=True, teaser="dunegrass"), pick("B"), pick("C"))
    issue = composed(Picks(chosen=chosen), by=spoiling("{{ 1 // 0 }}"))
    assert [(one.article.headline, one.lead) for one in issue.picks.chosen] == [("B", True), ("C", False)]
    assert issue.subject == "B"


def test_several_are_found_at_once_and_one_that_only_some_audience_sees_too(spoiling, composed, pick):
    chosen = (
        pick("A", lead=True, teaser=LONG),
        pick("B", teaser="dunegrass"),
        pick("C", section="Science", teaser="dunegrass"),
        pick("D"),
    )
    issue = composed(Picks(chosen=chosen), by=spoiling("{{ 1 // 0 }}"), audiences=[Audience(topics=("Science",))])
    assert [out[0] for out in left_out(issue)] == ["B", "C"]


def test_row61_a_theme_that_breaks_over_any_article_is_named_and_no_article_blamed(own_theme, composed):
    theme = own_theme(mjml=own_theme().files.text("issue.mjml").replace("story.teaser", "story.teasr"))
    with pytest.raises(TemplateError, match=r'templates/email/mine/issue\.mjml:8: nothing is called "teasr"'):
        composed(by=theme)


def test_row61_a_theme_that_breaks_over_all_articles_with_a_picture_is_to_blame_itself(own_theme, composed):
    spoilt = (
        own_theme().files.text("issue.mjml").replace(TEASER, "<p>{% if story.image %}{{ story.img }}{% endif %}</p>")
    )
    with pytest.raises(TemplateError, match=r'issue\.mjml:8: nothing is called "img"'):
        composed(by=own_theme(mjml=spoilt))


def test_when_no_article_is_left_the_error_stands(spoiling, composed, pick):
    with pytest.raises(TemplateError, match="ZeroDivisionError"):
        composed(Picks(chosen=(pick("A", lead=True, teaser="dunegrass"),)), by=spoiling("{{ 1 // 0 }}"))


def test_row63_a_renderer_that_dies_over_an_article_is_started_again_and_the_issue_goes(
    tmp_path, monkeypatch, composed, pick
):
    (tmp_path / "dying_render.py").write_text(
        "import os\nfrom digest.composer import render\n"
        "def answer(kind, spec, *given, **more):\n"
        "    if kind == 'page' and 'dunegrass' in repr(given):\n        os.abort()\n"
        "    return render.answer(kind, spec, *given, **more)\n",
        "utf-8",
    )
    root = FolderTheme.__init__.__code__.co_filename.partition("/digest/composer")[0]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{root}")
    child = Child("dying_render:answer", deadline=20, memory_mb=512)
    try:
        chosen = (pick("A", lead=True, teaser=LONG), pick("B", teaser="dunegrass"), pick("C"), pick("D"))
        issue = composed(
            Picks(chosen=chosen), by=FolderTheme("briefing", base=__import__("pathlib").Path(root), child=child)
        )
    finally:
        child.close()
    ((headline, reason, fact),) = left_out(issue)
    assert (headline, reason) == ("B", Reason.RENDER_REFUSED)
    assert "died (SIGABRT)" in fact


def test_row63_nine_thousand_nested_elements_kill_nobody(own_theme, composed, pick):
    child = mjml_child()
    try:
        nested = "{{ ('<b>' * 9500 ~ '</b>' * 9500) if 'dunegrass' in story.teaser else '' }}"
        theme = own_theme(
            mjml=own_theme()
            .files.text("issue.mjml")
            .replace(TEASER, f"<p>{{{{ story.teaser }}}}{{% autoescape false %}}{nested}{{% endautoescape %}}</p>")
        )
        chosen = (pick("A", lead=True, teaser=LONG), pick("B", teaser="dunegrass"), pick("C"))
        issue = composed(Picks(chosen=chosen), by=theme)
    finally:
        child.close()
    assert [(out[0], "nested more than 100 deep" in out[2]) for out in left_out(issue)] == [("B", True)]


def test_text_of_an_article_alone_never_breaks_a_render(composed, pick):
    chosen = (pick("A", lead=True, teaser=LONG), pick("<div>" * 9000, teaser="</mj-text>" * 50), pick("C"))
    from digest.model import Budget

    assert left_out(composed(Picks(chosen=chosen), budget=Budget(soft=1 << 20, hard=1 << 20))) == []
