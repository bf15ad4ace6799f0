"""Indicator tables into files: one file or folder, whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from coproduce.dependence.trade.criteria import geodep
from coproduce.dependence.trade.panel import build
from coproduce.dependence.trade.study import Study
from coproduce.dependence.trade.tables import all_countries
from coproduce.records.errors import UsageError

SUMMARY = "indicators.json"
KINDS = (".parquet", ".csv")


def write_study(found: Study, out: Path) -> None:
    """Write a study's tables: all into a folder, or the products into one file.

    Args:
        out: a name ending in .parquet or .csv, or a folder that is new, empty or of an earlier
            study.

    Raises:
        UsageError: the folder holds anything else (TX071).
    """
    if out.suffix in KINDS:
        _write_file(found.tables["products"], out)
        return
    if out.exists() and not _is_ours(out):
        raise UsageError(
            "exists and holds something other than indicators; name a new or empty folder",
            code="TX071",
            where=str(out),
        )
    fresh = _fresh(out)
    fresh.mkdir(parents=True)
    try:
        for name, table in found.tables.items():
            table.write_parquet(fresh / f"{name}.parquet", compression="zstd")
        record = {**found.summary, "warnings": list(found.warnings)}
        text = json.dumps(record, ensure_ascii=False, indent=2)
        (fresh / SUMMARY).write_text(text + "\n", "utf-8")
        if out.exists():
            shutil.rmtree(out)
        fresh.rename(out)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def write_world(
    folder: Path, out: Path, *, years: Sequence[int] | None = None, without_flags: int = 0
) -> int:
    """Write the indicators of every importer into one Parquet file; return the rows.

    Raises:
        UsageError: the name does not end in .parquet (TX071).
    """
    if out.suffix != ".parquet":
        raise UsageError(
            "the table of all importers is written as one file; end its name in .parquet",
            code="TX071",
            where=str(out),
        )
    panel = build(folder, years=years, without_flags=without_flags)
    parts, fresh = _fresh(out), out.parent / f".{out.name}.{os.getpid()}.whole"
    parts.mkdir(parents=True)
    rows = 0
    try:
        for at, table in enumerate(all_countries(panel, geodep(panel))):
            table.write_parquet(parts / f"{at:06d}.parquet", compression="lz4")
            rows += table.height
        pl.scan_parquet(sorted(parts.glob("*.parquet"))).sink_parquet(fresh, compression="zstd")
        fresh.replace(out)
    finally:
        shutil.rmtree(parts, ignore_errors=True)
        fresh.unlink(missing_ok=True)
    return rows


def _write_file(table: pl.DataFrame, out: Path) -> None:
    fresh = _fresh(out)
    fresh.parent.mkdir(parents=True, exist_ok=True)
    try:
        if out.suffix == ".csv":
            table.write_csv(fresh)
        else:
            table.write_parquet(fresh, compression="zstd")
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)


def _is_ours(out: Path) -> bool:
    return out.is_dir() and (not any(out.iterdir()) or (out / SUMMARY).is_file())


def _fresh(out: Path) -> Path:
    return out.parent / f".{out.name}.{os.getpid()}.part"


__all__ = ["write_study", "write_world"]
