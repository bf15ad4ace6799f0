"""Published dependence flags against ours, each disagreement with its likely cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from coproduce.dependence.trade import panel as panels
from coproduce.dependence.trade.criteria import Thresholds, geodep, import_export_ratio
from coproduce.records.errors import SourceError

NEAR = 0.02
"""A value this near its threshold, as a share of it, may fall on either side by revision."""

NAMES: Mapping[str, tuple[str, ...]] = {
    "importer": ("importer", "iso_d", "iso3_d", "iso3", "iso", "country", "country_id", "j"),
    "product": ("product", "hs6", "k", "product_id", "code"),
    "year": ("year", "t"),
    "dependent": ("dependent", "dependence", "dep", "c4", "is_dependent", "flag"),
}
"""Names under which a column is found when none is given."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What published and own flags have in common.

    Attributes:
        summary: one row: rows_published, compared, agree, agree_share, both_dependent,
            only_published, only_ours, not_in_data, precision, recall.
        disagreements: importer_id, product_id, year, published, ours, hhi, world_hhi, ratio,
            years_dependent, cause: every row compared that differs.
        not_in_data: importer_id, product_id, year, published, cause: rows not compared.
    """

    summary: pl.DataFrame
    disagreements: pl.DataFrame
    not_in_data: pl.DataFrame


def read_published(path: Path, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Return published flags: importer_id, product_id (text, six digits), year, published.

    Args:
        path: CSV, Parquet or Stata (.dta).
        columns: which column holds ``importer``, ``product``, ``year`` and ``dependent``; what is
            not given is found by its usual names.

    Raises:
        SourceError: TX050 if the file cannot be read, TX051 if a column is missing, TX052 if a
            flag is neither 0 nor 1, TX053 if a row stands twice.
    """
    frame = _read(path)
    chosen = {role: _column(frame, role, columns or {}, path) for role in NAMES}
    code = pl.col(chosen["product"]).cast(pl.String).str.strip_chars().str.replace(r"\.0$", "")
    try:
        found = frame.select(
            importer_id=pl.col(chosen["importer"]).cast(pl.String).str.strip_chars(),
            product_id=code.str.zfill(6),
            year=pl.col(chosen["year"]).cast(pl.Float64).cast(pl.Int32),
            published=pl.col(chosen["dependent"]).cast(pl.Float64),
        )
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            f"a cell is no number: {error}", code="TX050", where=str(path)
        ) from error
    odd = found.filter(~pl.col("published").is_in([0.0, 1.0]).fill_null(value=False))
    if not odd.is_empty():
        raise SourceError(
            f"the flag of {odd.row(0)[:3]} is {odd['published'][0]}; 0 or 1 is allowed. Is "
            f"{chosen['dependent']!r} the column of the flag? Name it with --columns",
            code="TX052",
            where=str(path),
        )
    twice = found.filter(pl.struct("importer_id", "product_id", "year").is_duplicated())
    if not twice.is_empty():
        raise SourceError(f"{twice.row(0)[:3]} stands twice", code="TX053", where=str(path))
    return found.with_columns(pl.col("published") > 0)


def _read(path: Path) -> pl.DataFrame:
    kind = path.suffix.lower()
    try:
        if kind == ".dta":
            import pandas  # comes with the constraint solver; polars reads no Stata

            stata: Any = pandas.read_stata(path, convert_categoricals=False)
            return pl.DataFrame({name: stata[name].to_list() for name in stata.columns})
        if kind == ".parquet":
            return pl.read_parquet(path)
        return pl.read_csv(path, infer_schema=False)
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        message = f"cannot be read as {kind or 'CSV'}: {error}; give CSV, Parquet or Stata"
        raise SourceError(message, code="TX050", where=str(path)) from error


def _column(frame: pl.DataFrame, role: str, given: Mapping[str, str], path: Path) -> str:
    by_lower = {name.lower(): name for name in frame.columns}
    wanted = (given[role],) if role in given else NAMES[role]
    for name in wanted:
        if name.lower() in by_lower:
            return by_lower[name.lower()]
    raise SourceError(
        f"no column for {role}: looked for {', '.join(wanted)}; the file has "
        f"{', '.join(frame.columns)}. Name it with --columns {role}=NAME",
        code="TX051",
        where=str(path),
    )


