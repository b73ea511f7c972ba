"""What a theme must not hold: every fault is named with the line of the template that wrote it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer import lint
from digest.composer.lint import Palette
from digest.errors import TemplateError

MINE = "templates/email/mine"
LINE = 8  # the teaser's line in conftest.MJML
TEASER = "<mj-text><p>{{ story.teaser }}</p></mj-text>"


@pytest.fixture
def findings(own_theme, composed):
    """(line, rule, why) of the errors of a theme with its teaser's line replaced."""

    def find(new, old=TEASER):
        theme = own_theme()
        path = theme.files.folder / "issue.mjml"
        source = path.read_text("utf-8")
        assert old in source
        path.write_text(source.replace(old, new), "utf-8")
        with pytest.raises(TemplateError) as caught:
            composed(by=theme)
        assert {one.file for one in caught.value.findings} == {f"{MINE}/issue.mjml"}
        return [(one.line, one.rule, one.why) for one in caught.value.findings]

    return find


@pytest.mark.parametrize(
    ("new", "rule", "why"),
    [
        ("<mj-txet>a</mj-txet>", "mjml-element", "did you mean <mj-text>?"),
        ('<mj-text colour="#111111">a</mj-text>', "mjml-attribute", 'did you mean "color"?'),
        ("<mj-section><mj-column></mj-column></mj-section>", "mjml-nesting", "belongs in <mj-body>"),
        ("<mj-column></mj-column>", "mjml-nesting", "<mj-column> may not stand in <mj-column>"),
        ("<p>lost</p>", "mjml-dropped", "put it into <mj-text>"),
        ("lost", "mjml-dropped", "drops text in <mj-column>"),
        ('<mj-image src="https://p.example/x.jpg" />', "alt", "lacks alt"),
        ('<mj-image src="https://p.example/x.jpg" alt="x.jpg" />', "alt", "file's name"),
        ('<mj-image alt="A quiet harbour" />', "src", "lacks src"),
        ('<mj-text><img alt="A harbour" width="5" /></mj-text>', "src", "lacks src"),
        ('<mj-text><img src="https://p.example/x.jpg" alt="" /></mj-text>', "image-width", "numeric width"),
        ('<mj-image src="https://p.example/x.jpg" alt="" width="300" />', "mjml-value", "a size in px"),
        ('<mj-text padding-left="0">a</mj-text>', "mjml-value", "with its unit"),
        ('<mj-text align="start">a</mj-text>', "mjml-value", "left, right, center"),
        ('<mj-text color="#111">a</mj-text>', "colour", "six hexadecimal digits"),
        ('<mj-text><p style="color:#eee">a</p></mj-text>', "colour", "six hexadecimal digits"),
        ('<mj-text><p style="font-size:17">a</p></mj-text>', "unit", "write 17px"),
        ('<mj-text font-family="Comic Neue">a</mj-text>', "font", "readers do not have it"),
        ("<mj-text><p style=\"font:700 21px/27px 'Open Sans', serif\">a</p></mj-text>", "font", "open sans"),
        ('<mj-text><p style="display:none">a</p></mj-text>', "hidden", "hides text"),
        ('<mj-text><span style="font-size: 0px">a</span></mj-text>', "hidden", "hides text"),
        ('<mj-text><p style="display:flex">a</p></mj-text>', "client-support", "use a table"),
        ('<mj-text><p style="position: absolute">a</p></mj-text>', "client-support", "use a table"),
        ("<mj-text><p style=\"background:url('https://x.example/x.png')\">a</p></mj-text>", "remote", "fetch nothing"),
        ('<mj-include path="x.mjml" />', "mjml-refused", "write {% include"),
        ("<mj-text><script>x</script></mj-text>", "html-forbidden", "<script>"),
        ('<mj-text><form action="https://x.example"></form></mj-text>', "html-forbidden", "<form>"),
        ('<mj-raw><iframe src="https://x.example"></iframe></mj-raw>', "html-forbidden", "<iframe>"),
        ("<mj-text><spam>x</spam></mj-text>", "html-tag", "did you mean <span>?"),
        ('<mj-text><p onclick="x()">x</p></mj-text>', "html-attribute", "a message runs nothing"),
        ('<mj-text><a herf="https://x.example">a page</a></mj-text>', "html-attribute", 'did you mean "href"?'),
        ("<mj-text><p><p>x</p></p></mj-text>", "html-nesting", "close it first"),
        ("<mj-table><td>x</td></mj-table>", "html-nesting", "<td> may not stand in <mj-table>"),
        ('<mj-text><a href="http://x.example/">a page</a></mj-text>', "url", "write https"),
        ('<mj-text><a href="javascript:alert(1)">a page</a></mj-text>', "url", "only https"),
        ('<mj-text><img src="data:image/png;base64,x" alt="" width="1" /></mj-text>', "url", "only https"),
        ('<mj-text><a href="/page">a page</a></mj-text>', "url", "only https"),
        ('<mj-text><a href="">a page</a></mj-text>', "url", "leads nowhere"),
        ('<mj-text><a href="https://bit.ly/x">a page</a></mj-text>', "url", "hides where it leads"),
        ('<mj-text><a href="https://x.example/">Read more</a></mj-text>', "link-text", "write where it leads"),
        ('<mj-text><a href="https://x.example/"> </a></mj-text>', "link-text", "without words"),
        ("<mj-text><h2></h2></mj-text>", "heading", "an empty <h2>"),
        ("<mj-text>{% raw %}{{ lead.headline }}{% endraw %}</mj-text>", "left-over", "{{ lead.headline }}"),
        ("<mj-text>{{ none }} o'clock</mj-text>", "left-over", "None o'clock"),
        ("<mj-text>{{ lead }}</mj-text>", "left-over", "{'headline'"),
        ("<mj-carousel />", "mjml-refused", "take out"),
        ('<mj-hero mode="fluid-height"></mj-hero>', "mjml-value", "fixed-height"),
    ],
)
def test_a_fault_in_a_line_of_the_theme_is_named_with_that_line(findings, new, rule, why):
    found = [one for one in findings(new) if one[1] == rule]
    assert {one[0] for one in found} == {LINE}
    assert any(why in one[2] for one in found), found


