"""The lint of finished messages: a sound one passes, and each way of breaking it is refused by its rule."""

import hashlib
import re
from base64 import b64encode
from email import message_from_bytes, policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.model import Links, Part
from digest.sender import lint_message

TEXT = """The Morning Briefing

Ferry unions return to the table
<https://post.example/ferry>

--
Unsubscribe:
<https://news.example.org/u/abc>
1 Harbour Street, Northport
"""
HTML = """<!doctype html>
<html lang="en" dir="ltr">
<head><meta charset="utf-8"><title>Ferry unions return</title><style>p{margin:0}</style></head>
<body>
<div lang="en" dir="ltr">
<table role="presentation" width="100%"><tbody><tr><td style="color:#1B1B1B;background-color:#FFFFFF">
<h1>The Morning Briefing</h1>
<h2><a href="https://post.example/ferry">Ferry unions return to the table</a></h2>
<p><a href="https://news.example.org/u/abc">Unsubscribe</a></p>
<p>1 Harbour Street, Northport</p>
</td></tr></tbody></table>
</div>
</body>
</html>
"""
FIELDS = {
    "Date": "Mon, 23 Nov 2026 06:30:00 +0000",
    "From": "The Morning Desk <desk@news.example.org>",
    "To": "ada@example.com",
    "Subject": "Ferry unions return",
    "Message-ID": "<abc@news.example.org>",
    "List-Id": "<morning.news.example.org>",
    "List-Unsubscribe": "<https://news.example.org/u/abc>, <mailto:unsubscribe@news.example.org?subject=abc>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Feedback-ID": "2026-11-23:morning:digest:morningdesk",
    "Auto-Submitted": "auto-generated",
    "Precedence": "bulk",
    "MIME-Version": "1.0",
}
PADDING = "<p>" + "Work on the coast road goes on until summer, says the council of the islands. " * 9 + "</p>"


