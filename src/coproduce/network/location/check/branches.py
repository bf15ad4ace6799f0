"""Recounts the tree of parts that proves an answer of one product's plants and depots.

Whole numbers throughout and no solver. A part is what is held open and closed. With prices ``u``
of demand and ``v`` of depot balance no answer of the part costs less than::

    u·q + min sum f_i y_i - E_i(t_i) + min sum (g_j - K_j) z_j

The first minimum runs over sets of plants and loads ``t`` that sum to all demand, ``E_i(t)`` what
plant ``i`` earns at most from a load at the margins ``v - cost`` of the depots that are not
closed, each at most its capacity. The second runs over sets of depots that can hold all demand,
``K`` what a depot earns at most at the margins ``u - v - cost``. A node of the tree is a leaf, a
split by one facility, or a list of facilities whose other state, each alone, costs too much. The
tree's bound is the least of all of these, if the tree leaves nothing out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
FREE, OPEN, CLOSED = 0, 1, 2
NONE = 2**60  # value of what is not possible


@dataclass(frozen=True)
class Network:
    """One product, whole amounts; costs in units of the grid.

    Attributes:
        demand, depot_room, plant_room: whole, shapes ``(K,)``, ``(J,)``, ``(I,)``.
        plant_fixed, depot_fixed: rounded down to the grid.
        inbound, outbound: per unit, rounded down to the grid, ``(I, J)`` and ``(J, K)``.
    """

    demand: Whole
    depot_room: Whole
    plant_room: Whole
    plant_fixed: Whole
    depot_fixed: Whole
    inbound: Whole
    outbound: Whole

    @property
    def total(self) -> int:
        """All demand."""
        return int(self.demand.sum())


def proven(net: Network, tree: Any, demand: Whole, balance: Whole) -> int:
    """Return the bound of the tree, in units of the grid.

    Args:
        tree: nodes; the first is the root.
        demand, balance: prices, one row for each number, shapes ``(N, K)`` and ``(N, J)``.

    Raises:
        ValueError: the tree leaves something out or is no tree, or no answer is left.
        OverflowError: prices are too large.
    """
    prices = max(int(abs(demand).max()), int(abs(balance).max()))
    costs = int(net.inbound.max()) + int(net.outbound.max())
    fixed = int(net.plant_fixed.sum()) + int(net.depot_fixed.sum())
    if fixed + (2 * prices + costs) * (net.total + int(net.depot_room.sum())) >= NONE // 4:
        raise OverflowError("prices are too large")
    least = NONE
    for number, state, kept in _claims(tree, len(net.plant_fixed), len(net.depot_fixed), demand):
        part = _Part(net, state, demand[number], balance[number])
        if not kept:
            least = min(least, part.value())
            continue
        least = min(least, *part.flips(kept))
    if least >= NONE // 2:
        raise ValueError("the tree rules out every answer")
    return least


def _claims(
    tree: Any, plants: int, depots: int, prices: Whole
) -> Iterator[tuple[int, Whole, list[tuple[int, int]]]]:
    """Yield ``(prices, state, kept)``: a leaf where `kept` is empty, else what is decided.

    `kept` lists facilities with the state that is kept; the other is claimed to be too dear.
    """
    if not isinstance(tree, list) or not tree:
        raise ValueError("the certificate has no tree")
    waiting = [(0, np.zeros(plants + depots, dtype=np.int64))]
    seen = 0
    while waiting:
        place, state = waiting.pop()
        seen += 1
        if not 0 <= place < len(tree) or seen > len(tree):
            raise ValueError("the tree leads nowhere or in a circle")
        node = tree[place]
        if not isinstance(node, list) or not all(type(value) is int for value in node):
            raise ValueError(f"node {place} of the tree holds what is no whole number")
        if len(node) == 3:
            waiting.append((node[1], _with(state, [(node[0], 0)])))
            waiting.append((node[2], _with(state, [(node[0], 1)])))
            continue
        if not node or not 0 <= node[0] < len(prices):
            raise ValueError(f"node {place} of the tree names no prices")
        if len(node) == 1:
            yield node[0], state, []
        elif len(node) % 2 == 0 and len(node) >= 4:
            kept = list(zip(node[2::2], node[3::2], strict=True))
            waiting.append((node[1], _with(state, kept)))
            yield node[0], state, kept
        else:
            raise ValueError(f"node {place} of the tree is no leaf, no split and decides nothing")


def _with(state: Whole, kept: list[tuple[int, int]]) -> Whole:
    """Return the state with free facilities opened (1) or closed (0)."""
    changed = state.copy()
    for facility, is_open in kept:
        if not 0 <= facility < len(state) or changed[facility] != FREE or is_open not in (0, 1):
            raise ValueError("the tree decides what is decided, or nothing that there is")
        changed[facility] = OPEN if is_open else CLOSED
    return changed


class _Part:
    """The bound of one part by one row of prices."""

    def __init__(self, net: Network, state: Whole, demand: Whole, balance: Whole) -> None:
        self.net = net
        plants = len(net.plant_fixed)
        self.plants, self.depots = state[:plants], state[plants:]
        self.constant = int(demand @ net.demand)
        self.worth = self._worth(demand, balance)
        self.margin = balance[None, :] - net.inbound

    def value(self) -> int:
        """Return the bound of the part."""
        loads, _ = self._loads(range(len(self.plants)))
        covers = self._covers(range(len(self.depots)))[0][-1]
        return self.constant + int(loads[-1][-1]) + int(covers[-1])

    def flips(self, kept: list[tuple[int, int]]) -> Iterator[int]:
        """Yield the bound of the part with each facility, alone, in its other state."""
        plants = len(self.plants)
        low, high = range(plants), range(plants - 1, -1, -1)
        front, with_it = self._loads(low)
        back = self._loads(high)[0][::-1]
        cover_front, cover_with = self._covers(range(len(self.depots)))
        cover_back = self._covers(range(len(self.depots) - 1, -1, -1))[0][::-1]
        plant_part, depot_part = int(front[-1][-1]), int(cover_front[-1][-1])
        for facility, is_open in kept:
            if facility < plants:
                rows = front if is_open else with_it
                value = int((rows[facility] + back[facility + 1][::-1]).min())
                yield self.constant + value + depot_part
            else:
                at = facility - plants
                rows = cover_front if is_open else cover_with
                value = int((rows[at] + cover_back[at + 1][::-1]).min())
                yield self.constant + value + plant_part

    def _worth(self, demand: Whole, balance: Whole) -> Whole:
        """Return what each depot costs less what it earns."""
        margin = demand[None, :] - balance[:, None] - self.net.outbound
        order = np.argsort(-margin, axis=1, kind="stable")
        best = np.take_along_axis(margin, order, axis=1)
        wanted = np.where(best > 0, self.net.demand[order], 0)
        before = np.cumsum(wanted, axis=1) - wanted
        taken = np.clip(self.net.depot_room[:, None] - before, 0, wanted)
        worth: Whole = self.net.depot_fixed - (taken * best).sum(axis=1)
        return worth

    def _loads(self, order: range) -> tuple[list[Whole], list[Whole]]:
        """Return the least cost of each load of the first 0, 1, ... plants in this order.

        The second list has, by plant, the same with the plant open.
        """
        row = np.full(self.net.total + 1, NONE, dtype=np.int64)
        row[0] = 0
        rows, with_it = [row], [row] * len(self.plants)
        for i in order:
            if self.plants[i] != CLOSED:
                opened = np.minimum(self._sent(i, rows[-1]) + self.net.plant_fixed[i], NONE)
                with_it[i] = opened
                row = opened if self.plants[i] == OPEN else np.minimum(rows[-1], opened)
            rows.append(row)
        return rows, with_it

    def _sent(self, i: int, before: Whole) -> Whole:
        """Return the least cost of each load when plant `i` may send up to its capacity."""
        left = int(self.net.plant_room[i])
        usable = np.flatnonzero((self.depots != CLOSED) & (self.net.depot_room > 0))
        for j in usable[np.argsort(-self.margin[i, usable], kind="stable")]:
            if left <= 0:
                break
            size = min(int(self.net.depot_room[j]), left)
            before = _added(before, -int(self.margin[i, j]), size)
            left -= size
        return before

    def _covers(self, order: range) -> tuple[list[Whole], list[Whole]]:
        """Return, as `_loads` does, the least worth of sets that hold at least so much."""
        row = np.full(self.net.total + 1, NONE, dtype=np.int64)
        row[0] = 0
        rows, with_it = [row], [row] * len(self.depots)
        for j in order:
            if self.depots[j] != CLOSED:
                step = min(int(self.net.depot_room[j]), self.net.total)
                moved = np.empty_like(row)
                moved[step:] = rows[-1][: len(row) - step]
                moved[:step] = rows[-1][0]
                opened = np.minimum(moved + self.worth[j], NONE)
                with_it[j] = opened
                row = opened if self.depots[j] == OPEN else np.minimum(rows[-1], opened)
            rows.append(row)
        return rows, with_it


def _added(before: Whole, cost: int, size: int) -> Whole:
    """Return the least cost of each load when up to `size` units at `cost` are added.

    The minimum over a window of ``size + 1`` loads, windows doubled until they are wide enough.
    """
    slope = cost * np.arange(len(before), dtype=np.int64)
    level = np.where(before >= NONE // 2, NONE, before - slope)
    width = 1
    while width < size + 1:
        step = min(width, size + 1 - width)
        if step < len(level):
            level = np.concatenate([level[:step], np.minimum(level[step:], level[:-step])])
        width += step
    return np.where(level >= NONE // 2, NONE, level + slope)
