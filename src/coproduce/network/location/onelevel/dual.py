"""The Lagrangian bound: every customer is priced, every facility decides for itself.

With a price ``l_j`` paid for serving customer ``j``, facility ``i`` earns at best ``-K_i``,
where ``K_i = min sum_j (c_ij - l_j) x_j`` over ``0 <= x <= 1`` and its capacity. The bound is
``sum_j l_j + min_y sum_i (f_i + K_i) y_i`` over sets of facilities that could hold all demand:
at least so many of them, and at least so much capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.network.location.clock import Clock
from coproduce.network.location.types import Facilities, Floats

States = npt.NDArray[np.int8]
FREE, CLOSED, OPEN = -1, 0, 1


@dataclass(slots=True)
class Point:
    """The bound at one vector of prices.

    Attributes:
        bound: value of the relaxation.
        prices: per customer.
        worth: ``f + K`` per facility; inf where it is closed.
        chosen: share of each facility in the relaxation's answer.
        lack: share of each customer not served, negative where served twice.
    """

    bound: float
    prices: Floats
    worth: Floats
    chosen: Floats
    lack: Floats


class Dual:
    """Evaluates the bound with some facilities closed or open for good.

    Args:
        problem: the facilities.
        state: `FREE`, `CLOSED` or `OPEN` per facility.
    """

    is_whole = False  # knapsacks may take a share of a customer

    def __init__(self, problem: Facilities, state: States) -> None:
        self.problem, self.state = problem, state
        self.rows = np.flatnonzero(state != CLOSED)
        self._cost = problem.cost[self.rows]
        self._tables: tuple[Floats, ...] = ()
        self._demand = np.maximum(problem.demand, 0.0)
        self._per_unit = 1.0 / np.where(self._demand > 0, self._demand, 1e-12)

    def at(self, prices: Floats) -> Point:
        """Return the bound at `prices`."""
        problem = self.problem
        profit, served = self._knapsacks(prices)
        worth = np.full(problem.sites, np.inf)
        worth[self.rows] = problem.fixed[self.rows] + profit
        value, chosen = choose(problem, self.state, worth)
        lack = 1.0 - chosen[self.rows] @ served
        return Point(float(prices.sum()) + value, prices, worth, chosen, lack)

    def _knapsacks(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return ``K`` and the shares served, per facility that is not closed."""
        if self.problem.capacity is None:
            return self._unlimited(prices)
        reduced = np.minimum(self._cost - prices, 0.0)
        room = self.problem.capacity[self.rows]
        order = np.argsort(reduced * self._per_unit, axis=1)
        reduced = np.take_along_axis(reduced, order, axis=1)
        demand = np.where(reduced < 0, self._demand[order], 0.0)
        before = np.cumsum(demand, axis=1) - demand
        part = np.clip((room[:, None] - before) / np.where(demand > 0, demand, 1.0), 0.0, 1.0)
        part[reduced >= 0] = 0.0
        part[(demand == 0) & (reduced < 0)] = 1.0
        served = np.empty_like(part)
        np.put_along_axis(served, order, part, axis=1)
        return (reduced * part).sum(axis=1), served

    def _unlimited(self, prices: Floats) -> tuple[Floats, Floats]:
        """Return the same without capacity, in the same two tables each time.

        New tables of this size are given back to the system and fetched again at each call; that
        takes longer than to fill them.
        """
        if not self._tables:
            self._tables = (np.empty_like(self._cost), np.empty_like(self._cost))
        reduced, served = self._tables
        np.subtract(self._cost, prices, out=reduced)
        np.minimum(reduced, 0.0, out=reduced)
        np.less(reduced, 0.0, out=served)
        return reduced.sum(axis=1), served

    def forced(self, point: Point) -> Floats:
        """Return how much dearer each facility's knapsack gets, at least, with a customer in it.

        To be called right after ``at`` gave `point`. Shape ``(m, n)``; inf where the facility is
        closed. Uses the price of the room that the split knapsack ends on.
        """
        reduced = self._cost - point.prices
        gains = np.minimum(reduced, 0.0)
        room = self.problem.room[self.rows]
        order = np.argsort(gains * self._per_unit, axis=1)
        sizes = np.where(np.take_along_axis(gains, order, axis=1) < 0, self._demand[order], 0.0)
        is_over: Any = np.cumsum(sizes, axis=1) > room[:, None]  # the stub sees a scalar
        last = np.take_along_axis(order, is_over.argmax(axis=1)[:, None], axis=1)
        unit = np.take_along_axis(gains * self._per_unit, last, axis=1)
        price = np.where(is_over.any(axis=1)[:, None], -unit, 0.0)
        more = np.full(self.problem.cost.shape, np.inf)
        more[self.rows] = np.maximum(reduced + price * self._demand, 0.0)
        more[self.rows] = np.where(self._demand <= room[:, None] + 1e-9, more[self.rows], np.inf)
        return more


