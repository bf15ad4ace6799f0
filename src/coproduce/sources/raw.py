"""A table as it lies in its file: text cells and the row numbers a person sees."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from coproduce.records.errors import Issue


@dataclass(frozen=True, slots=True)
class RawTable:
    """A table before its cells are understood.

    Attributes:
        table: name of the table.
        file: name of the file, for messages.
        sheet: name of the sheet; empty for a CSV file.
        header: column names as written, stripped.
        cells: one text column per header cell, named ``0``, ``1``, …; no value is null.
        row_numbers: row as in a spreadsheet, one per row of ``cells``; the header is row 1.
    """

    table: str
    file: str
    sheet: str
    header: tuple[str, ...]
    cells: pl.DataFrame
    row_numbers: pl.Series

    def issue(
        self,
        code: str,
        message: str,
        *,
        row: int | None = None,
        column: str = "",
        value: str = "",
        is_warning: bool = False,
    ) -> Issue:
        """Return a problem placed in this table's file and sheet."""
        return Issue(code, message, self.file, self.sheet, row, column, value, is_warning)


def raw_table(
    table: str, file: str, sheet: str, records: list[list[str]], *, first_row: int = 1
) -> RawTable:
    """Return a raw table from its records, the header first; empty records are left out.

    Args:
        table: name of the table.
        file: name of the file.
        sheet: name of the sheet; empty for a CSV file.
        records: rows of equal length; cells are stripped here, empty ones become null.
        first_row: row number of the header.
    """
    header = tuple(cell.strip() for cell in records[0]) if records else ()
    cells = pl.DataFrame(
        records[1:],
        schema={str(number): pl.String for number in range(len(header))},
        orient="row",
    )
    return from_frame(table, file, sheet, header, cells, first_row=first_row)


def from_frame(
    table: str,
    file: str,
    sheet: str,
    header: tuple[str, ...],
    cells: pl.DataFrame,
    *,
    first_row: int = 1,
) -> RawTable:
    """Return a raw table from a frame of text columns named ``0``, ``1``, …"""
    tidy = cells.with_columns(
        pl.all().str.replace_all("\r\n?", "\n").str.strip_chars().replace("", None)
    ).with_row_index("row", offset=first_row + 1)
    if header:
        tidy = tidy.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    return RawTable(table, file, sheet, header, tidy.drop("row"), tidy["row"])
