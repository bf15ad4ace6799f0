"""Plants one error in a programme folder, as a person would make it in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

Plant = Callable[[Path], None]


def records(folder: Path, table: str) -> list[list[str]]:
    """Return a table's rows, the header first."""
    text = (folder / f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.reader(io.StringIO(text, newline="")))


def save(folder: Path, table: str, rows: list[list[str]], delimiter: str = ",") -> None:
    """Write a table's rows."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\n").writerows(rows)
    (folder / f"{table}.csv").write_text(buffer.getvalue(), encoding="utf-8", newline="")


def cell(table: str, row: int, column: str, value: str) -> Plant:
    """Put a value into a cell; rows count as in a spreadsheet."""

    def plant(folder: Path) -> None:
        rows = records(folder, table)
        rows[row - 1][rows[0].index(column)] = value
        save(folder, table, rows)

    return plant


def repeat_row(table: str, row: int) -> Plant:
    """Append a copy of a row."""

    def plant(folder: Path) -> None:
        rows = records(folder, table)
        save(folder, table, [*rows, rows[row - 1]])

    return plant


def rename_column(table: str, old: str, new: str) -> Plant:
    """Rename a header cell."""

    def plant(folder: Path) -> None:
        rows = records(folder, table)
        rows[0][rows[0].index(old)] = new
        save(folder, table, rows)

    return plant


def drop_column(table: str, column: str) -> Plant:
    """Remove a column."""

    def plant(folder: Path) -> None:
        rows = records(folder, table)
        place = rows[0].index(column)
        save(folder, table, [row[:place] + row[place + 1 :] for row in rows])

    return plant


def only_header(table: str) -> Plant:
    """Remove all rows but the header."""
    return lambda folder: save(folder, table, records(folder, table)[:1])


def data(name: str, content: bytes | Callable[[bytes], bytes]) -> Plant:
    """Replace the bytes of a file."""

    def plant(folder: Path) -> None:
        file = folder / name
        file.write_bytes(content(file.read_bytes()) if callable(content) else content)

    return plant


def remove(name: str) -> Plant:
    """Remove a file."""
    return lambda folder: (folder / name).unlink()


def rename(old: str, new: str) -> Plant:
    """Rename a file."""

    def plant(folder: Path) -> None:
        (folder / old).rename(folder / new)

    return plant


def settings(old: str, new: str) -> Plant:
    """Replace text in `programme.yaml`."""

    def plant(folder: Path) -> None:
        file = folder / "programme.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text, old
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return plant
