"""The cheapest service of all customers from facilities already open, in exact units."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.onelevel.tree import Priced
from coproduce.network.location.types import Facilities, Floats, Ints

MOST_DECIMALS = 6


def nearest(problem: Facilities, opened: tuple[int, ...]) -> Priced | None:
    """Return each customer's cheapest open facility: the best service without capacity."""
    if not opened:
        return None
    sites = np.array(opened)
    cost = problem.cost[sites]
    who = sites[cost.argmin(axis=0)]
    prices = cost.min(axis=0)
    used = np.flatnonzero(np.bincount(who))
    value = float(problem.fixed[used].sum() + prices.sum())
    return Priced(value, prices, tuple(used.tolist()), {"assignment": who.tolist()})


class Splitter:
    """Distributes by a transport problem; answers are whole numbers of the smallest unit.

    Args:
        problem: with capacity; demands and capacities with at most six decimals.
    """

    def __init__(self, problem: Facilities) -> None:
        self.problem = problem
        self.scale = unit_scale(np.concatenate([problem.demand, problem.room]))
        self._demand = np.rint(problem.demand * self.scale).astype(np.int64)
        self._capacity = np.rint(problem.room * self.scale).astype(np.int64)

    def __call__(self, opened: tuple[int, ...]) -> Priced | None:
        """Return the best distribution, or None where the capacity does not suffice."""
        sites = np.array(opened, dtype=np.int64)
        if not opened or self._capacity[sites].sum() < self._demand.sum():
            return None
        problem = self.problem
        count, customers = len(sites), problem.customers
        demand = np.maximum(self._demand, 0)
        has_demand = demand > 0
        build = lp.Builder()
        # A customer without demand takes no room: one share of it counts as one unit here.
        units = np.where(has_demand, demand, 1)
        columns = build.add_columns(
            count * customers,
            cost=(problem.cost[sites] / units).ravel(),
            upper=np.tile(units, count),
        )
        grid = columns.reshape(count, customers)
        served = build.add_rows(customers, lower=units, upper=units)
        room = build.add_rows(count, upper=self._capacity[sites])
        build.add_entries(served[None, :], grid, 1.0)
        build.add_entries(room[:, None], grid[:, has_demand], 1.0)
        found = lp.transport(build.problem())
        if found is None:
            return None
        amounts = np.rint(found.x).astype(np.int64).reshape(count, customers)
        prices = found.row_dual[:customers] * units
        used = sites[amounts.any(axis=1)]
        value = float(problem.fixed[used].sum() + (problem.cost[sites] * amounts / units).sum())
        flows = self._rows(sites, amounts, has_demand)
        return Priced(value, prices, tuple(used.tolist()), {"flows": flows})

    def _rows(self, sites: Ints, amounts: Ints, has_demand: Any) -> list[list[Any]]:
        """Return ``[facility, customer, amount]``; amounts in units of the file."""
        rows: list[list[Any]] = []
        for place, customer in zip(*np.nonzero(amounts), strict=True):
            units = int(amounts[place, customer]) if has_demand[customer] else 0
            whole, rest = divmod(units, self.scale)
            amount = whole if not rest else round(units / self.scale, MOST_DECIMALS)
            rows.append([int(sites[place]), int(customer), amount])
        return rows


def unit_scale(values: Floats) -> int:
    """Return the power of ten that makes all values whole, at most ``10 ** 6``.

    >>> unit_scale(np.array([1.5, 2.25]))
    100
    """
    for decimals in range(MOST_DECIMALS + 1):
        scale = int(10**decimals)
        if np.allclose(values * scale, np.rint(values * scale), rtol=0, atol=1e-6):
            return scale
    return int(10**MOST_DECIMALS)


def grain_of(problem: Facilities) -> float:
    """Return a number that every cost of a whole assignment is a multiple of; 0 if none is known.

    Only for problems without splitting: a split customer pays fractions.
    """
    numbers = np.concatenate([problem.fixed, problem.cost.ravel()])
    scale = unit_scale(numbers)
    whole = np.rint(numbers * scale)
    if scale > 1000 or not np.allclose(whole, numbers * scale, rtol=0, atol=1e-6):
        return 0.0
    if np.abs(whole).max(initial=0.0) > 2**53:
        return 0.0
    return float(np.gcd.reduce(whole.astype(np.int64))) / scale
