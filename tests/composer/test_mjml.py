"""The strict look at MJML before mrml, and what is done to the HTML after it."""

import pytest
from mjml import mjml2html

from digest.composer import lint
from digest.composer.lint import MAX_DEPTH, Palette
from digest.composer.render import offset_of
from digest.composer.tidy import tidy

BOX = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


def faults(source):
    """(rule, why, line) of every error in rendered MJML."""
    return [
        (fault.rule, fault.why, source.count("\n", 0, max(fault.offset, 0)) + 1)
        for fault in lint.check_mjml(source, Palette(), {})
        if not fault.warning
    ]


def render_mjml(source):
    assert not faults(source)
    return tidy(mjml2html(source, fonts={}))


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("", 1, "the document is empty"),
        ("hello", 1, "not well-formed"),
        ("<html></html>", 1, "drops <html> in <the document>"),
        ("<!DOCTYPE mjml>\n<mjml></mjml>", 1, "DOCTYPE"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><mjml>&b;</mjml>', 1, "DOCTYPE"),
        ("<mjml>\n<mj-body>\n<mj-sectoin></mj-sectoin></mj-body></mjml>", 3, "did you mean <mj-section>?"),
        ("<mjml><mj-whatever /></mjml>", 1, "no MJML element is called <mj-whatever>"),
        ("<mjml>\n<mj-body><mj-text>a & b</mj-text>", 2, "write & as &amp;"),
        ("<mjml><mj-body>\n<mj-text>a\x00b</mj-text>", 2, "not well-formed"),
        ("<mjml><mj-raw a='1' a='2'/></mjml>", 1, "keep one"),
        ("<mjml><mj-text>" + "<b>" * MAX_DEPTH, 1, "more than 100 deep"),
        ("<mjml><mj-head><mj-font href='https://fonts.example/x' /></mj-head></mjml>", 1, "remote host"),
    ],
)
def test_a_fault_is_found_before_mrml_sees_it(source, line, why):
    found = faults(source)
    assert [one for one in found if why in one[1] and one[2] == line], found


def test_named_entities_comments_and_html_in_text_are_fine():
    assert faults(BOX.format("<!-- ok --><mj-text>a&nbsp;b &copy; <b>x</b><br /></mj-text>")) == []


def test_nesting_that_would_end_the_process_is_named_and_no_more():
    found = faults(BOX.format("<mj-text>" + "<b>" * 20_000 + "</b>" * 20_000 + "</mj-text>"))
    assert [rule for rule, _, _ in found] == ["mjml-depth"]


@pytest.mark.parametrize(
    ("message", "offset"),
    [("unexpected token at position 9:12", 8), ("unexpected token at position 0:1", 0), ("unable to parse", -1)],
)
def test_mrmls_byte_offsets_become_places_in_the_text(message, offset):
    assert offset_of("<mjml>é\n<a>\n<b>", message) == offset


def test_a_rendered_page_is_tidy():
    page = render_mjml(
        BOX.format(
            "<mj-table><tbody><tr><td>x</td></tr></tbody></mj-table>"
            '<mj-image src="https://p.example/x.jpg" alt="x" width="100px" />'
            '<mj-button href="https://x.example">Go</mj-button>'
        )
    )
    tables = page.count("<table")
    assert tables == page.count('<table role="presentation"') + page.count('cellspacing="0" role="presentation"')
    assert page.count('<meta charset="utf-8">') == 1
    for gone in ("X-UA-Compatible", 'height="auto"', "vertical-align=", "<![endif]--><!--[if mso | IE]>", "http-equiv"):
        assert gone not in page
    assert "fonts.g" not in page


def test_tidying_twice_changes_nothing_more():
    page = render_mjml(BOX.format("<mj-text>x</mj-text>"))
    assert tidy(page) == page


def test_tidying_leaves_text_alone():
    assert tidy('<p>height="auto" role="x" <td role="x">y</td></p>') == '<p>height="auto" role="x" <td>y</td></p>'
