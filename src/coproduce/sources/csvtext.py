"""One CSV text → a raw table: delimiter, quotes, rows of equal length."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection

from coproduce.records.errors import Issue, SourceError
from coproduce.sources.problems import Problems
from coproduce.sources.raw import RawTable, raw_table

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
LONGEST_CELL = 100_000


def parse(
    text: str, table: str, file: str, known_columns: Collection[str], problems: Problems
) -> RawTable | None:
    """Return the raw table in a CSV text, or None if its rows cannot be told apart.

    Args:
        text: the whole file, decoded.
        table: name of the table.
        file: name of the file.
        known_columns: declared columns; the delimiter that finds most of them is taken.
        problems: gets a warning for a delimiter other than the comma and an error for each
            row whose number of cells is not the header's.
    """
    delimiter = _delimiter(text, known_columns)
    if delimiter != ",":
        name = DELIMITERS[delimiter]
        message = f"cells are split at a {name}; a comma is expected, and is what we write"
        problems.add(Issue("P091", message, file=file, value=name, is_warning=True))
    csv.field_size_limit(LONGEST_CELL)
    try:
        records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        problems.add(
            Issue(
                "P008",
                f"cells cannot be told apart ({error}); look for a quote that is never closed",
                file=file,
            )
        )
        return None
    if not records or not any(cell.strip() for cell in records[0]):
        message = "row 1 is empty; it must name the columns"
        problems.add(Issue("P020", message, file=file, row=1))
        return None
    return _even(records, table, file, delimiter, problems)


def _delimiter(text: str, known_columns: Collection[str]) -> str:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    known = set(known_columns)

    def score(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip(' "\r') for cell in first.split(delimiter)]
        return sum(cell in known for cell in cells), len(cells)

    return max(DELIMITERS, key=score)


def _even(
    records: list[list[str]], table: str, file: str, delimiter: str, problems: Problems
) -> RawTable | None:
    width = len(records[0])
    is_even = True
    for number, record in enumerate(records[1:], start=2):
        if len(record) == width:
            continue
        if not any(cell.strip() for cell in record):
            record[:] = [""] * width
            continue
        is_even = False
        hint = (
            f"a cell that holds a {DELIMITERS[delimiter]} must stand in double quotes"
            if len(record) > width
            else "write empty cells too"
        )
        problems.add(
            Issue(
                "P008",
                f"the row has {len(record)} cells but the header has {width}; {hint}",
                file=file,
                row=number,
            )
        )
    return raw_table(table, file, "", records) if is_even else None


def refuse_text(error: SourceError, file: str) -> Issue:
    """Return a file error as one problem of a load."""
    return Issue(error.code, error.message, file=file)
