"""The Lagrangian bound: prices on demand and on the balance of depots, knapsacks for the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from coproduce.network.location.multilevel.cover import COARSE, Rows, rows_of
from coproduce.network.location.multilevel.kernel import compiled, fill, has_numba
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats

Bools = npt.NDArray[np.bool_]
Bits = npt.NDArray[np.int8]
Whole = npt.NDArray[np.int64]
_CHUNK = 20  # pricings of the compiled climb before it asks whether to stop


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
        self.cover = rows_of(levels)
        self.fixed = np.concatenate([levels.plant_fixed, levels.depot_fixed])
        inbound = levels.inbound
        if not levels.plants:
            inbound = np.zeros((levels.products, 0, levels.depots))
        parts = (
            inbound,
            levels.plant_capacity,
            levels.outbound,
            levels.depot_capacity,
            levels.demand,
        )
        self.tables = tuple(np.ascontiguousarray(part) for part in parts)
        self._last: Prices | None = None

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
        self._last = prices
        constant = float((prices.demand * self.levels.demand).sum())
        return Priced(constant, self.fixed - self.earned(prices).sum(axis=0))

    def earned(self, prices: Prices) -> Floats:
        """Return what each facility earns per product, plants first, shape ``(L, I + J)``."""
        levels = self.levels
        if self.is_fast:
            earned = np.empty((levels.products, levels.plants + levels.depots))
            compiled().earnings(*self.tables, prices.demand, prices.balance, earned)
            return earned
        return np.concatenate([part[0] for part in self._filled(prices)], axis=1)

    def _filled(self, prices: Prices) -> list[tuple[Floats, Floats]]:
        """Return earnings and fillings of plants, then of depots, in numpy."""
        inbound, plant_room, outbound, depot_room, demand = self.tables
        return [
            fill(prices.balance[:, None, :] - inbound, depot_room, plant_room),
            fill(
                prices.demand[:, None, :] - prices.balance[:, :, None] - outbound,
                demand,
                depot_room,
            ),
        ]

    def slope(self, chosen: Bools) -> Prices:
        """Return the supergradient at the last pricing for what was chosen."""
        levels, last = self.levels, self._last
        if last is None:
            raise ValueError("nothing was priced yet")
        demand, balance = np.empty_like(last.demand), np.zeros_like(last.balance)
        if self.is_fast:
            compiled().slope(*self.tables, last.demand, last.balance, chosen, demand, balance)
            return Prices(demand, balance)
        plants, depots = chosen[: levels.plants], chosen[levels.plants :]
        got, sent = (part[1] for part in self._filled(last))
        sent = sent[:, depots, :]
        demand = levels.demand - sent.sum(axis=1)
        if not levels.plants:  # depots are the source: nothing is to be balanced
            return Prices(demand, balance)
        balance[:, depots] = sent.sum(axis=2)
        balance -= got[:, plants, :].sum(axis=1)
        return Prices(demand, balance)


def whole(levels: Levels) -> Box:
    """Return the box of all answers: as many facilities as cover the demand, or more."""
    count = levels.plants + levels.depots
    return Box(
        np.zeros(count, dtype=np.int8),
        np.ones(count, dtype=np.int8),
        [rows.fewest for rows in rows_of(levels)],
        [levels.plants, levels.depots],
    )


def choose(dual: Dual, priced: Priced, box: Box) -> tuple[float, Bools]:
    """Return the value of the relaxed problem in a box and what it opens; inf if it is empty.

    Each level is the largest of these bounds: the cheapest set of an allowed number, and the
    cheapest sets whose capacity covers the demand in each covering row.
    """
    plants = dual.levels.plants
    chosen = np.zeros(len(priced.reduced), dtype=bool)
    if dual.is_fast:
        kernels = compiled()
        worth = kernels.choose(
            priced.reduced, plants, *_arrays(box), *_joined(dual.cover, 1), chosen
        )
        return (np.inf if worth >= kernels.INF else priced.constant + float(worth)), chosen
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
        rows = dual.cover[level]
        for weight, need in zip(rows.weights, rows.needs, strict=True):
            covering = _cover(reduced, lower, upper, weight, int(need))
            if covering is None:
                return np.inf, chosen
            if covering[0] > worth:
                worth, picked = covering
        chosen[part] = picked
        value += worth
    return value, chosen


def _arrays(box: Box) -> tuple[Bits, Bits, Whole, Whole]:
    return box.lower, box.upper, np.array(box.least), np.array(box.most)


def _joined(cover: tuple[Rows, Rows], unit: int) -> tuple[Whole, Whole]:
    """Return the covering rows of both levels side by side, in coarser units if asked.

    Weights and needs are rounded up, so that every set that covers still does.
    """
    count = max(len(rows.needs) for rows in cover)
    wide = [rows.weights.shape[1] for rows in cover]
    weights = np.zeros((count, sum(wide)), dtype=np.int64)
    needs = np.zeros((count, 2), dtype=np.int64)
    for level, rows in enumerate(cover):
        first = wide[0] * level
        weights[: len(rows.needs), first : first + wide[level]] = -(-rows.weights // unit)
        needs[: len(rows.needs), level] = -(-rows.needs // unit)
    return weights, needs


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
    states: int = COARSE,
    stop: Callable[[float], bool] | None = None,
) -> Climb:
    """Return the best bound after a deflected subgradient climb.

    The compiled climb takes covering rows in coarse units and asks `stop` every 20 pricings; its
    bound is counted again with the rows as they are.

    Args:
        box: branch whose bound is wanted.
        prices: where to begin.
        target: value above the bound that scales the steps, such as the best known cost.
        steps: pricings at most.
        step: first share of the Polyak step.
        patience: pricings without gain after which the step shrinks.
        states: of the covering knapsack in the compiled climb, about so many.
        stop: asked with the best bound after each pricing; True ends the climb.

    Source: Polyak (1969); deflection as in Camerini, Fratta, Maffioli (1975).
    """
    if dual.is_fast:
        return _compiled_climb(dual, box, prices, target, steps, step, patience, states, stop)
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


def _compiled_climb(
    dual: Dual,
    box: Box,
    prices: Prices,
    target: float,
    steps: int,
    step: float,
    patience: int,
    states: int,
    stop: Callable[[float], bool] | None,
) -> Climb:
    now, best = prices.copy(), prices.copy()
    direction = Prices(np.zeros_like(now.demand), np.zeros_like(now.balance))
    share = np.zeros(len(box.lower))
    state = np.array([-np.inf, step, 0.0, 0.0])
    largest = max((int(rows.needs.max()) for rows in dual.cover if len(rows.needs)), default=0)
    covers = _joined(dual.cover, max(1, largest // states))
    while state[3] < steps:
        is_done = compiled().ascend(
            dual.tables,
            dual.fixed,
            _arrays(box),
            covers,
            now.parts(),
            best.parts(),
            direction.parts(),
            share,
            state,
            float(target),
            min(_CHUNK, steps - int(state[3])),
            patience,
        )
        if is_done or (stop is not None and stop(float(state[0]))):
            break
    if not np.isfinite(state[0]):
        return Climb(float(state[0]), best, share)
    value, _ = choose(dual, dual.price(best), box)
    return Climb(value, best, share)


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
