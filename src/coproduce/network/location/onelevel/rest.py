"""What is left of a problem of whole customers after some services are settled or barred."""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.network.location.onelevel import whole
from coproduce.network.location.onelevel.distribute import unit_scale
from coproduce.network.location.onelevel.dual import CLOSED, Point, States
from coproduce.network.location.onelevel.tree import Kept, Priced
from coproduce.network.location.types import Facilities, Floats, Ints

MOST_CELLS = 400_000_000  # facilities x customers x room that one evaluation may touch
MOST_COVER = 20_000_000  # facilities x demand, in units, of an exact cover

Move = tuple[int, int, bool]  # facility, customer, whether it is served from there or barred


class Units:
    """A problem in whole units of room.

    Args:
        problem: with capacity; customers are whole.
    """

    def __init__(self, problem: Facilities) -> None:
        self.problem = problem
        self.sizes, self.rooms = in_units(problem)
        self.need = int(self.sizes.sum())
        self.cost = np.ascontiguousarray(problem.cost)
        self.how = np.array([True, problem.sites * self.need <= MOST_COVER])
        self.everything = np.ones(self.cost.shape, dtype=np.bool_)
        self.everyone = np.ones(problem.customers, dtype=np.bool_)


class Rest:
    """What is left of the problem after some moves, in whole units.

    Args:
        units: the problem.
        moves: settled and barred services.
    """

    def __init__(self, units: Units, moves: tuple[Move, ...]) -> None:
        self._units = units
        problem = units.problem
        self.fixed, self.left = problem.fixed, units.rooms
        self.allowed, self.is_free = units.everything, units.everyone
        if moves:
            self.fixed, self.left = problem.fixed.copy(), units.rooms.copy()
            self.allowed, self.is_free = units.everything.copy(), units.everyone.copy()
        for site, customer, is_inside in moves:
            if is_inside:
                self.fixed[site] += problem.cost[site, customer]
                self.left[site] -= units.sizes[customer]
                self.is_free[customer] = False
            else:
                self.allowed[site, customer] = False

    def ascend(
        self,
        state: States,
        prices: Floats,
        target: float,
        cutoff: float,
        rounds: int,
        step: float,
        patience: int,
        need: int = 0,
    ) -> Any:
        """Return what `whole.ascend` finds; with another demand in all where `need` is given."""
        units = self._units
        return whole.ascend(
            units.cost,
            self.fixed,
            units.sizes,
            self.left,
            units.rooms,
            state,
            self.allowed,
            self.is_free,
            need or units.need,
            units.how,
            prices,
            target,
            cutoff,
            rounds,
            step,
            patience,
        )

    def at(self, state: States, prices: Floats) -> Kept:
        """Return the bound at `prices`."""
        bound, _, worth, chosen, *_ = self.ascend(state, prices, 0.0, 0.0, 1, 1.0, 1)
        return Kept(Point(float(bound), prices, worth, chosen, np.zeros(0)), True)

    def total(self, prices: Floats) -> float:
        """Return the prices of all customers that are not settled, added up."""
        return float(prices[self.is_free].sum())

    def possible(self, state: States) -> Any:
        """Return which services are left, shape ``(m, n)``; settled customers have none."""
        units = self._units
        fits = units.sizes[None, :] <= self.left[:, None]
        return self.allowed & fits & self.is_free & (state != CLOSED)[:, None]


def in_units(problem: Facilities) -> tuple[Ints, Ints]:
    """Return demands and capacities as whole numbers of one unit."""
    scale = unit_scale(np.concatenate([problem.demand, problem.room]))
    sizes = np.rint(problem.demand * scale).astype(np.int64)
    return sizes, np.rint(problem.room * scale).astype(np.int64)


def is_cheap(problem: Facilities) -> bool:
    """One evaluation of whole knapsacks takes milliseconds, not seconds."""
    _, rooms = in_units(problem)
    return problem.cost.size * (int(rooms.max(initial=0)) + 1) <= MOST_CELLS


def counted(problem: Facilities, who: Ints) -> Priced:
    """Return the answer in which facility ``who[j]`` serves customer ``j``, with its cost."""
    used = np.flatnonzero(np.bincount(who))
    cost = problem.cost[who, np.arange(problem.customers)].sum()
    value = float(cost + problem.fixed[used].sum())
    return Priced(value, np.zeros(0), tuple(used.tolist()), {"assignment": who.tolist()})


def first_prices(problem: Facilities) -> Floats:
    """Return each customer's second cheapest cost: what it could be charged at first."""
    if problem.sites == 1:
        return np.array(problem.cost[0])
    prices: Floats = np.asarray(np.partition(problem.cost, 1, axis=0)[1])
    return prices