def least_count(problem: Facilities, state: States) -> int:
    """Return how many facilities any answer needs at least, the open ones counted.

    The largest ones that are not closed are taken first; one more than all where none suffices.
    """
    is_there = state != CLOSED
    if problem.capacity is None:
        return min(1, problem.sites)
    need = float(problem.demand.sum())
    held = float(problem.capacity[state == OPEN].sum())
    rest = np.sort(problem.capacity[state == FREE])[::-1]
    total = held + np.cumsum(rest)
    opened = int((state == OPEN).sum())
    tolerance = 1e-9 * max(1.0, need)
    if held >= need - tolerance:
        return max(1, opened)
    if not rest.size or total[-1] < need - tolerance:
        return int(is_there.sum()) + 1
    return opened + int(np.searchsorted(total, need - tolerance)) + 1


def choose(problem: Facilities, state: States, worth: Floats) -> tuple[float, Floats]:
    """Return the cheapest sum of `worth` that could hold all demand, and the shares chosen.

    Two relaxations of "could hold all demand" are tried, the dearer one counts: the number of
    facilities, and their capacity with shares of facilities allowed.
    """
    chosen = np.zeros(problem.sites)
    chosen[state == OPEN] = 1.0
    free = np.flatnonzero(state == FREE)
    missing = least_count(problem, state) - int(chosen.sum())
    if missing > len(free):
        return np.inf, chosen
    base = float(worth[state == OPEN].sum())
    order = free[np.argsort(worth[free], kind="stable")]
    take = max(missing, int((worth[free] < 0).sum()))
    by_count = chosen.copy()
    by_count[order[:take]] = 1.0
    value = base + float(worth[order[:take]].sum())
    if problem.capacity is None:
        return value, by_count
    if float(problem.capacity @ by_count) >= float(problem.demand.sum()):
        return value, by_count
    more, by_room = _by_room(problem, worth, order, chosen)
    return (base + more, by_room) if base + more > value else (value, by_count)


def _by_room(
    problem: Facilities, worth: Floats, free: npt.NDArray[np.intp], chosen: Floats
) -> tuple[float, Floats]:
    """Return the fractional cover of the demand by capacity."""
    room = problem.room
    chosen = chosen.copy()
    gains = free[worth[free] < 0]
    chosen[gains] = 1.0
    missing = float(problem.demand.sum() - room @ chosen)
    value = float(worth[gains].sum())
    costs = free[(worth[free] >= 0) & (room[free] > 0)]
    costs = costs[np.argsort(worth[costs] / room[costs], kind="stable")]
    for site in costs:
        if missing <= 0:
            break
        share = min(1.0, missing / float(room[site]))
        chosen[site] = share
        value += share * float(worth[site])
        missing -= share * float(room[site])
    return value, chosen


@dataclass(slots=True)
class Ascent:
    """What an ascent found: the best point and how often each facility was chosen near it."""

    best: Point
    often: Floats


def ascend(
    dual: Dual,
    prices: Floats,
    *,
    target: float,
    cutoff: float,
    rounds: int,
    clock: Clock,
    step: float = 1.0,
    patience: int = 10,
) -> Ascent:
    """Return the best bound found by deflected subgradient steps.

    Args:
        dual: what to evaluate.
        prices: where to start.
        target: a value that the bound will not pass, usually the best known cost.
        cutoff: stop when the bound reaches this.
        rounds: most evaluations.
        clock: stops early when its time is over.
        step: share of the Polyak step at the start.
        patience: evaluations without gain before the step is cut and the best point taken up.

    Source: Held, Wolfe, Crowder (1974); Camerini, Fratta, Maffioli (1975) for the deflection.
    """
    best = dual.at(prices)
    often = best.chosen.copy()
    direction, stall, point = best.lack, 0, best
    for _ in range(rounds):
        if best.bound >= cutoff or clock.is_over() or step < 1e-4:
            break
        norm = float(direction @ direction)
        if norm < 1e-14:
            break
        distance = max(target - point.bound, 1e-7 * abs(target))
        point = dual.at(point.prices + step * distance / norm * direction)
        often = 0.9 * often + 0.1 * point.chosen
        direction = point.lack + 0.7 * direction
        if point.bound > best.bound + 1e-8 * abs(best.bound):
            best, stall = point, 0
        else:
            stall += 1
        if stall >= patience:
            step, stall, point, direction = 0.6 * step, 0, best, best.lack
    return Ascent(best, often)
