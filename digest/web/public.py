"""The public pages: unsubscribing (RFC 8058), issues to be read on the web, and health.

GET and HEAD change nothing: software that looks at links must not unsubscribe anybody. A POST needs no cookie, no
login and no Origin: the token is the proof. It is answered only once the "no" is on disk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.web.desks import PublicDesk
from digest.web.guard import POLICY, guarded, refused, sorry
from digest.web.pages import page

_FORM = "application/x-www-form-urlencoded"
# An issue shows its outlets' pictures and runs nothing; its links open as anywhere else. No search engine keeps it.
_OF_AN_ISSUE = {
    "Content-Security-Policy": (
        "default-src 'none'; img-src https:; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; "
        "base-uri 'none'; sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    ),
    "X-Robots-Tag": "noindex",
    "Cache-Control": "public, max-age=300",
}
_PERSONAL = (
    "Unsubscribing is personal",
    "Every reader has a link of their own. Please use the one at the end of an e-mail that you got.",
)


async def _always() -> bool:
    return True


def public_app(desk: PublicDesk, *, healthy: Callable[[], Awaitable[bool]] = _always) -> Starlette:
    """The app of the public pages. `healthy` decides what /health says; it tells nothing else."""

    async def unsubscribe(request: Request) -> Response:
        token = request.path_params["token"]
        return await (_leave(desk, token, request) if request.method == "POST" else _ask(desk, token))

    async def issue(request: Request) -> Response:
        html = await desk.issue(request.path_params["newsletter"], request.path_params["slot"])
        return sorry(404) if html is None else HTMLResponse(html, headers=_OF_AN_ISSUE)

    async def personal(_request: Request) -> Response:
        return HTMLResponse(page("sorry.html", title=_PERSONAL[0], words=_PERSONAL[1]))

    async def health(_request: Request) -> Response:
        return PlainTextResponse("ok\n") if await healthy() else PlainTextResponse("not ok\n", 503)

    app = Starlette(
        routes=[
            Route("/u/{token}", unsubscribe, methods=["GET", "POST"]),
            Route("/u", personal),
            Route("/archive/{newsletter}/{slot}", issue),
            Route("/health", health),
        ],
        middleware=guarded(POLICY),
        exception_handlers={HTTPException: refused},
    )
    # A one-click POST must never be redirected.
    app.router.redirect_slashes = False
    return app


async def _ask(desk: PublicDesk, token: str) -> Response:
    about = await desk.unsubscribing(token)
    if about is None:
        return sorry(404)
    return HTMLResponse(page("unsubscribe.html", about=about, done=""))


async def _leave(desk: PublicDesk, token: str, request: Request) -> Response:
    everything = _wants_everything(request.headers.get("content-type", ""), await request.body())
    if not await desk.leave(token, everything=everything):
        return sorry(404)
    about = await desk.unsubscribing(token)
    return HTMLResponse(page("unsubscribe.html", about=about, done="everything" if everything else "newsletter"))


def _wants_everything(kind: str, body: bytes) -> bool:
    """Whether our page's second button was pressed. One-click, urlencoded or multipart, means one newsletter."""
    if not kind.lower().startswith(_FORM):
        return False
    try:
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=20)
    except ValueError:
        return False
    return fields.get("leave") == ["everything"]
