"""What holds for every answer, whichever page gives it: headers, limits, and plain words when something fails."""

from __future__ import annotations

import asyncio
import logging
from traceback import extract_tb

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.errors import DigestError
from digest.web.pages import page

log = logging.getLogger(__name__)

# SECURITY.md 7. Bytes, bytes, seconds until the answer begins (a stream may then go on).
MAX_BODY = 64 * 1024
MAX_URL = 4 * 1024
MAX_SECONDS = 30.0

POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'none'"
)

_WORDS = {
    404: ("There is nothing here", "The link may be cut short or mistyped. Please use it whole, as it was sent."),
    405: ("That is not possible here", "This page can only be looked at."),
    413: ("That was too much", "The request was larger than this page takes."),
    414: ("That link is too long", "Please use the link as it was sent."),
    421: ("Not under this name", "Please open the preview at the exact address the command printed."),
    503: ("That did not work just now", "Please try again in a minute. If it stays so, write to the sender."),
}


def guarded(policy: str) -> list[Middleware]:
    """The middleware of an app of ours; `policy` is its Content-Security-Policy."""
    return [Middleware(Guard, policy=policy), Middleware(RequestBodyLimitMiddleware, max_body_size=MAX_BODY)]


def sorry(status: int) -> Response:
    """A small page that says in plain words what is the matter."""
    title, words = _WORDS.get(status, _WORDS[503])
    return HTMLResponse(page("sorry.html", title=title, words=words), status)


async def refused(_request: Request, error: Exception) -> Response:
    """The page for an HTTPException of the router (404, 405) or of an endpoint."""
    status = error.status_code if isinstance(error, HTTPException) else 503
    answer = sorry(status)
    if isinstance(error, HTTPException):
        answer.headers.update(error.headers or {})
    return answer


class Guard:
    """Sets the headers of SECURITY.md 7 where an endpoint has not, bounds URL and time, turns failures into a page."""

    def __init__(self, app: ASGIApp, *, policy: str, seconds: float = MAX_SECONDS) -> None:
        """Wrap `app`; `seconds` until an answer must have begun."""
        self._app = app
        self._seconds = seconds
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, within limits."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = _Answer(send, self._headers)
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > MAX_URL:
            await sorry(414)(scope, receive, answer.send)
            return
        try:
            async with asyncio.timeout(self._seconds) as answer.deadline:
                await self._app(scope, receive, answer.send)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001 - a visitor gets words, the log gets one line, the server goes on
            # Not the path: it holds the token.
            log.error("a web request failed: %s", said(error).replace("\n", "; "))  # noqa: TRY400 - one event, one line
            answer.deadline = None
            if not answer.begun:
                await sorry(503)(scope, receive, answer.send)


class _Answer:
    """One answer on its way out."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self._headers = headers
        self.begun = False
        self.deadline: asyncio.Timeout | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            if self.deadline is not None:
                self.deadline.reschedule(None)
            headers = MutableHeaders(scope=message)
            for name, value in self._headers.items():
                headers.setdefault(name, value)
        await self._send(message)


def said(error: Exception) -> str:
    """What went wrong, for people: our own errors as they are, any other by its type and place alone.

    A library's message may hold addresses or a token (SQLAlchemy prints parameters), so it is left out.
    """
    if isinstance(error, DigestError):
        return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in str(error))
    place = extract_tb(error.__traceback__)[-1:]
    return type(error).__name__ + "".join(f" at {frame.filename}:{frame.lineno}" for frame in place)
