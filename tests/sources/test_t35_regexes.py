"""T35: no pattern of this package takes long on 100 kB of what is worst for it."""

import importlib
import pkgutil
import re
import time
from pathlib import Path

import pytest

import digest.sources

SIZE = 100_000
LIMIT = 0.05  # seconds of CPU

PIECES = (
    *("a", " ", "1", ".", "-", "<", "&", "(", "'", "|", ":", ";", "\u00e9", "<a", "<img ", "<!--", "<![CDATA[", "]]>"),
    *("&#", "a ", "a, ", "1/", "12:", "x@", "@x", "a=", " - ", "</li>", "read ", "The post ", "A (", "<x:", "<item>"),
)
USES = {"search": "search", "sub": "search", "finditer": "search", "findall": "search", "split": "search"}


def patterns():
    """Each pattern with the ways in which the package uses it; all ways where it is handed on."""
    modules = [
        importlib.import_module(f"digest.sources.{one.name}") for one in pkgutil.iter_modules(digest.sources.__path__)
    ]
    source = "\n".join(Path(module.__file__).read_text(encoding="utf-8") for module in modules)
    for module in modules:
        for name, value in sorted(vars(module).items()):
            if isinstance(value, re.Pattern):
                used = {USES.get(way, way) for way in re.findall(rf"\b{name}\.([a-z]+)", source)} & {
                    "search",
                    "match",
                    "fullmatch",
                }
                yield pytest.param(
                    value, used or {"search", "fullmatch"}, id=f"{module.__name__.rpartition('.')[2]}.{name}"
                )


def seconds(pattern, way, text):
    """CPU time; the best of five when the first is long: another process may have had the caches."""
    first = _once(pattern, way, text)
    return min(first, *(_once(pattern, way, text) for _ in range(4))) if first > LIMIT else first


def _once(pattern, way, text):
    start = time.process_time()
    getattr(pattern, way)(text)
    return time.process_time() - start


@pytest.mark.parametrize(("pattern", "ways"), list(patterns()))
def test_t35_a_pattern_is_quick_on_100_kb_of_anything(pattern, ways):
    slow = []
    for piece in PIECES:
        text = "x" + piece * (SIZE // len(piece)) + "!"
        whole = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
        slow += [(way, piece) for way in sorted(ways) if seconds(pattern, way, whole) > LIMIT]
    assert slow == []