def compare(
    folder: Path, published: pl.DataFrame, thresholds: Thresholds | None = None
) -> Agreement:
    """Return how far our C4 of GeoDep agrees with published flags.

    Args:
        folder: written by ``coproduce trade ingest``, from the release the flags were made of.
        published: from `read_published`.
        thresholds: of the criteria.

    Raises:
        SourceError: no such folder (S101, S102).
    """
    limits = thresholds or Thresholds()
    dense = panels.build(folder)
    ours = _ours(dense, published, limits)
    is_missing = pl.col("cause").is_not_null()
    absent = ours.filter(is_missing)
    compared = ours.filter(~is_missing).drop("cause")
    differ = compared.filter(pl.col("published") != pl.col("ours"))
    differ = differ.with_columns(cause=_cause(limits)).sort("importer_id", "product_id", "year")
    return Agreement(
        summary=_summary(published, compared, absent),
        disagreements=differ,
        not_in_data=absent.select("importer_id", "product_id", "year", "published", "cause"),
    )


def _ours(dense: panels.Panel, published: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    """Return the published rows with our figures, or with the cause why there are none."""
    flags = geodep(dense, limits)
    places = [
        published[column].replace_strict(
            {name: at for at, name in enumerate(names)}, default=-1, return_dtype=pl.Int64
        )
        for column, names in (
            ("importer_id", dense.country_ids),
            ("product_id", dense.product_ids),
            ("year", dense.years),
        )
    ]
    c, p, t = (place.to_numpy() for place in places)
    c4 = np.where((c >= 0) & (p >= 0) & (t >= 0), flags.c4[c, p, t], -1)
    ratio = import_export_ratio(dense.imports_usd[c, p, t], dense.exports_usd[c, p, t])
    cause = np.select(
        [c < 0, p < 0, t < 0, c4 < 0],
        ["importer not in the data", "product not in the data: another revision of the codes?",
         "year not in the data", "too few years before it to say"],
        default="",
    )  # fmt: skip
    return published.with_columns(
        ours=pl.Series(c4 > 0),
        hhi=pl.Series(dense.hhi[c, p, t]),
        world_hhi=pl.Series(dense.world_hhi[p, t]),
        ratio=pl.Series(ratio),
        years_dependent=pl.Series(flags.years_dependent[c, p, t]),
        cause=pl.Series(cause.tolist(), dtype=pl.String),
    ).with_columns(pl.col("cause").replace("", None))


def _cause(limits: Thresholds) -> pl.Expr:
    """Return the likely cause of a disagreement, the first that fits."""

    def near(name: str, limit: float) -> pl.Expr:
        return ((pl.col(name) - limit).abs() <= NEAR * limit).fill_null(value=False)

    return (
        pl.when(pl.col("hhi").is_nan())
        .then(pl.lit("no imports in our data in this year: another release?"))
        .when(near("hhi", limits.hhi))
        .then(pl.lit("import concentration stands at its threshold: a revision decides"))
        .when(near("world_hhi", limits.world_hhi))
        .then(pl.lit("world concentration stands at its threshold: a revision decides"))
        .when(near("ratio", limits.ratio))
        .then(pl.lit("imports about equal exports: a revision decides"))
        .when(pl.col("years_dependent") > 0)
        .then(pl.lit("held in some years only: persistence was counted over other years"))
        .otherwise(pl.lit("no criterion is near its threshold: another definition or release"))
    )


def _summary(
    published: pl.DataFrame, compared: pl.DataFrame, absent: pl.DataFrame
) -> pl.DataFrame:
    theirs, ours = compared["published"], compared["ours"]
    both = int((theirs & ours).sum())
    agree = int((theirs == ours).sum())

    def share(part: int, whole: int) -> float:
        return part / whole if whole else float("nan")

    return pl.DataFrame(
        {
            "rows_published": [published.height],
            "compared": [compared.height],
            "not_in_data": [absent.height],
            "agree": [agree],
            "agree_share": [share(agree, compared.height)],
            "both_dependent": [both],
            "only_published": [int((theirs & ~ours).sum())],
            "only_ours": [int((~theirs & ours).sum())],
            "precision": [share(both, int(ours.sum()))],
            "recall": [share(both, int(theirs.sum()))],
        }
    )


__all__ = ["NAMES", "Agreement", "compare", "read_published"]
