"""The pages over a real App: the preview that opens the project anew when its files change, and the public pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path

from digest import times
from digest.app import App
from digest.errors import DigestError
from digest.web.desks import Previewed, Unsubscribing, Upcoming, grouped
from digest.web.public import public_app
from digest.web.serve import serve, serve_preview

log = logging.getLogger(__name__)
Open = Callable[[], AbstractAsyncContextManager[App]]


class PublicPages:
    """App behind the public pages."""

    def __init__(self, app: App) -> None:
        """One app for the life of the daemon."""
        self._app = app

    async def unsubscribing(self, token: str) -> Unsubscribing | None:
        """What the token is for."""
        name = self._app.people.newsletter_of_token(token)
        if name is None:
            return None
        newsletter = self._app.newsletters.get(name)
        return Unsubscribing(newsletter=name, title=newsletter.title if newsletter else name, site=self._app.site.name)

    async def leave(self, token: str, *, everything: bool = False) -> bool:
        """Record the "no"; on disk when it returns."""
        return await self._app.people.leave_by_token(token, everything=everything)

    async def issue(self, newsletter: str, slot: str) -> str | None:
        """The HTML of an issue that has gone out."""
        return await self._app.on_the_web(newsletter, slot)


async def public(app: App, stop: asyncio.Event) -> None:
    """Serve the public pages where [web] says, until `stop` is set."""

    def ready(address: str) -> None:
        log.info("public pages", extra={"listening": address, "base_url": app.site.base_url})

    await serve(public_app(PublicPages(app)), host=app.web.host, port=app.web.port, stop=stop, on_ready=ready)


class Studio:
    """App behind the preview: what `send` would make now, from the files as they are now."""

    def __init__(self, open_project: Open, file: Path, *, newsletter: str | None, slot: str | None) -> None:
        """`newsletter` narrows the preview to one, `slot` names another slot than the next."""
        self._open = open_project
        self._file = file.absolute()
        self._only = newsletter
        self._slot = slot
        self._stack = AsyncExitStack()
        self._app: App | None = None

    @property
    def app(self) -> App:
        """The project as last opened; raises DigestError before it could be opened once."""
        if self._app is None:
            raise DigestError(f"{self._file}: could not be read yet")
        return self._app

    async def upcoming(self) -> Sequence[Upcoming]:
        """Every newsletter, the next slot first."""
        app = self.app
        chosen = [app.newsletter(self._only)] if self._only else list(app.newsletters.values())
        found = []
        for newsletter in chosen:
            target = await app.show_target(newsletter, self._slot)
            at = (target.cutoff or app.now()).astimezone(times.zone(newsletter.timezone))
            found.append(
                Upcoming(name=newsletter.name, title=newsletter.title, slot=target.slot, at=at, theme=newsletter.theme)
            )
        return sorted(found, key=lambda one: one.at)

    async def preview(self, newsletter: str) -> Previewed:
        """The next issue as `send` would freeze it."""
        prepared = await self.app.prepare(newsletter, slot=self._slot, even_short=True)
        if prepared.issue is None:
            raise DigestError(f"{newsletter}@{prepared.slot}: no article to show")
        variant = prepared.issue.variants[0]
        notes = [f"source {ill.source}: {ill.said}" for ill in prepared.harvest.ill]
        notes += prepared.notes
        if prepared.short:
            notes.insert(0, "too little news: this issue would not be sent")
        return Previewed(
            issue=prepared.issue,
            sender=self.app.newsletter(newsletter).sender,
            picks=prepared.picks,
            html=variant.html.shown(),
            text=variant.text.shown(),
            mjml=variant.mjml,
            notes=tuple(notes),
            left_out=grouped(prepared.picks.left_out),
        )

    async def reload(self) -> None:
        """Open the project anew. Raises ConfigError and then keeps what it had."""
        async with AsyncExitStack() as opening:  # closes what was opened when a list turns out to be bad
            app = await opening.enter_async_context(self._open())
            for newsletter in app.newsletters.values():
                app.people.files.read(newsletter.lists)
            await self.close()
            self._stack, self._app = opening.pop_all(), app

    async def close(self) -> None:
        """Close the project."""
        stack, self._stack, self._app = self._stack, AsyncExitStack(), None
        await stack.aclose()

    def watched(self) -> Sequence[Path]:
        """Files and folders whose change shows: config, themes, lists, and the sources that are files."""
        folder = self._file.parent
        paths = [self._file, folder / "templates" / "email", folder / "subscribers"]
        if self._app is not None:
            paths += [Path(source.path) for source in self._app.sources.values() if source.path]
        return [path for path in paths if path.exists()]

    def picture(self, name: str) -> Path | None:
        """A sample's picture: `pictures/NAME` beside the folder of a source that is a file."""
        if self._app is None:
            return None
        for source in self._app.sources.values():
            if source.path:
                file = Path(source.path).parent.parent / "pictures" / name
                if Path(name).name == name and file.is_file():
                    return file
        return None


async def preview(
    open_project: Open,
    file: Path,
    *,
    newsletter: str | None,
    slot: str | None,
    port: int,
    stop: asyncio.Event,
    on_ready: Callable[[str], None],
) -> None:
    """Serve the preview at 127.0.0.1 until `stop` is set; `on_ready` gets the URL. Raises what opening it raises."""
    studio = Studio(open_project, file, newsletter=newsletter, slot=slot)
    try:
        await studio.reload()
        if newsletter is not None:
            studio.app.newsletter(newsletter)
        await serve_preview(studio, port=port, newsletter=newsletter or "", on_ready=on_ready, stop=stop)
    finally:
        await studio.close()
