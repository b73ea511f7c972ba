"""The lint of a finished message: the last look at the bytes before anybody gets them (MAIL.md A and B). No network.

raw        lines and line ends             fields     header fields, addresses, unsubscribing
signature  DKIM, where there is one        parts      MIME, sizes, the two parts against each other
page       the HTML part as a tree        looks      its colours, type and styles
"""

from __future__ import annotations

from collections.abc import Iterator

from digest.errors import Mistake
from digest.model.rules import LARGEST_HTML
from digest.sender.lint import fields, page, parts, raw, signature


def lint_message(
    data: bytes, *, folder_only: bool = False, largest: int = LARGEST_HTML, file: str = "message"
) -> tuple[Mistake, ...]:
    """What is wrong with a message as it goes out; errors first, then warnings. Never raises for what it holds.

    `folder_only`: it stays in a folder, so that an example's freemail sender is only warned of, and a missing page for
    unsubscribing is not. `largest`: bytes of HTML that are sent at most. `file` is what the
    findings name.
    """
    block, _, body = data.partition(b"\r\n\r\n")
    header = fields.read(block)
    read = parts.read(data)

    def found() -> Iterator[raw.Note]:
        yield from raw.check(data, block)
        yield from fields.check(header, folder_only=folder_only)
        yield from signature.check(header, body)
        yield from parts.check(read, largest=largest)
        if read.html is not None:
            yield from page.check(read.html)
            yield from parts.check_both(read, unsubscribe=fields.unsubscribe_links(header))

    notes = sorted(dict.fromkeys(found()), key=lambda note: note.warning)
    return tuple(Mistake(file=file, why=note.why, rule=note.rule, warning=note.warning) for note in notes)
