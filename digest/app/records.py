"""A relay's records on disk: plain or packed files, line by line."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from digest.errors import wrong

_LONGEST = 1 << 26  # characters of one line; a file without line breaks must not fill the memory
_PACKED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}


def lines_of(path: Path) -> Iterator[str]:
    """The lines of a file, gzip, bzip2 and xz unpacked; what is no UTF-8 is replaced. Raises DigestError (exit 2)."""
    try:
        with path.open("rb") as plain:
            unpack = _PACKED.get(plain.read(2))
        with unpack(path, "rb") if unpack else path.open("rb") as file:
            while line := file.readline(_LONGEST):
                yield line.decode("utf-8", "replace")
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise wrong(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
