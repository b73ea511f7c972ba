"""The address guard: which addresses, ports and URLs are never dialled, however they are spelled."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.fetch import Fetcher, FetchError, is_public

PRIVATE = (
    *("127.0.0.1", "127.0.0.2", "0.0.0.0", "169.254.169.254", "10.0.0.1", "172.31.0.1", "192.168.0.1", "100.64.0.1"),
    *("198.18.0.1", "224.0.0.1", "255.255.255.255", "192.0.0.8", "192.88.99.1", "192.0.2.1", "203.0.113.9"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1"),
    *("2002:7f00:1::", "2001::1", "fe80::1%eth0", "fe80::1", "fc00::1", "fec0::1", "ff02::1", "fd00:ec2::254"),
    *("5f00::1", "3fff::1", "2001:db8::1", "not an address", ""),
)
PUBLIC = ("93.184.216.34", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")
SPELLED = (
    *("127.0.0.1", "127.1", "127.0.0.2", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0"),
    *("localhost", "localhost.", "x.localhost", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460"),
    *("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[fe80::1%25eth0]"),
    *("[fc00::1]", "[fec0::1]", "[ff02::1]", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "172.31.0.1"),
    *("192.168.0.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
)
SHAPED = (
    *("http://good@127.0.0.1/", "http://good\\@127.0.0.1/", "http://u:p@news.example/", "//127.0.0.1", "/feed", ""),
    *("file:///etc/passwd", "ftp://news.example/", "gopher://news.example/", "data:text/xml,<rss/>", "http://"),
    *("http:///feed", "http://news.example/\r\nHost: x", "http://[::1/", "http://news.example:99999/"),
    "http://news.example/" + "a" * 2048,
)


def fetched(url, *, answers=None, **options):
    """get() with a resolver that gives `answers` in turn (None: the system's)."""
    asked = []

    async def resolve(host, _port):
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    async def act():
        resolver = {} if answers is None else {"resolve": resolve}
        async with Fetcher(site="tests", **resolver) as fetcher:
            return await fetcher.get(url, deadline=timedelta(seconds=20), **options)

    return asyncio.run(act())


@pytest.mark.parametrize("address", PRIVATE)
def test_t01_an_address_that_is_not_public_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address):
    assert is_public(address)


@given(st.ip_addresses(v=4))
@settings(deadline=None)
def test_an_ipv4_address_is_judged_the_same_inside_ipv6(address):
    plain = is_public(str(address))
    assert is_public(f"::ffff:{address}") == plain
    assert is_public(f"64:ff9b::{address}") == plain


@pytest.mark.parametrize("host", SPELLED)
def test_t01_no_spelling_of_a_private_address_is_dialled(host):
    with pytest.raises(FetchError) as failure:
        fetched(f"http://{host}/")
    assert "\n" not in str(failure.value)
    assert str(failure.value).isascii()


@pytest.mark.parametrize("address", PRIVATE)
def test_t01_a_name_with_a_private_address_is_refused_though_another_one_is_public(address):
    with pytest.raises(FetchError, match="no public address"):
        fetched("http://news.example/", answers=[["93.184.216.34", address]])


@pytest.mark.parametrize("url", SHAPED)
def test_t01_what_is_no_plain_http_url_is_refused_before_any_name_is_looked_up(url):
    with pytest.raises(FetchError):
        fetched(url, answers=[])


def test_a_name_without_an_address_is_said_to_have_none():
    with pytest.raises(FetchError, match="no address"):
        fetched("http://news.example/", answers=[[]])


def test_an_unknown_name_is_one_clear_line():
    with pytest.raises(FetchError, match=r"^http://no-such-host.invalid/feed: no address is known for this name$"):
        fetched("http://no-such-host.invalid/feed?key=secret")


def test_the_guard_names_the_way_out_for_an_intranet():
    with pytest.raises(FetchError, match="allow_private = true"):
        fetched("http://127.0.0.1/")


def test_a_closed_fetcher_says_so():
    fetcher = Fetcher(site="tests")
    with pytest.raises(FetchError, match="closed"):
        asyncio.run(fetcher.get("http://news.example/"))


def test_the_user_agent_names_product_version_and_site_and_carries_no_control():
    agent = Fetcher(site="https://news.example/ (x)\r\nEvil: 1").user_agent
    assert agent.startswith("digest/")
    assert "(+https://news.example/ ?x???Evil: 1)" in agent
