"""Adding a line to a CSV list and taking one out; every other byte stays."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping

from digest.subscribers.address import same_mailbox
from digest.subscribers.csv_list import sniff


def csv_with(data: bytes, values: Mapping[str, object]) -> bytes:
    """The file with one more line at its end. Raises ValueError when it has no column for one of the values."""
    text = data.decode("utf-8-sig")
    header, delimiter, columns = _header(text)
    if missing := [key for key in values if key not in columns]:
        raise ValueError(f"the file has no column {', '.join(missing)}; add it to the first line")
    cells = [_cell(values.get(column, "")) for column in columns]
    end = "\r\n" if header.endswith("\r\n") else "\n"
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator=end).writerow(cells)
    gap = b"" if data.endswith(b"\n") else end.encode()
    return data + gap + line.getvalue().encode()


def csv_without(data: bytes, address: str) -> bytes:
    """The file without the lines of this address, or `data` itself."""
    text = data.decode("utf-8-sig")
    lines = io.StringIO(text).readlines()
    _, delimiter, columns = _header(text)
    place = columns.index("email")
    gone: set[int] = set()
    for first, behind, cells in _records(lines, delimiter):
        if first and place < len(cells) and same_mailbox(cells[place].strip(" \t"), address):
            gone.update(range(first, behind))
    if not gone:
        return data
    bom = data[: len(data) - len(text.encode())]
    return bom + "".join(line for number, line in enumerate(lines) if number not in gone).encode()


def _header(text: str) -> tuple[str, str, list[str]]:
    header = text.partition("\n")[0] + ("\n" if "\n" in text else "")
    delimiter = sniff(header)
    cells = next(csv.reader([header], delimiter=delimiter), [])
    return header, delimiter, [cell.strip().lower() for cell in cells]


def _records(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """(first line, line behind the last, cells) of each record, lines from 0."""
    first = 0
    reader = csv.reader(lines, delimiter=delimiter)
    for cells in reader:
        yield first, reader.line_num, cells
        first = reader.line_num


def _cell(value: object) -> str:
    return ";".join(value) if isinstance(value, list) else str(value)