def message(*, html=HTML, text=TEXT, kind="alternative", order=("plain", "html"), charset="; charset=utf-8", **changed):
    """The bytes of a message; `Name=None` leaves a field out, `Name=[a, b]` writes it twice."""
    fields = {**FIELDS, "Content-Type": f'multipart/{kind}; boundary="b"'}
    fields.update({name.replace("_", "-"): value for name, value in changed.items()})
    lines = [
        f"{name}: {one}"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    bodies = {"plain": text, "html": html}
    for sub in order:
        lines += ["", "--b"] if sub == order[0] else ["--b"]
        lines += [f"Content-Type: text/{sub}{charset}", "Content-Transfer-Encoding: 8bit", "", bodies[sub]]
    return "\r\n".join([*lines, "--b--", ""]).replace("\r\n", "\n").replace("\n", "\r\n").encode()


def errors(data, **how):
    return [(one.rule, one.why) for one in lint_message(data, **how) if not one.warning]


def test_a_sound_message_passes_without_a_word():
    assert lint_message(message()) == ()


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"List_Unsubscribe": "<http://news.example.org/u/abc>"}, "list-unsubscribe"),
        ({"List_Unsubscribe": "=?utf-8?q?=3Chttps=3A//news=2Eexample=2Eorg?="}, "encoded-word"),
        ({"List_Unsubscribe": None}, "list-unsubscribe"),
        ({"List_Unsubscribe": "<https://news.example.org/u /abc>"}, "list-unsubscribe"),
        ({"List_Unsubscribe": "<https://a.example/u/1>, <https://b.example/u/1>"}, "list-unsubscribe"),
        ({"List_Unsubscribe_Post": None}, "one-click"),
        ({"List_Unsubscribe_Post": "One-Click"}, "one-click"),
        ({"Subject": ["one", "two"]}, "header-twice"),
        ({"From": ["A <a@x.example>", "B <b@x.example>"]}, "header-twice"),
        ({"From": "A <a@x.example>, B <b@x.example>"}, "from"),
        ({"From": "=?utf-8?b?4q2Q?= Deals <a@x.example>"}, "from"),
        ({"From": "Ada <ada@gmail.com>"}, "freemail"),
        ({"Date": None}, "header-missing"),
        ({"Date": "yesterday"}, "date"),
        ({"Message_ID": None}, "header-missing"),
        ({"Message_ID": "abc"}, "message-id"),
        ({"Subject": "Re: FREE!!! ACT NOW"}, "subject"),
        ({"Subject": "Fwd: news"}, "subject"),
        ({"Subject": "AW: Neues vom Hafen"}, "subject"),
        ({"Subject": "LAST CHANCE TO SAVE"}, "subject"),
        ({"Subject": "Fähre"}, "header-8bit"),
        ({"List_Id": "my list"}, "list-id"),
        ({"Feedback_ID": "a:b:c:d:e"}, "feedback-id"),
        ({"Feedback_ID": "a:b:c:abc"}, "feedback-id"),
        ({"order": ("html", "plain")}, "parts"),
        ({"order": ("plain",)}, "parts"),
        ({"order": ("html",)}, "parts"),
        ({"kind": "mixed"}, "parts"),
        ({"charset": ""}, "charset"),
        ({"charset": "; charset=iso-8859-1"}, "charset"),
        ({"charset": "; charset=us-ascii", "text": TEXT + "é"}, "charset"),
        ({"text": TEXT + "é"}, "encoding"),
        ({"text": TEXT + "x" * 999}, "line-length"),
        ({"text": TEXT.replace("https://news.example.org/u/abc", "")}, "unsubscribe-link"),
        (
            {"text": "x\n<https://news.example.org/u/abc>", "html": HTML.replace("</td>", PADDING * 3 + "</td>")},
            "links-differ",
        ),
        ({"text": TEXT.replace("post.example/ferry", "post.example/other"), "html": HTML}, None),
    ],
)
def test_a_broken_header_or_part_is_refused(changed, rule):
    found = [one for one, _ in errors(message(**changed))]
    assert rule in found if rule else found == []


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("</td>", "<script>alert(1)</script></td>", "html-forbidden"),
        ("</td>", '<form action="https://x.example"><input></form></td>', "html-forbidden"),
        ("<h1>", '<h1 onclick="x()">', "html-forbidden"),
        ("</head>", '<link rel="stylesheet" href="https://fonts.example/css"></head>', "html-forbidden"),
        ("p{margin:0}", "@import url(https://x.example)", "remote"),
        ("p{margin:0}", "p{display: flex}", "client-support"),
        ("p{margin:0}", "p{color:#111111}" * 1200, "style-block"),
        ("</td>", '<p style="display:flex">x</p></td>', "client-support"),
        ("</td>", '<p style="display: none">x</p></td>', "hidden"),
        ("</td>", "&#847;&zwnj;" * 30 + "</td>", "hidden"),
        ("</td>", PADDING + '<img src="https://p.example/1.jpg" width="9"></td>', "alt"),
        ("</td>", PADDING + '<img src="https://p.example/1.jpg" width="9" alt="1.jpg"></td>', "alt"),
        ("</td>", PADDING + '<img src="https://p.example/1.jpg" alt=""></td>', "image-width"),
        ("</td>", PADDING + '<img src="https://p.example/1.jpg" width="500" alt=""></td>', "width"),
        ("</td>", PADDING + '<img src="data:image/png;base64,x" width="5" alt=""></td>', "url"),
        ("</td>", '<img src="https://p.example/1.jpg" width="9" alt="All of it"></td>', "image-only"),
        ("</td>", "<p>one<span>two</p></td>", "html-nesting"),
        ("</td>", "</b></td>", "html-nesting"),
        ("</div>\n", "", "html-nesting"),
        ("</td>", '<p style="color:#bbbbbb;background-color:#ffffff">faint</p></td>', "contrast"),
        ("</td>", '<p style="color:#ccc">faint</p></td>', "contrast"),
        ("</td>", '<table role="presentation" width="1200"><tr><td>x</td></tr></table></td>', "width"),
        ("</td>", '<div style="width:700px">x</div></td>', "width"),
        (' role="presentation"', "", "table-role"),
        ('<html lang="en" dir="ltr">', '<html dir="ltr">', "language"),
        ('<div lang="en" dir="ltr">', "<div>", "language"),
        ("<title>Ferry unions return</title>", "", "title"),
        ("<h1>The Morning Briefing</h1>", "", "heading"),
        ("<h2>", "<h4></h4><h2>", "heading"),
        ("https://post.example/ferry", "http://post.example/ferry", "url"),
        ("https://post.example/ferry", "javascript:alert(1)", "url"),
        ("https://post.example/ferry", "/ferry", "url"),
        ("https://post.example/ferry", "https://bit.ly/ferry", "url"),
        ("https://post.example/ferry", "https://[bad", "url"),
        ("</td>", '<a href="https://evil.example/">https://bank.example/</a></td>', "link-text"),
        ("</td>", '<a href="https://x.example/"></a></td>', "link-text"),
        ('href="https://news.example.org/u/abc"', 'href="https://news.example.org/"', "unsubscribe-link"),
        ("</td>", "<p>" + "word " * 21_000 + "</p></td>", "size"),
        ("<!doctype html>\n", "", "doctype"),
        ("<title>Ferry unions return</title>", "<title> </title>", "title"),
        (
            "<meta charset",
            '<meta http-equiv="refresh" content="0;url=https://x.example"><meta charset',
            "html-forbidden",
        ),
        ("</td>", "<style>p{margin:0}</style></td>", "html-forbidden"),
        ("</td>", "<!--[if mso]><script>x</script><![endif]--></td>", "html-forbidden"),
        ("</td>", '<!--[if mso]><a href="javascript:x()">a page</a><![endif]--></td>', "url"),
        ("</td>", "<my-tag>x</my-tag></td>", "html-tag"),
        ("</td>", '<font color="#eeeeee">x</font></td>', "html-tag"),
        ("</td>", '<p class="a" class="b">x</p></td>', "html-attribute"),
        ("</td>", '<p id="a">x</p><p id="a">y</p></td>', "html-attribute"),
        ("</td>", '<a href="https://x.example/">a <a href="https://y.example/">b</a></a></td>', "html-nesting"),
        ("</td>", "<a>nowhere</a></td>", "url"),
        ("</td>", '<a href="https://bank.example@x.example/">a page</a></td>', "url"),
        ("</td>", PADDING + '<img src="https://p.example/1.gif" width="1" height="1" alt=""></td>', "pixel"),
        ("</td>", PADDING + '<img src="https://p.example/1.gif" width="9" style="height: 1px" alt=""></td>', "pixel"),
        ("</td>", '<p style="background:url(http://p.example/1.gif)">x</p></td>', "url"),
        ("</td>", '<p style="width:expression(alert(1))">x</p></td>', "client-support"),
        ("</td>", '<p style="white-space: nowrap">x</p></td>', "client-support"),
        ("</td>", '<p style="font: 700 1px/2px serif">secret</p></td>', "hidden"),
        ("</td>", '<p style="font-size:4pt">secret</p></td>', "hidden"),
        ("</td>", '<p style="text-indent:-9999px">secret</p></td>', "hidden"),
        ("</td>", '<p style="color: transparent">secret</p></td>', "hidden"),
        ("</td>", '<div style="overflow:hidden;height:0">secret</div></td>', "hidden"),
        ("</td>", "<p hidden>secret</p></td>", "hidden"),
        ("</td>", '<p style="color: rgb(250, 250, 250)">faint</p></td>', "contrast"),
        ("</td>", '<p style="color:white">faint</p></td>', "contrast"),
        ("</td>", '<p style="color:#ffffff;background:#1b1b1b">x</p><p style="color:snow">faint</p></td>', "contrast"),
    ],
)
def test_a_broken_page_is_refused(old, new, rule):
    assert old in HTML
    assert rule in [one for one, _ in errors(message(html=HTML.replace(old, new)))]


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"Subject": "x" * 79}, "subject"),
        ({"Precedence": None}, "bulk"),
        ({"List_Unsubscribe": "<mailto:u@news.example.org>", "List_Unsubscribe_Post": None}, "one-click"),
        ({"text": TEXT + "word " * 20}, "text-line"),
        ({"html": HTML.replace("</td>", '<a href="#top">to the top</a></td>')}, "anchor"),
        ({"html": HTML.replace("</td>", '<p style="font-size:9px">small</p></td>')}, "small-type"),
        ({"html": HTML.replace("</td>", '<p style="text-align:justify">wide</p></td>')}, "type"),
        ({"html": HTML.replace("p{margin:0}", ".x{display:none}")}, "hidden"),
        ({"html": HTML.replace("https://post.example/ferry", "https://xn--bcher-kva.example/")}, "idn"),
        (
            {"html": HTML.replace("</td>", "<p>" + "word " * 17_500 + "</p></td>"), "text": TEXT + "words\n" * 9000},
            "size",
        ),
    ],
)
def test_what_is_only_unwise_is_warned_of(changed, rule):
    assert rule in [one.rule for one in lint_message(message(**changed)) if one.warning]


