"""What owners of themes fall into: each is named by the lint, at its own line of the rendered MJML."""

import pytest

from digest.composer import lint
from digest.composer.lint import Palette

HOLE = "h" + "0123456789abcdef" * 2 + "x0e"
PALETTE = Palette(colours=frozenset({"#111111"}), holes=frozenset({HOLE}))
BOAT = 'src="https://p.example/boat.jpg"'


def found(line, *, context=None):
    source = f"<mjml><mj-body><mj-section><mj-column>\n{line}\n</mj-column></mj-section></mj-body></mjml>"
    faults = lint.check_mjml(source, PALETTE, context or {})
    assert {source.count("\n", 0, one.offset) for one in faults} <= {1}, faults
    return {(one.rule, one.warning) for one in faults}


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ("a &foo; b", "mjml-syntax"),
        ("<?php echo 1 ?>", "mjml-syntax"),
        (f'<img {BOAT} alt="" width="1" height="1" />', "pixel"),
        (f'<img {BOAT} alt="" width="20" style="width:1px;height:1px" />', "pixel"),
        ('<img src="mailto:x@p.example" alt="" width="20" />', "url"),
        ('<table><tr><td bgcolor="#eee">x</td></tr></table>', "colour"),
        ('<p style="color:rde">x</p>', "colour"),
        ('<p style="colour:#111111">x</p>', "style"),
        ('<p style="margin:0 color:#111111">x</p>', "style"),
        ('<p style="margin">x</p>', "style"),
        ('<p style="font-size:1px">x</p>', "hidden"),
        ('<p style="font-size:5pt">x</p>', "hidden"),
        ('<p style="text-indent:-9999px">x</p>', "hidden"),
        ('<p style="color:transparent">x</p>', "hidden"),
        ('<div style="height:0;overflow:hidden">x</div>', "hidden"),
        ('<div style="overflow:hidden;max-width:100%;width:1px">x</div>', "hidden"),
        ('<p style="white-space:nowrap">x</p>', "client-support"),
        ('<p style="font-size:1.2rem">x</p>', "client-support"),
        ('<p style="color:var(--ink)">x</p>', "client-support"),
        ('<p style="float:left">x</p>', "client-support"),
        ('<p style="width:900px">x</p>', "width"),
        ("<time>x</time>", "html-tag"),
        ('<a href="https://bank.example@p.example/">a page</a>', "url"),
        ('<a href="https://p.example/">www.bank.example</a>', "link-text"),
        ('<table role="table"><tr><td>x</td></tr></table>', "table-role"),
        ("<table><tr><div>x</div></tr></table>", "html-nesting"),
        ("<table>x<tr><td>x</td></tr></table>", "html-nesting"),
        ("<ul>x<li>x</li></ul>", "html-nesting"),
        ("<ul><p>x</p></ul>", "html-nesting"),
        ("<span><div>x</div></span>", "html-nesting"),
        ("<p><b><ul><li>x</li></ul></b></p>", "html-nesting"),
        (f'<img {BOAT} alt="Hello {HOLE}" width="20" />', "holes"),
        (f'<img src="https://p.example/{HOLE}" alt="" width="20" />', "holes"),
        (f'<p style="color:{HOLE}">x</p>', "holes"),
        (f'<a href="https://p.example/?u={HOLE}">a page</a>', "holes"),
        ("<h1>x</h1><h1>y</h1>", "heading"),
    ],
)
def test_html_that_falls_apart_somewhere_is_refused(inside, rule):
    assert (rule, False) in found(f"<mj-text>{inside}</mj-text>")


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (f'<mj-image {BOAT} alt="" width="1px" />', "pixel"),
        (f'<mj-image {BOAT} alt="" width="300px" href="https://p.example/" />', "link-text"),
        ('<mj-text color="rde">x</mj-text>', "colour"),
        ('<mj-table width="1200px"><tr><td>x</td></tr></mj-table>', "width"),
        ("<mj-table>x</mj-table>", "html-nesting"),
        ('<mj-button href="https://p.example/">Click here</mj-button>', "link-text"),
        ("<mj-button>To the harbour</mj-button>", "url"),
        ("<mj-raw><!--[if mso]><script>x</script><![endif]--></mj-raw>", "html-forbidden"),
        ("<mj-raw><!--[if mso]><a href='http://p.example/'>a page</a><![endif]--></mj-raw>", "url"),
    ],
)
def test_mjml_that_falls_apart_somewhere_is_refused(line, rule):
    assert (rule, False) in found(line)


