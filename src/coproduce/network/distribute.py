"""The pooled plan distributed: who ships what to whom at least freight, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_build import Ints
from coproduce.network.case import Case, Floats, Key
from coproduce.network.freight import km_cost
from coproduce.network.pooled import Pooled

Place = tuple[str, str]
"""Kind (country, site or zone) and id."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Goods from a place to a place in a year.

    Attributes:
        year: number of the year in the horizon.
        quantity: in the stage's unit.
        inland_mn: freight inside the host.
        lane_mn: freight to the gateway.
    """

    key: Key
    year: int
    origin: Place
    target: Place
    quantity: float
    inland_mn: float
    lane_mn: float


@dataclass(slots=True)
class _Block:
    """The transport problem of one output in one year."""

    key: Key
    year: int
    origins: list[Place]
    offers: list[float]
    targets: list[Place]
    wants: list[float]


def distribute(case: Case, pooled: Pooled) -> list[Flow]:
    """Return the flows of least freight that carry the pooled plan.

    Each output and year is a transport problem of its own: output of sites and purchases at
    gateways to the lines that use them, finished goods to the zones where they are sold.
    """
    blocks = [block for block in _blocks(case, pooled) if sum(block.offers) > 0]
    shipped = _ship(case, blocks)
    lane = _lane_freight(case, pooled)
    flows = []
    for block, (rows, columns, quantities) in zip(blocks, shipped, strict=True):
        tonnes_per_unit = case.parts[block.key].tonnes_per_unit
        for row, column, quantity in zip(rows, columns, quantities, strict=True):
            origin, target = block.origins[row], block.targets[column]
            per_t = _cost(case, block.key, origin, target)
            per_unit = lane.get((block.key, origin[1], block.year), 0.0)
            flows.append(
                Flow(
                    key=block.key,
                    year=block.year,
                    origin=origin,
                    target=target,
                    quantity=quantity,
                    inland_mn=quantity * tonnes_per_unit * per_t,
                    lane_mn=quantity * per_unit if origin[0] == "country" else 0.0,
                )
            )
    return flows


def _blocks(case: Case, pooled: Pooled) -> list[_Block]:
    blocks: dict[tuple[Key, int], _Block] = {}

    def block(key: Key, year: int) -> _Block:
        return blocks.setdefault((key, year), _Block(key, year, [], [], [], []))

    made: dict[tuple[Key, str, int], float] = {}
    used: dict[tuple[Key, str, int], float] = {}
    for (key, number), quantities in pooled.make.items():
        site_id = case.lines[number].site_id
        for year in np.flatnonzero(quantities):
            amount = float(quantities[year])
            _put(made, (key, site_id, int(year)), amount)
            for source, per_unit in case.parts[key].inputs.items():
                _put(used, (source, site_id, int(year)), per_unit * amount)
    bought: dict[tuple[Key, str, int], float] = {}
    for (key, source_id), quantities in pooled.buy.items():
        country = next(s.country_id for s in case.parts[key].supplies if s.source_id == source_id)
        for year in np.flatnonzero(quantities):
            _put(bought, (key, country, int(year)), float(quantities[year]))
    for kind, table in (("site", made), ("country", bought)):
        for (key, name, when), amount in table.items():
            found = block(key, when)
            found.origins.append((kind, name))
            found.offers.append(amount)
    for (key, site_id, when), amount in used.items():
        found = block(key, when)
        found.targets.append(("site", site_id))
        found.wants.append(amount)
    _add_zones(case, pooled, block)
    return [blocks[name] for name in sorted(blocks)]


def _add_zones(case: Case, pooled: Pooled, block: Callable[[Key, int], _Block]) -> None:
    sold: dict[Key, Floats] = {}
    for (number, _), quantities in pooled.sell.items():
        market = case.markets[number]
        key = case.final_of[market.product_id]
        by_zone = quantities[:, None] * market.zone_shares
        sold[key] = sold.get(key, np.zeros_like(by_zone)) + by_zone
    for key, table in sold.items():
        for year, zone in zip(*np.nonzero(table), strict=True):
            found = block(key, int(year))
            found.targets.append(("zone", case.zones[zone][0]))
            found.wants.append(float(table[year, zone]))


def _ship(case: Case, blocks: list[_Block]) -> list[tuple[list[int], list[int], list[float]]]:
    """Solve all blocks as one linear problem; those with a single origin or target need none."""
    build = lp.Builder()
    pending: list[tuple[int, Ints, Floats, Floats]] = []
    answers: list[tuple[list[int], list[int], list[float]]] = []
    for number, block in enumerate(blocks):
        offers = np.array(block.offers)
        wants = np.array(block.wants)
        # Sums agree up to the solver's tolerance; what the plan makes is what moves.
        wants = wants * (offers.sum() / wants.sum())
        rows, columns = (part.ravel() for part in np.indices((len(offers), len(wants))))
        answers.append((rows.tolist(), columns.tolist(), []))
        if len(offers) == 1 or len(wants) == 1:
            answers[-1][2].extend((offers[rows] * wants[columns] / offers.sum()).tolist())
            continue
        costs = np.array(
            [[_cost(case, block.key, o, z) for z in block.targets] for o in block.origins]
        )
        # Scaled to shares, so that the tolerance is relative to each block.
        cols = build.add_columns(costs.size, cost=costs.ravel() / max(costs.max(), 1e-12))
        out = build.add_rows(len(offers), lower=offers / offers.sum(), upper=offers / offers.sum())
        into = build.add_rows(len(wants), lower=wants / offers.sum())
        build.add_entries(out[rows], cols, 1.0)
        build.add_entries(into[columns], cols, 1.0)
        pending.append((number, cols, offers, wants))
    if pending:
        found = lp.settle(build.problem(), threads=1)
        for number, cols, offers, _ in pending:
            answers[number][2].extend((found.x[cols] * offers.sum()).tolist())
    return [_without_dust(*answer) for answer in answers]


def _without_dust(
    rows: list[int], columns: list[int], quantities: list[float]
) -> tuple[list[int], list[int], list[float]]:
    least = 1e-9 * max(quantities, default=0.0)
    kept = [entry for entry in zip(rows, columns, quantities, strict=True) if entry[2] > least]
    return [e[0] for e in kept], [e[1] for e in kept], [e[2] for e in kept]


def _lane_freight(case: Case, pooled: Pooled) -> dict[tuple[Key, str, int], float]:
    """Return freight to the gateway per unit bought, by output, country and year."""
    cost: dict[tuple[Key, str, int], float] = {}
    amount: dict[tuple[Key, str, int], float] = {}
    for (key, source_id), quantities in pooled.buy.items():
        supply = next(s for s in case.parts[key].supplies if s.source_id == source_id)
        for year in np.flatnonzero(quantities):
            name = (key, supply.country_id, int(year))
            _put(cost, name, float(quantities[year] * supply.freight_by_year[year]))
            _put(amount, name, float(quantities[year]))
    return {name: cost[name] / amount[name] for name in cost}


def _cost(case: Case, key: Key, origin: Place, target: Place) -> float:
    if origin[0] == "site":
        lat, lon = case.sites[origin[1]].lat, case.sites[origin[1]].lon
    else:
        supply = next(s for s in case.parts[key].supplies if s.country_id == origin[1])
        lat, lon = supply.lat, supply.lon
    if target[0] == "site":
        return km_cost(case, lat, lon, case.sites[target[1]].lat, case.sites[target[1]].lon)
    zone = next(z for z in case.zones if z[0] == target[1])
    return km_cost(case, lat, lon, zone[1], zone[2])


def _put(table: dict[tuple[Key, str, int], float], name: tuple[Key, str, int], x: float) -> None:
    table[name] = table.get(name, 0.0) + x
