"""Freight inside the host: prices for the pool that never exceed it.

Moving one tonne from origin ``s`` to target ``z`` costs ``c[s, z]``. The least cost of moving
given outputs to given uses is, by duality, at least ``Σ u[s]·out[s] + Σ v[z]·in[z]`` for any
``u, v`` with ``u[s] + v[z] ≤ c[s, z]``. So a model that charges ``u`` where goods appear and
``v`` where they are used charges no more than the true freight, its value is no lower than the
true one, and its bound holds for the plan distributed by zone.

Goods of one stage share their prices; finished goods go from sites to zones, all others from
gateways and sites to the sites that use them.

Source: Kantorovich 1942; the dual of the transportation problem.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from coproduce.engines import lp
from coproduce.network.case import Case, Floats, Part, Supply, great_circle_km

FINISHED = "finished goods"
TENDED_SHARE = 0.25
"""Weight of the places a plan tends to; the built-in programme's bound is lowest near it."""
Point = tuple[float, float]
"""Latitude and longitude."""


@dataclass(slots=True)
class Tonnes:
    """Where goods appear and where they are used, by group, tonnes; any scale."""

    out: dict[tuple[str, Point], float] = field(default_factory=dict)
    into: dict[tuple[str, Point], float] = field(default_factory=dict)

    def add(
        self, table: dict[tuple[str, Point], float], group: str, point: Point, tonnes: float
    ) -> None:
        """Add tonnes to one of the two tables."""
        table[group, point] = table.get((group, point), 0.0) + tonnes


@dataclass(frozen=True, slots=True)
class FreightPrices:
    """Freight that the pool charges, base mn per tonne.

    Attributes:
        out: (group, place) → charge where goods are made or reach the host.
        into: (group, place) → charge where they are used or sold.
        into_zones: charge on a sale by zone, in the order of the case's zones.
    """

    out: dict[tuple[str, Point], float]
    into: dict[tuple[str, Point], float]
    into_zones: Floats

    def made(self, case: Case, part: Part, site_id: str) -> float:
        """Return the charge on a unit made at a site, its inputs' arrival included."""
        point = point_of(case, site_id)
        charge = self.out[group_of(part), point] * part.tonnes_per_unit
        for key, quantity in part.inputs.items():
            source = case.parts[key]
            charge += quantity * source.tonnes_per_unit * self.into[group_of(source), point]
        return charge

    def bought(self, part: Part, supply: Supply) -> float:
        """Return the charge on a unit bought; nothing for goods that nobody could use."""
        return self.out.get((group_of(part), (supply.lat, supply.lon)), 0.0) * part.tonnes_per_unit


def group_of(part: Part) -> str:
    """Return the group of goods that share their prices."""
    return FINISHED if part.is_final else part.key[1]


def point_of(case: Case, site_id: str) -> Point:
    """Return where a site lies."""
    return case.sites[site_id].lat, case.sites[site_id].lon


def freight_prices(case: Case, tonnes: Tonnes | None = None) -> FreightPrices:
    """Return prices that are tight for a plan that moves goods like this.

    Args:
        case: the case; zones count by the weight of the first year's demand.
        tonnes: where goods tend to appear and to be used; without it, everywhere alike. Any
            weights give valid prices; good ones give a narrow gap.
    """
    weights = tonnes or Tonnes()
    origins, targets = _places(case)
    out: dict[tuple[str, Point], float] = {}
    into: dict[tuple[str, Point], float] = {}
    for group in sorted({*origins, *targets}):
        starts, ends = sorted(origins.get(group, ())), sorted(targets.get(group, ()))
        here = _weights([weights.out.get((group, point), 0.0) for point in starts])
        if group == FINISHED:
            there = _zone_weights(case, ends)
        else:
            there = _weights([weights.into.get((group, point), 0.0) for point in ends])
        costs = np.array([[km_cost(case, *a, *b) for b in ends] for a in starts])
        u, v = _dual(costs.reshape(len(starts), len(ends)), there, here)
        out.update({(group, point): float(x) for point, x in zip(starts, u, strict=True)})
        into.update({(group, point): float(x) for point, x in zip(ends, v, strict=True)})
    zones = np.array([into.get((FINISHED, (lat, lon)), 0.0) for _, lat, lon in case.zones])
    return FreightPrices(out, into, zones)


def km_cost(case: Case, lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Return the cost of moving one tonne over the great circle, base mn."""
    return case.inland_mn_per_t_km * great_circle_km(lat_a, lon_a, lat_b, lon_b)


def _places(case: Case) -> tuple[Mapping[str, set[Point]], Mapping[str, set[Point]]]:
    origins: dict[str, set[Point]] = {}
    targets: dict[str, set[Point]] = {}
    for part in case.parts.values():
        group = group_of(part)
        sites = {point_of(case, case.lines[number].site_id) for number in part.lines}
        origins.setdefault(group, set()).update(sites)
        origins[group].update((supply.lat, supply.lon) for supply in part.supplies)
        for key in part.inputs:
            targets.setdefault(group_of(case.parts[key]), set()).update(sites)
        if part.is_final:
            targets.setdefault(group, set()).update((lat, lon) for _, lat, lon in case.zones)
    return origins, targets


def _weights(amounts: list[float]) -> Floats:
    """Return shares: most for all places alike, the rest for those that a plan tends to.

    Prices tight for a few places alone leave the others too cheap, and the pool would go there.
    """
    found = np.maximum(np.array(amounts, dtype=np.float64), 0.0)
    alike = np.full(len(found), 1.0 / max(1, len(found)))
    total = float(found.sum())
    return alike if total <= 0 else (1.0 - TENDED_SHARE) * alike + TENDED_SHARE * found / total


def _zone_weights(case: Case, points: list[Point]) -> Floats:
    weights = dict.fromkeys(points, 0.0)
    for market in case.markets:
        final = case.parts[case.final_of[market.product_id]]
        for (_, lat, lon), packs in zip(case.zones, market.demand[0], strict=True):
            weights[lat, lon] = weights.get((lat, lon), 0.0) + packs * final.tonnes_per_unit
    total = sum(weights.values())
    return np.array([weights[p] / total if total > 0 else 1.0 / len(points) for p in points])


def _dual(costs: Floats, there: Floats, here: Floats) -> tuple[Floats, Floats]:
    starts, ends = costs.shape
    if starts == 0 or ends == 0:
        return np.zeros(starts), np.zeros(ends)
    build = lp.Builder(is_maximised=True)
    # Only sums of an origin's and a target's price matter, so the largest origin's may be nothing.
    free = np.where(np.arange(starts) == int(np.argmax(here)), 0.0, np.inf)
    out = build.add_columns(starts, cost=here, lower=-free, upper=free)
    into = build.add_columns(ends, cost=there, lower=-np.inf)
    rows = build.add_rows(starts * ends, upper=costs.ravel())
    build.add_entries(rows, np.repeat(out, ends), 1.0)
    build.add_entries(rows, np.tile(into, starts), 1.0)
    found = lp.solve(build.problem(), threads=1)
    if found.was_interrupted:
        raise KeyboardInterrupt  # no plan depends on these prices yet
    u, v = found.x[out], found.x[into]
    # The solver's tolerance must not leave the sum above the cost.
    return u, v - max(0.0, float((u[:, None] + v[None, :] - costs).max()))
