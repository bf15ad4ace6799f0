"""BACI files (CEPII) → rows shaped like table `trade_flows`, with a quality report that adds up.

Source: Gaulier and Zignago (2010), BACI: International Trade Database at the Product-Level, CEPII
Working Paper 2010-23. Columns t (year), i (exporter), j (importer), k (HS code of six digits),
v (thousand current USD), q (metric tons). They are bound by name, since releases differ in order.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from coproduce.records.errors import SourceError
from coproduce.records.tables.production import TradeFlows
from coproduce.sources.trade.baci import FILE_NAME, load, read_countries
from coproduce.sources.trade.files import members, open_table
from coproduce.sources.trade.staging import WORDS, Bench, quoted

__all__ = ["Baci", "Quality", "Rejected", "read_baci", "read_countries"]


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
        SourceError: B002 a column is missing, B004 a flow stands in the file twice, which happens
            when releases are mixed; S110–S115 the file is missing, empty or broken.
    """
    judged = _judged(_rows(path), countries, hs6, rest_id)
    kept = judged.filter(pl.col("reason").is_null())
    _refuse_repeats(kept, path.name)
    return Baci(_flows(kept, origin_id), _quality(judged, kept, path.name))


def _rows(path: Path) -> pl.DataFrame:
    """Return every row of a file as the one reader of BACI judges it."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        bench = Bench(work)
        try:
            (member,) = members([path])
            load(bench, open_table(member, work), "")
            out = work / "rows.parquet"
            bench.run(f"copy staged to {quoted(out)} (format parquet)")
            return pl.read_parquet(out, memory_map=False)
        finally:
            bench.close()


def _judged(
    rows: pl.DataFrame, countries: pl.DataFrame, hs6: Collection[str] | None, rest_id: str | None
) -> pl.DataFrame:
    """Return rows with values, names and the reason to reject them, null for kept ones."""
    known = countries.drop_nulls("baci_code")
    names = dict(zip(known["baci_code"].cast(pl.Int32), known["country_id"], strict=True))
    words = {int(code): text for code, text in WORDS.items()}
    named = rows.select(
        "e",
        "m",
        "padded",
        year=pl.col("y").cast(pl.Int32),
        value_usd="v",
        quantity_t=pl.col("q").cast(pl.Float64),
        hs6="p",
        exporter_id=pl.col("e").replace_strict(names, default=rest_id, return_dtype=pl.String),
        importer_id=pl.col("m").replace_strict(names, default=rest_id, return_dtype=pl.String),
        reason=pl.col("reason").replace_strict(words, default=None, return_dtype=pl.String),
    )
    is_rest = pl.lit(value=False)
    if rest_id is not None:
        is_rest = (pl.col("exporter_id") == rest_id) & (pl.col("importer_id") == rest_id)
    is_other = ~pl.col("hs6").is_in(list(hs6 or ())) & (hs6 is not None)
    is_nobody = pl.col("exporter_id").is_null() | pl.col("importer_id").is_null() | is_rest
    reason = pl.coalesce(
        "reason",
        pl.when(is_other).then(pl.lit("product not chosen")),
        pl.when(is_nobody).then(pl.lit("country not chosen")),
    )
    return named.with_columns(reason=reason)


KEY = ("year", "exporter_id", "importer_id", "hs6")


def _refuse_repeats(kept: pl.DataFrame, file: str) -> None:
    # by BACI's own country codes: several of them may have been gathered under one name
    key = ("year", "e", "m", "hs6")
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
        codes_padded=int(kept["padded"].sum()),
        quantities_missing=kept["quantity_t"].null_count(),
    )
