"""BACI files (CEPII) → rows shaped like table `trade_flows`, with a quality report that adds up.

Source: Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII
Working Paper 2010-23. Columns t (year), i (exporter), j (importer), k (HS code of six digits),
v (thousand current USD), q (metric tons). They are bound by name, since releases differ in order.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coproduce.records.errors import SourceError
from coproduce.records.tables.production import TradeFlows

COLUMNS = ("t", "i", "j", "k", "v", "q")
FILE_NAME = re.compile(r"BACI_(?P<revision>HS\d{2})_Y(?P<year>\d{4})_V(?P<version>\d{6})")
MISSING_QUANTITY = ("", "NA", "N/A", "NaN")
USD_PER_UNIT = 1000.0
COUNTRY_COLUMNS = {
    "baci_code": ("country_code", "i"),
    "name": ("country_name_full", "country_name", "country_name_abbreviation"),
    "iso2": ("iso_2digit_alpha", "country_iso2"),
    "iso3": ("iso_3digit_alpha", "country_iso3"),
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows that were left out for one reason.

    Attributes:
        reason: in words.
        rows: how many.
        value_usd: their value; rows without a readable value count as 0.
    """

    reason: str
    rows: int
    value_usd: float


@dataclass(frozen=True, slots=True)
class Quality:
    """What became of the rows of a file; kept and rejected rows add up to those read.

    Attributes:
        file: name of the file.
        revision, version: HS revision and release in the file's name; empty if not there.
        rows_read, value_read_usd: all rows of the file.
        rows_kept, value_kept_usd: rows that went into the frame.
        rejected: the others, by reason.
        codes_padded: kept rows whose HS code had lost its leading zero.
        quantities_missing: kept rows without a quantity.
    """

    file: str
    revision: str
    version: str
    rows_read: int
    value_read_usd: float
    rows_kept: int
    value_kept_usd: float
    rejected: tuple[Rejected, ...]
    codes_padded: int
    quantities_missing: int


@dataclass(frozen=True, slots=True)
class Baci:
    """Flows of one file.

    Attributes:
        flows: valid against `TradeFlows`; values in USD, quantities in t.
        quality: what was kept and why the rest was not.
    """

    flows: pl.DataFrame
    quality: Quality


def read_countries(path: Path) -> pl.DataFrame:
    """Return the country table that comes with a BACI release.

    Args:
        path: ``country_codes_V….csv``; UTF-8 or Latin-1.

    Returns:
        Columns baci_code (whole number), name, iso2, iso3; "N/A" is null but "NA" is Namibia.

    Raises:
        SourceError: B002 if a column is missing, B001 if a code is no whole number.
    """
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    raw = pl.read_csv(text.encode(), infer_schema=False, null_values=["", "N/A"])
    chosen = {}
    for name, spellings in COUNTRY_COLUMNS.items():
        found = next((word for word in spellings if word in raw.columns), None)
        if found is None:
            raise _missing(path.name, spellings, raw.columns)
        chosen[name] = pl.col(found)
    frame = raw.select(**chosen)
    codes = frame["baci_code"].cast(pl.Int32, strict=False)
    if codes.null_count():
        bad = frame.filter(codes.is_null())["baci_code"][0]
        message = f"country code {bad!r} is no whole number; this is not BACI's country table"
        raise SourceError(message, code="B001", where=path.name)
    return frame.with_columns(codes)


def _missing(file: str, wanted: Collection[str], found: Collection[str]) -> SourceError:
    return SourceError(
        f"column {' or '.join(wanted)} is missing; the file has {', '.join(found)}. "
        "Give the CSV file of a BACI release as CEPII publishes it",
        code="B002",
        where=file,
    )


def read_baci(
    path: Path,
    countries: pl.DataFrame,
    *,
    hs6: Collection[str] | None = None,
    rest_id: str | None = None,
    origin_id: str = "baci",
) -> Baci:
    """Return the flows of chosen countries and products, and what became of every row.

    Args:
        path: ``BACI_HS.._Y...._V.......csv``.
        countries: table `countries`; those with a ``baci_code`` are chosen.
        hs6: chosen codes of six digits; None: all.
        rest_id: ``country_id`` that stands for every country not chosen, summed; flows among
            these are rejected. None: flows with a country not chosen are rejected.
        origin_id: origin of the rows.

    Raises:
        SourceError: B002 a column is missing, B003 the file cannot be read, B004 a flow stands
            in the file twice, which happens when releases are mixed.
    """
    judged = _judged(_read(path), countries, hs6, rest_id).collect()
    kept = judged.filter(pl.col("reason").is_null())
    _refuse_repeats(kept, path.name)
    return Baci(_flows(kept, origin_id), _quality(judged, kept, path.name))