@pytest.mark.parametrize(
    ("head", "rule", "why"),
    [
        ("<mj-style>@import 'https://x.example/x.css';</mj-style>", "remote", "no @import"),
        ("<mj-style>p{color:#abc}</mj-style>", "colour", "six hexadecimal digits"),
        ("<mj-style>{{ 'p{color:#111111}' * 1200 }}</mj-style>", "style-block", "Gmail drops"),
        ('<mj-style inline="inline">p{margin:0}</mj-style>', "mjml-refused", "does not inline"),
        ('<mj-attributes><mj-class name="x"><mj-text /></mj-class></mj-attributes>', "mjml-refused", "holds nothing"),
        ("<mj-attributes><mj-txet /></mj-attributes>", "mjml-element", "did you mean <mj-text>?"),
        ('<mj-font name="X" href="https://fonts.example" />', "mjml-refused", "remote host"),
        ("<mj-preview>x</mj-preview>", "mjml-refused", "standfirst"),
    ],
)
def test_a_fault_in_the_head_is_named_with_its_line(findings, head, rule, why):
    found = findings(f"<mj-head>\n{head}\n</mj-head>\n<mj-body>", "<mj-body>")
    assert [one for one in found if one[:2] == (3, rule) and why in one[2]], found


def test_all_that_is_wrong_is_named_at_once(findings):
    found = findings(
        '<mj-text colour="x">\n<p style="color:#eee">a</p>\n<img src="https://p.example/1.jpg" width="9" /></mj-text>'
    )
    assert [(line, rule) for line, rule, _ in found] == [(8, "mjml-attribute"), (9, "colour"), (10, "alt")]


def test_a_fault_in_a_shared_part_is_named_in_the_part(own_theme, composed, tmp_path):
    parts = tmp_path / "templates" / "email" / "_parts"
    theme = own_theme(
        mjml=own_theme()
        .files.text("issue.mjml")
        .replace(TEASER, '{% import "_parts/bits.mjml" as b %}{{ b.bit(story.teaser) }}')
    )
    parts.mkdir(exist_ok=True)
    (parts / "bits.mjml").write_text(
        "{# a comment\nof two lines #}\n{% macro bit(x) %}\n<mj-text>\n  <p\n   stile='x'>{{ x }}</p></mj-text>\n{% endmacro %}\n"
    )
    with pytest.raises(TemplateError) as caught:
        composed(by=theme)
    assert str(caught.value).startswith("templates/email/_parts/bits.mjml:6: <p> has no attribute")


