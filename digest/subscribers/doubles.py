"""Which texts stand twice among a million, in 8 bytes for each: by their hashes, so that only suspects are compared.

Python's own hash of a text is keyed with chance for each process, so nobody can write a list of clashes; and a clash
costs a comparison, never a wrong answer.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from itertools import pairwise

_PARTS = 64  # so that sorting or a set holds a part of them at a time
_PART = _PARTS - 1


class Hashes:
    """The hashes of texts."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        """None yet."""
        self._parts = tuple(array("q") for _ in range(_PARTS))

    def add(self, text: str) -> None:
        """One more."""
        key = hash(text)
        self._parts[key & _PART].append(key)

    def suspects(self) -> Suspects:
        """Those that were added more than once."""
        return Suspects(tuple(map(_repeated, self._parts)))


class Suspects:
    """Texts that may have been added more than once: all that were, and with bad luck another."""

    __slots__ = ("_parts",)

    def __init__(self, parts: tuple[array[int], ...]) -> None:
        """Each part is sorted."""
        self._parts = parts

    def __bool__(self) -> bool:
        """Whether there is any."""
        return any(self._parts)

    def __contains__(self, text: str) -> bool:
        """Whether this may be one."""
        key = hash(text)
        part = self._parts[key & _PART]
        at = bisect_left(part, key)
        return at < len(part) and part[at] == key


class Places:
    """Where texts stand that stand in several places, 16 bytes for each. A place is a number below 2^63."""

    __slots__ = ("_keys", "_places")

    def __init__(self) -> None:
        """None yet."""
        self._keys = [array("q") for _ in range(_PARTS)]
        self._places = [array("q") for _ in range(_PARTS)]

    def add(self, text: str, place: int) -> None:
        """One more; places come in rising order."""
        key = hash(text)
        self._keys[key & _PART].append(key)
        self._places[key & _PART].append(place)

    def sort(self) -> None:
        """Once, before the first question."""
        for part in range(_PARTS):
            both = sorted(zip(self._keys[part], self._places[part], strict=True))
            self._keys[part] = array("q", (key for key, _ in both))
            self._places[part] = array("q", (place for _, place in both))

    def of(self, text: str) -> array[int]:
        """Every place where it may stand, rising."""
        key = hash(text)
        keys = self._keys[key & _PART]
        return self._places[key & _PART][bisect_left(keys, key) : bisect_right(keys, key)]


def _repeated(part: array[int]) -> array[int]:
    if len(set(part)) == len(part):
        return array("q")
    return array("q", sorted({one for one, following in pairwise(sorted(part)) if one == following}))