def test_an_example_that_stays_in_a_folder_may_be_from_anywhere():
    assert errors(message(From="Ada <ada@gmail.com>"), folder_only=True) == []


def signed(
    body_hash,
    covered="from:from:to:subject:date:message-id:mime-version:content-type:list-id:list-unsubscribe:list-unsubscribe-post:feedback-id",
    **tags,
):
    more = "".join(f"; {name}={value}" for name, value in tags.items())
    return f"v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example.org; s=k; h={covered}; bh={body_hash}; b=AAAA{more}"


def test_a_signature_is_held_against_the_body():
    body = message().partition(b"\r\n\r\n")[2]
    relaxed = re.sub(rb"[ \t]+(?=\r\n)", b"", re.sub(rb"[ \t]+", b" ", body))
    right = b64encode(hashlib.sha256(relaxed).digest()).decode()
    assert errors(message(DKIM_Signature=signed(right))) == []
    assert [rule for rule, _ in errors(message(text=TEXT + "more", DKIM_Signature=signed(right)))] == ["dkim"]
    assert ("dkim", "DKIM does not cover list-unsubscribe") in errors(
        message(DKIM_Signature=signed(right, covered="from:from:to"))
    )
    assert ("dkim", "DKIM with l=: anybody may append to the message") in errors(
        message(DKIM_Signature=signed(right, l="10"))
    )
    foreign = signed(right).replace("d=news.example.org", "d=relay.example")
    assert any("DMARC fails" in why for _, why in errors(message(DKIM_Signature=foreign)))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"x",
        b"\x00\xff" * 50,
        b"Subject: =?x?y?z?=\r\n\r\n",
        b"Content-Type: multipart/x; boundary=b\r\n\r\n--b\r\n",
    ],
)
def test_what_is_no_message_is_refused_and_raises_nothing(data):
    assert errors(data)


