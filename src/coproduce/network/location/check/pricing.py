"""What prices of demand and of depot balance prove for a part, in whole numbers."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from coproduce.network.location.check import parts

if TYPE_CHECKING:
    from coproduce.network.location.check.levels import Instance

Whole = npt.NDArray[np.int64]
_SAFE = 2**62
_MOST_COVER = 60_000


class Pricing:
    """Bounds parts by sets of prices, all in units of ``1 / (grid · size)``.

    Args:
        demand, balance: prices, whole multiples of the grid, shapes ``(N, L, K)``, ``(N, L, J)``.
        rows: multipliers of the covering rows of plants and of depots.

    Raises:
        OverflowError: a sum might not fit into 64 bits.
    """

    def __init__(
        self, made: Instance, demand: Whole, balance: Whole, grid: int, rows: list[Whole]
    ) -> None:
        lists = [*made.plant_room, *made.depot_room, *made.demand]
        size = lcm(*(value.denominator for values in lists for value in values))
        self.unit = grid * size * made.weight
        self.demand, self.balance, self.rows = demand, balance, rows
        self.need = _scaled(made.demand, size)
        self.depot_room = _scaled(made.depot_room, size)
        self.plant_room = _scaled(made.plant_room, size)
        self.outbound = [
            _floored(table, grid) for table in made.outbound[: 1 if made.weight > 1 else None]
        ]
        self.plants = len(made.plant_fixed)
        self.inbound = [_floored(table, grid) for table in made.inbound] if self.plants else []
        self.depot_fixed = _floored([[value * size for value in made.depot_fixed]], grid)[0]
        self.plant_fixed = _floored([[value * size for value in made.plant_fixed]], grid)[0]
        largest = max(int(abs(demand).max()), int(abs(balance).max()))
        top = max(int(table.max()) for table in self.outbound)
        amounts = int(self.need.sum()) + int(self.depot_room.sum())
        if (2 * largest + top) * amounts >= _SAFE:
            raise OverflowError("prices are too large")
        self._known: dict[int, tuple[int, Whole, Whole]] = {}

    def bound(self, number: int, state: parts.State) -> int:
        """Return the bound of a part by prices of a number; `parts.NOTHING` where it is empty."""
        if number not in self._known:
            self._known[number] = self._reduced(number)
        total, plant, depot = self._known[number]
        held = state[: self.plants], state[self.plants :]
        total += _cheapest(depot, self.depot_room, self.need, self.rows[1], held[1])
        if self.plants:
            total += _cheapest(plant, self.plant_room, self.need, self.rows[0], held[0])
        return min(total, parts.NOTHING)

    def _reduced(self, number: int) -> tuple[int, Whole, Whole]:
        """Return what the prices are worth and what opening each facility then costs."""
        demand, balance = self.demand[number], self.balance[number]
        constant = sum(int(row) for row in (demand * self.need).sum(axis=1))
        plant, depot = self.plant_fixed, self.depot_fixed
        for layer in range(len(demand)):
            out = self.outbound[layer if len(self.outbound) > 1 else 0]
            margin = demand[layer][None, :] - balance[layer][:, None] - out
            depot = depot - _earned(margin, self.need[layer], self.depot_room[layer])
            if self.plants:
                margin = balance[layer][None, :] - self.inbound[layer]
                plant = plant - _earned(margin, self.depot_room[layer], self.plant_room[layer])
        return constant, plant, depot


def _scaled(rows: list[list[Fraction]], size: int) -> Whole:
    return np.array([[int(value * size) for value in row] for row in rows], dtype=np.int64)


def _floored(rows: list[list[Fraction]], grid: int) -> Whole:
    made = [[value.numerator * grid // value.denominator for value in row] for row in rows]
    return np.array(made, dtype=np.int64)


def _earned(margin: Whole, size: Whole, room: Whole) -> Whole:
    """Return what each row earns when it takes the best margins first, up to its room."""
    order = np.argsort(-margin, axis=1, kind="stable")
    best = np.take_along_axis(margin, order, axis=1)
    wanted = np.where(best > 0, size[order], 0)
    before = np.cumsum(wanted, axis=1) - wanted
    taken = np.clip(room[:, None] - before, 0, wanted)
    earned: Whole = (taken * best).sum(axis=1)
    return earned


def _cheapest(reduced: Whole, room: Whole, need: Whole, rows: Whole, state: parts.State) -> int:
    """Return a lower bound of the cheapest set in a part that can hold the demand of every layer.

    Demand and capacity of the layers may be added up with any multipliers that are not negative:
    what must hold for each must hold for the sum. `parts.NOTHING` where too little may be open.
    """
    total = need.sum(axis=1)
    if max((int(row.sum()) for row in rows), default=0) * (int(room.sum()) + 1) >= _SAFE:
        raise OverflowError("multipliers are too large")
    if (room == room[0]).all():
        covers = [(room[0], int(total.max()))]
    else:
        covers = [(room.sum(axis=0), int(total.sum()))]
    covers += [(row @ room, int(row @ total)) for row in rows]
    is_open, is_free = state == parts.OPEN, state == parts.FREE
    # How many are needed of all, as the largest show; in a part those that are open come first.
    singles = [(room[at], int(total[at])) for at in range(len(total))]
    least = max(_fewest(weight, want) for weight, want in singles + covers)
    if least > int(is_open.sum()) + int(is_free.sum()):
        return parts.NOTHING
    base = int(reduced[is_open].sum())
    order = np.sort(reduced[is_free])
    count = max(int((order < 0).sum()), least - int(is_open.sum()))
    best = base + int(order[:count].sum())
    for weight, want in covers:
        missing = want - int(weight[is_open].sum())
        if missing > int(weight[is_free].sum()):
            return parts.NOTHING
        if want <= _MOST_COVER:
            best = max(best, base + _covering(reduced[is_free], weight[is_free], missing))
    return best


def _fewest(weight: Whole, want: int) -> int:
    """Return how many facilities, largest first, weigh at least `want`."""
    return int((np.cumsum(-np.sort(-weight)) < want).sum()) + int(want > 0)


def _covering(reduced: Whole, weight: Whole, want: int) -> int:
    """Return the least sum of a set that weighs at least `want`: the knapsack, item by item."""
    taken = reduced < 0
    base, left = int(reduced[taken].sum()), want - int(weight[taken].sum())
    if left <= 0:
        return base
    best = np.full(left + 1, _SAFE // 2, dtype=np.int64)
    best[0] = 0
    for value, heavy in zip(reduced[~taken], weight[~taken], strict=True):
        step = min(int(heavy), left)
        moved = np.concatenate([np.zeros(step, dtype=np.int64), best[: left + 1 - step]])
        best = np.minimum(best, moved + value)
    return base + int(best[left])
