"""The Lagrangian bound with knapsacks that take a customer whole or not at all."""

from __future__ import annotations

import numpy as np

from coproduce.network.location.distribute import unit_scale
from coproduce.network.location.dual import Dual, Point, States
from coproduce.network.location.types import Facilities, Floats, Ints

MOST_CELLS = 40_000_000  # facilities x customers x room that one evaluation may touch


class WholeDual(Dual):
    """As `Dual`, with whole knapsacks by dynamic programming over the room.

    Args:
        problem: with capacity.
        state: of each facility.
    """

    is_whole = True

    def __init__(self, problem: Facilities, state: States) -> None:
        super().__init__(problem, state)
        scale = unit_scale(np.concatenate([problem.demand, problem.room]))
        self._sizes = np.rint(problem.demand * scale).astype(np.int64)
        self._rooms = np.rint(problem.room[self.rows] * scale).astype(np.int64)
        self.tables: Floats = np.zeros((0, 0))

    @property
    def is_cheap(self) -> bool:
        """One evaluation takes milliseconds, not seconds."""
        top = int(self._rooms.max(initial=0))
        return len(self.rows) * len(self._sizes) * (top + 1) <= MOST_CELLS

    def _knapsacks(self, prices: Floats) -> tuple[Floats, Floats]:
        reduced = self._cost - prices
        top = int(self._rooms.max(initial=0))
        best = np.zeros((len(self.rows), top + 1))
        taken: list[tuple[int, Ints, np.ndarray]] = []
        for customer in np.flatnonzero((reduced < 0).any(axis=0)):
            size = int(self._sizes[customer])
            if size > top:
                continue
            rows = np.flatnonzero((reduced[:, customer] < 0) & (self._rooms >= size))
            part = best[rows]
            offer = part[:, : top + 1 - size] + reduced[rows, customer][:, None]
            is_better = offer < part[:, size:]
            part[:, size:] = np.where(is_better, offer, part[:, size:])
            best[rows] = part
            taken.append((int(customer), rows, is_better))
        self.tables = best
        served = np.zeros_like(reduced)
        left = self._rooms.copy()
        for customer, rows, is_better in reversed(taken):
            size = int(self._sizes[customer])
            place = left[rows] - size
            takes = (place >= 0) & is_better[np.arange(len(rows)), np.maximum(place, 0)]
            served[rows[takes], customer] = 1.0
            left[rows[takes]] -= size
        return best[np.arange(len(best)), self._rooms], served

    def forced(self, point: Point) -> Floats:
        """Return how much dearer each facility's knapsack gets, at least, with a customer in it.

        To be called right after ``at`` gave `point`. Shape ``(m, n)``; inf where the customer
        does not fit or the facility is closed.
        """
        reduced = self._cost - point.prices
        rows = np.arange(len(self.rows))[:, None]
        left = self._rooms[:, None] - self._sizes[None, :]
        own = self.tables[rows, self._rooms[:, None]]
        # The rest of the room may take the customer a second time: cheaper, so still a bound.
        with_it = reduced + self.tables[rows, np.maximum(left, 0)]
        more = np.full(self.problem.cost.shape, np.inf)
        more[self.rows] = np.where(left >= 0, np.maximum(with_it - own, 0.0), np.inf)
        return more
