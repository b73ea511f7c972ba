"""Links: absolute or none, shown without tracking, and one canonical form for one article."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.sources.urls import absolute_link, canonical, host_of, shown_link

BASE = "https://coast.example/news/"


@pytest.mark.parametrize(
    ("link", "absolute"),
    [
        ("https://coast.example/a?b=1#c", "https://coast.example/a?b=1#c"),
        ("two.html", "https://coast.example/news/two.html"),
        ("/two.html", "https://coast.example/two.html"),
        ("../up", "https://coast.example/up"),
        ("//other.example/x", "https://other.example/x"),
        ("?page=2", "https://coast.example/news/?page=2"),
        ("  https://coast.example/a b\n", "https://coast.example/a%20b"),
        ("HTTPS://Coast.Example/Ä?q=ü", "https://coast.example/%C3%84?q=%C3%BC"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://coast.example:8080/x", "http://coast.example:8080/x"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ("https://coast.example/100%25", "https://coast.example/100%25"),
    ],
)
def test_a_link_is_made_absolute(link, absolute):
    assert absolute_link(link, BASE) == absolute


@pytest.mark.parametrize(
    "link",
    [
        *("", "   ", "javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "mailto:a@b.example"),
        *("file:///etc/passwd", "ftp://coast.example/", "http://", "http:///x", "https://u:p@coast.example/"),
        *("http://coast.example:99999/", "http://[::1/", "http:\\\\coast.example\\", "http://exa mple/"),
        *("http://%63oast.example/", "http://.../", 'http://a"onclick=x/', "https://coast.example/" + "a" * 2048),
        "http://\ud800.example/",
    ],
)
def test_what_is_no_web_link_is_none(link):
    assert absolute_link(link, BASE) == ""


def test_a_relative_link_without_a_base_is_none():
    assert absolute_link("/two.html") == ""


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://www.bbc.example/a?at_medium=RSS&at_campaign=rss", "https://www.bbc.example/a"),
        ("https://aj.example/a?traffic_source=rss", "https://aj.example/a"),
        ("https://dw.example/a?maca=en-rss-en-all-1573-rdf", "https://dw.example/a"),
        ("http://m.x.example/s?id=7&utm_source=x&p=2&ref=rss#top", "http://m.x.example/s?id=7&p=2#top"),
        ("https://x.example/?CMP=share&fbclid=1&partner=rss&ns_mchannel=x", "https://x.example/"),
        ("https://x.example/?ref=home&partner=ours&maps=1", "https://x.example/?ref=home&partner=ours&maps=1"),
    ],
)
def test_the_link_shown_is_the_link_without_tracking(url, shown):
    assert shown_link(url) == shown


@pytest.mark.parametrize(
    "same",
    [
        *(
            "https://coast.example/a/b?id=7&p=1",
            "http://coast.example/a/b?id=7&p=1",
            "https://www.coast.example/a/b?p=1&id=7",
        ),
        *("https://COAST.example:443/a/b/?id=7&p=1", "http://m.coast.example:80/a/b?p=1&id=7&utm_x=y#frag"),
        *("https://amp.coast.example/a/b/amp?id=7&p=1", "https://coast.example/a/./x/../b/amp/?id=7&p=1&"),
        "https://coast.example/%61/b?id=%37&p=1",
    ],
)
def test_one_article_has_one_canonical_form(same):
    assert canonical(same) == "//coast.example/a/b?id=7&p=1"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://coast.example/s?id=7", "https://coast.example/s?id=8"),
        ("https://coast.example/a", "https://coast.example/A"),
        ("https://coast.example/a", "https://coast.example:8080/a"),
        ("https://coast.example/a%2Fb", "https://coast.example/a/b"),
        ("https://m.example/a", "https://www.example/a"),
    ],
)
def test_two_articles_keep_two_canonical_forms(one, other):
    assert canonical(one) != canonical(other)


def test_a_host_is_named_without_www():
    assert host_of("https://www.coast.example:8080/a") == "coast.example"


LETTERS = [
    "a",
    "b",
    "/",
    ".",
    "%",
    "2",
    "F",
    "f",
    "?",
    "&",
    "=",
    "#",
    ";",
    ":",
    "@",
    "+",
    "ü",
    "m",
    "~",
    "*",
    "(",
    ")",
    "w",
    "amp",
    "www.",
    "..",
    "utm_",
    "%20",
]
PIECES = st.lists(st.sampled_from([*LETTERS, " "]), max_size=20).map("".join)


@given(PIECES, PIECES, PIECES)
@settings(deadline=None, max_examples=400)
def test_the_canonical_form_of_a_canonical_form_is_itself(host, path, query):
    url = absolute_link(f"https://www.{host}coast.example/{path}?{query}")
    if url:
        assert canonical(canonical(url)) == canonical(url)
        assert canonical(shown_link(url)) == canonical(url)


@given(st.text(max_size=80), st.text(max_size=40))
@settings(deadline=None, max_examples=400)
def test_whatever_leaves_is_http_with_a_host_in_plain_ascii(link, base):
    url = absolute_link(link, base)
    assert url == "" or (url.startswith(("http://", "https://")) and host_of(url) and url.isascii())
    assert absolute_link(url) == url
