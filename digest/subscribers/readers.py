"""Files say who was invited, consents what they answered; a "no" always wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from digest.model import Subscriber


class Readers:
    """Those invited whose mailbox is not suppressed, in the order of the files; nobody is held."""

    def __init__(
        self, invited: Iterable[Subscriber], suppressed: frozenset[bytes], *, hash_of: Callable[[str], bytes]
    ) -> None:
        """`suppressed` are address hashes as `hash_of` makes them."""
        self._invited = invited
        self._suppressed = suppressed
        self._hash_of = hash_of
        self.left = 0  # of those invited, who said no, as far as the last walk came

    def __iter__(self) -> Iterator[Subscriber]:
        """Who gets an issue."""
        self.left = 0
        if not self._suppressed:  # a keyed hash for each would cost a long list seconds
            yield from self._invited
            return
        for one in self._invited:
            if self._hash_of(one.email) in self._suppressed:
                self.left += 1
            else:
                yield one

    def nobody(self) -> bool:
        """Whether nobody is left."""
        return next(iter(self), None) is None
