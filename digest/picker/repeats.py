"""What a newsroom says again and again, and what it therefore tells no story by: shared sentences, serial headlines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from difflib import SequenceMatcher

from digest.model import Article
from digest.picker.headings import Heading, kinds, terms

_SENTENCE = re.compile(r"(?<=[.!?\u2026])\s+|(?<=[\u3002\uff01\uff1f])|\n+")
_SIGNS = " .!?\u2026\u3002\uff01\uff1f"
_NUMBER = re.compile(r"\d+")
# So many headlines of the day that differ in their numbers alone are a series, whoever prints them; of one outlet two
# are. Fewer, of several outlets, are one event told while its figures grew.
SERIES = 4


def own_teasers(articles: Sequence[Article], headings: Sequence[Heading]) -> list[str]:
    """Each teaser without the sentences that stand under another headline too, such as an invitation to read on.

    Numbers count for nothing when sentences are compared. One under one headline only, however many outlets carry
    both, is wire copy and stays.
    """
    parted = [[(text, _plain(text)) for text in _SENTENCE.split(one.teaser) if text] for one in articles]
    under: dict[str, tuple[str, ...]] = {}
    shared: set[str] = set()
    for sentences, head in zip(parted, headings, strict=True):
        for _, plain in sentences:
            if under.setdefault(plain, head.words) != head.words:
                shared.add(plain)
    return [" ".join(text for text, plain in sentences if plain not in shared) for sentences in parted]


def _plain(sentence: str) -> str:
    return _NUMBER.sub("#", sentence.casefold()).strip(_SIGNS)


def numbered_series(headings: Sequence[Heading], outlets: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """The headlines, numbers masked, that the day has with so many numbers that they are no one event's."""
    fillings: dict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
    at_home: dict[tuple[tuple[str, ...], str], set[tuple[str, ...]]] = defaultdict(set)
    for head, outlet in zip(headings, outlets, strict=True):
        if head.masked:
            fillings[head.masked].add(head.words)
            at_home[head.masked, outlet].add(head.words)
    found = {masked for masked, words in fillings.items() if len(words) >= SERIES}
    return frozenset(found | {masked for (masked, _), words in at_home.items() if len(words) > 1})


def are_serial(one: Heading, other: Heading, *, at_home: bool) -> bool:
    """Whether two headlines are one form filled in twice: "Weather for Monday", "Weather for Tuesday".

    The words in which they differ stand in the same places and say who, where, when or how many. `at_home`: they are of
    one outlet. Of two outlets the form must be the same but for one word, and that a name or a day: "kills 3" and
    "kills 5" are then one event.
    """
    if not at_home:
        place = _one_other_word(one.words, other.words)
        return place is not None and kinds(one)[place] == kinds(other)[place] == "N"
    if one.words == other.words:
        return False
    mine, theirs = kinds(one), kinds(other)
    common = False
    for tag, a, b, c, d in SequenceMatcher(None, one.words, other.words, autojunk=False).get_opcodes():
        if tag == "equal":
            common = common or any(kind != "s" for kind in mine[a:b])
            continue
        differing = mine[a:b] + theirs[c:d]
        if tag != "replace" or "w" in differing or not {"N", "#"} & set(differing):
            return False
    return common


def _one_other_word(one: Sequence[str], other: Sequence[str]) -> int | None:
    """The place of the only word in which two headlines of one length differ, None where there is no such place."""
    if len(one) != len(other):
        return None
    found = None
    for place, word in enumerate(one):
        if word != other[place]:
            if found is not None:
                return None
            found = place
    return found


def said_by_form(one: Heading, other: Heading) -> frozenset[str]:
    """Terms that two headlines of one outlet share through a part that both have: "Letters: ...", "... - as it happened"."""
    if len(one.parts) < 2 or len(other.parts) < 2:
        return frozenset()
    found: set[str] = set()
    for mine in one.parts:
        for theirs in other.parts:
            if mine.words == theirs.words or are_serial(mine, theirs, at_home=True):
                found |= terms(mine) & terms(theirs)
    return frozenset(found)
