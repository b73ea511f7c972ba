"""Files say who was invited, consents what they answered; a "no" always wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from digest.model import Subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who gets an issue, in the order of the files; `left` counts those invited who said no."""

    people: tuple[Subscriber, ...]
    left: int


def readers(
    subscribers: Iterable[Subscriber], suppressed: frozenset[bytes], *, hash_of: Callable[[str], bytes]
) -> Readers:
    """Those invited whose mailbox is not suppressed. `suppressed` are address hashes as `hash_of` makes them."""
    invited = tuple(subscribers)
    people = tuple(one for one in invited if hash_of(one.email) not in suppressed)
    return Readers(people=people, left=len(invited) - len(people))
