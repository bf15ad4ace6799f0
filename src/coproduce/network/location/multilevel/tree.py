"""Branch and bound over plants and depots of one product, each part bounded by its own prices.

The tree is kept: its leaves with their prices are the certificate, and a checker recounts it with
additions and knapsacks. What a node says is one of three things::

    [p]                         a leaf, proven by the prices of number p
    [p, child, a, s, b, t, ...] facility a must be in state s, b in t, ...: prices p prove that
                                any one of them in its other state costs too much
    [a, closed, open]           parts with facility a closed and open

States are 1 for open and 0 for closed; plants are counted first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coproduce.network.location.multilevel.bound import Bits, Bools, Prices
from coproduce.network.location.multilevel.flow import Served
from coproduce.network.location.multilevel.kernel import has_numba
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Floats

ROOT_STEPS, STEPS = 400, 40
MOST_TOTAL = 20_000  # units of demand; above it loads are too many to be added up
MOST_POINTS = 40_000  # rows of prices in a certificate; two minutes of recounting
FREE, OPEN, CLOSED = 0, 1, 2


def is_fit(levels: Levels) -> bool:
    """Return whether the problem can be branched here: one product, plants, whole amounts."""
    amounts = (levels.plant_capacity, levels.depot_capacity, levels.demand)
    return (
        has_numba()
        and levels.products == 1
        and levels.plants > 0
        and all(bool((part == np.rint(part)).all()) for part in amounts)
        and 0 < float(levels.demand.sum()) <= MOST_TOTAL
    )


@dataclass(slots=True)
class Point:
    """Prices on the grid; numbered once the certificate rests on them."""

    demand: Floats
    balance: Floats
    number: int = -1


@dataclass(order=True, slots=True)
class _Part:
    bound: float
    order: int
    place: int = field(compare=False)
    plants: Bits = field(compare=False)
    depots: Bits = field(compare=False)
    point: Point = field(compare=False)
    guess: Floats = field(compare=False)
    share: Floats = field(compare=False)


class Tree:
    """Branches on what is open, the part of the lowest bound first.

    Args:
        levels: a problem that `is_fit`.
        grid: prices are multiples of ``1 / grid``.
        cutoff: gives the bound at which a part holds nothing that is wanted.
        visit: serves a set that a part favours and keeps it if it is the best.
        serve: serves a set exactly; None if it cannot serve.
        is_over: asked before each part; True ends the search.
        report: called now and then.
    """

    def __init__(
        self,
        levels: Levels,
        *,
        grid: int,
        cutoff: Callable[[], float],
        visit: Callable[[Bools], float],
        serve: Callable[[Bools], Served | None],
        is_over: Callable[[], bool],
        report: Callable[[], None] = lambda: None,
    ) -> None:
        from coproduce.network.location.multilevel import nodes

        self.levels, self.grid, self.kernels = levels, grid, nodes
        self.cutoff, self.visit, self.serve, self.is_over = cutoff, visit, serve, is_over
        self.report = report
        self.total = int(levels.demand.sum())
        self.network = (
            levels.demand[0].copy(),
            levels.depot_capacity[0].astype(np.int64),
            levels.plant_capacity[0].astype(np.int64),
            levels.plant_fixed.astype(float),
            levels.depot_fixed.astype(float),
            np.ascontiguousarray(levels.inbound[0]),
            np.ascontiguousarray(levels.outbound[0]),
        )
        self.nodes: list[list[int]] = [[]]
        self.points: list[Point] = []
        self.lowest = np.inf  # of what is closed
        self.root = Point(np.zeros(0), np.zeros(0)), -np.inf
        self._held = -np.inf  # bound of the part in hand
        self.visited = 0
        self._heap: list[_Part] = []
        self._pushed = 0

    @property
    def is_open(self) -> bool:
        """Parts wait."""
        return bool(self._heap)

    def search(self, prices: Prices | None = None, most: int = 10**9) -> None:
        """Branch until all is closed, the search is over or `most` parts were looked at.

        Args:
            prices: where to begin; None goes on.
        """
        if prices is not None:
            self._begin(prices)
        end = self.visited + most
        while self._heap and self.visited < end and not self.is_over():
            part = heapq.heappop(self._heap)
            if part.bound >= self.cutoff():
                self._close(part.place, part.point, part.bound)
            else:
                self._held = part.bound
                self._expand(part, STEPS)
                self._held = np.inf
            if self.visited % 50 == 0:
                self.report()

    def _begin(self, prices: Prices) -> None:
        levels = self.levels
        point = Point(prices.demand[0].copy(), prices.balance[0].copy())
        root = _Part(
            -np.inf,
            0,
            0,
            np.zeros(levels.plants, dtype=np.int8),
            np.zeros(levels.depots, dtype=np.int8),
            point,
            np.zeros(levels.depots),
            np.zeros(levels.plants + levels.depots),
        )
        self._held = -np.inf
        self._expand(root, ROOT_STEPS)
        self._held = np.inf
        self.root = root.point, root.bound

    @property
    def bound(self) -> float:
        """The least bound of what is closed and of what waits."""
        waiting = self._heap[0].bound if self._heap else np.inf
        return float(min(self.lowest, waiting, self._held))

    def finish(self) -> None:
        """Make what waits leaves, so that the certificate is whole."""
        for part in self._heap:
            self._close(part.place, part.point, part.bound)
        self._heap = []

    @property
    def is_written(self) -> bool:
        """The whole tree is short enough for a certificate; otherwise its root alone is."""
        return len(self.points) <= MOST_POINTS

    @property
    def written(self) -> list[Point]:
        """The prices of the certificate, in the order of their numbers."""
        return self.points if self.is_written else [self.root[0]]

    @property
    def written_nodes(self) -> list[list[int]]:
        """The tree of the certificate."""
        return self.nodes if self.is_written else [[0]]

    @property
    def certified(self) -> float:
        """The bound that the certificate proves."""
        return self.bound if self.is_written else self.root[1]

    def _expand(self, part: _Part, steps: int) -> None:
        """Raise the bound of a part, then close it, or fix what is decided and split it."""
        self.visited += 1
        is_free = (part.plants == FREE).any() or (part.depots == FREE).any()
        if not is_free and self._settle(part):
            return
        raised = self._raised(part, steps)
        if raised is None:
            self._close(part.place, part.point, np.inf)
            return
        bound, plant_part, depot_part, worth, opened, point = raised
        if bound > part.bound or part.bound == -np.inf:
            part.bound, part.point = max(part.bound, bound), point
        cutoff = self.cutoff()
        if bound < cutoff and self.levels.plants:
            self.visit(opened)
            cutoff = self.cutoff()
        if part.bound >= cutoff or not is_free:
            self._close(part.place, part.point, part.bound)
            return
        self._fix(part, point, bound - plant_part - depot_part, (plant_part, depot_part), worth)
        self._split(part)

    def _raised(
        self, part: _Part, steps: int
    ) -> tuple[float, float, float, Floats, Bools, Point] | None:
        """Return the bound at better prices, on the grid; None if the part holds no answer."""
        demand, balance = part.point.demand.copy(), part.point.balance.copy()
        part.guess, part.share = part.guess.copy(), part.share.copy()
        cutoff = self.cutoff()
        target = cutoff if np.isfinite(cutoff) else 1.01 * abs(part.bound)
        first = steps > STEPS
        self.kernels.ascend(
            self.network,
            demand,
            balance,
            part.guess,
            part.plants,
            part.depots,
            part.share,
            steps,
            0.3 if first else 0.2,
            12 if first else 6,
            target,
            cutoff,
        )
        demand, balance = self._on_grid(demand), self._on_grid(balance)
        bound, plant_part, depot_part, worth, opened = self._at(part, demand, balance)
        if bound >= self.kernels.INF / 2:
            return None
        return bound, plant_part, depot_part, worth, opened, Point(demand, balance)

    def _at(self, part: _Part, demand: Floats, balance: Floats) -> Any:
        return self.kernels.ascend(
            self.network,
            demand.copy(),
            balance.copy(),
            part.guess.copy(),
            part.plants,
            part.depots,
            part.share.copy(),
            1,
            0.0,
            1,
            0.0,
            np.inf,
        )

    def _on_grid(self, values: Floats) -> Floats:
        return np.asarray(np.rint(values * self.grid) / self.grid)

    def _settle(self, part: _Part) -> bool:
        """Close a part in which all is decided by the prices of its service."""
        opened = np.concatenate([part.plants == OPEN, part.depots == OPEN])
        self.visit(opened)
        served = self.serve(opened)
        if served is None:
            return False
        demand = self._on_grid(served.prices.demand[0])
        balance = self._on_grid(served.prices.balance[0])
        bound = float(self._at(part, demand, balance)[0])
        if bound > part.bound:
            part.bound, part.point = bound, Point(demand, balance)
        self._close(part.place, part.point, part.bound)
        return True

    def _fix(
        self,
        part: _Part,
        point: Point,
        constant: float,
        values: tuple[float, float],
        worth: Floats,
    ) -> None:
        """Decide every facility whose other state alone is priced out."""
        _, hold, room, plant_fixed, _, inbound, _ = self.network
        cutoff = self.cutoff()
        plants, depots = part.plants.copy(), part.depots.copy()
        dear = []
        if (plants == FREE).any():
            flips = self.kernels.plant_flips(
                plant_fixed, point.balance, inbound, hold, room, plants, depots, self.total
            )
            dear.append((plants, 0, flips + constant + values[1]))
        if (depots == FREE).any():
            flips = self.kernels.depot_flips(worth, hold, depots, self.total)
            dear.append((depots, self.levels.plants, flips + constant + values[0]))
        found: list[int] = []
        lowest = np.inf
        for state, first, bounds in dear:
            for at in np.flatnonzero(state == FREE):
                side = int(np.argmax(bounds[:, at]))  # the state that costs more
                if bounds[side, at] >= cutoff:
                    lowest = min(lowest, float(bounds[side, at]))
                    found += [first + int(at), 1 - side]
                    state[at] = CLOSED if side else OPEN
        if not found:
            return
        part.plants, part.depots = plants, depots
        child = len(self.nodes)
        self.nodes.append([])
        self.nodes[part.place] = [self._number(point), child, *found]
        self.lowest = min(self.lowest, lowest)
        part.place = child

    def _split(self, part: _Part) -> None:
        plants = self.levels.plants
        free = np.flatnonzero(part.plants == FREE)
        level, first = part.plants, 0
        if not len(free):
            free, level, first = np.flatnonzero(part.depots == FREE), part.depots, plants
        if not len(free):
            self._push(part, part.place, part.plants, part.depots)
            return
        at = int(free[np.argmax(part.share[first + free])])
        child = len(self.nodes)
        self.nodes += [[], []]
        self.nodes[part.place] = [first + at, child, child + 1]
        for side, value in enumerate((CLOSED, OPEN)):
            changed = level.copy()
            changed[at] = value
            pair = (changed, part.depots) if level is part.plants else (part.plants, changed)
            self._push(part, child + side, *pair)

    def _push(self, part: _Part, place: int, plants: Bits, depots: Bits) -> None:
        self._pushed += 1
        made = _Part(
            part.bound, self._pushed, place, plants, depots, part.point, part.guess, part.share
        )
        heapq.heappush(self._heap, made)

    def _number(self, point: Point) -> int:
        if point.number < 0:
            point.number = len(self.points)
            self.points.append(point)
        return point.number

    def _close(self, place: int, point: Point, bound: float) -> None:
        self.nodes[place] = [self._number(point)]
        self.lowest = min(self.lowest, bound)
