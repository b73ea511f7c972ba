"""uvicorn as we run it: it says when it is ready, keeps quiet about paths, and stops at once."""

import asyncio
import http.client
import logging
import signal
import socket
from contextlib import ExitStack, closing
from functools import partial
from urllib.parse import urlsplit

import pytest

from digest.errors import DigestError
from digest.web import public_app, serve, serve_preview
from tests.web.desks import GOOD, FakePublicDesk, FilesDesk
from tests.web.running import running


def connect(url):
    return closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=20))


def public(**more):
    return partial(serve, public_app(FakePublicDesk()), host="127.0.0.1", **more)


def test_a_one_click_post_over_a_real_connection():
    with running(public()) as url, connect(url) as connection:
        connection.request("POST", f"/u/{GOOD}", "List-Unsubscribe=One-Click")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Server")) == (200, None)


def test_t39_a_token_never_reaches_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    with running(public()) as url:
        for method, path in (
            ("GET", f"/u/{GOOD}"),
            ("POST", f"/u/{GOOD}"),
            ("GET", f"/u/{GOOD}x"),
            ("BAD ", f"/{GOOD}"),
        ):
            with socket.create_connection(urlsplit(url).netloc.split(":"), timeout=20) as raw:
                raw.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                assert raw.recv(100).startswith(b"HTTP/1.1 ")
    assert "Invalid HTTP request" in caplog.text
    assert GOOD not in caplog.text


def test_an_open_event_stream_does_not_hold_up_the_end(tmp_path, caplog):
    with ExitStack() as stack:
        with running(partial(serve_preview, FilesDesk(tmp_path))) as url:
            connection = stack.enter_context(connect(url))
            connection.request("GET", urlsplit(url).path + "events")
            stream = connection.getresponse()
            assert stream.getheader("Content-Type") == "text/event-stream; charset=utf-8"
            assert stream.readline() == b"event: version\n"
        assert stream.read().endswith(b"event: farewell\ndata: bye\n\n")
    assert caplog.messages == []


def test_a_slow_head_is_closed_and_a_quick_one_is_not():
    with ExitStack() as stack:
        url = stack.enter_context(running(public(patience=0.3)))
        quick = stack.enter_context(connect(url))
        quick.request("GET", "/health")
        assert quick.getresponse().read() == b"ok\n"
        slow = stack.enter_context(socket.create_connection(urlsplit(url).netloc.split(":"), timeout=20))
        slow.sendall(b"GET / HTTP/1.1\r\nHo")
        assert slow.recv(1) == b""
        quick.request("GET", "/health")
        assert quick.getresponse().read() == b"ok\n"


def test_the_preview_opens_at_the_newsletter_that_was_named(tmp_path):
    with running(partial(serve_preview, FilesDesk(tmp_path), newsletter="best")) as url, connect(url) as connection:
        connection.request("GET", urlsplit(url).path)
        assert b"Best Articles: river towns win" in connection.getresponse().read()


def test_each_preview_has_its_own_secret_path(tmp_path):
    paths = []
    for name in "ab":
        (tmp_path / name).mkdir()
        with running(partial(serve_preview, FilesDesk(tmp_path / name))) as url:
            paths.append(urlsplit(url).path)
    assert len(set(paths)) == 2
    assert all(len(path) >= 22 for path in paths)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "localhost", ""])
def test_t29_the_preview_refuses_any_address_but_this_machines(host):
    with pytest.raises(DigestError, match="this machine only"):
        asyncio.run(serve_preview(None, host=host, on_ready=print, stop=asyncio.Event()))


def test_a_taken_port_is_one_clear_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DigestError, match=f"cannot listen on 127.0.0.1 port {port}: Address already in use"):
            asyncio.run(public(port=port)(on_ready=print, stop=asyncio.Event()))


def test_signals_stay_with_the_caller():
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    seen = []

    async def main():
        stop = asyncio.Event()

        def on_ready(_url):
            seen.append((signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)))
            stop.set()

        runner_own = signal.getsignal(signal.SIGINT)
        await public()(on_ready=on_ready, stop=stop)
        return runner_own

    runner_own = asyncio.run(main())
    assert seen == [(runner_own, before[1])]
