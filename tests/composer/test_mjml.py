"""The strict look at MJML before mrml, and what is done to the HTML after it."""

import pytest

from digest.composer.mjml import MAX_DEPTH, MjmlError, look
from digest.composer.render import line_of, render_mjml
from digest.composer.tidy import tidy

BOX = "<mjml><mj-body><mj-section><mj-column>{}</mj-column></mj-section></mj-body></mjml>"


@pytest.mark.parametrize(
    ("source", "line", "why"),
    [
        ("", 1, "the document is empty"),
        ("hello", 1, "not well-formed"),
        ("<html></html>", 1, "drops <html> in <the document>"),
        ("<!DOCTYPE mjml>\n<mjml></mjml>", 1, "DOCTYPE"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><mjml>&b;</mjml>', 1, "DOCTYPE"),
        ("<mjml>\n<mj-body>\n<mj-sectoin></mj-sectoin>", 3, "did you mean <mj-section>?"),
        ("<mjml><mj-whatever />", 1, "no MJML element is called <mj-whatever>"),
        ("<mjml>\n<mj-body><mj-text>a & b</mj-text>", 2, "write & as &amp;"),
        ("<mjml><mj-body>\n<mj-text>a\x00b</mj-text>", 2, "not well-formed"),
        ("<mjml><mj-raw a='1' a='2'/></mjml>", 1, "keep one"),
        ("<mjml><mj-text>" + "<b>" * MAX_DEPTH, 1, "more than 100 deep"),
        ("<mjml><mj-head><mj-font href='https://fonts.example/x' /></mj-head></mjml>", 1, "remote host"),
    ],
)
def test_a_fault_is_found_before_mrml_sees_it(source, line, why):
    with pytest.raises(MjmlError) as caught:
        look(source)
    assert caught.value.line == line
    assert why in caught.value.why


def test_named_entities_comments_and_html_in_text_are_fine():
    look(BOX.format("<!-- ok --><mj-text>a&nbsp;b &copy; <b>x</b><br /></mj-text>"))


def test_nesting_that_would_end_the_process_is_refused_first():
    with pytest.raises(MjmlError, match="nested"):
        render_mjml(BOX.format("<mj-text>" + "<b>" * 20_000 + "</b>" * 20_000 + "</mj-text>"))


def test_what_mrml_alone_refuses_is_an_error_too():
    with pytest.raises(MjmlError):
        render_mjml("<mj-body></mj-body>")


@pytest.mark.parametrize(
    ("message", "line"),
    [("unexpected token at position 9:12", 2), ("unexpected token at position 13:14", 3), ("unable to parse", 0)],
)
def test_mrmls_byte_offsets_become_lines(message, line):
    assert line_of("<mjml>é\n<a>\n<b>", message) == line


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
