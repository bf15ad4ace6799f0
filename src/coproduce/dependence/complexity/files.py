"""Tables of exports from files, and the measured complexity into files."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from coproduce import __version__
from coproduce.dependence.complexity.space import proximity_rows
from coproduce.dependence.complexity.types import Complexity, Conventions
from coproduce.records.errors import ModelError, SourceError, UsageError
from coproduce.sources.trade import store

COLUMNS = ("year", "country_id", "product_id", "value_usd")
META = "complexity.json"
SHOWN = 5


def read_exports(path: Path, *, without_flags: int = 0) -> pl.DataFrame:
    """Return exports (year, country_id, product_id, value_usd) of a file or trade data folder.

    Args:
        path: CSV or Parquet with these columns, each (year, country, product) once; or a folder
            written by ``coproduce trade ingest``, whose flows are summed over importers.
        without_flags: rows of a folder with any of these `store.Flag` bits are left out.

    Raises:
        SourceError: the file cannot be read (TX050), lacks a column (TX051), is empty (TX052),
            has a value that is no number from 0 on or a missing code (TX053), or a key twice
            (TX054), or a code of six digits also without its leading zero (TX056); the folder is
            none (S101, S102).
        ModelError: the folder holds totals with the world only (TX022).
    """
    if path.is_dir():
        return _from_folder(path, without_flags)
    frame = _read_file(path)
    missing = [name for name in COLUMNS if name not in frame.columns]
    if missing:
        raise SourceError(
            f"no column {', '.join(missing)}; needed are {', '.join(COLUMNS)}, found are "
            f"{', '.join(frame.columns)}",
            code="TX051",
            where=path.name,
        )
    if frame.is_empty():
        raise SourceError("the file has no rows", code="TX052", where=path.name)
    return _checked(frame.select(COLUMNS), path.name)


def _read_file(path: Path) -> pl.DataFrame:
    """Return the file as it is; of a CSV every cell as text."""
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except FileNotFoundError:
        raise SourceError("there is no such file", code="TX050", where=str(path)) from None
    except pl.exceptions.NoDataError:
        raise SourceError("the file is empty", code="TX052", where=path.name) from None
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError) as error:
        raise SourceError(
            f"cannot be read as {'Parquet' if path.suffix == '.parquet' else 'CSV'}: {error}",
            code="TX050",
            where=path.name,
        ) from None


def _checked(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the rows as numbers and codes; raise for what is neither."""
    read = frame.select(
        _whole_number("year", frame),
        pl.col("country_id").cast(pl.String).str.strip_chars(),
        pl.col("product_id").cast(pl.String).str.strip_chars(),
        pl.col("value_usd").cast(pl.Float64, strict=False),
    )
    value = pl.col("value_usd")
    good = (
        pl.col("year").is_not_null()
        & (pl.col("country_id").str.len_bytes() > 0).fill_null(value=False)
        & (pl.col("product_id").str.len_bytes() > 0).fill_null(value=False)
        & (value.is_finite() & (value >= 0)).fill_null(value=False)
    )
    bad = read.select((~good).arg_true())
    if bad.height:
        rows = bad.to_series().to_list()
        raise SourceError(
            f"{len(rows)} rows have no year, no code or no value of 0 or more: "
            f"{_rows(frame, rows)}",
            code="TX053",
            where=name,
        )
    keys = read.select("year", "country_id", "product_id")
    twice = keys.is_duplicated()
    if twice.any():
        rows = twice.arg_true().to_list()
        raise SourceError(
            f"{len(rows)} rows repeat a year, country and product: {_rows(frame, rows)}; add "
            "them up or keep one of them",
            code="TX054",
            where=name,
        )
    _one_way_of_writing(read, name)
    return read


def _whole_number(column: str, frame: pl.DataFrame) -> pl.Expr:
    """Return a column as whole numbers; 2020.0, as some programs write a year, is one."""
    given = pl.col(column)
    if frame.schema[column] == pl.String:
        given = given.str.strip_chars().str.replace(r"\.0+$", "")
    elif frame.schema[column].is_float():
        given = pl.when(given == given.round()).then(given)
    return given.cast(pl.Int32, strict=False).alias(column)


def _one_way_of_writing(read: pl.DataFrame, name: str) -> None:
    """Raise if a code of six digits also stands without its leading zero."""
    codes = set(read["product_id"].unique().to_list())
    short = sorted(
        code for code in codes if len(code) == 5 and code.isdigit() and f"0{code}" in codes
    )
    if short:
        raise SourceError(
            f"{short[0]} and 0{short[0]} are one code with and without its leading zero "
            f"({len(short)} such); write it one way",
            code="TX056",
            where=name,
        )


