"""Reading a list from CSV: a header, then one person a line; `,`, `;` or tab between the cells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from digest.errors import Mistake, did_you_mean
from digest.subscribers.rows import KEYS, Row, Rows

LONGEST_LINE = 64 * 1024  # bytes
DELIMITERS = ",;\t"


@dataclass(slots=True, kw_only=True)
class Lines:
    """The decoded lines of a CSV file, one at a time; a bad one is a mistake and comes as an empty line."""

    stream: BinaryIO
    file: str
    number: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        """Each line with its end, at most LONGEST_LINE bytes of it in memory."""
        while line := self.stream.readline(LONGEST_LINE + 1):
            self.number += 1
            yield self._decoded(line)

    def _decoded(self, line: bytes) -> str:
        if len(line) > LONGEST_LINE:
            while line and not line.endswith(b"\n"):
                line = self.stream.readline(LONGEST_LINE)
            return self._bad("a line of more than 64 kB", "is a quote missing?")
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            return self._bad("not UTF-8", "save the file as UTF-8")

    def _bad(self, why: str, mend: str) -> str:
        self.mistakes.append(Mistake(file=self.file, line=self.number, why=why, mend=mend))
        return "\n"


def read_csv(stream: BinaryIO, file: str) -> Rows:
    """A list file's rows, read as they are walked; `file` is how messages name it."""
    found = Rows(file=file)
    lines = Lines(stream=stream, file=file, mistakes=found.mistakes)
    each = iter(lines)
    header = next(each, "")
    delimiter = sniff(header)
    try:
        columns = [cell.strip().lower() for cell in next(csv.reader([header], delimiter=delimiter, strict=True), [])]
    except csv.Error as error:
        return Rows(file=file, broken=[Mistake(file=file, line=1, why=_said(error), mend="mend the header")])
    broken = list(_header_mistakes(columns, file))
    if broken:
        return Rows(file=file, broken=broken)
    found.rows = _rows(found, lines, columns, csv.reader(each, delimiter=delimiter, strict=True))
    return found


def _rows(found: Rows, lines: Lines, columns: list[str], cells_of_each: Iterator[list[str]]) -> Iterator[Row]:
    started = 2
    try:
        for cells in cells_of_each:
            if len(cells) > len(columns) and any(cell.strip() for cell in cells):
                why = f"{len(cells)} cells under a header of {len(columns)}"
                mend = "put a cell that holds a comma in quotes"
                found.mistakes.append(Mistake(file=found.file, line=started, why=why, mend=mend))
            elif any(cell.strip() for cell in cells):
                yield Row(cells_of(columns, cells), started)
            started = lines.number + 1
    except csv.Error as error:
        mend = "is a quote missing on this line?"
        found.broken.append(Mistake(file=found.file, line=started, why=_said(error), mend=mend))


def sniff(header: str) -> str:
    """What stands between the header's cells."""
    return max(DELIMITERS, key=header.count)


def cells_of(columns: list[str], cells: list[str]) -> dict[str, object]:
    """A line's values by column, empty cells left out; topics stand in one cell, `;` between them."""
    named: dict[str, object] = {
        column: text for column, cell in zip(columns, cells, strict=False) if (text := cell.strip(" \t"))
    }
    if topics := [topic.strip() for topic in str(named.pop("topics", "")).split(";") if topic.strip()]:
        named["topics"] = topics
    return named


def _header_mistakes(columns: list[str], file: str) -> Iterator[Mistake]:
    if "email" not in columns:
        why = "no column email" if columns else "empty"
        yield Mistake(file=file, line=1, why=why, mend=f"begin with a header such as {','.join(KEYS)}")
        return
    for place, column in enumerate(columns):
        if column not in KEYS:
            mend = f"{did_you_mean(column, KEYS)} (known: {', '.join(KEYS)})".strip()
            yield Mistake(file=file, line=1, key=column, why="unknown column", mend=mend)
        elif column in columns[:place]:
            yield Mistake(file=file, line=1, key=column, why="this column stands twice", mend="remove one of the two")


def _said(error: csv.Error) -> str:
    # What stands behind the dash is advice to programmers.
    return f"not CSV: {str(error).partition(' - ')[0]}"