def test_line_12_of_an_owners_theme_is_named_as_line_12(own_theme, composed):
    source = own_theme().files.text("issue.mjml").splitlines()
    source[11:11] = ["<mj-txt>hello</mj-txt>"]
    with pytest.raises(TemplateError) as caught:
        composed(by=own_theme(mjml="\n".join(source)))
    assert str(caught.value).startswith(f"{MINE}/issue.mjml:12: no MJML element is called <mj-txt>")


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ('<mj-text color="#123456">a</mj-text>', "palette"),
        ('<mj-text><p style="font-size:11px">a</p></mj-text>', "small-type"),
        ('<mj-text font-size="12px">a</mj-text>', "small-type"),
        ('<mj-text><img src="https://p.example/1.jpg" alt="" width="640" /></mj-text>', "image-width"),
        ("<mj-text><h5>a</h5></mj-text>", "heading"),
        ('<mj-text><a href="#top">to the top</a></mj-text>', "anchor"),
    ],
)
def test_what_is_only_unwise_is_warned_of_with_its_line(new, rule):
    source = f"<mjml><mj-body><mj-section><mj-column>\n{new}</mj-column></mj-section></mj-body></mjml>"
    (fault,) = lint.check_mjml(source, Palette(colours=frozenset({"#111111"})), {})
    assert (fault.rule, fault.warning) == (rule, True)
    assert source.count("\n", 0, fault.offset) == 1


def test_a_headline_may_say_what_a_link_may_not(composed, pick, own_theme):
    from digest.model import Picks

    issue = composed(Picks(chosen=(pick("Here", lead=True), pick("None of {{ the above }}"))), by=own_theme())
    assert issue.picks.left_out == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ newsletter.title }}\n", "lacks the headline"),
        ("None", "shows a piece of template: None"),
        ("<{{ holes.view_url }}>", "lacks the preferences link"),
    ],
)
def test_the_text_part_is_linted_too(own_theme, composed, text, why):
    whole = own_theme().files.text("issue.txt")
    changed = {"None": whole + "None\n", "<": ""}.get(text[:1] if text[:1] == "<" else text, text)
    if not changed:
        changed = whole.replace("holes.preferences_url, holes.view_url", "holes.view_url,")
    with pytest.raises(TemplateError) as caught:
        composed(by=own_theme(text=changed))
    assert caught.value.file == f"{MINE}/issue.txt"
    assert any(why in one.why for one in caught.value.findings)


def test_links_that_the_text_part_lacks_are_refused(own_theme, composed):
    extra = "".join(f'<a href="https://only.example/{n}">only here {n}</a>' for n in range(9))
    whole = own_theme().files.text("issue.mjml").replace(TEASER, TEASER + f"<mj-text>{extra}</mj-text>")
    with pytest.raises(TemplateError, match="9 of 16 links of the HTML are not in the text part"):
        composed(by=own_theme(mjml=whole))


def test_words_of_one_language_are_warned_of_with_their_line(own_theme, site):
    from digest.composer import check_theme

    source = own_theme().files.text("issue.mjml")
    assert [one for one in check_theme(own_theme(), site, stressed=False) if one.rule == "words"] == []
    theme = own_theme(mjml=source.replace(TEASER, TEASER + "<mj-text>{# a note #}\n<b>Our weekly</b> read</mj-text>"))
    (one,) = [one for one in check_theme(theme, site, stressed=False) if one.rule == "words"]
    assert (one.line, one.warning) == (9, True)
    assert one.why.startswith('"Our weekly')


def test_defaults_of_pictures_are_no_pictures():
    head = '<mj-head><mj-attributes><mj-image padding="0" /></mj-attributes></mj-head>'
    assert lint.check_mjml(f"<mjml>{head}<mj-body></mj-body></mjml>", Palette(), {}) == []


SOUND = (
    '<mjml lang="en"><mj-head><mj-title>x</mj-title></mj-head><mj-body><mj-section padding="0 24px"><mj-column>\n'
    '<mj-text color="#111111"><p style="margin:0;font:700 21px/27px Georgia, serif">A <a href="https://x.example/">page'
    "</a></p></mj-text>\n</mj-column></mj-section></mj-body></mjml>"
)


@settings(deadline=None)
@given(st.text(), st.integers(0, len(SOUND)), st.integers(0, 20))
def test_whatever_stands_there_the_lint_answers_and_points_into_the_text(noise, at, gone):
    source = SOUND[:at] + noise + SOUND[at + gone :]
    for fault in lint.check_mjml(source, Palette(colours=frozenset({"#111111"})), {}):
        assert -1 <= fault.offset <= len(source)
        assert fault.rule
        assert fault.why


def test_a_sound_document_has_no_fault():
    assert lint.check_mjml(SOUND, Palette(colours=frozenset({"#111111"})), {}) == []
