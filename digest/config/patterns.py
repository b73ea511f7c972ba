"""Whether a /regex/ of a filter is quick on whatever it may meet: tried on texts made to be hard for it.

A backtracking pattern may take hours on a headline that somebody else writes. SOURCES.md 9 refuses one whose worst
case of 100 kB takes over 50 ms. The worst case is looked for among texts that repeat what the pattern is made of.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
import time
from collections.abc import Iterator

import regex

LONGEST = 300  # characters of a pattern
WORST = 100_000  # octets
MOST_SECONDS = 0.05
_GIVE_UP = 0.2  # s of waiting; on a busy machine less of it was ours
_TRIES = 2
_COMMON = "a0 -é"
_RUNS = re.compile(r"[^\W_]+")
_CODES = re.compile(r"\\[A-Za-z]|\(\?[^)a-z]*[a-z]*:?|[{][0-9,]*[}]")
_PREFIXES = 4
_PUMPS = 40


@functools.lru_cache(maxsize=256)
def fault_of(pattern: str) -> str:
    """`why; mend` where the pattern is none or is slow, "" where it is good."""
    if len(pattern) > LONGEST:
        return f"is a pattern of {len(pattern)} characters; write at most {LONGEST}"
    try:
        compiled = regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, ValueError, OverflowError, MemoryError, RecursionError) as error:
        return f"/{pattern}/ is no regular expression: {error}; write for example /climate.{{0,80}}summit/"
    if any(_slow(compiled, text) for text in hard_texts(pattern)):
        return (
            f"/{pattern}/ may take over {MOST_SECONDS * 1000:.0f} ms on {WORST // 1000} kB; "
            "bound what repeats, .{0,80} in place of .*, and let nothing repeat inside a repeat"
        )
    return ""


def _slow(compiled: regex.Pattern[str], text: str) -> bool:
    """Whether each of two tries took too much of this thread's own time."""
    for _ in range(_TRIES):
        start = time.thread_time()
        with contextlib.suppress(TimeoutError):
            compiled.search(text, timeout=_GIVE_UP)
        if time.thread_time() - start <= MOST_SECONDS:
            return False
    return True


def hard_texts(pattern: str) -> Iterator[str]:
    """Texts of 100 kB (and short ones, for what doubles with every character) that repeat the pattern's own words.

    Each ends in what nothing matches, with and without the pattern's words behind it: a search gives up at once
    where a word that it needs is nowhere in the text.
    """
    plain = _CODES.sub(" ", pattern)
    runs = list(dict.fromkeys(_RUNS.findall(plain)))
    letters = list(dict.fromkeys([*(char for run in runs for char in run), *_COMMON]))
    pairs = ["".join(pair) for pair in itertools.permutations(letters[:5], 2)]
    pumps = list(
        dict.fromkeys([*letters[:12], *runs, *(f"{run}a" for run in runs), *(f"{run} " for run in runs), *pairs])
    )
    starts = ["", *("".join(runs)[: n + 1] for n in range(_PREFIXES)), *runs[:_PREFIXES]]
    ends = ["\0", f"\0\n{' '.join(runs)}"]
    for end, pump in itertools.product(ends, pumps[:_PUMPS]):
        yield _filled("", pump, WORST, end)
    for end, start, pump in itertools.product(ends, dict.fromkeys(starts), pumps[:12]):
        yield _filled(start, pump, 200, end)


def _filled(start: str, pump: str, size: int, end: str) -> str:
    """`start`, then `pump` over and over, then `end`."""
    return f"{start}{pump * ((size - len(end.encode())) // len(pump.encode()))}{end}"
