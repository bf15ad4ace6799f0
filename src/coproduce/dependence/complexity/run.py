"""Complexity of one year, or of every year of a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.complexity.fitness import fitness
from coproduce.dependence.complexity.matrix import advantage, matrices, presence
from coproduce.dependence.complexity.space import density_and_gain
from coproduce.dependence.complexity.spectrum import Spectrum, spectrum
from coproduce.dependence.complexity.types import Complexity, Conventions, Floats
from coproduce.records.errors import ModelError

TINY_SHARE = 1e-5
NAMED = 5


def measure_table(
    frame: pl.DataFrame, conventions: Conventions | None = None
) -> Iterator[Complexity]:
    """Yield the complexity of each year of a table, in order of years.

    Args:
        frame: year, country_id, product_id, value_usd; each key once.

    Raises:
        ModelError: a year has no exports above the floors (TX010).
    """
    for year, value_usd, countries, products in matrices(frame):
        found = measure(value_usd, countries, products, year=year, conventions=conventions)
        of_year = frame.lazy().filter(pl.col("year") == year)
        left = (
            *_left_out(of_year, "country_id", countries, found.country_ids),
            *_left_out(of_year, "product_id", products, found.product_ids),
        )
        yield replace(found, warnings=left + found.warnings)


def _left_out(
    of_year: pl.LazyFrame, column: str, names: Sequence[str], kept: Sequence[str]
) -> Iterator[str]:
    """Yield which codes have rows in the year and are not measured."""
    absent = sorted(set(names) - set(kept))
    if not absent:
        return
    rows = of_year.filter(pl.col(column).cast(pl.String).is_in(absent))
    codes = rows.select(pl.col(column).cast(pl.String).unique().sort()).collect().to_series()
    if len(codes):
        yield f"{_named(codes.to_list())} left out: no exports, or below the floors, in all rows"


def measure(
    value_usd: Floats,
    country_ids: Sequence[str],
    product_ids: Sequence[str],
    *,
    year: int = 0,
    conventions: Conventions | None = None,
) -> Complexity:
    """Return the complexity of one year.

    Args:
        value_usd: exports (C x P, current USD, none negative).
        country_ids, product_ids: names of the rows and columns.

    Raises:
        ModelError: there are no exports above the floors (TX010).

    Source:
        Hidalgo and Hausmann (2009); Hausmann et al. (2014), The Atlas of Economic Complexity.
        The default conventions are those of the package ecomplexity 0.5.3.
    """
    how = conventions or Conventions()
    warnings: list[str] = []
    rows, columns = _above_floors(value_usd, how)
    if not rows.any():
        raise ModelError(
            f"no country and product of year {year} have exports above the floors "
            f"({how.min_country_usd:,.0f} USD a country, {how.min_product_usd:,.0f} USD a "
            "product); lower them or check value_usd",
            code="TX010",
        )
    if not (rows.all() and columns.all()):
        value_usd = value_usd[np.ix_(rows, columns)]
    countries = tuple(np.asarray(country_ids, dtype=object)[rows].tolist())
    products = tuple(np.asarray(product_ids, dtype=object)[columns].tolist())
    rca = advantage(value_usd)
    mcp = presence(value_usd, rca, how)
    warnings += _about_margins(value_usd, mcp, countries, products)
    fit, quality, doubt = fitness(mcp, how.fitness_rounds)
    warnings += [doubt] if doubt else []
    found = spectrum(mcp)
    warnings += found.warnings
    eci, pci, density, coi, cog = _indices(mcp, found, how)
    return Complexity(
        year=year,
        country_ids=countries,
        product_ids=products,
        value_usd=value_usd,
        rca=rca,
        mcp=mcp,
        diversity=mcp.sum(axis=1),
        ubiquity=mcp.sum(axis=0),
        eci=eci,
        pci=pci,
        density=density,
        coi=coi,
        cog=cog,
        fitness=fit,
        quality=quality,
        eigenvalue=found.eigenvalue,
        warnings=tuple(warnings),
    )


def _indices(
    mcp: Floats, found: Spectrum, how: Conventions
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Return ECI, PCI, density, COI and COG on the scales of the conventions."""
    known = np.isfinite(found.country)
    if not known.any():
        density, cog = density_and_gain(mcp, np.zeros(mcp.shape[1]), how.diagonal)
        cog[:] = np.nan
        return found.country, found.product, density, np.full(mcp.shape[0], np.nan), cog
    mean = found.country[known].mean()
    deviation = found.country[known].std(ddof=how.ddof)
    density, cog = density_and_gain(mcp, found.product / deviation, how.diagonal)
    unknown = ~np.isfinite(found.product)
    cog[:, unknown] = np.nan
    cog[~known] = np.nan
    reach = np.nan_to_num(density) * (1.0 - mcp)
    coi = reach @ np.nan_to_num(found.product)
    coi[~known] = np.nan
    pci = (found.product - mean) / deviation
    if how.pci_scale == "own":
        pci = _standard(found.product, how.ddof)
    eci = (found.country - mean) / deviation
    return eci, pci, density, _standard(coi, how.ddof), cog


def _standard(values: Floats, ddof: int) -> Floats:
    """Return values of mean 0 and deviation 1; NaN where all are equal."""
    known = values[np.isfinite(values)]
    deviation = known.std(ddof=ddof) if len(known) > ddof else 0.0
    if deviation == 0:
        return np.full(len(values), np.nan)
    return np.asarray((values - known.mean()) / deviation)


def _above_floors(
    value_usd: Floats, how: Conventions
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the countries and the products that stay."""
    of_country = value_usd.sum(axis=1)
    rows = (of_country > 0) & (of_country >= how.min_country_usd)
    of_product = rows @ value_usd
    columns = (of_product > 0) & (of_product >= how.min_product_usd)
    rows &= value_usd @ columns > 0
    return rows, columns


def _about_margins(
    value_usd: Floats, mcp: Floats, countries: Sequence[str], products: Sequence[str]
) -> Iterator[str]:
    """Yield what a reader must know of countries and products at the edge."""
    empty = [countries[row] for row in np.flatnonzero(mcp.sum(axis=1) == 0).tolist()]
    if empty:
        yield f"no product is present in {_named(empty)}: their ECI is NaN"
    nobody = [products[column] for column in np.flatnonzero(mcp.sum(axis=0) == 0).tolist()]
    if nobody:
        yield f"{_named(nobody)} are present nowhere: their PCI and density are NaN"
    of_country = value_usd.sum(axis=1)
    is_tiny = of_country < TINY_SHARE * of_country.sum()
    tiny = [countries[row] for row in np.flatnonzero(is_tiny).tolist()]
    if tiny:
        yield (
            f"{_named(tiny)} export less than {TINY_SHARE:.3%} of the world's total each; a few "
            "shipments can put such countries at the top (see min_country_usd)"
        )


def _named(names: Sequence[str]) -> str:
    """Return the first names and how many more there are."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


__all__ = ["measure", "measure_table"]
