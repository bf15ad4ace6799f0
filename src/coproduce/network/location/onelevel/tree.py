"""Branch and bound over which facilities are open, each leaf proven by its own prices.

The tree is kept: its leaves with their prices are the certificate, and a checker needs nothing
but additions and knapsacks to recount it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.dual import (
    CLOSED,
    FREE,
    OPEN,
    Ascent,
    Dual,
    Point,
    States,
    ascend,
    choose,
)
from coproduce.network.location.types import Facilities, Floats

DIGITS = 9  # significant digits of the prices that are kept


@dataclass(slots=True)
class Incumbent:
    """The best answer so far.

    Attributes:
        objective: its cost; inf while there is none.
        opened: its facilities.
        plan: who is served from where.
    """

    objective: float = np.inf
    opened: tuple[int, ...] = ()
    plan: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Priced:
    """The best distribution from a set of open facilities.

    Attributes:
        objective: its cost; an open facility that serves nobody is not opened and not paid.
        prices: of the customers, proving that no distribution from the set is cheaper.
        opened: the facilities that serve somebody.
        plan: who is served from where.
    """

    objective: float
    prices: Floats
    opened: tuple[int, ...]
    plan: dict[str, Any]


Price = Callable[[tuple[int, ...]], Priced | None]


@dataclass(slots=True)
class Kept:
    """A point of the dual with few digits; numbered once a leaf rests on it."""

    point: Point
    is_whole: bool = False
    number: int = -1


@dataclass(order=True, slots=True)
class Part:
    """A part of the search that waits: the lowest bound is looked at first."""

    bound: float
    order: int
    node: int = field(compare=False)
    state: States = field(compare=False)
    kept: Kept = field(compare=False)


class Tree:
    """Searches, and records what closes each part of the search.

    Args:
        problem: facilities with or without capacity; customers may be split.
        price: gives the exact cost of a set of open facilities, or None if it cannot serve all.
        gap_share: a part is closed when its bound is this close to the best cost.
        grain: every cost is a multiple of this; 0 where no such number is known.
        clock: when to stop.
        report: called with bound and best cost from time to time.
    """

    _is_settled_by_pricing = True  # pricing a set of facilities is exact and gives prices

    def __init__(
        self,
        problem: Facilities,
        price: Price,
        *,
        gap_share: float,
        grain: float,
        clock: Clock,
        report: Callable[[float, float], None],
    ) -> None:
        self.problem, self.best = problem, Incumbent()
        self._price, self._gap, self.grain = price, gap_share, grain
        self._clock, self._report = clock, report
        self._nodes: list[list[int]] = [[]]
        self._prices: list[Floats] = []
        self._whole: list[int] = []  # numbers of the prices whose knapsacks are whole
        self._tried: set[tuple[int, ...]] = set()
        self._heap: list[Part] = []
        self._pushed = 0
        self._lowest = np.inf  # of what the certificate proves
        self.claimed = np.inf  # of what it and the solver prove
        self.visited = 0
        self.finished = 0  # parts that the solver closed

    @property
    def cutoff(self) -> float:
        """A part with at least this bound holds nothing better worth having."""
        value = self.best.objective
        if not np.isfinite(value):
            return np.inf
        allowed = max(0.9 * self._gap * abs(value), 1e-9 * max(1.0, abs(value)))
        return value - max(allowed, self.grain * (1 - 1e-3))

    def offer(self, opened: tuple[int, ...]) -> Priced | None:
        """Price a set of facilities once and keep it if it is the best so far."""
        if opened in self._tried:
            return None
        self._tried.add(opened)
        return self._priced(opened)

    def run(self, climb: Callable[[], Ascent]) -> float:
        """Return the bound when all parts are closed; `climb` gives the root's prices."""
        return self.search(climb())

    def search(self, root: Ascent) -> float:
        """Return the bound when all parts are closed or the time is over."""
        state = np.full(self.problem.sites, FREE, dtype=np.int8)
        self._fix_and_split(0, state, root)
        while self._heap and not self._clock.is_over():
            part = heapq.heappop(self._heap)
            self._report(part.bound, self.best.objective)
            if part.bound >= self.cutoff:
                self._close(part.node, part.kept, part.bound)
            else:
                self._expand(part)
        for part in self._heap:
            self._close(part.node, part.kept, part.bound)
        self._heap = []
        return self.claimed

    def certificate(self) -> dict[str, Any]:
        """Return the tree: ``[site, node if closed, node if open]`` or ``[prices]`` per node."""
        return {
            "kind": "tree of priced leaves",
            "certified_bound": self._lowest,
            "rests_on_solver": "",
            "leaves": sum(len(node) == 1 for node in self._nodes),
            "whole_knapsacks": self._whole,
            "prices": [prices.tolist() for prices in self._prices],
            "tree": self._nodes,
        }

    def _expand(self, part: Part) -> None:
        """Improve the bound of a part, then close, fix or split it."""
        self._look_elsewhere()
        self.visited += 1
        if self._is_settled_by_pricing and not (part.state == FREE).any():
            self._settle(part)
            return
        self._fix_and_split(part.node, part.state, self._ascend(part))

    def _look_elsewhere(self) -> None:
        """Seek better answers apart from the search, from time to time."""

    def root_ascent(self, found: Ascent) -> Ascent:
        """Return what the root starts from, given prices found with split customers."""
        return found

    def _ascend(self, part: Part) -> Ascent:
        """Return the best prices found for a part, from those of its parent."""
        target = self.best.objective
        return self.climb(
            self._dual(part.state),
            part.kept.point.prices,
            target=target if np.isfinite(target) else 1.05 * part.bound,
            rounds=40,
            step=0.4,
            patience=5,
        )

    def climb(
        self,
        dual: Dual,
        prices: Floats,
        *,
        target: float,
        rounds: int,
        step: float,
        patience: int = 10,
    ) -> Ascent:
        """Return the best prices found from `prices` on; arguments as of `dual.ascend`."""
        return ascend(
            dual,
            prices,
            target=target,
            cutoff=self.cutoff,
            rounds=rounds,
            clock=self._clock,
            step=step,
            patience=patience,
        )

    def _dual(self, state: States) -> Dual:
        """Return what evaluates the bound that the certificate will be recounted by."""
        return Dual(self.problem, state)

    def _finish(self, node: int, state: States, kept: Kept) -> bool:
        """Close a part in another way than by splitting it, if there is one."""
        return False

    def _settle(self, part: Part) -> None:
        """Close a part in which every facility is decided."""
        priced = self._priced(tuple(int(site) for site in np.flatnonzero(part.state == OPEN)))
        if priced is None:  # capacity suffices on paper only; the prices of the parent stand
            self._close(part.node, part.kept, part.bound)
            return
        kept = self._kept(part.state, priced.prices)
        if kept.point.bound < part.bound:
            kept = part.kept
        self._close(part.node, kept, max(kept.point.bound, part.bound))

    def _fix_and_split(self, node: int, state: States, found: Ascent) -> None:
        self.offer_chosen(found.best)
        kept = self._kept(state, found.best.prices)
        if kept.point.bound >= self.cutoff:
            self._close(node, kept, kept.point.bound)
            return
        state = state.copy()
        for site, side, bound in self._fixable(state, kept.point):
            dead, node = self._branch(node, site, side)
            self._close(dead, kept, bound)
            state[site] = side
        if self._finish(node, state, kept):
            return
        free = np.flatnonzero(state == FREE)
        if not free.size:
            self._push(node, state, kept)
            return
        site = int(free[np.abs(found.often[free] - 0.5).argmin()])
        closed, opened = self._branch(node, site, OPEN)
        for child, value in ((closed, CLOSED), (opened, OPEN)):
            part = state.copy()
            part[site] = value
            self._push(child, part, kept)

    def _push(self, node: int, state: States, kept: Kept) -> None:
        """Queue a part with the bound that the prices of its parent give."""
        bound = self._bound_with(state, kept.point)
        if np.isfinite(bound):
            self._pushed += 1
            heapq.heappush(self._heap, Part(bound, self._pushed, node, state, kept))
        else:
            self._close(node, kept, bound)

    def _bound_with(self, state: States, point: Point) -> float:
        return float(point.prices.sum()) + choose(self.problem, state, point.worth)[0]

    def _fixable(self, state: States, point: Point) -> list[tuple[int, int, float]]:
        """Return the facilities whose other state the prices alone rule out, with the bound."""
        if not np.isfinite(self.best.objective):
            return []
        fixed: list[tuple[int, int, float]] = []
        trial = state.copy()
        for site in np.flatnonzero(state == FREE):
            side = OPEN if point.chosen[site] > 0.5 else CLOSED
            trial[site] = 1 - side
            bound = self._bound_with(trial, point)
            trial[site] = FREE
            if bound >= self.cutoff:
                fixed.append((int(site), side, bound))
                trial[site] = side
        return fixed

    def offer_chosen(self, point: Point) -> None:
        """Price the facilities that the relaxation chose, unless the prices rule them out."""
        opened = tuple(int(site) for site in np.flatnonzero(point.chosen > 1e-9))
        value = float(point.prices.sum() + point.worth[list(opened)].sum())
        if value < self.best.objective:
            self.offer(opened)

    def _priced(self, opened: tuple[int, ...]) -> Priced | None:
        priced = self._price(opened)
        self.keep(priced)
        return priced

    def keep(self, priced: Priced | None) -> None:
        """Note an answer if it is the best so far."""
        if priced is not None and priced.objective < self.best.objective:
            self.best = Incumbent(priced.objective, priced.opened, priced.plan)

    def _branch(self, node: int, site: int, side: int) -> tuple[int, int]:
        """Split `node`; return the number of the other side's child and of `side`'s child."""
        first = len(self._nodes)
        self._nodes += [[], []]
        self._nodes[node] = [site, first, first + 1]
        return (first, first + 1) if side == OPEN else (first + 1, first)

    def _kept(self, state: States, prices: Floats) -> Kept:
        dual = self._dual(state)
        return Kept(dual.at(rounded(prices)), dual.is_whole)

    def _close(self, node: int, kept: Kept, bound: float, claimed: float = -np.inf) -> None:
        """Make a node a leaf; `claimed` is what the solver found beyond the certified bound."""
        if kept.number < 0:
            kept.number = len(self._prices)
            self._prices.append(kept.point.prices)
            if kept.is_whole:
                self._whole.append(kept.number)
        self._nodes[node] = [kept.number]
        self._lowest = min(self._lowest, bound)
        self.claimed = min(self.claimed, max(bound, claimed))


def rounded(prices: Floats) -> Floats:
    """Return prices with few digits: they are written down, and any prices give a bound."""
    top = float(np.abs(prices).max(initial=1.0))
    places = max(0, DIGITS - 1 - int(np.floor(np.log10(max(top, 1e-9)))))
    return np.round(prices, places)
