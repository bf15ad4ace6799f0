"""A chain for the exact solver as a CSV file: one row per kind of source, stages in order."""

from __future__ import annotations

from pathlib import Path

from coproduce.records.errors import DataError
from coproduce.resilience.exact.given import not_negative
from coproduce.resilience.exact.series import Stage
from coproduce.resilience.exact.sources import Group
from coproduce.resilience.plain_csv import Row, read_rows

COLUMNS = ("stage", "sources", "capacity", "failure_rate", "repair_rate", "stock")


def read_chain(path: Path) -> tuple[Stage, ...]:
    """Return the stages of a CSV file, in the order in which their names first appear.

    Columns: ``stage``, ``sources`` (how many alike), ``capacity`` (of one, unit/year),
    ``failure_rate``, ``repair_rate`` (1/year) and ``stock`` (unit, held after the stage; the same
    in every row of a stage, or empty).

    Raises:
        SourceError: S110 if the file cannot be read, S111 if a column is missing.
        DataError: S101–S104 or S112 for a cell; the place is named.
    """
    groups: dict[str, list[Group]] = {}
    stocks: dict[str, float] = {}
    for row in read_rows(path, COLUMNS):
        stage = row.text("stage")
        groups.setdefault(stage, []).append(_group(row))
        _put_stock(stocks, stage, row)
    if not groups:
        raise DataError(
            "there is no row, so no path leads to the customer; add a row per kind of source",
            code="S107",
            where=path.name,
        )
    return tuple(
        Stage(tuple(found), stock=stocks.get(stage, 0.0)) for stage, found in groups.items()
    )


def _group(row: Row) -> Group:
    return Group(
        sources=row.whole("sources"),
        capacity=row.number("capacity"),
        failures_per_year=row.number("failure_rate"),
        repairs_per_year=row.number("repair_rate"),
    ).checked(where=row.where)


def _put_stock(stocks: dict[str, float], stage: str, row: Row) -> None:
    if row.is_empty("stock"):
        return
    stock = not_negative(row.number("stock"), f"the stock of {stage}", where=row.where)
    if stocks.setdefault(stage, stock) != stock:
        raise DataError(
            f"stage {stage} has stock {stocks[stage]:g} above and {stock:g} here; a stage has one",
            code="S112",
            where=row.where,
        )


__all__ = ["COLUMNS", "read_chain"]