@settings(deadline=None, max_examples=60)
@given(st.text(), st.integers(0, len(HTML)))
def test_whatever_stands_in_the_page_raises_nothing(noise, at):
    lint_message(message(html=HTML[:at] + noise.encode("utf-8", "replace").decode() + HTML[at:]))


@pytest.mark.parametrize("public", [True, False])
def test_what_the_builder_makes_passes(make, public):
    link = "https://news.example.org/u/abc" if public else "mailto:unsubscribe@news.example.org?subject=abc"
    cut = HTML.replace("https://news.example.org/u/abc", "[unsubscribe]").split("[unsubscribe]")
    plain = TEXT.replace("https://news.example.org/u/abc", "[unsubscribe]").split("[unsubscribe]")
    html = Part(literals=tuple(cut), holes=("unsubscribe_url",))
    text = Part(literals=tuple(plain), holes=("unsubscribe_url",))
    links = Links(unsubscribe=link if public else "", unsubscribe_mail=link if not public else "mailto:u@x.example")
    builder = make.builder(issue=make.issue(html=html, text=text), links=links)
    data = builder.build(make.delivery(1, address="ada@example.org", name="Ädä")).data
    assert errors(data) == []
    assert message_from_bytes(data, policy=policy.SMTP).get_content_type() == "multipart/alternative"
