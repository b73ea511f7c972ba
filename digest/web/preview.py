"""The preview: the next real issue in a browser of this machine, and nothing that writes.

Everything stands under `/TOKEN/`, and the Host header must be the address we listen on: another site that makes a
browser ask us (DNS rebinding) has neither. An article's HTML is shown in sandboxed frames only.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import quote, unquote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from digest.model import Pick
from digest.web.desks import PreviewDesk, Previewed
from digest.web.guard import POLICY, guarded, refused, sorry
from digest.web.live import Live, Shown
from digest.web.pages import asset, page

PAGE_POLICY = f"{POLICY}; frame-src 'self'; script-src 'self'; connect-src 'self'"
# The frame itself: no script, no form, own origin of its own; only our page may hold it.
FRAME_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'") + "; sandbox"

# A page that is opened when its rendering is older (seconds) is rendered anew: news comes without a file changing.
STALE = 60.0

_PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif"}
_RAW = {"html": "text/html", "txt": "text/plain", "mjml": "text/plain"}
_SRC = re.compile(r'(\ssrc=")([^"]+)(?=")')


def preview_app(desk: PreviewDesk, *, token: str, host: str) -> Starlette:
    """The app of one preview. `host` is the only Host answered, e.g. `127.0.0.1:40123`; `token` the secret path.

    `app.state.farewell()` ends its event streams, so that the server can stop at once.
    """
    live = Live(desk)
    show = _Pages(desk=desk, live=live, root=f"/{token}")

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(live.watch())
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    app = Starlette(
        routes=[
            Route("/{token}/", show.index),
            Route("/{token}/show/{name}", show.newsletter),
            Route("/{token}/frame/{name}", show.frame),
            Route("/{token}/raw/{name}.{part}", show.raw),
            Route("/{token}/picture/{name}", show.picture),
            Route("/{token}/events", show.events),
            Route("/{token}/preview.js", show.script),
        ],
        middleware=[*guarded(PAGE_POLICY), Middleware(_Door, token=token, host=host)],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    app.state.farewell = live.farewell
    return app


class _Door:
    """Lets in who asks for this very address and knows the token."""

    def __init__(self, app: ASGIApp, *, token: str, host: str) -> None:
        self._app = app
        self._token = token.encode()
        self._host = host.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer: ASGIApp = self._app
        if scope["type"] == "http":
            first = scope["path"].encode().split(b"/")[1:2]
            if [value for name, value in scope["headers"] if name == b"host"] != [self._host]:
                answer = sorry(421)
            elif not hmac.compare_digest(b"".join(first), self._token):
                answer = sorry(404)
        await answer(scope, receive, send)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pages:
    """The endpoints."""

    desk: PreviewDesk
    live: Live
    root: str

    async def index(self, _request: Request) -> Response:
        """Every newsletter with its next slot."""
        return await self._page("", Shown(version=self.live.version))

    async def newsletter(self, request: Request) -> Response:
        """One newsletter's next issue."""
        name = await self._known(request)
        return await self._page(name, await self.live.show(name, max_age=STALE))

    async def _page(self, name: str, shown: Shown) -> Response:
        upcoming, mistake = await self.live.upcoming()
        return HTMLResponse(
            page(
                "preview.html",
                root=self.root,
                upcoming=upcoming,
                current=next((one for one in upcoming if one.name == name), None),
                name=name,
                shown=shown,
                mistake=shown.mistake or mistake,
                sections=_sections(shown.good),
                heights=_heights(shown.good),
            )
        )

    async def _known(self, request: Request) -> str:
        """The newsletter in the path; 404 for one we do not have."""
        name: str = request.path_params["name"]
        upcoming, mistake = await self.live.upcoming()
        if name not in {one.name for one in upcoming} and not (mistake and not upcoming):
            raise HTTPException(404)
        return name

    async def frame(self, request: Request) -> Response:
        """The last good HTML as a reader without a name gets it, with pictures of samples from this machine."""
        shown = await self.live.show(await self._known(request))
        if shown.good is None:
            raise HTTPException(404)
        return HTMLResponse(self._pictured(shown.good.html), headers={"Content-Security-Policy": FRAME_POLICY})

    def _pictured(self, html: str) -> str:
        def ours(found: re.Match[str]) -> str:
            name = unquote(urlsplit(unescape(found[2])).path.rpartition("/")[2])
            if not name or self.desk.picture(name) is None:
                return found[0]
            return found[1] + escape(f"{self.root}/picture/{quote(name, safe='')}")

        return _SRC.sub(ours, html.replace("[[name]]", ""))

    async def raw(self, request: Request) -> Response:
        """issue.html, issue.txt or issue.mjml, byte for byte; what is broken now is not hidden by what was good."""
        kind = _RAW.get(request.path_params["part"])
        name = await self._known(request)
        shown = await self.live.show(name)
        if kind is None:
            raise HTTPException(404)
        if shown.mistake or shown.good is None:
            return Response(f"{shown.mistake}\n", 503, media_type="text/plain")
        good = shown.good
        body = {"html": good.html, "txt": good.text, "mjml": good.mjml}[request.path_params["part"]]
        return Response(body.encode(), media_type=kind, headers={"Content-Security-Policy": FRAME_POLICY})

    async def picture(self, request: Request) -> Response:
        """A sample's picture."""
        path = self.desk.picture(request.path_params["name"])
        kind = _PICTURES.get(path.suffix.lower()) if path else None
        if path is None or kind is None or not path.is_file():
            raise HTTPException(404)
        return FileResponse(path, media_type=kind)

    async def events(self, _request: Request) -> Response:
        """The stream that says when to look again."""
        return StreamingResponse(self.live.events(), media_type="text/event-stream")

    async def script(self, _request: Request) -> Response:
        """The one script of the page."""
        return Response(asset("preview.js"), media_type="text/javascript")


def _sections(good: Previewed | None) -> dict[str, list[Pick]]:
    """The picks by section, both in reading order."""
    sections: dict[str, list[Pick]] = {}
    for pick in good.picks.chosen if good else ():
        sections.setdefault(pick.section, []).append(pick)
    return sections


def _heights(good: Previewed | None) -> dict[int, int]:
    """How tall each frame is, px by width: about the whole message, so that its pane scrolls and keeps its place.

    A sandboxed frame tells nobody its height. One that is taller after all scrolls by itself.
    """
    stories = len(good.picks.chosen) if good else 0
    return {800: 1000 + 230 * stories, 390: 1100 + 330 * stories}
