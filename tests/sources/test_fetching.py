"""The fetcher against a real server: validators, packing, size, time, redirects, TLS."""

import asyncio
import gzip
import ssl
import zlib
from datetime import timedelta

import brotli
import pytest
import trustme

from digest.fetch import Fetcher, FetchError
from digest.model import Validators

HERE = "127.0.0.1"
BODY = b"<rss/>"


async def to_here(_host, _port):
    return [HERE]


def get(server_of, *, path="/feed", host=HERE, validators=None, deadline=20.0, allow_private=True, **options):
    """One get() from the server made of pages or by `server_of`; the answer and the server."""

    async def act():
        async with server_of as server, Fetcher(site="tests", **options) as fetcher:
            answer = await fetcher.get(
                server.url(path, host),
                allow_private=allow_private,
                validators=validators or Validators(),
                deadline=timedelta(seconds=deadline),
            )
            return answer, server

    return asyncio.run(act())


def to(location, status=302):
    return (status, {"Location": location}, b"")


def test_a_body_and_its_validators_come_back_as_sent(serve):
    headers = {"ETag": 'W/"v1"', "Last-Modified": "Mon, 23 Nov 2026 05:00:00 GMT", "Content-Type": "text/html"}
    answer, server = get(serve({"/feed": (200, headers, BODY)}))
    assert (answer.status, answer.body) == (200, BODY)
    assert answer.validators == Validators(etag='W/"v1"', last_modified="Mon, 23 Nov 2026 05:00:00 GMT")
    assert answer.headers["content-type"] == "text/html"
    assert answer.url == server.url("/feed")


def test_validators_go_out_exactly_as_they_came_and_304_is_an_answer(serve):
    known = Validators(etag='W/"v1"', last_modified="yesterday, about noon")
    answer, server = get(serve({"/feed": (304, {}, b"")}), validators=known)
    assert answer.not_modified
    assert (answer.body, answer.validators) == (b"", known)
    (_, asked), *_ = server.requests
    assert asked["if-none-match"] == 'w/"v1"'  # the server's log is in lower case
    assert asked["if-modified-since"] == "yesterday, about noon"


def test_a_304_that_nobody_asked_for_is_a_failure(serve):
    with pytest.raises(FetchError, match="304"):
        get(serve({"/feed": (304, {}, b"")}))


def test_one_request_carries_one_user_agent_and_no_cookie(serve):
    _, server = get(
        serve({"/a": (302, {"Location": "/b", "Set-Cookie": "id=1"}, b""), "/b": (200, {}, BODY)}), path="/a"
    )
    assert [path for path, _ in server.requests] == ["/a", "/b"]
    assert all("cookie" not in headers for _, headers in server.requests)
    assert server.requests[1][1]["user-agent"].startswith("digest/")


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_an_error_status_is_a_failure_that_carries_it(serve, status):
    with pytest.raises(FetchError, match=f"answered {status}") as failure:
        get(serve({"/feed": (status, {}, b"sorry")}))
    assert failure.value.status == status


def deflated(data, wbits):
    packer = zlib.compressobj(wbits=wbits)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY, mtime=0)),
        ("GZIP", gzip.compress(BODY[:3], mtime=0) + gzip.compress(BODY[3:], mtime=0)),
        ("deflate", deflated(BODY, 15)),
        ("deflate", deflated(BODY, -15)),
        ("identity", BODY),
    ],
)
def test_one_layer_of_packing_is_undone(serve, encoding, packed):
    assert get(serve({"/feed": (200, {"Content-Encoding": encoding}, packed)}))[0].body == BODY


@pytest.mark.parametrize("encoding", ["zstd", "br, gzip", "gzip, gzip", "compress"])
def test_packing_that_was_not_asked_for_is_refused(serve, encoding):
    with pytest.raises(FetchError, match="not asked for"):
        get(serve({"/feed": (200, {"Content-Encoding": encoding}, BODY)}))


@pytest.mark.parametrize("packed", [b"not gzip at all", gzip.compress(BODY * 100, mtime=0)[:-20]])
def test_broken_packing_is_one_clear_line(serve, packed):
    with pytest.raises(FetchError, match=r"not the compressed data|cut short"):
        get(serve({"/feed": (200, {"Content-Encoding": "gzip"}, packed)}))


