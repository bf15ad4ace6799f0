"""Small CSV files of this room, read row by row with the place of every cell that is wrong."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from coproduce.records.errors import DataError, SourceError

MOST_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file.

    Attributes:
        file: name of the file.
        line: line as a person sees it in a spreadsheet; the header is line 1.
        cells: column → text without blanks around it.
    """

    file: str
    line: int
    cells: dict[str, str]

    @property
    def where(self) -> str:
        """The place in words."""
        return f"{self.file}, line {self.line}"

    def is_empty(self, column: str) -> bool:
        """The cell is empty or its column is not in the file."""
        return not self.cells.get(column)

    def text(self, column: str) -> str:
        """Return the text of a cell.

        Raises:
            DataError: S112 if it is empty.
        """
        found = self.cells.get(column, "")
        if not found:
            raise self.wrong(f"{column} is empty; write a value")
        return found

    def number(self, column: str) -> float:
        """Return the number in a cell.

        Raises:
            DataError: S112 if it is no finite number.
        """
        text = self.text(column)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.wrong(f"{column} is {text!r}; write a number with a decimal point")
        return value

    def whole(self, column: str) -> int:
        """Return the whole number in a cell.

        Raises:
            DataError: S112 if it is no whole number.
        """
        value = self.number(column)
        if value != int(value):
            raise self.wrong(f"{column} is {value}; write a whole number")
        return int(value)

    def one_of(self, column: str, allowed: Sequence[str]) -> str:
        """Return the word in a cell, in small letters.

        Raises:
            DataError: S112 if it is not allowed.
        """
        word = self.text(column).lower()
        if word not in allowed:
            raise self.wrong(f"{column} is {word!r}; allowed are {', '.join(allowed)}")
        return word

    def wrong(self, message: str) -> DataError:
        """Return the error of a cell of this row."""
        return DataError(message, code="S112", where=self.where)


def read_rows(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows of a CSV file that have any text.

    Args:
        path: a CSV file in UTF-8 with a header.
        columns: must be in the header.
        optional: of `columns`, those that may be missing.

    Raises:
        SourceError: S110 if the file cannot be read, S111 if a column is missing.
        DataError: S112 if a row has not as many cells as the header.
    """
    text = read_text(path)
    records = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [cell.strip() for cell in next(records, [])]
        missing = [name for name in columns if name not in header and name not in optional]
        if missing:
            raise SourceError(
                f"there is no column {', '.join(missing)}; needed are {', '.join(columns)}",
                code="S111",
                where=path.name,
            )
        for line, cells in enumerate(records, start=2):
            if not any(cell.strip() for cell in cells):
                continue
            row = Row(path.name, line, dict(zip(header, map(str.strip, cells), strict=False)))
            if len(cells) != len(header):
                raise row.wrong(f"there are {len(cells)} cells, the header has {len(header)}")
            yield row
    except csv.Error as error:
        raise SourceError(
            f"cells cannot be told apart ({error}); look for a quote that is never closed",
            code="S110",
            where=path.name,
        ) from None


def read_text(path: Path) -> str:
    """Return a text file.

    Raises:
        SourceError: S110 if it is not there, too large or not UTF-8.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(
                f"the file is larger than {MOST_BYTES:,} bytes; split it",
                code="S110",
                where=path.name,
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(
            "the file is not UTF-8 text; save it as UTF-8", code="S110", where=path.name
        ) from None
    except OSError as error:
        raise SourceError(
            f"the file cannot be read ({error.strerror}); look at its name and permissions",
            code="S110",
            where=str(path),
        ) from None


__all__ = ["Row", "read_rows", "read_text"]
