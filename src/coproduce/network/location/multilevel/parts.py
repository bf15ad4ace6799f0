"""Splits a network into parts by what is open, the part of the lowest bound first.

Each part is bounded by its own prices. The tree is kept, and with the prices it is the
certificate. A node is one of::

    {"prices": n}                                         a leaf, bounded by prices n
    {"prices": n, "held": [[a, state], ...], "rest": m}   any of these facilities in its other
                                                          state is bounded by prices n; node m
                                                          has them all as listed
    {"facility": a, "shut": m, "open": k}                 facility a shut in node m, open in k

States are 1 for open and 0 for shut; plants are counted first. The bound of the tree is the least
of all bounds that it names.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from coproduce.network.location.multilevel.bound import Box, Dual, Prices, choose, climb
from coproduce.network.location.types import Floats

_STEPS = 120  # pricings per part
_STEP = 0.02
_PATIENCE = 12
_IDLE = 40  # splits without gain after which parts are no help
_MOST_LEAVES = 400  # each adds its prices to the certificate
_MOST_NUMBERS = 3_000_000  # in all of them


@dataclass(order=True, slots=True)
class Part:
    """A leaf: what is held, its prices, their bound and how often each facility is open."""

    bound: float
    order: int
    node: dict[str, Any] = field(compare=False)
    box: Box = field(compare=False)
    prices: Prices = field(compare=False)
    share: Floats = field(compare=False)


class Parts:
    """The tree of parts.

    Args:
        dual: prices the network.
        grid: prices are kept as multiples of ``1 / grid``.
        cost: gives the cost of the best answer.
        is_over: asked before each part; True ends the work.
        report: called after each split.
    """

    def __init__(
        self,
        dual: Dual,
        grid: int,
        *,
        cost: Callable[[], float],
        is_over: Callable[[], bool],
        report: Callable[[], None],
    ) -> None:
        self.dual, self.grid, self.cost = dual, grid, cost
        self.is_over, self.report = is_over, report
        self.root: dict[str, Any] = {}
        self.root_prices: Prices | None = None
        self.held_bound = np.inf  # least bound of a facility in its other state
        self.leaves: list[Part] = []
        self.count = 0
        levels = dual.levels
        each = levels.products * (levels.customers + levels.depots)
        self.most_leaves = max(1, min(_MOST_LEAVES, _MOST_NUMBERS // max(1, each)))

    @property
    def bound(self) -> float:
        """Lower bound of the cost of every answer; -inf before the work has begun."""
        if not self.leaves:
            return -np.inf
        return min(self.leaves[0].bound, self.held_bound)

    def run(self, box: Box, prices: Prices, share: Floats) -> None:
        """Split, from prices on the grid for the whole box, until it is over, enough or idle."""
        self.root, self.root_prices = {"prices": prices}, prices
        box, held = self._hold(box, prices)
        node = self.root
        if held:
            node = {"prices": prices}
            self.root.update(held=held, rest=node)
        self.leaves = [self._part(node, box, prices, share)]
        before, idle = self.bound, 0
        while idle < _IDLE and not self.is_over() and len(self.leaves) < self.most_leaves:
            part = self.leaves[0]
            at = self._facility(part)
            if at is None or part.bound >= self.cost():
                return
            heapq.heappop(self.leaves)
            effort = 1 + idle // 3
            children = [self._child(part, at, state, effort) for state in (0, 1)]
            part.node.clear()
            part.node.update(facility=at, shut=children[0].node, open=children[1].node)
            for child in children:
                heapq.heappush(self.leaves, child)
            idle += 1
            if self.bound > before + 1e-6 * abs(before):
                before, idle = self.bound, 0
            self.report()

    def _hold(self, box: Box, prices: Prices) -> tuple[Box, list[list[int]]]:
        """Return the box with all held whose other state costs no less than the best answer."""
        priced, held, cost = self.dual.price(prices), [], self.cost()
        made = box.copy()
        for at in np.flatnonzero(box.lower < box.upper):
            for state in (0, 1):
                other = box.copy()
                other.lower[at] = other.upper[at] = 1 - state
                value, _ = choose(self.dual, priced, other)
                if value >= cost:
                    made.lower[at] = made.upper[at] = state
                    held.append([int(at), state])
                    self.held_bound = min(self.held_bound, value)
                    break
        return made, held

    def _part(
        self, node: dict[str, Any], box: Box, prices: Prices, share: Floats, known: float = -np.inf
    ) -> Part:
        self.count += 1
        value, _ = choose(self.dual, self.dual.price(prices), box)
        return Part(max(value, known), self.count, node, box, prices, share)

    def _child(self, part: Part, at: int, state: int, effort: int) -> Part:
        box = part.box.copy()
        box.lower[at] = box.upper[at] = state
        before = self._part({"prices": part.prices}, box, part.prices, part.share)
        cost = self.cost()
        if before.bound >= cost:
            return before
        found = climb(
            self.dual,
            box,
            part.prices,
            target=2.0 * cost - part.bound,
            steps=effort * _STEPS,
            step=_STEP,
            patience=effort * _PATIENCE,
            stop=lambda best: best >= cost or self.is_over(),
        )
        prices = found.prices.on_grid(self.grid)
        after = self._part({"prices": prices}, box, prices, found.share)
        if after.bound > before.bound:
            return after
        before.share = found.share
        return before

    def _facility(self, part: Part) -> int | None:
        """Return the free facility about which the part is least sure; None if there is none."""
        free = np.flatnonzero(part.box.lower < part.box.upper)
        if not len(free):
            return None
        return int(free[np.argmin(np.abs(part.share[free] - 0.5))])

    def certificate(self) -> tuple[list[dict[str, Any]], list[Prices]]:
        """Return the nodes, the root first, and the prices that they number."""
        nodes: list[dict[str, Any]] = []
        prices: list[Prices] = []
        numbers: dict[int, int] = {}

        def number(which: Prices) -> int:
            if id(which) not in numbers:
                numbers[id(which)] = len(prices)
                prices.append(which)
            return numbers[id(which)]

        waiting: list[tuple[dict[str, Any], dict[str, Any] | None, str]] = [(self.root, None, "")]
        while waiting:
            node, above, name = waiting.pop()
            made = {
                key: number(value) if key == "prices" else value
                for key, value in node.items()
                if key in ("prices", "held", "facility")
            }
            if above is not None:
                above[name] = len(nodes)
            nodes.append(made)
            waiting += [(node[key], made, key) for key in ("rest", "shut", "open") if key in node]
        return nodes, prices
