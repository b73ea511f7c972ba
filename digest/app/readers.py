"""What reads sources, each made when the first source of its kind is read.

Many commands read none, or none over HTTP, and start sooner without the HTTP client and without Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from digest import fetch, sources
from digest.model import Validators
from digest.protocols import SourceReader
from digest.sources import Known

if TYPE_CHECKING:
    from digest.fetch import Answer
    from digest.sources import FeedReader, PageReader


class Readers(Mapping[str, SourceReader]):
    """The reader of each kind; close() ends what runs for them."""

    def __init__(self, *, site: str, known: Known) -> None:
        """`site` is told to servers; `known` gives a source's stored articles. Nothing is made yet."""
        self._fetcher = _Later(site)
        self._known = known
        self._make: Mapping[str, Callable[[], SourceReader]] = {
            "feed": self._feed,
            "page": self._page,
            "folder": lambda: sources.FolderReader(known=known),
        }
        self._made: dict[str, SourceReader] = {}
        self._feeds: FeedReader | None = None
        self._pages: PageReader | None = None

    def __getitem__(self, kind: str) -> SourceReader:
        """Raises KeyError for a kind that nothing here reads."""
        if kind not in self._made:
            self._made[kind] = self._make[kind]()
        return self._made[kind]

    def __iter__(self) -> Iterator[str]:
        """The kinds."""
        return iter(self._make)

    def __len__(self) -> int:
        """How many kinds there are."""
        return len(self._make)

    async def close(self) -> None:
        """End the processes that parse, and every connection."""
        for one in (self._feeds, self._pages):
            if one is not None:
                one.close()
        await self._fetcher.close()

    def _feed(self) -> SourceReader:
        self._feeds = sources.FeedReader(fetcher=self._fetcher)
        return sources.WithPagePictures(self._feeds, self._page(), known=self._known)

    def _page(self) -> PageReader:
        if self._pages is None:
            self._pages = sources.PageReader(fetcher=self._fetcher, known=self._known)
        return self._pages


class _Later:
    """The HTTP client, opened with the first request."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._opened: fetch.Fetcher | None = None

    async def get(
        self,
        url: str,
        *,
        owner: str = "",
        allow_private: bool = False,
        validators: Validators = Validators(),  # noqa: B008 - frozen
        deadline: timedelta = timedelta(seconds=20),
        authorization: str = "",
        first: int = 0,
    ) -> Answer:
        """As Fetcher.get()."""
        if self._opened is None:
            self._opened = await fetch.Fetcher(site=self._site).__aenter__()
        return await self._opened.get(
            url,
            owner=owner,
            allow_private=allow_private,
            validators=validators,
            deadline=deadline,
            authorization=authorization,
            first=first,
        )

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.__aexit__(None, None, None)