def test_a_bomb_is_cut_while_it_inflates(serve):
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)
    assert len(bomb) < 400_000
    with pytest.raises(FetchError, match="larger than 5 MB"):
        get(serve({"/feed": (200, {"Content-Encoding": "gzip"}, bomb)}))


def test_a_body_of_the_cap_is_read_and_one_byte_more_is_not(serve):
    assert len(get(serve({"/feed": (200, {}, b"x" * 1000)}), cap=1000)[0].body) == 1000
    with pytest.raises(FetchError, match="larger than"):
        get(serve({"/feed": (200, {}, b"x" * 1001)}), cap=1000)


def test_a_body_without_an_end_is_cut_at_the_cap(serve):
    async def endless(writer, _):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    with pytest.raises(FetchError, match="larger than 5 MB"):
        get(serve({"/feed": endless}))


def test_a_body_shorter_than_announced_is_no_answer(serve):
    with pytest.raises(FetchError):
        get(serve({"/feed": (200, {"Content-Length": "100"}, BODY)}))


def test_headers_beyond_the_cap_are_refused(serve):
    headers = {f"X-{n}": "y" * 1000 for n in range(120)}
    with pytest.raises(FetchError):
        get(serve({"/feed": (200, headers, BODY)}))


def test_a_drip_ends_at_the_deadline_of_the_whole(serve):
    async def drip(writer, _):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    with pytest.raises(FetchError, match=r"no whole answer within 0.4 s"):
        get(serve({"/feed": drip}), deadline=0.4)


def test_a_server_that_says_nothing_ends_at_the_deadline(serve):
    async def silent(_, __):
        await asyncio.sleep(5)

    with pytest.raises(FetchError, match=r"no whole answer within 0.3 s"):
        get(serve({"/feed": silent}), deadline=0.3)


def test_what_is_not_http_is_one_clear_line(serve):
    async def smtp(writer, _):
        writer.write(b"220 mail.example ESMTP\r\n\r\n")

    with pytest.raises(FetchError) as failure:
        get(serve({"/feed": smtp}))
    assert str(failure.value).isprintable()


def test_a_port_where_nobody_listens_is_one_clear_line():
    async def act():
        async with Fetcher(site="tests") as fetcher:
            await fetcher.get("http://127.0.0.1:1/feed?key=secret", allow_private=True)

    with pytest.raises(FetchError, match=r"127.0.0.1:1/feed: ") as failure:
        asyncio.run(act())
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed_and_the_answer_says_where_it_ended(serve, status):
    answer, server = get(serve({"/feed": to("/moved?x=1", status), "/moved?x=1": (200, {}, BODY)}))
    assert answer.body == BODY
    assert answer.url == server.url("/moved?x=1")


def test_five_hops_are_followed_and_six_are_not(serve):
    pages = {f"/{n}": to(f"/{n + 1}") for n in range(6)} | {"/6": (200, {}, BODY)}
    assert get(serve(pages), path="/1")[0].body == BODY
    with pytest.raises(FetchError, match="more than 5 redirects"):
        get(serve(pages), path="/0")


@pytest.mark.parametrize("location", ["/feed", "/other"])
def test_row54_a_redirect_loop_is_refused(serve, location):
    with pytest.raises(FetchError, match="circle"):
        get(serve({"/feed": to(location), "/other": to("/feed")}))


@pytest.mark.parametrize(
    "location",
    [
        "",
        "file:///etc/passwd",
        "ftp://news.example/",
        "data:,x",
        "http://[::1",
        "//",
        "http:\\\\127.0.0.1\\",
        "http://u@a.example/",
    ],
)
def test_t02_a_redirect_to_what_is_no_http_url_is_refused(serve, location):
    with pytest.raises(FetchError):
        get(serve({"/feed": to(location)}))


