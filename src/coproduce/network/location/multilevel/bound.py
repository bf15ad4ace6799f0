"""The Lagrangian bound: prices on demand and on the balance of depots, knapsacks for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.network.location.multilevel.kernel import fill, has_numba
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats

Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]
_MOST_COVER = 60_000  # states of the covering knapsack; above it costs more than it gives


@dataclass(slots=True)
class Prices:
    """Multipliers: of demand, shape ``(L, K)``, and of depot balance, shape ``(L, J)``."""

    demand: Floats
    balance: Floats

    def copy(self) -> Prices:
        """Return the same prices, apart."""
        return Prices(*(values.copy() for values in self.parts()))

    def parts(self) -> tuple[Floats, Floats]:
        """Return the two arrays in a fixed order."""
        return self.demand, self.balance

    def on_grid(self, grid: int) -> Prices:
        """Return the prices rounded to multiples of ``1 / grid``."""
        return Prices(*(np.rint(values * grid) / grid for values in self.parts()))


@dataclass(slots=True)
class Box:
    """What a branch allows: facilities held open or shut, and how many may be open.

    Attributes:
        lower, upper: 0 or 1 per facility, plants first, shape ``(I + J,)``.
        least, most: number of open plants and depots.
    """

    lower: Bits
    upper: Bits
    least: list[int]
    most: list[int]

    def copy(self) -> Box:
        """Return the same box, apart."""
        return Box(self.lower.copy(), self.upper.copy(), list(self.least), list(self.most))


@dataclass(slots=True)
class Priced:
    """The relaxed problem at given prices, before anything is chosen.

    Attributes:
        constant: what all prices are worth.
        reduced: reduced cost of opening each facility, plants first.
    """

    constant: float
    reduced: Floats


class Dual:
    """Prices a network; keeps the flows of the last pricing for the next step.

    Args:
        levels: the network.
        is_fast: use the compiled kernel; None where numba is there.
    """

    def __init__(self, levels: Levels, *, is_fast: bool | None = None) -> None:
        self.levels = levels
        self.is_fast = has_numba() if is_fast is None else is_fast
        self.cover = (
            _surrogate(levels.plant_capacity, levels.demand),
            _surrogate(levels.depot_capacity, levels.demand),
        )
        shape = (levels.products, levels.depots, levels.customers)
        self.outbound_flow = np.zeros(shape)
        self.inbound_flow = np.zeros((levels.products, levels.plants, levels.depots))

    def start(self) -> Prices:
        """Return prices that are near enough to begin with."""
        levels, count = self.levels, self.levels.products
        balance = np.zeros((count, levels.depots))
        if levels.plants:
            per_unit = levels.plant_fixed / np.maximum(levels.plant_capacity, 1e-9)
            balance = levels.inbound.min(axis=1) + per_unit.mean() / count
        share = (levels.depot_fixed / np.maximum(levels.depot_capacity, 1e-9)).min() / count
        demand = (levels.outbound + balance[:, :, None] + share).min(axis=1)
        return Prices(demand, balance)

    def price(self, prices: Prices) -> Priced:
        """Return the relaxed problem at these prices."""
        levels = self.levels
        margin = prices.demand[:, None, :] - prices.balance[:, :, None] - levels.outbound
        earned = fill(
            margin,
            levels.demand,
            levels.depot_capacity,
            self.outbound_flow,
            is_fast=self.is_fast,
        )
        depot = levels.depot_fixed - earned.sum(axis=0)
        plant = np.zeros(0)
        constant = float((prices.demand * levels.demand).sum())
        if levels.plants:
            earned = fill(
                prices.balance[:, None, :] - levels.inbound,
                levels.depot_capacity,
                levels.plant_capacity,
                self.inbound_flow,
                is_fast=self.is_fast,
            )
            plant = levels.plant_fixed - earned.sum(axis=0)
        return Priced(constant, np.concatenate([plant, depot]))

    def slope(self, chosen: Bools) -> Prices:
        """Return the supergradient at the last pricing for what was chosen."""
        levels = self.levels
        plants, depots = chosen[: levels.plants], chosen[levels.plants :]
        sent = self.outbound_flow[:, depots, :]
        demand = levels.demand - sent.sum(axis=1)
        balance = np.zeros((levels.products, levels.depots))
        if not levels.plants:  # depots are the source: nothing is to be balanced
            return Prices(demand, balance)
        balance[:, depots] = sent.sum(axis=2)
        balance -= self.inbound_flow[:, plants, :].sum(axis=1)
        return Prices(demand, balance)


def whole(levels: Levels) -> Box:
    """Return the box of all answers: as many facilities as cover the demand, or more."""
    need = levels.demand.sum(axis=1)
    count = levels.plants + levels.depots
    least = [
        _fewest(levels.plant_capacity, need) if levels.plants else 0,
        _fewest(levels.depot_capacity, need),
    ]
    return Box(
        np.zeros(count, dtype=np.int8),
        np.ones(count, dtype=np.int8),
        least,
        [levels.plants, levels.depots],
    )


def _fewest(capacity: Floats, need: Floats) -> int:
    """Return how many facilities must be open at least, as the largest together show."""
    reach = np.cumsum(-np.sort(-capacity, axis=1), axis=1)
    short = (reach < need[:, None]).sum(axis=1)
    return int(short.max()) + int((need > 0).any())


def choose(dual: Dual, priced: Priced, box: Box) -> tuple[float, Bools]:
    """Return the value of the relaxed problem in a box and what it opens; inf if it is empty.

    Each level is the larger of two bounds: the cheapest set of an allowed number, and the
    cheapest set whose capacity, all products together, covers the demand.
    """
    plants = dual.levels.plants
    chosen = np.zeros(len(priced.reduced), dtype=bool)
    value = priced.constant
    for level, part in enumerate((slice(0, plants), slice(plants, None))):
        reduced = priced.reduced[part]
        if not len(reduced):
            continue
        lower, upper = box.lower[part], box.upper[part]
        picked = _pick(reduced, lower, upper, box.least[level], box.most[level])
        if picked is None:
            return np.inf, chosen
        worth = float(reduced[picked].sum())
        surrogate = dual.cover[level]
        if surrogate is not None:
            covering = _cover(reduced, lower, upper, *surrogate)
            if covering is None:
                return np.inf, chosen
            if covering[0] > worth:
                worth, picked = covering
        chosen[part] = picked
        value += worth
    return value, chosen


def _cover(
    reduced: Floats, lower: Bits, upper: Bits, weight: Whole, need: int
) -> tuple[float, Bools] | None:
    """Return the cheapest allowed set that weighs at least `need`, by dynamic programming."""
    picked: Bools = (lower == 1) | ((upper == 1) & (reduced < 0))
    left = need - int(weight[picked].sum())
    if left <= 0:
        return float(reduced[picked].sum()), picked
    free = np.flatnonzero((lower == 0) & (upper == 1) & ~picked)
    if weight[free].sum() < left:
        return None
    best = np.full(left + 1, np.inf)
    best[0] = 0.0
    taken = np.zeros((len(free), left + 1), dtype=bool)
    for row, item in enumerate(free):
        size = min(int(weight[item]), left)
        offer = np.empty(left + 1)
        offer[size:] = best[: left + 1 - size]
        offer[:size] = best[0]
        offer += reduced[item]
        taken[row] = offer < best
        best = np.minimum(best, offer)
    at = left
    for row in range(len(free) - 1, -1, -1):
        if taken[row, at]:
            picked[free[row]] = True
            at = max(0, at - int(weight[free[row]]))
    return float(reduced[picked].sum()), picked


def _surrogate(capacity: Floats, demand: Floats) -> tuple[Whole, int] | None:
    """Return weights and need of one covering row for all products; None if not whole."""
    need = demand.sum(axis=1)
    is_whole = (capacity == np.rint(capacity)).all() and (need == np.rint(need)).all()
    if not capacity.shape[1] or not is_whole:
        return None
    if (capacity == capacity[0]).all():
        weight, total = capacity[0], need.max()
    else:
        weight, total = capacity.sum(axis=0), need.sum()
    if not 0 < total <= _MOST_COVER:
        return None
    return weight.astype(np.int64), int(total)


def _pick(
    reduced: Floats,
    lower: Bits,
    upper: Bits,
    least: int,
    most: int,
) -> Bools | None:
    picked: Bools = lower == 1
    held = int(picked.sum())
    free = np.flatnonzero((lower == 0) & (upper == 1))
    order = free[np.argsort(reduced[free], kind="stable")]
    wanted = int((reduced[order] < 0).sum())
    take = min(max(wanted, least - held), most - held)
    if take < 0 or take < least - held or take > len(order):
        return None
    picked[order[:take]] = True
    return picked


@dataclass(slots=True)
class Climb:
    """Result of a climb: best bound, its prices, and how often each facility was open."""

    bound: float
    prices: Prices
    share: Floats


def climb(
    dual: Dual,
    box: Box,
    prices: Prices,
    *,
    target: float,
    steps: int,
    step: float = 1.0,
    patience: int = 25,
    stop: Callable[[float], bool] | None = None,
) -> Climb:
    """Return the best bound after a deflected subgradient climb.

    Args:
        box: branch whose bound is wanted.
        prices: where to begin.
        target: value above the bound that scales the steps, such as the best known cost.
        steps: pricings at most.
        step: first share of the Polyak step.
        patience: pricings without gain after which the step shrinks.
        stop: asked with the best bound after each pricing; True ends the climb.

    Source: Polyak (1969); deflection as in Camerini, Fratta, Maffioli (1975).
    """
    best, best_prices, now = -np.inf, prices.copy(), prices.copy()
    direction: Prices | None = None
    share = np.zeros(len(box.lower))
    idle = 0
    for number in range(steps):
        value, chosen = choose(dual, dual.price(now), box)
        if not np.isfinite(value):
            return Climb(np.inf, best_prices, share)
        share = chosen.astype(float) if number == 0 else 0.93 * share + 0.07 * chosen
        idle += 1
        if value > best:
            if value > best + 1e-6 * abs(best):
                idle = 0
            best, best_prices = value, now.copy()
        if stop is not None and stop(best):
            break
        if idle >= patience:
            step, idle, now = 0.7 * step, 0, best_prices.copy()
            if step < 1e-5:
                break
        direction = _blend(direction, dual.slope(chosen))
        _move(now, direction, step * max(target - value, 1e-9 * abs(value)))
    return Climb(best, best_prices, share)


def _blend(old: Prices | None, new: Prices) -> Prices:
    if old is None:
        return new
    pairs = zip(old.parts(), new.parts(), strict=True)
    return Prices(*(0.7 * before + 0.3 * after for before, after in pairs))


def _move(prices: Prices, direction: Prices, length: float) -> None:
    norm = sum(float((part * part).sum()) for part in direction.parts())
    if norm < 1e-12:
        return
    for values, part in zip(prices.parts(), direction.parts(), strict=True):
        values += (length / norm) * part
