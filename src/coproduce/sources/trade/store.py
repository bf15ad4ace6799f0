"""The trade data folder: what ingest writes and the rooms read. All of it is there, or nothing.

Files of layout 1: `flows.parquet` (sorted by exporter, importer, product, year; row groups with
statistics, so that one pair is found without reading the rest), `countries.parquet`,
`products.parquet`, `meta.json`, `quality.json`, `quality.md`, `rejected.parquet`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from enum import IntFlag
from pathlib import Path
from typing import Any, Literal

import polars as pl

from coproduce import __version__
from coproduce.records.errors import SourceError, UsageError

LAYOUT = 1
ROWS_PER_GROUP = 131_072
MOST_SHORT_INDICES = 65_535
FLOWS, COUNTRIES, PRODUCTS = "flows.parquet", "countries.parquet", "products.parquet"
META, QUALITY, QUALITY_TEXT = "meta.json", "quality.json", "quality.md"
REJECTED = "rejected.parquet"
KEY = ("exporter", "importer", "product", "year", "flags")

FLOW_TYPES: dict[str, pl.DataType] = {
    "year": pl.Int16(),
    "exporter": pl.UInt16(),
    "importer": pl.UInt16(),
    "product": pl.UInt16(),
    "value_usd": pl.Float64(),
    "quantity_t": pl.Float32(),
    "flags": pl.UInt8(),
}
COUNTRY_TYPES: dict[str, pl.DataType] = {
    "index": pl.UInt16(),
    "country_id": pl.String(),
    "source_code": pl.Int32(),
    "iso2": pl.String(),
    "name": pl.String(),
}
PRODUCT_TYPES: dict[str, pl.DataType] = {
    "index": pl.UInt16(),
    "product_id": pl.String(),
    "description": pl.String(),
}
REJECTED_TYPES: dict[str, pl.DataType] = {
    "file": pl.String(),
    "line": pl.Int64(),
    "reason": pl.String(),
    "row": pl.String(),
    "value_usd": pl.Float64(),
}


class Flag(IntFlag):
    """What to know about a flow before it is trusted; flags add up."""

    MIRROR = 1
    CONVERTED_N_M = 2
    RE_EXPORT = 4
    ONE_SIDED = 8


@dataclass(frozen=True, slots=True)
class FileMeta:
    """One file that was read.

    Attributes:
        name: as the user gave it, without folders; ``zip:member`` for a part of a zip.
        sha256: of its bytes.
        rows: data rows read from it.
    """

    name: str
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Meta:
    """What a trade data folder holds.

    Attributes:
        source: which kind of file it came from.
        revision: of the Harmonised System, ``HS12``; empty if unknown.
        version: release of the source; empty if it has none.
        years: in which there are flows, ascending; of a fiscal year the first one.
        is_provisional_years: years that the source will still revise.
        valuation: fob, cif, or mixed.
        period: calendar or fiscal years.
        files: everything read.
        partners: ``countries``, or ``world`` if the folder holds totals with the world only;
            concentration by supplier must not be computed then.
        level: digits of the product codes.
        notes: what else to know, in sentences.
        layout: of the folder.
        coproduce: version that wrote the folder.
    """

    source: Literal["baci", "comtrade", "eidb", "customs"]
    revision: str
    version: str
    years: tuple[int, ...]
    is_provisional_years: tuple[int, ...] = ()
    valuation: Literal["fob", "cif", "mixed"] = "fob"
    period: Literal["calendar", "fiscal"] = "calendar"
    files: tuple[FileMeta, ...] = ()
    partners: Literal["countries", "world"] = "countries"
    level: int = 6
    notes: tuple[str, ...] = ()
    layout: int = LAYOUT
    coproduce: str = field(default=__version__)


def read_meta(folder: Path) -> Meta:
    """Return what a trade data folder holds.

    Args:
        folder: written by `write_store` or ``coproduce trade ingest``.

    Raises:
        SourceError: S101 if it is no such folder, S102 if it has another layout.
    """
    raw = _read_json(folder, META)
    if raw.get("layout") != LAYOUT:
        message = (
            f"the folder has layout {raw.get('layout')!r}, this version reads {LAYOUT}; "
            "take the raw files in again with `coproduce trade ingest`"
        )
        raise SourceError(message, code="S102", where=str(folder))
    lists = {key: tuple(raw[key]) for key in ("years", "is_provisional_years", "notes")}
    files = tuple(FileMeta(**each) for each in raw["files"])
    return Meta(**(raw | lists | {"files": files}))


def _read_json(folder: Path, name: str) -> dict[str, Any]:
    try:
        read = json.loads((folder / name).read_text("utf-8"))
    except (OSError, ValueError):
        read = None
    if not isinstance(read, dict):
        message = (
            f"this is no trade data folder ({name} is missing or broken); "
            "make one with `coproduce trade ingest … --out DIR`"
        )
        raise SourceError(message, code="S101", where=str(folder))
    return read


def read_quality(folder: Path) -> dict[str, Any]:
    """Return the quality report of a trade data folder, as in ``quality.json``.

    Raises:
        SourceError: S101 if it is no such folder.
    """
    return _read_json(folder, QUALITY)


def flows_path(folder: Path) -> Path:
    """Return the Parquet file of the flows, for readers that bring their own engine.

    Raises:
        SourceError: S101, S102 as `read_meta`.
    """
    read_meta(folder)
    return folder / FLOWS


def scan_flows(folder: Path) -> pl.LazyFrame:
    """Return the flows, not yet read: the columns of `FLOW_TYPES`.

    A filter on exporter and importer reads only the row groups in which the pair lies.

    Raises:
        SourceError: S101, S102 as `read_meta`.
    """
    return pl.scan_parquet(flows_path(folder))


def countries(folder: Path) -> pl.DataFrame:
    """Return the countries by index: columns of `COUNTRY_TYPES`; row number = index.

    Raises:
        SourceError: S101, S102 as `read_meta`.
    """
    read_meta(folder)
    return pl.read_parquet(folder / COUNTRIES)


def products(folder: Path) -> pl.DataFrame:
    """Return the products by index: columns of `PRODUCT_TYPES`; row number = index.

    Raises:
        SourceError: S101, S102 as `read_meta`.
    """
    read_meta(folder)
    return pl.read_parquet(folder / PRODUCTS)


@contextmanager
def writing(folder: Path) -> Iterator[Path]:
    """Give a new folder beside ``folder`` to write to, which takes its place when all went well.

    Whatever stops the work, ``folder`` is as it was before, or whole.

    Args:
        folder: may be missing, empty, or an earlier trade data folder, which is replaced.

    Raises:
        UsageError: U101 if the folder holds anything else.
    """
    _refuse_foreign(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    fresh = folder.parent / f".{folder.name}.{os.getpid()}.part"
    fresh.mkdir()
    try:
        yield fresh
        _swap(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _refuse_foreign(folder: Path) -> None:
    if not folder.exists():
        return
    if folder.is_dir() and (not any(folder.iterdir()) or (folder / META).is_file()):
        return
    message = (
        "exists and is no trade data folder; it would be overwritten. Name a new or empty folder"
    )
    raise UsageError(message, code="U101", where=str(folder))


def _swap(fresh: Path, folder: Path) -> None:
    if folder.exists():
        old = folder.parent / f".{folder.name}.{os.getpid()}.old.part"
        folder.rename(old)
        fresh.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        fresh.rename(folder)


def write_tables(folder: Path, countries: pl.DataFrame, products: pl.DataFrame) -> None:
    """Write the tables of countries and products with an index in row order.

    Args:
        folder: as given by `writing`.
        countries: country_id, source_code, iso2, name.
        products: product_id, description.

    Raises:
        SourceError: S103 if an identifier stands in a table twice.
    """
    for frame, types, key, name in (
        (countries, COUNTRY_TYPES, "country_id", COUNTRIES),
        (products, product_types(products.height), "product_id", PRODUCTS),
    ):
        if frame[key].n_unique() != frame.height:
            twice = frame.filter(pl.col(key).is_duplicated())[key][0]
            raise SourceError(f"{key} {twice!r} stands twice", code="S103", where=name)
        indexed = frame.select(pl.int_range(pl.len()).alias("index"), *list(types)[1:])
        indexed.cast(pl.Schema(types)).write_parquet(folder / name, compression="zstd")


def product_types(count: int) -> dict[str, pl.DataType]:
    """Return the column types of the product table; indices of 32 bits if 16 are too few."""
    index: pl.DataType = pl.UInt16() if count <= MOST_SHORT_INDICES else pl.UInt32()
    return PRODUCT_TYPES | {"index": index}


def write_texts(folder: Path, meta: Meta, quality: dict[str, Any], quality_text: str) -> None:
    """Write ``meta.json``, ``quality.json`` and ``quality.md``."""
    for name, tree in ((META, asdict(meta)), (QUALITY, quality)):
        text = json.dumps(tree, ensure_ascii=False, indent=2)
        (folder / name).write_text(text + "\n", "utf-8")
    (folder / QUALITY_TEXT).write_text(quality_text, "utf-8")


def write_store(
    folder: Path,
    *,
    flows: pl.LazyFrame | pl.DataFrame,
    countries: pl.DataFrame,
    products: pl.DataFrame,
    meta: Meta,
    rejected: pl.DataFrame | None = None,
    quality: dict[str, Any] | None = None,
    quality_text: str = "",
) -> None:
    """Write a trade data folder from tables that already have indices.

    For tests, benchmarks and sources of one's own; `ingest` writes its folders larger than
    memory by itself.

    Args:
        folder: new, empty, or an earlier trade data folder, which is replaced.
        flows: columns of `FLOW_TYPES`; exporter, importer and product are row numbers of the
            tables; values in current USD, positive; one row per `KEY`. Any order.
        countries: country_id (ISO 3166 alpha-3 or X + source code), source_code, iso2, name.
        products: product_id (HS text with leading zeros), description.
        meta: what the folder holds.
        rejected: columns of `REJECTED_TYPES`; None: no row was rejected.
        quality, quality_text: the quality report, as JSON and to read.

    Raises:
        UsageError: U101 if the folder holds anything else.
        SourceError: S103 if an identifier or a flow stands twice, S104 if a value is not
            positive or an index has no row in its table.
    """
    types = FLOW_TYPES | {"product": product_types(products.height)["index"]}
    chosen = flows.lazy().select(pl.col(name).cast(kind) for name, kind in types.items())
    ordered = chosen.sort(KEY).collect()
    _refuse_bad_flows(ordered, countries.height, products.height)
    none = pl.DataFrame(schema=REJECTED_TYPES)
    with writing(folder) as fresh:
        ordered.write_parquet(
            fresh / FLOWS, compression="zstd", statistics=True, row_group_size=ROWS_PER_GROUP
        )
        write_tables(fresh, countries, products)
        (none if rejected is None else rejected).write_parquet(fresh / REJECTED)
        write_texts(fresh, meta, quality or {}, quality_text)


def _refuse_bad_flows(flows: pl.DataFrame, countries: int, products: int) -> None:
    value = pl.col("value_usd")
    bad = flows.filter(
        ~(value.is_finite() & (value > 0)).fill_null(value=False)
        | (pl.col("exporter") >= countries)
        | (pl.col("importer") >= countries)
        | (pl.col("product") >= products)
    )
    if not bad.is_empty():
        message = f"flow {bad.row(0)} has no positive value, or an index without a row"
        raise SourceError(message, code="S104", where=FLOWS)
    twice = flows.filter(pl.struct(KEY).is_duplicated())
    if not twice.is_empty():
        message = f"flow {twice.row(0)} stands twice"
        raise SourceError(message, code="S103", where=FLOWS)
