"""What comes back, or why nothing did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from digest.errors import DigestError
from digest.model import Validators

MAX_BODY = 5_000_000  # bytes, after inflating (SOURCES.md 2)


class Gets(Protocol):
    """What asks for a URL: Fetcher, or something that opens one."""

    async def get(
        self,
        url: str,
        *,
        owner: str = "",
        allow_private: bool = False,
        validators: Validators = ...,
        deadline: timedelta = ...,
        authorization: str = "",
        first: int = 0,
    ) -> Answer:
        """As Fetcher.get(). Raises FetchError."""
        ...


class FetchError(DigestError):
    """Nothing usable came back.

    `status` is the HTTP status where an answer was the reason, else 0; `headers` are a few of that answer's, as in
    Answer.
    """

    def __init__(self, why: str, *, status: int = 0, headers: Mapping[str, str] | None = None) -> None:
        """`why` is one line for people."""
        self.status = status
        self.headers: Mapping[str, str] = headers or {}
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 2xx answer, or a 304 to our validators (`not_modified`, empty body).

    `url` is where the last hop led, `moved_to` where the first hops led that said "moved for good" (301, 308; ""
    when none did), `headers` a few of the last hop's headers in lower case, `body` is inflated.
    """

    status: int
    url: str
    moved_to: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    validators: Validators = field(default_factory=Validators)
    not_modified: bool = False


def plain(text: str) -> str:
    """Hostile text for a message: short, one line, nothing but printable ASCII."""
    return ascii(text[:120])[1:-1]


def shown(url: str) -> str:
    """A URL for messages, without its query, where keys are kept, and without user and password."""
    bare = url.partition("?")[0].partition("#")[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return plain(f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}")