def _rows(frame: pl.DataFrame, rows: Sequence[int]) -> str:
    """Return the first rows as a person counts them, the header being row 1."""
    shown = "; ".join(f"row {row + 2} {frame.row(row)}" for row in rows[:SHOWN])
    return shown + (f"; and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def _from_folder(folder: Path, without_flags: int) -> pl.DataFrame:
    meta = store.read_meta(folder)
    if meta.partners == "world":
        raise ModelError(
            "the folder holds totals with the world only, of one reporter or a few; complexity "
            "compares all exporters",
            code="TX022",
            where=str(folder),
        )
    flows = store.scan_flows(folder).filter(pl.col("exporter") != pl.col("importer"))
    if without_flags:
        flows = flows.filter((pl.col("flags") & without_flags) == 0)
    key = ("year", "exporter", "product")
    summed = (
        flows.group_by(key).agg(pl.col("value_usd").sum()).sort(key).collect(engine="streaming")
    )
    if summed.is_empty():
        raise SourceError("the folder has no flows", code="TX052", where=str(folder))
    country, product = store.countries(folder), store.products(folder)
    return summed.select(
        pl.col("year").cast(pl.Int32),
        country["country_id"].gather(summed["exporter"].cast(pl.UInt32)).alias("country_id"),
        product["product_id"].gather(summed["product"].cast(pl.UInt32)).alias("product_id"),
        "value_usd",
    )


def write(
    out: Path,
    measured: Iterable[Complexity],
    *,
    conventions: Conventions,
    with_proximity: bool = False,
) -> dict[str, Any]:
    """Write the measured years and return what was written; all files or none.

    Files: ``countries.parquet`` (year, country_id, diversity, eci, coi, fitness),
    ``products.parquet`` (year, product_id, ubiquity, pci, quality), ``country_products.parquet``
    (year, country_id, product_id, value_usd, rca, mcp, density, cog), with proximity
    ``proximity.parquet`` (year, product_1_id, product_2_id, proximity; each pair once, with
    product_1_id before product_2_id), and ``complexity.json`` (conventions, warnings, years).

    Args:
        out: new, empty, or an earlier result, which is replaced.
        measured: year by year; one year is held in memory at a time.

    Raises:
        UsageError: the folder holds anything else (TX055).
    """
    summary: dict[str, Any] = {"out": str(out), "years": [], "warnings": []}
    with _whole(out) as fresh:
        for found in measured:
            tables = {
                "countries": found.countries(),
                "products": found.products(),
                "country_products": found.country_products(),
            }
            for name, table in tables.items():
                _part(fresh, name, found.year, table)
            if with_proximity:
                for start, table in _pairs(found):
                    _part(fresh, "proximity", found.year, table, start)
            summary["years"].append(
                {
                    "year": found.year,
                    "countries": len(found.country_ids),
                    "products": len(found.product_ids),
                    "eigenvalue": _number(found.eigenvalue),
                }
            )
            summary["warnings"] += [f"{found.year}: {warning}" for warning in found.warnings]
        _join_parts(fresh)
        record = {**summary, "conventions": asdict(conventions), "coproduce": __version__}
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (fresh / META).write_text(text + "\n", "utf-8")
    return summary


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _part(folder: Path, name: str, year: int, table: pl.DataFrame, start: int = 0) -> None:
    parts = folder / f"{name}.parts"
    parts.mkdir(exist_ok=True)
    table.write_parquet(parts / f"{year:06d}-{start:08d}.parquet", compression="zstd")


def _join_parts(folder: Path) -> None:
    """Make one file of each table's parts, in order, without holding them in memory."""
    for parts in sorted(folder.glob("*.parts")):
        files = sorted(parts.glob("*.parquet"))
        whole = folder / f"{parts.stem}.parquet"
        if len(files) == 1:
            files[0].rename(whole)
        else:
            pl.scan_parquet(files).sink_parquet(whole, compression="zstd")
        shutil.rmtree(parts)


def _pairs(found: Complexity) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield each pair of products once, some rows of the matrix at a time."""
    names = pl.Series(list(found.product_ids), dtype=pl.String)
    n_products = len(names)
    for start, block in proximity_rows(found.mcp):
        first, second = np.triu_indices(len(block), start + 1, n_products)
        yield (
            start,
            pl.DataFrame(
                {
                    "year": pl.Series([found.year], dtype=pl.Int32).new_from_index(0, len(first)),
                    "product_1_id": names.gather((first + start).astype(np.uint32)),
                    "product_2_id": names.gather(second.astype(np.uint32)),
                    "proximity": block[first, second],
                }
            ),
        )


@contextmanager
def _whole(out: Path) -> Iterator[Path]:
    """Give a folder beside `out` that takes its place when all went well."""
    if out.exists() and not (out.is_dir() and (not any(out.iterdir()) or (out / META).is_file())):
        raise UsageError(
            "exists and holds something other than a result of `coproduce trade complexity`; "
            "name a new or empty folder",
            code="TX055",
            where=str(out),
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    fresh = out.parent / f".{out.name}.{os.getpid()}.part"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        yield fresh
        if out.exists():
            shutil.rmtree(out)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


__all__ = ["COLUMNS", "read_exports", "write"]