def _read(path: Path) -> pl.LazyFrame:
    try:
        raw = pl.scan_csv(path, infer_schema=False, null_values=[])
        names = {name.strip().lower(): name for name in raw.collect_schema().names()}
    except (pl.exceptions.PolarsError, OSError) as error:
        message = f"the file cannot be read as CSV ({str(error).splitlines()[0]})"
        raise SourceError(message, code="B003", where=path.name) from None
    for column in COLUMNS:
        if column not in names:
            raise _missing(path.name, (column,), list(names))
    return raw.select(pl.col(names[column]).str.strip_chars().alias(column) for column in COLUMNS)


def _judged(
    raw: pl.LazyFrame, countries: pl.DataFrame, hs6: Collection[str] | None, rest_id: str | None
) -> pl.LazyFrame:
    """Return rows with values, names and the reason to reject them, null for kept ones."""
    known = countries.drop_nulls("baci_code")
    names = dict(zip(known["baci_code"].cast(pl.String), known["country_id"], strict=True))
    quantity = pl.when(~pl.col("q").is_in(MISSING_QUANTITY)).then(pl.col("q"))
    read = raw.with_columns(
        year=pl.col("t").cast(pl.Int32, strict=False),
        value_usd=pl.col("v").cast(pl.Float64, strict=False) * USD_PER_UNIT,
        quantity_t=quantity.cast(pl.Float64, strict=False),
        hs6=pl.col("k").str.zfill(6),
        exporter_id=pl.col("i").replace_strict(names, default=rest_id, return_dtype=pl.String),
        importer_id=pl.col("j").replace_strict(names, default=rest_id, return_dtype=pl.String),
    )
    value = pl.col("value_usd")
    is_rest = pl.lit(value=False)
    if rest_id is not None:
        is_rest = (pl.col("exporter_id") == rest_id) & (pl.col("importer_id") == rest_id)
    reasons = (
        (pl.col("year").is_between(1990, 2100).not_().fill_null(value=True), "no year"),
        (~pl.col("k").str.contains(r"^\d{5,6}$").fill_null(value=False), "no HS code"),
        (~(value.is_finite() & (value > 0)).fill_null(value=False), "no positive value"),
        (
            quantity.is_not_null() & ~(pl.col("quantity_t") >= 0).fill_null(value=False),
            "quantity is not a number",
        ),
        (pl.col("i") == pl.col("j"), "exporter is importer"),
        (~pl.col("hs6").is_in(list(hs6 or ())) & (hs6 is not None), "product not chosen"),
        (
            pl.col("exporter_id").is_null() | pl.col("importer_id").is_null() | is_rest,
            "country not chosen",
        ),
    )
    reason = pl.coalesce(
        *(pl.when(is_bad).then(pl.lit(words)) for is_bad, words in reasons),
        pl.lit(None, pl.String),
    )
    return read.with_columns(reason=reason)


KEY = ("year", "exporter_id", "importer_id", "hs6")


def _refuse_repeats(kept: pl.DataFrame, file: str) -> None:
    # by BACI's own country codes: several of them may have been gathered under one name
    key = ("year", "i", "j", "hs6")
    twice = kept.filter(pl.struct(key).is_duplicated())
    if not twice.is_empty():
        flow = ", ".join(str(value) for value in twice.select(key).row(0))
        message = f"flow {flow} stands in the file twice; never mix releases or years of BACI"
        raise SourceError(message, code="B004", where=file)


def _flows(kept: pl.DataFrame, origin_id: str) -> pl.DataFrame:
    """Return the kept rows summed by flow; a sum without any quantity has none."""
    # a partly missing quantity must not look like a whole one
    summed = kept.group_by(KEY, maintain_order=True).agg(
        pl.col("value_usd").sum(),
        pl.when(pl.col("quantity_t").null_count() == 0).then(pl.col("quantity_t").sum()),
    )
    full = summed.with_columns(
        status=pl.lit("observed"),
        origin_id=pl.lit(origin_id),
        note=pl.lit(None, pl.String),
    )
    return TradeFlows.validate(full.select(TradeFlows.column_names()).sort(KEY))


def _quality(judged: pl.DataFrame, kept: pl.DataFrame, file: str) -> Quality:
    finite = pl.when(pl.col("value_usd").is_finite()).then(pl.col("value_usd")).fill_null(0.0)
    left = (
        judged.filter(pl.col("reason").is_not_null())
        .group_by("reason")
        .agg(rows=pl.len(), value=finite.sum())
        .sort("rows", "reason", descending=[True, False])
    )
    total = judged.select(finite.sum()).item()
    named = FILE_NAME.search(file)
    return Quality(
        file=file,
        revision=named["revision"] if named else "",
        version=named["version"] if named else "",
        rows_read=judged.height,
        value_read_usd=float(total),
        rows_kept=kept.height,
        value_kept_usd=float(kept["value_usd"].sum()),
        rejected=tuple(Rejected(*row) for row in left.iter_rows()),
        codes_padded=int(kept.select((pl.col("k").str.len_chars() == 5).sum()).item()),
        quantities_missing=kept["quantity_t"].null_count(),
    )
