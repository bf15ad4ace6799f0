"""Freight inside the host: prices for the pool that never exceed it, and the exact distribution.

Moving one tonne from site ``s`` to zone ``z`` costs ``c[s, z]``. The least cost of moving given
outputs to given demands is, by duality, at least ``Σ u[s]·out[s] + Σ v[z]·in[z]`` for any ``u, v``
with ``u[s] + v[z] ≤ c[s, z]``. So a model that charges ``u`` on output and ``v`` on sales charges
no more than the true freight, its value is no lower than the true one, and its bound holds for
the plan distributed by zone.

Source: Kantorovich 1942; the dual of the transportation problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from coproduce.engines import lp
from coproduce.network.case import Case, Floats, Key, Supply, great_circle_km


@dataclass(frozen=True, slots=True)
class FreightPrices:
    """Freight that the pool charges, base mn per tonne.

    Attributes:
        by_site: charge on a finished good made at a site.
        into_zones: charge on a sale by zone, in the order of the case's zones.
        inland: (stage output, source) → least freight from the gateway to any line that uses it.
    """

    by_site: dict[str, float]
    into_zones: Floats
    inland: dict[tuple[Key, str], float]

    def out_of(self, site_id: str) -> float:
        """Return the charge on a tonne made at a site."""
        return self.by_site[site_id]

    def least_inland(self, key: Key, supply: Supply) -> float:
        """Return the charge on a tonne bought."""
        return self.inland.get((key, supply.source_id), 0.0)


def freight_prices(case: Case, output_t: Mapping[str, float] | None = None) -> FreightPrices:
    """Return prices that are tight for a plan whose finished goods come from sites like this.

    Args:
        case: the case; its zones count by the weight of the first year's demand.
        output_t: tonnes of finished goods by site; without it, the same of every site that may
            finish goods. Any weights give valid prices; good ones give a narrow gap.
    """
    site_ids = finishing_sites(case)
    costs = np.array(
        [
            [
                km_cost(case, case.sites[s].lat, case.sites[s].lon, lat, lon)
                for _, lat, lon in case.zones
            ]
            for s in site_ids
        ]
    ).reshape(len(site_ids), len(case.zones))
    made = np.array([max(0.0, (output_t or {}).get(site_id, 0.0)) for site_id in site_ids])
    # A trace of every site keeps its price as high as it may be.
    made = made + 1e-4 * made.sum() if made.sum() > 0 else np.ones(len(site_ids))
    out, into = _dual(costs, _zone_weights(case), made / max(made.sum(), 1e-12))
    return FreightPrices(
        by_site=dict(zip(site_ids, out.tolist(), strict=True)),
        into_zones=into,
        inland=_least_inland(case),
    )


def km_cost(case: Case, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the cost of moving one tonne over the great circle, base mn."""
    return case.inland_mn_per_t_km * great_circle_km(lat_a, lon_a, lat_b, lon_b)


def finishing_sites(case: Case) -> list[str]:
    """Return the sites where some finished good may be made."""
    found = {
        case.lines[number].site_id
        for part in case.parts.values()
        if part.is_final
        for number in part.lines
    }
    return sorted(found)


def _zone_weights(case: Case) -> Floats:
    weights = np.zeros(len(case.zones))
    for market in case.markets:
        final = case.parts[case.final_of[market.product_id]]
        weights += market.demand[0] * final.tonnes_per_unit
    total = weights.sum()
    return weights / total if total > 0 else np.full(len(weights), 1.0 / len(weights))


def _dual(costs: Floats, weights: Floats, made: Floats) -> tuple[Floats, Floats]:
    sites, zones = costs.shape
    if sites == 0:
        return np.zeros(0), np.zeros(zones)
    build = lp.Builder(is_maximised=True)
    # Only sums of a site's and a zone's price matter, so the largest site's may be nothing.
    free = np.where(np.arange(sites) == int(np.argmax(made)), 0.0, np.inf)
    out = build.add_columns(sites, cost=made, lower=-free, upper=free)
    into = build.add_columns(zones, cost=weights, lower=-np.inf)
    rows = build.add_rows(sites * zones, upper=costs.ravel())
    build.add_entries(rows, np.repeat(out, zones), 1.0)
    build.add_entries(rows, np.tile(into, sites), 1.0)
    found = lp.solve(build.problem(), threads=1)
    u, v = found.x[out], found.x[into]
    # The solver's tolerance must not leave the sum above the cost.
    return u, v - max(0.0, float((u[:, None] + v[None, :] - costs).max()))


def _least_inland(case: Case) -> dict[tuple[Key, str], float]:
    users: dict[Key, set[str]] = {}
    for part in case.parts.values():
        for source in part.inputs:
            users.setdefault(source, set()).update(case.lines[n].site_id for n in part.lines)
    out = {}
    for key, part in case.parts.items():
        for supply in part.supplies:
            costs = [
                km_cost(case, supply.lat, supply.lon, case.sites[s].lat, case.sites[s].lon)
                for s in users.get(key, ())
            ]
            out[key, supply.source_id] = min(costs, default=0.0)
    return out