@pytest.mark.parametrize(
    ("inside", "rule"),
    [
        ('<p style="color:white">x</p>', "palette"),
        ('<p style="quotes:none">x</p>', "style"),
        ('<p style="font-size:9px">x</p>', "small-type"),
    ],
)
def test_what_may_be_meant_is_warned_of(inside, rule):
    assert found(f"<mj-text>{inside}</mj-text>") == {(rule, True)}


@pytest.mark.parametrize(
    "inside",
    [
        "a&nbsp;b &mdash; c &#8212; d",
        f'<img {BOAT} alt="" width="264" style="display:block;width:100%;max-width:264px;height:auto;border:0" />',
        '<p style="margin:0;mso-line-height-rule:exactly;-webkit-text-size-adjust:100%">x</p>',
        '<table><tbody><tr><td style="padding:0 1px"><p>x</p><ul><li>y</li></ul></td></tr></tbody></table>',
        '<a href="https://www.p.example/a">www.p.example</a>',
        '<b><a href="tel:+441234">Call us</a></b>',
        "<!-- a note --><p>x</p>",
        f'<img {BOAT} alt="{HOLE.replace("0e", "9e")} is no hole of ours" width="20" />',
        f'<a href="{HOLE}">a page</a> {HOLE}',
    ],
)
def test_what_is_sound_is_left_alone(inside):
    assert found(f"<mj-text>{inside}</mj-text>") == set()


PAGE = {
    "language": "ar",
    "dir": "rtl",
    "lead": {"headline": "None of {{ the above }}, says a {name}"},
    "sections": [],
}


@pytest.mark.parametrize(
    "left",
    [
        "None", "{ {lead} }}", "{lead.headline}", "{name}", "&lt;built-in method items of dict&gt;", "[{'headline': 1}]",
        "&lt;Macro 'x'&gt;", "object at 0x7f0e",
    ],
)  # fmt: skip
def test_a_piece_of_template_is_found_beside_an_article_that_says_the_like(left):
    source = f'<mjml lang="ar" dir="rtl"><mj-body>None of {{{{ the above }}}}, says a {{name}}\n<p>{left}</p></mj-body></mjml>'
    context = PAGE if left != "{name}" else {**PAGE, "lead": {"headline": "None of {{ the above }}"}}
    at = [one.offset for one in lint.check_mjml(source, PALETTE, context) if one.rule == "left-over"]
    assert at
    assert source.find(left) - 3 <= at[0] or left == "{name}"


def test_a_page_that_says_another_language_than_it_speaks_is_refused():
    told = [
        (one.rule, one.why.partition(":")[0])
        for root in ("<mjml>", '<mjml lang="en" dir="rtl">', '<mjml lang="ar" dir="rtl">')
        for one in lint.check_mjml(f"{root}<mj-body></mj-body></mjml>", PALETTE, PAGE)
    ]
    assert told == [
        ("language", "<mjml> lacks lang"),
        ("language", "<mjml> lacks dir"),
        ("language", 'lang="en" on a page in ar'),
    ]


def test_a_misspelt_tag_is_named_first_and_not_all_that_follows_from_it():
    source = "<mjml><mj-body><mj-section><mj-column>\n<mj-txet><p>x</p><p>y</p></mj-text></mj-column></mj-section></mj-body></mjml>"
    assert [one.rule for one in lint.check_mjml(source, PALETTE, {})] == ["mjml-element", "mjml-syntax"]
