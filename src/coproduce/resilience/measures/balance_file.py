"""Balances of items from a CSV file."""

from __future__ import annotations

from pathlib import Path

from coproduce.records.errors import DataError, UsageError
from coproduce.resilience.measures.balance import Balance, balance
from coproduce.resilience.plain_csv import Row, read_rows

COLUMNS = ("item_id", "production", "imports", "exports", "re_exports")


def read_balances(path: Path) -> dict[str, Balance]:
    """Return the balance of each item of a file with `COLUMNS`; ``re_exports`` may be left out.

    Raises:
        SourceError: S110, S111 if the file cannot be read.
        DataError: S102, S112, S130 for a row; the line is named.
    """
    found: dict[str, Balance] = {}
    for row in read_rows(path, COLUMNS, ("re_exports",)):
        item = row.text("item_id")
        if item in found:
            raise row.wrong(f"item {item!r} stands twice")
        found[item] = _balance(row)
    return found


def _balance(row: Row) -> Balance:
    made, bought, sold = (row.number(name) for name in COLUMNS[1:4])
    back = 0.0 if row.is_empty("re_exports") else row.number("re_exports")
    try:
        return balance(made, bought, sold, back)
    except UsageError as error:
        raise DataError(error.message, code=error.code, where=row.where) from None


__all__ = ["COLUMNS", "read_balances"]
