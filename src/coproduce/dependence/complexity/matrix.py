"""Exports as a matrix of countries and products; revealed comparative advantage."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from coproduce.dependence.complexity.types import Conventions, Floats


def matrices(frame: pl.DataFrame) -> Iterator[tuple[int, Floats, list[str], list[str]]]:
    """Yield (year, exports as C x P, country codes, product codes), in order of years.

    The axes are sorted and the same in every year; what a year does not have is 0.

    Args:
        frame: year, country_id, product_id, value_usd; each key once.
    """
    countries = frame["country_id"].unique().sort().cast(pl.String).to_list()
    products = frame["product_id"].unique().sort().cast(pl.String).to_list()
    coded = frame.select(
        pl.col("year").cast(pl.Int32),
        pl.col("country_id").cast(pl.Enum(countries)).to_physical().alias("c"),
        pl.col("product_id").cast(pl.Enum(products)).to_physical().alias("p"),
        pl.col("value_usd").cast(pl.Float64),
    )
    for year in coded["year"].unique().sort().to_list():
        of_year = coded.filter(pl.col("year") == year)
        value_usd = np.zeros((len(countries), len(products)))
        value_usd[of_year["c"].to_numpy(), of_year["p"].to_numpy()] = of_year["value_usd"]
        yield year, value_usd, countries, products


def advantage(value_usd: Floats) -> Floats:
    """Return the revealed comparative advantage of each country in each product (C x P).

    Share of the product in the country's exports over its share in the world's. A cell whose
    country or product has no exports is 0.

    Args:
        value_usd: exports (C x P, current USD, none negative).

    Source:
        Balassa (1965), Trade Liberalisation and "Revealed" Comparative Advantage.

    Example:
        >>> advantage(np.array([[8.0, 2.0], [2.0, 8.0]])).tolist()
        [[1.6, 0.4], [0.4, 1.6]]
    """
    of_country = value_usd.sum(axis=1, keepdims=True)
    of_product = value_usd.sum(axis=0, keepdims=True)
    world = of_product.sum()
    # The order of the divisions is that of the reference, so that a value of exactly 1 in it
    # is exactly 1 here too: presence is decided at this edge.
    with np.errstate(divide="ignore", invalid="ignore"):
        rca = value_usd / of_country
        rca /= of_product / world
    return np.asarray(np.nan_to_num(rca, copy=False, nan=0.0, posinf=0.0))


def presence(value_usd: Floats, rca: Floats, conventions: Conventions) -> Floats:
    """Return 1 where the country has the product, else 0 (C x P); the values if given."""
    if conventions.presence == "given":
        return value_usd.copy()
    return (rca >= conventions.rca_threshold).astype(np.float64)


__all__ = ["advantage", "matrices", "presence"]
