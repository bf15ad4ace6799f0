"""All trade of two countries both ways, and how well one's goods fit the other's needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.trade.panel import chosen_years, position
from coproduce.dependence.trade.potential import export_potential
from coproduce.dependence.trade.similarity import finger_kreinin, michaely
from coproduce.dependence.trade.tables import pair_flows
from coproduce.records.errors import ModelError, UsageError
from coproduce.sources.trade import store

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Trade of two countries.

    Attributes:
        flows: exporter_id, importer_id, product_id, year, value_usd, quantity_t, flags: every
            row of the two countries, both ways.
        products: exporter_id, importer_id, product_id, description, one column ``usd_<year>``
            a year, then of the last year: supply_share, demand_usd, potential_usd,
            unrealised_usd. Sorted by direction and by what is unrealised.
        years: exporter_id, importer_id, year, value_usd, n_products, complementarity (Michaely,
            0–100), similarity (Finger–Kreinin of the two exports, 0–100), ease, potential_usd,
            unrealised_usd; null where a side trades nothing.
    """

    flows: pl.DataFrame
    products: pl.DataFrame
    years: pl.DataFrame


def flows_between(
    folder: Path, first: str, second: str, years: Sequence[int] | None = None
) -> pl.DataFrame:
    """Return every flow of two countries both ways: `Pair.flows`.

    The folder is sorted by exporter and importer, so only the row groups with the pair are read.

    Args:
        folder: written by ``coproduce trade ingest``.
        first, second: country codes of the folder.
        years: only these; None: all.

    Raises:
        SourceError: no such folder (S101, S102).
        ModelError: TX022 if the folder holds totals with the world only.
        UsageError: TX030 for an unknown country or year, TX040 for a country with itself.
    """
    meta = store.read_meta(folder)
    if meta.partners == "world":
        message = "the folder holds totals with the world only; take in files with partners"
        raise ModelError(message, code="TX022", where=str(folder))
    if first == second:
        raise UsageError(f"{first} and {second} are one country; name two", code="TX040")
    kept = chosen_years(meta, years)
    ways = [
        pair_flows(folder, *way)
        .filter(pl.col("year").is_in(kept))
        .select(
            pl.lit(way[0]).alias("exporter_id"),
            pl.lit(way[1]).alias("importer_id"),
            "product_id",
            "year",
            "value_usd",
            "quantity_t",
            "flags",
        )
        for way in ((first, second), (second, first))
    ]
    return pl.concat(ways)


def measure(folder: Path, first: str, second: str, years: Sequence[int] | None = None) -> Pair:
    """Return the trade of two countries, its fit and what of it is unrealised.

    Args and errors as `flows_between`.

    Source:
        Michaely (1996); Finger and Kreinin (1979); Decreux and Spies (2016), static core.
    """
    flows = flows_between(folder, first, second, years)
    kept = chosen_years(store.read_meta(folder), years)
    totals = _totals(folder, first, second, kept)
    per_year, potentials = [], []
    for exporter, importer in ((first, second), (second, first)):
        for at, year in enumerate(kept):
            actual = totals[f"{exporter}>{importer}"][:, at]
            sold, bought = totals[f"{exporter}>"][:, at], totals[f">{importer}"][:, at]
            world, others = totals["world"][:, at], totals[f"{importer}>"][:, at]
            found = export_potential(sold, world, bought, actual)
            per_year.append(
                {
                    "exporter_id": exporter,
                    "importer_id": importer,
                    "year": year,
                    "value_usd": float(actual.sum()),
                    "n_products": int((actual > 0).sum()),
                    "complementarity": float(michaely(sold, bought)),
                    "similarity": float(finger_kreinin(sold, others)),
                    "ease": found.ease,
                    "potential_usd": float(found.potential_usd.sum()),
                    "unrealised_usd": float(found.unrealised_usd.sum()),
                }
            )
        last = pl.DataFrame(
            {
                "product": np.arange(len(found.supply_share), dtype=np.uint32),
                "supply_share": found.supply_share,
                "demand_usd": found.demand_usd,
                "potential_usd": found.potential_usd,
                "unrealised_usd": found.unrealised_usd,
            }
        ).with_columns(exporter_id=pl.lit(exporter), importer_id=pl.lit(importer))
        potentials.append(last)
    products = _products(folder, flows, pl.concat(potentials), kept)
    # NaN, where a side trades nothing, would not be JSON
    fits = pl.DataFrame(per_year).fill_nan(None)
    return Pair(flows=flows, products=products, years=fits)


def _totals(folder: Path, first: str, second: str, years: Sequence[int]) -> dict[str, Floats]:
    """Return sums by product and year (P x T) of the world and the two; one pass."""
    country_ids = store.countries(folder)["country_id"].to_list()
    a, b = (position(country_ids, name, "country") for name in (first, second))
    out, to, value = pl.col("exporter"), pl.col("importer"), pl.col("value_usd")
    sums = {
        "world": value.sum(),
        f"{first}>": value.filter(out == a).sum(),
        f"{second}>": value.filter(out == b).sum(),
        f">{first}": value.filter(to == a).sum(),
        f">{second}": value.filter(to == b).sum(),
        f"{first}>{second}": value.filter((out == a) & (to == b)).sum(),
        f"{second}>{first}": value.filter((out == b) & (to == a)).sum(),
    }
    rows = (
        store.scan_flows(folder)
        .filter(pl.col("year").is_in(years), out != to)
        .group_by("product", "year")
        .agg(**sums)
        .collect(engine="streaming")
    )
    place = {year: at for at, year in enumerate(years)}
    at = rows["year"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    product = rows["product"].to_numpy()
    shape = (store.products(folder).height, len(years))
    found = {}
    for name in sums:
        found[name] = np.zeros(shape)
        found[name][product, at] = rows[name].to_numpy()
    return found


def _products(
    folder: Path, flows: pl.DataFrame, potentials: pl.DataFrame, years: Sequence[int]
) -> pl.DataFrame:
    """Return one row per direction and product, the years side by side."""
    names = store.products(folder)
    key = ("exporter_id", "importer_id", "product_id")
    wide = flows.group_by(key).agg(
        pl.col("value_usd").filter(pl.col("year") == year).sum().alias(f"usd_{year}")
        for year in years
    )
    of_last = potentials.join(
        names.select(
            pl.col("index").cast(pl.UInt32).alias("product"), "product_id", "description"
        ),
        on="product",
    )
    both = of_last.join(wide, on=key, how="left").with_columns(
        pl.col(f"usd_{year}").fill_null(0.0) for year in years
    )
    is_there = pl.any_horizontal(pl.col(f"usd_{year}") > 0 for year in years)
    ordered = (*key, "description", *(f"usd_{year}" for year in years))
    rest = ("supply_share", "demand_usd", "potential_usd", "unrealised_usd")
    return (
        both.filter(is_there | (pl.col("unrealised_usd") > 0))
        .select(*ordered, *rest)
        .sort(
            ["exporter_id", "importer_id", "unrealised_usd", "product_id"],
            descending=[False, False, True, False],
        )
    )


__all__ = ["Pair", "flows_between", "measure"]
