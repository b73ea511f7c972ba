"""Run an app on uvicorn until told to stop. Signals stay with whoever called; nothing is logged per request."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from digest.errors import DigestError
from digest.web.connection import patient
from digest.web.desks import PreviewDesk
from digest.web.guard import MAX_SECONDS
from digest.web.preview import preview_app

LOOPBACK = ("127.0.0.1", "::1")


async def serve(
    app: Starlette,
    *,
    host: str,
    port: int = 0,
    sockets: Sequence[socket.socket] = (),
    on_ready: Callable[[str], None],
    stop: asyncio.Event,
    patience: float = MAX_SECONDS,
) -> None:
    """Serve until `stop` is set, then let running requests end (1 s) and return.

    Listens on `sockets`, else binds (host, port); 0 takes a free port. `on_ready` gets `http://HOST:PORT` once
    connections are taken. A connection has `patience` seconds to send a request's head. Raises DigestError when the
    address cannot be bound.
    """
    listening = list(sockets) or [bind(host, port)]
    server = _Server(_settings(app, patience), lambda: on_ready(address(listening[0])))
    running = asyncio.create_task(server.serve(listening))
    waiting = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        waiting.cancel()
        getattr(app.state, "farewell", _nothing)()
        server.should_exit = True
        await running


async def serve_preview(
    desk: PreviewDesk,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    newsletter: str = "",
    on_ready: Callable[[str], None],
    stop: asyncio.Event,
) -> None:
    """Serve the preview under a fresh secret path; `on_ready` gets the URL to open (the newsletter's, if named).

    Raises DigestError for any address but 127.0.0.1 and ::1.
    """
    if host not in LOOPBACK:
        raise DigestError(f"the preview listens on this machine only: {host} is neither 127.0.0.1 nor ::1")
    listening = bind(host, port)
    own = address(listening)
    token = secrets.token_urlsafe(16)
    place = f"show/{newsletter}" if newsletter else ""
    app = preview_app(desk, token=token, host=own.removeprefix("http://"))
    await serve(app, host=host, sockets=[listening], on_ready=lambda url: on_ready(f"{url}/{token}/{place}"), stop=stop)


def bind(host: str, port: int = 0) -> socket.socket:
    """A listening socket; raises DigestError with the reason."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise DigestError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error


def address(listening: socket.socket) -> str:
    """`http://127.0.0.1:40123` of a listening socket."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _settings(app: Starlette, patience: float) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=patient(patience),
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="warning",
        # Paths hold tokens.
        access_log=False,
        server_header=False,
        # Nobody here asks for a visitor's address.
        proxy_headers=False,
        timeout_graceful_shutdown=1,
    )


class _Server(uvicorn.Server):
    """Says when it is ready, and leaves signals alone."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def _nothing() -> None:
    """An app without streams needs no farewell."""
