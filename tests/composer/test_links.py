"""Links as they are sent: https, and with the owner's parameters on his own hosts."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.composer.links import registrable, secure, with_params
from digest.model import CoveredBy, Image, Picks

PARAMS = (("utm_source", "briefing"), ("utm_campaign", "{slot} {newsletter}"))
TAGGED = "?utm_source=briefing&utm_campaign=2026-11-23%20morning"


@pytest.fixture
def links(composed, pick):
    """The text part's links of an issue with these addresses, and its HTML."""

    def build(*urls, **changes):
        also = [CoveredBy(outlet="o", headline="h", url=url) for url in urls[1:]]
        image = Image(url="https://pictures.marram.example/x.jpg", alt="A harbour")
        (variant,) = composed(
            Picks(chosen=(pick("A", lead=True, url=urls[0], also=also, image=image),)),
            **{"link_params": PARAMS, **changes},
        ).variants
        return [line[1:-1] for line in variant.text.shown().splitlines() if line[:1] == "<"], variant.html.shown()

    return build


def test_parameters_go_to_our_own_hosts_alone_and_never_to_the_way_out(links):
    found, page = links(
        "https://www.marram.example/a", "https://other.example/b", "https://marram.example.evil.example/c"
    )
    assert [link for link in found if link.startswith("http")] == [
        f"https://www.marram.example/a{TAGGED}",
        "https://other.example/b",
        "https://marram.example.evil.example/c",
    ]
    assert {link for link in found if "[[" in link} == {"[[view_url]]", "[[unsubscribe_url]]", "[[preferences_url]]"}
    assert 'href="https://www.marram.example/a?utm_source=briefing&amp;utm_campaign=2026-11-23%20morning"' in page
    assert 'src="https://pictures.marram.example/x.jpg"' in page


def test_all_hosts_get_them_when_asked(links):
    found, _ = links("https://a.example/", "https://b.example/x?y=1#z", all_hosts=True)
    assert found[1:3] == [f"https://a.example/{TAGGED}", f"https://b.example/x?y=1&{TAGGED[1:]}#z"]


def test_without_public_pages_the_senders_domain_is_our_own(links, newsletter):
    found, _ = links("https://www.marram.example/a", site=replace(newsletter.site, base_url=""))
    assert f"https://www.marram.example/a{TAGGED}" in found


def test_the_issue_keeps_the_articles_own_addresses(composed, pick):
    issue = composed(Picks(chosen=(pick("A", lead=True, url="https://www.marram.example/a"),)), link_params=PARAMS)
    assert issue.picks.chosen[0].article.url == "https://www.marram.example/a"


def test_plain_http_is_sent_as_https(links):
    found, page = links("http://old.example/a", "http://127.0.0.1:8000/b", "http://old.example:8080/c")
    assert found[1:4] == ["https://old.example/a", "http://127.0.0.1:8000/b", "http://old.example:8080/c"]
    assert 'href="https://old.example/a"' in page


@pytest.mark.parametrize(
    ("host", "owner"),
    [
        ("news.example.org", "example.org"),
        ("example.org", "example.org"),
        ("A.B.Example.CO.UK", "example.co.uk"),
        ("co.uk", "co.uk"),
        ("news.de", "news.de"),
        ("localhost", ""),
        ("127.0.0.1", ""),
        ("[::1]", ""),
        ("", ""),
    ],
)
def test_an_owner_is_known_by_the_part_of_the_name_that_is_registered(host, owner):
    assert registrable(host) == owner


@pytest.mark.parametrize("url", ["mailto:a@b.example", "https://[bad", "", "https://x.example:port/"])
def test_what_is_no_web_address_stays_as_it_is(url):
    assert with_params(url, [("a", "b")]) == url
    assert secure(url) == url


@settings(deadline=None)
@given(st.text(), st.dictionaries(st.from_regex(r"[a-z_]{1,9}", fullmatch=True), st.text(min_size=1), max_size=4))
def test_parameters_are_added_once_whatever_stands_there(query, params):
    pairs = list(params.items())
    once = with_params(
        "https://a.example/p?" + "".join(sign for sign in query if sign.isalnum() or sign in "=&"), pairs
    )
    assert with_params(once, pairs) == once


def test_passing_the_issue_on_links_it_on_the_web_with_the_parameters(links, newsletter):
    found, page = links("https://www.marram.example/a")
    (share,) = (link for link in found if link.startswith("mailto:?"))
    address = "https://news.marram.example/archive/morning/2026-11-23"
    assert unquote(share).endswith(f"&body={address}{TAGGED}")
    assert f'href="{share.replace("&", "&amp;")}"' in page
    without, _ = links("https://www.marram.example/a", site=replace(newsletter.site, pages=()))
    assert any(unquote(link).endswith(f"&body=https://www.marram.example/a{TAGGED}") for link in without)
