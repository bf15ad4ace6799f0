"""Tables of an answer written to a folder, all of them or none."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from coproduce.records.errors import UsageError

KINDS = (".csv", ".parquet")


def write_tables(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Write tables as ``<name>.csv`` and ``<name>.parquet``; what is there by those names goes.

    Args:
        folder: new or existing; other files in it stay.
        tables: name → table.

    Raises:
        UsageError: U111 if the folder is a file, or holds a file by one of the names that no such
            answer wrote.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file; name a folder", code="U111", where=str(folder))
    _loses_nothing(folder, tables)
    part = folder.parent / f".{folder.name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name, table in tables.items():
            table.write_parquet(part / f"{name}.parquet")
            table.write_csv(part / f"{name}.csv")
        folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(part.iterdir()):
            path.replace(folder / path.name)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _loses_nothing(folder: Path, tables: Mapping[str, pl.DataFrame]) -> None:
    """Raise if a table would replace a file of another kind of folder, such as trade data."""
    for name in tables:
        there = [f"{name}{kind}" for kind in KINDS if (folder / f"{name}{kind}").exists()]
        if len(there) == 1:  # an earlier answer would have left both
            raise UsageError(
                f"holds a {there[0]} that is not of this command; name a new or empty folder",
                code="U111",
                where=str(folder),
            )


__all__ = ["write_tables"]
