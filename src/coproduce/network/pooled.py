"""The pooled plan: the solver's answer read back as quantities by year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coproduce.network.case import Case, Floats, Key
from coproduce.network.freight import FreightPrices, Tonnes, group_of, point_of
from coproduce.network.model import Columns, Ints


@dataclass(frozen=True, slots=True)
class Pooled:
    """Quantities of a plan; arrays have one entry per year of the horizon.

    Attributes:
        build: (line, size number) → modules ordered.
        make: (key, line) → good output.
        buy: (key, source) → quantity bought.
        sell: (market number, bid number) → packs sold.
        start: key → 1 in the year that pays for its transfer.
        unmet: market number → packs that nobody supplies.
        relief: site → relief taken, where it is capped.
    """

    build: dict[tuple[int, int], Floats]
    make: dict[tuple[Key, int], Floats]
    buy: dict[tuple[Key, str], Floats]
    sell: dict[tuple[int, int], Floats]
    start: dict[Key, Floats]
    unmet: dict[int, Floats]
    relief: dict[str, Floats]


def read(case: Case, columns: Columns, x: Floats) -> Pooled:
    """Return the plan at a point of the model; dust below 1e-9 of its scale is dropped."""
    years = len(case.years)

    def tail(cols: Ints, scale: float = 0.0) -> Floats:
        out = np.zeros(years)
        values = x[cols]
        out[years - len(cols) :] = np.where(values > 1e-9 * max(scale, 1.0), values, 0.0)
        return out

    build = {}
    for name, cols in columns.build.items():
        build[name] = np.zeros(years)
        build[name][: len(cols)] = np.round(x[cols])
    sell = {}
    for place, (when, cols) in columns.sell.items():
        sell[place] = np.zeros(years)
        scale = float(case.markets[place[0]].demand.max(initial=0.0))
        sell[place][when] = np.where(x[cols] > 1e-9 * max(scale, 1e-3), x[cols], 0.0)

    def scale_of(key: Key) -> float:
        return float(case.parts[key].need_by_year.max(initial=0.0))

    make = {(k, n): tail(cols, scale_of(k)) for (k, n), cols in columns.make.items()}
    return Pooled(
        build=build,
        make=make,
        buy={(k, s): tail(cols, scale_of(k)) for (k, s), cols in columns.buy.items()},
        sell=sell,
        start=_starts(make, columns, years),
        unmet={number: tail(cols) for number, cols in columns.unmet.items()},
        relief={site: x[cols].copy() for site, cols in columns.relief.items()},
    )


def _starts(
    make: dict[tuple[Key, int], Floats], columns: Columns, years: int
) -> dict[Key, Floats]:
    """Return the year of first output of each stage; that year pays for its transfer."""
    first: dict[Key, int] = {}
    for (key, _), amounts in make.items():
        if key in columns.start and amounts.any():
            year = int(np.flatnonzero(amounts)[0])
            first[key] = min(first.get(key, year), year)
    starts = {key: np.zeros(years) for key in first}
    for key, year in first.items():
        starts[key][year] = 1.0
    return starts


def start_overpaid(case: Case, pooled: Pooled, columns: Columns, x: Floats) -> Floats:
    """Return transfers that the model paid for before or without output, base mn by year."""
    out = np.zeros(len(case.years))
    for cols in columns.start.values():
        out[len(case.years) - len(cols) :] += np.diff(x[cols], prepend=0.0)
    for amounts in pooled.start.values():
        out -= amounts
    return out * case.start_cost_mn


def inland_charged(case: Case, pooled: Pooled, freight: FreightPrices) -> Floats:
    """Return the freight inside the host that the pooled model charged, base mn by year."""
    out = np.zeros(len(case.years))
    for (key, number), quantity in pooled.make.items():
        out += freight.made(case, case.parts[key], case.lines[number].site_id) * quantity
    for (number, _), quantity in pooled.sell.items():
        market = case.markets[number]
        tonnes = case.parts[case.final_of[market.product_id]].tonnes_per_unit
        out += market.zone_shares @ freight.into_zones * tonnes * quantity
    for (key, source_id), quantity in pooled.buy.items():
        part = case.parts[key]
        supply = next(s for s in part.supplies if s.source_id == source_id)
        out += freight.bought(part, supply) * quantity
    return out


def tonnes_moved(case: Case, columns: Columns, x: Floats) -> Tonnes:
    """Return where goods appear and are used at a point of the model, all years together."""
    moved = Tonnes()
    for (key, number), cols in columns.make.items():
        part, made = case.parts[key], float(x[cols].sum())
        point = point_of(case, case.lines[number].site_id)
        moved.add(moved.out, group_of(part), point, made * part.tonnes_per_unit)
        for source_key, quantity in part.inputs.items():
            source = case.parts[source_key]
            used = made * quantity * source.tonnes_per_unit
            moved.add(moved.into, group_of(source), point, used)
    for (key, source_id), cols in columns.buy.items():
        part = case.parts[key]
        supply = next(s for s in part.supplies if s.source_id == source_id)
        bought = float(x[cols].sum()) * part.tonnes_per_unit
        moved.add(moved.out, group_of(part), (supply.lat, supply.lon), bought)
    return moved
