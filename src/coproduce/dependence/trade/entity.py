"""A country or a bloc seen as one: what comes from outside, from inside, and goes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coproduce.dependence.trade.criteria import import_export_ratio
from coproduce.dependence.trade.panel import chosen_years, position
from coproduce.records.errors import UsageError
from coproduce.sources.trade import store


@dataclass(frozen=True, slots=True)
class EntityTrade:
    """Trade of one entity; C countries, P products, T years.

    Attributes:
        years, country_ids, product_ids: of the axes.
        is_member: who belongs to the entity in each year (C x T).
        suppliers_usd: imports from each country outside (C x P x T, current USD).
        inside_usd: trade between members (P x T).
        exports_usd: to countries outside (P x T).
    """

    years: tuple[int, ...]
    country_ids: tuple[str, ...]
    product_ids: tuple[str, ...]
    is_member: NDArray[np.bool_]
    suppliers_usd: NDArray[np.float64]
    inside_usd: NDArray[np.float64]
    exports_usd: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cdi:
    """The Commission's three indicators of an entity (P x T); NaN without imports.

    Attributes:
        cdi1: concentration of imports from outside (0–1); dependent above 0.4.
        cdi2: imports from outside over all imports, inside and outside (0–1); above 0.5.
        cdi3: imports from outside over exports to outside; above 1; 9999 without exports.
        is_dependent: all three are above.
    """

    cdi1: NDArray[np.float64]
    cdi2: NDArray[np.float64]
    cdi3: NDArray[np.float64]
    is_dependent: NDArray[np.bool_]


def entity_trade(
    folder: Path,
    members: Sequence[Sequence[str]],
    *,
    years: Sequence[int] | None = None,
    without_flags: int = 0,
) -> EntityTrade:
    """Return the trade of a country (one member) or of a bloc.

    Args:
        folder: written by ``coproduce trade ingest``.
        members: for each year, the country codes that belong to the entity in it.
        years: only these; None: all of the folder.
        without_flags: rows with any of these `store.Flag` bits are left out.

    Raises:
        SourceError: no such folder (S101, S102).
        UsageError: a member or year is not in the folder (TX030), or members do not go with
            years (TX031).
    """
    kept = chosen_years(store.read_meta(folder), years)
    if len(members) != len(kept):
        raise UsageError(f"{len(members)} lists of members for {len(kept)} years", code="TX031")
    country_ids = tuple(store.countries(folder)["country_id"].to_list())
    product_ids = tuple(store.products(folder)["product_id"].to_list())
    is_member = np.zeros((len(country_ids), len(kept)), bool)
    for at, of_year in enumerate(members):
        for member in of_year:
            is_member[position(country_ids, member, "country"), at] = True
    flows = _flows_of(folder, np.flatnonzero(is_member.any(axis=1)), kept, without_flags)
    return _sum_up(flows, kept, country_ids, product_ids, is_member)


def _flows_of(
    folder: Path, members: NDArray[np.intp], years: Sequence[int], without_flags: int
) -> pl.DataFrame:
    ids = members.tolist()
    flows = store.scan_flows(folder).filter(
        pl.col("importer").is_in(ids) | pl.col("exporter").is_in(ids),
        pl.col("year").is_in(years),
        pl.col("exporter") != pl.col("importer"),
    )
    if without_flags:
        flows = flows.filter((pl.col("flags") & without_flags) == 0)
    return flows.select("year", "exporter", "importer", "product", "value_usd").collect()


def _sum_up(
    flows: pl.DataFrame,
    years: tuple[int, ...],
    country_ids: tuple[str, ...],
    product_ids: tuple[str, ...],
    is_member: NDArray[np.bool_],
) -> EntityTrade:
    n_products, n_years = len(product_ids), len(years)
    place = {year: at for at, year in enumerate(years)}
    year = flows["year"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    exporter = flows["exporter"].to_numpy().astype(np.int64)
    importer = flows["importer"].to_numpy()
    cell = flows["product"].to_numpy().astype(np.int64) * n_years + year
    value = flows["value_usd"].to_numpy()
    sells, buys = is_member[exporter, year], is_member[importer, year]

    def summed(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        n = n_products * n_years
        sums = np.bincount(cell[chosen], weights=value[chosen], minlength=n)
        return np.asarray(sums.reshape(n_products, n_years), np.float64)

    shape = (len(country_ids), n_products, n_years)
    bought = buys & ~sells
    where = exporter[bought] * (n_products * n_years) + cell[bought]
    suppliers = np.bincount(where, weights=value[bought], minlength=int(np.prod(shape)))
    return EntityTrade(
        years=years,
        country_ids=country_ids,
        product_ids=product_ids,
        is_member=is_member,
        suppliers_usd=np.asarray(suppliers.reshape(shape), np.float64),
        inside_usd=summed(buys & sells),
        exports_usd=summed(sells & ~buys),
    )


def cdi(
    trade: EntityTrade,
    *,
    exports_usd: NDArray[np.float64] | None = None,
    limits: tuple[float, float, float] = (0.4, 0.5, 1.0),
) -> Cdi:
    """Return the Commission's three indicators.

    With `E` imports from outside, `N` trade between members and `X` exports to outside:
    CDI1 = sum of squared supplier shares in E, CDI2 = E / (E + N), CDI3 = E / X. A country taken
    alone has no inside: its CDI2 is 1, and only a bloc makes it say something.

    Args:
        trade: of the entity.
        exports_usd: other exports to hold imports against (P x T), for instance including those
            to members; None: exports to outside.
        limits: of the three; dependent means above all of them.

    Source:
        European Commission (2021), Strategic dependencies and capacities, SWD(2021) 352.
    """
    outside = trade.suppliers_usd.sum(axis=0)
    squares = np.einsum("cpt,cpt->pt", trade.suppliers_usd, trade.suppliers_usd)
    with np.errstate(divide="ignore", invalid="ignore"):
        cdi1 = squares / outside**2
        cdi2 = np.where(outside > 0, outside / (outside + trade.inside_usd), np.nan)
    cdi3 = import_export_ratio(outside, trade.exports_usd if exports_usd is None else exports_usd)
    with np.errstate(invalid="ignore"):
        dependent = (cdi1 > limits[0]) & (cdi2 > limits[1]) & (cdi3 > limits[2])
    return Cdi(cdi1=cdi1, cdi2=cdi2, cdi3=cdi3, is_dependent=dependent)


__all__ = ["Cdi", "EntityTrade", "cdi", "entity_trade"]
