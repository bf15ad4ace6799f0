"""Tables of reference that travel with the package, and the user's own in the same layout.

Areas (numeric codes of the trade statistics that are no ISO codes included), blocs with dates of
membership, lists of products by sector, and hubs of re-exports. Each row names its source.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from coproduce.records.errors import SourceError, UsageError

BLOC_COLUMNS = ("bloc_id", "country_id", "from", "until", "source")
BLOCS = "blocs.csv"
WORLD_ID = "X0"


def _shipped(name: str) -> pl.DataFrame:
    data = (files(__package__) / "data" / name).read_bytes()
    return pl.read_csv(data, infer_schema=False, null_values=[""])


@cache
def areas() -> pl.DataFrame:
    """Return the areas of trade statistics.

    Returns:
        source_code (numeric code in the files), country_id (ISO 3166 alpha-3, or X + code for
        areas without), iso2, name, kind (country, area, aggregate or world), source. A country
        may have two codes: that of ISO and that of the statistics.
    """
    return _shipped("areas.csv").with_columns(pl.col("source_code").cast(pl.Int32))


def country_code(country_id: str) -> int:
    """Return the numeric ISO code of a country.

    Args:
        country_id: ISO 3166 alpha-3, for example ``"KEN"``.

    Raises:
        UsageError: U102 if there is no such country.
    """
    wanted = country_id.strip().upper()
    found = areas().filter((pl.col("country_id") == wanted) & (pl.col("kind") != "world"))
    if found.is_empty():
        message = f"there is no country {country_id!r}; give three letters of ISO 3166, as in KEN"
        raise UsageError(message, code="U102")
    return int(found.sort(pl.col("source") != "ISO 3166-1")["source_code"][0])


def sectors() -> pl.DataFrame:
    """Return the products of sectors: sector_id, hs_prefix, label_en, label_ru, source.

    A product belongs to a sector if its code starts with one of the prefixes.
    """
    return _shipped("sectors.csv")


def hubs() -> pl.DataFrame:
    """Return countries through which goods of others pass: country_id, kind, source."""
    return _shipped("hubs.csv")


def read_blocs(path: Path) -> pl.DataFrame:
    """Return a user's table of blocs: `BLOC_COLUMNS`; dates as dates, an empty end is null.

    Raises:
        SourceError: S150 if a column is missing, S151 if a date, a country or an order of dates
            is wrong, or a membership stands twice for the same days.
    """
    try:
        raw = pl.read_csv(path, infer_schema=False, null_values=[""])
    except (OSError, pl.exceptions.PolarsError) as error:
        message = f"the table of blocs cannot be read ({str(error).splitlines()[0]})"
        raise SourceError(message, code="S150", where=path.name) from None
    missing = [name for name in BLOC_COLUMNS[:4] if name not in raw.columns]
    if missing:
        message = f"column {', '.join(missing)} is missing; allowed are {', '.join(BLOC_COLUMNS)}"
        raise SourceError(message, code="S150", where=path.name)
    if "source" not in raw.columns:
        raw = raw.with_columns(source=pl.lit("the user's own table"))
    return _dated(raw, path.name)


def _dated(raw: pl.DataFrame, file: str) -> pl.DataFrame:
    known = areas()["country_id"].implode()
    dated = raw.select(BLOC_COLUMNS).with_columns(
        start=pl.col("from").str.to_date("%Y-%m-%d", strict=False),
        end=pl.col("until").str.to_date("%Y-%m-%d", strict=False),
    )
    is_bad = (
        pl.col("bloc_id").is_null()
        | ~pl.col("country_id").is_in(known).fill_null(value=False)
        | pl.col("start").is_null()
        | (pl.col("until").is_not_null() & pl.col("end").is_null())
        | (pl.col("end") <= pl.col("start")).fill_null(value=False)
    )
    ordered = dated.with_row_index("line", 2).sort("bloc_id", "country_id", "start")
    before = pl.col("end").shift(1).over("bloc_id", "country_id")
    is_second = pl.col("start").shift(1).over("bloc_id", "country_id").is_not_null()
    overlaps = is_second & (before.is_null() | (pl.col("start") < before))
    bad = ordered.filter(is_bad | overlaps)
    if not bad.is_empty():
        row = bad.sort("line").row(0, named=True)
        message = (
            f"{row['bloc_id']}, {row['country_id']}, {row['from']}, {row['until']}: a country is "
            "three letters of ISO 3166, a date is YYYY-MM-DD, the end (first day outside) comes "
            "after the start, and one country's memberships do not overlap"
        )
        raise SourceError(message, code="S151", where=f"{file}, row {row['line']}")
    return dated.select(
        "bloc_id", "country_id", pl.col("start").alias("from"), pl.col("end").alias("until"),
        "source",
    )  # fmt: skip


def blocs(own: Path | None = None) -> pl.DataFrame:
    """Return memberships in blocs: bloc_id, country_id, from, until (first day outside), source.

    Args:
        own: the user's table, or a trade data folder that holds one; a bloc of the same name
            takes the place of the shipped one. None: only the shipped ones.

    Raises:
        SourceError: S150, S151 as `read_blocs`.
    """
    shipped = _dated(_shipped(BLOCS), BLOCS)
    if own is not None and own.is_dir():
        own = own / BLOCS if (own / BLOCS).is_file() else None
    if own is None:
        return shipped
    theirs = read_blocs(own)
    kept = shipped.filter(~pl.col("bloc_id").is_in(theirs["bloc_id"].unique().implode()))
    return pl.concat([kept, theirs])


def members(bloc_id: str, day: date, own: Path | None = None) -> tuple[str, ...]:
    """Return the members of a bloc on a day, by country_id.

    Args:
        bloc_id: for example ``"EU"``.
        day: a yearly flow is usually judged by 1 July of its year.
        own: as `blocs`.

    Raises:
        UsageError: U103 if there is no such bloc.
    """
    table = blocs(own)
    rows = table.filter(pl.col("bloc_id") == bloc_id)
    if rows.is_empty():
        known = ", ".join(table["bloc_id"].unique().sort())
        message = f"there is no bloc {bloc_id!r}; there are {known}; add yours with --blocs FILE"
        raise UsageError(message, code="U103")
    is_in = (pl.col("from") <= day) & (pl.col("until").is_null() | (pl.col("until") > day))
    return tuple(rows.filter(is_in)["country_id"].sort())