# The whole list of SOURCES.md 2; beyond ASCII as a server would send it, in bytes of UTF-8.
_INSIDE = (
    *("127.0.0.1", "127.1", "127.0.0.2", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0"),
    *("localhost", "localhost.", "x.localhost", "\u2460\u2461\u2466.\u24ea.\u24ea.\u2460", "%e2%91%a0"),
    *("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]"),
    *("[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001::1]", "[fe80::1%25eth0]"),
    *("[fc00::1]", "[fec0::1]", "[ff02::1]", "169.254.169.254", "[fd00:ec2::254]", "10.0.0.1", "172.31.0.1"),
    *("192.168.0.1", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
)


@pytest.mark.parametrize(
    "location",
    ["//127.0.0.1/", "https://192.168.0.1/", *(f"http://{host.encode().decode('latin-1')}/" for host in _INSIDE)],
)
def test_t01_t02_allow_private_is_for_the_owners_host_alone_never_for_where_it_redirects(serve, location):
    async def resolve(host, port):
        return [HERE] if host == "intranet.example" else await system(host, port)

    async def system(host, port):
        found = await asyncio.get_running_loop().getaddrinfo(host, port)
        return [entry[4][0] for entry in found]

    with pytest.raises(FetchError, match=r"no public address|not a URL|no address is known"):
        get(serve({"/feed": to(location)}), host="intranet.example", resolve=resolve)


def test_a_redirect_on_the_owners_own_private_host_is_followed(serve):
    pages = {"/feed": to("/b"), "/b": (200, {}, BODY)}
    assert get(serve(pages), host="intranet.example", resolve=to_here)[0].body == BODY


def test_t03_a_name_that_leads_home_is_refused_and_never_dialled(serve):
    server = serve({"/feed": (200, {}, BODY)})
    with pytest.raises(FetchError, match="no public address"):
        get(server, host="news.example", resolve=to_here, allow_private=False)
    assert server.requests == []


def test_t04_a_redirect_names_no_port_but_80_443_and_the_owners(serve):
    with pytest.raises(FetchError, match="port 8025"):
        get(serve({"/feed": to("http://other.example:8025/")}), host="intranet.example", resolve=to_here)


def test_t03_a_name_is_resolved_once_and_the_judged_address_is_dialled(serve):
    asked = []

    async def rebinding(host, _port):
        asked.append(host)
        return [HERE] if len(asked) == 1 else ["10.0.0.1"]

    assert get(serve({"/feed": (200, {}, BODY)}), host="intranet.example", resolve=rebinding)[0].body == BODY
    assert asked == ["intranet.example"]


def test_the_server_is_asked_for_the_name_not_the_address(serve):
    _, server = get(serve({"/feed": (200, {}, BODY)}), host="intranet.example", resolve=to_here)
    assert server.requests[0][1]["host"] == f"intranet.example:{server.port}"


def test_t05_proxies_of_the_environment_are_ignored(serve, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert get(serve({"/feed": (200, {}, BODY)}))[0].body == BODY


def certified(name):
    """A server's and a client's TLS of one invented authority."""
    authority = trustme.CA()
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(ours)
    theirs = ssl.create_default_context()
    authority.configure_trust(theirs)
    return ours, theirs


def test_tls_is_checked_against_the_name_though_an_address_is_dialled(serve):
    ours, theirs = certified("intranet.example")
    pages = {"/feed": (200, {}, BODY)}
    assert get(serve(pages, tls=ours), host="intranet.example", resolve=to_here, tls=theirs)[0].body == BODY
    with pytest.raises(FetchError, match=r"(?i)certificate"):
        get(serve(pages, tls=ours), host="other.example", resolve=to_here, tls=theirs)


def test_t02_a_redirect_from_https_to_http_is_refused(serve):
    ours, theirs = certified("intranet.example")
    pages = {"/feed": to("http://intranet.example/feed")}
    with pytest.raises(FetchError, match="from https to http"):
        get(serve(pages, tls=ours), host="intranet.example", resolve=to_here, tls=theirs)


def test_no_more_than_two_connections_to_a_host_are_open_at_once(serve):
    open_now, most = 0, 0

    async def slow(writer, _):
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        open_now -= 1

    async def act():
        async with serve({"/feed": slow}) as server, Fetcher(site="tests") as fetcher:
            # The deadline is shorter than the queue: waiting for a turn is not held against a source.
            asking = (
                fetcher.get(server.url("/feed"), allow_private=True, deadline=timedelta(seconds=2)) for _ in "12345678"
            )
            return await asyncio.gather(*asking)

    assert [answer.status for answer in asyncio.run(act())] == [200] * 8
    assert most == 2


def test_brotli_is_unpacked_and_a_bomb_of_it_is_cut(serve):
    assert get(serve({"/feed": (200, {"Content-Encoding": "br"}, brotli.compress(BODY))}))[0].body == BODY
    bomb = brotli.compress(bytes(200_000_000), quality=5)
    assert len(bomb) < 1000
    with pytest.raises(FetchError, match="larger than 5 MB"):
        get(serve({"/feed": (200, {"Content-Encoding": "br"}, bomb)}))
    with pytest.raises(FetchError, match=r"cut short|not the compressed data"):
        get(serve({"/feed": (200, {"Content-Encoding": "br"}, brotli.compress(BODY * 99)[:-4])}))


def test_a_chain_of_permanent_redirects_says_where_it_moved_and_a_temporary_one_ends_it(serve):
    pages = {"/a": to("/b", 301), "/b": to("/c", 308), "/c": to("/d", 302), "/d": to("/e", 301), "/e": (200, {}, BODY)}
    answer, server = get(serve(pages), path="/a")
    assert answer.moved_to == server.url("/c")
    assert get(serve(pages), path="/c")[0].moved_to == ""
    assert get(serve(pages), path="/e")[0].moved_to == ""


def test_credentials_go_to_the_owners_origin_alone(serve):
    async def act():
        async with serve({"/b": (200, {}, BODY)}) as other, Fetcher(site="tests") as fetcher:
            pages = {"/feed": to("/a"), "/a": to(other.url("/b"))}
            async with serve(pages) as server:
                with pytest.raises(FetchError, match="port"):  # another port of the host: another origin
                    await fetcher.get(server.url("/feed"), allow_private=True, authorization="Bearer hidden")
                await fetcher.get(other.url("/b"), allow_private=True, authorization="Bearer hidden")
                link = fetcher.get(other.url("/b"), owner=other.url("/"), allow_private=True, authorization="Bearer x")
                await link
            return server.requests, other.requests

    own, others = asyncio.run(act())
    assert [headers.get("authorization") for _, headers in own] == ["bearer hidden"] * 2
    assert [headers.get("authorization") for _, headers in others] == ["bearer hidden", "bearer x"]


def test_t04_a_link_found_in_a_page_names_no_port_but_80_443_and_the_owners(serve):
    async def act(owner_of):
        async with serve({"/b": (200, {}, BODY)}) as server, Fetcher(site="tests") as fetcher:
            return await fetcher.get(server.url("/b"), owner=owner_of(server), allow_private=True)

    assert asyncio.run(act(lambda server: server.url("/"))).body == BODY
    with pytest.raises(FetchError, match="port"):
        asyncio.run(act(lambda _: "http://127.0.0.1/"))


def test_allow_private_is_not_for_the_links_of_an_intranet_page_to_other_hosts(serve):
    async def act():
        async with serve({"/b": (200, {}, BODY)}) as server, Fetcher(site="tests") as fetcher:
            return await fetcher.get("http://127.0.0.2/b", owner=server.url("/"), allow_private=True)

    with pytest.raises(FetchError, match="no public address"):
        asyncio.run(act())


def test_a_failed_answer_carries_the_headers_that_say_when_to_come_back(serve):
    with pytest.raises(FetchError) as failure:
        get(serve({"/feed": (429, {"Retry-After": "120", "X-Other": "1"}, b"")}))
    assert failure.value.headers["retry-after"] == "120"
    assert "x-other" not in failure.value.headers


def test_t36_of_a_picture_only_the_first_bytes_are_read(serve):
    async def endless(writer, _):
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def act(page):
        async with serve({"/photo.jpg": page}) as server, Fetcher(site="tests") as fetcher:
            answer = await fetcher.get(server.url("/photo.jpg"), allow_private=True, first=65_536)
            return answer, server.requests[0][1]["range"]

    answer, asked = asyncio.run(act(endless))
    assert (len(answer.body), asked) == (65_536, "bytes=0-65535")
    bomb = (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(200_000_000)))
    assert len(asyncio.run(act(bomb))[0].body) == 65_536
    assert asyncio.run(act((206, {}, BODY)))[0].body == BODY
