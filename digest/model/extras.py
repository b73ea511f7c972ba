"""What stands in an issue beside its articles: an editor's blocks. Every one may be missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """The number of the day: `value` as it is shown (`61`, `£4.2bn`), what it says, and where it is from."""

    value: str
    text: str
    url: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Somebody's words, without quotation marks, and who said them."""

    text: str
    who: str
    url: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """One line of a short list: a headline or a sentence, with a link and an outlet where there is one."""

    headline: str
    url: str = ""
    outlet: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extras:
    """All blocks of an issue. `missed`: in case you missed it; `joys`: small good things."""

    number: Number | None = None
    quote: Quote | None = None
    missed: tuple[Aside, ...] = ()
    joys: tuple[Aside, ...] = ()


NO_EXTRAS = Extras()
