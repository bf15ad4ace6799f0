"""The cells of room that a block can take: a grid that is split where it is looked into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coproduce.network.location.stochastic.staircase import Staircase
from coproduce.network.location.types import Floats

_FIRST_CELLS = 40_000  # of a grid, all axes together
_MOST_CELLS = 3_000_000
_PARTS = 12  # of a cell that is looked into

Cell = tuple[int, ...]


@dataclass(slots=True)
class Grid:
    """Cells over the room of one block; edges are added, never taken away.

    Attributes:
        stair: the block's cost.
        levels: per axis all values at which the cost changes, rising, the first the floor.
        edges: per axis where the cells begin, some of the levels.
        table: least cost in each cell.
    """

    stair: Staircase
    levels: list[Floats]
    edges: list[Floats]
    table: Floats

    @classmethod
    def over(cls, stair: Staircase) -> Grid:
        """Return a first grid, with as many corners in each cell."""
        axes = len(stair.floor)
        most = max(2, int(_FIRST_CELLS ** (1 / max(1, axes))))
        levels = [
            np.unique(np.append(stair.corners[:, axis], stair.floor[axis])) for axis in range(axes)
        ]
        edges = [
            level[np.unique(np.linspace(0, len(level) - 1, most).astype(int))] for level in levels
        ]
        return cls(stair, levels, edges, stair.table(edges))

    @property
    def axes(self) -> int:
        """Number of rooms of the block."""
        return len(self.edges)

    @property
    def is_full(self) -> bool:
        """No cell is split any more: the table would be too large."""
        return self.table.size > _MOST_CELLS

    def cell_of(self, room: Floats) -> Cell:
        """Return the cell that holds a room at or above the floor."""
        return tuple(
            max(0, int(np.searchsorted(edge, value, side="right")) - 1)
            for edge, value in zip(self.edges, room, strict=True)
        )

    def low(self, cell: Cell) -> Floats:
        """Return the least room in a cell."""
        return np.array([edge[at] for edge, at in zip(self.edges, cell, strict=True)])

    def end(self, cell: Cell) -> Floats:
        """Return the room at which a cell ends, shape ``(axes,)``."""
        pairs = zip(self.edges, cell, strict=True)
        return np.array([edge[at + 1] if at + 1 < len(edge) else np.inf for edge, at in pairs])

    def part(self, low: Floats, high: Floats) -> tuple[slice, ...]:
        """Return the cells that meet ``[low, high)``."""
        first = self.cell_of(low)
        ends = [
            max(at + 1, int(np.searchsorted(edge, value)))
            for at, edge, value in zip(first, self.edges, high, strict=True)
        ]
        return tuple(slice(at, end) for at, end in zip(first, ends, strict=True))

    def cheapest(self, part: tuple[slice, ...], price: Floats) -> tuple[float, Cell]:
        """Return the cell of a part with the least cost plus price of its least room."""
        worth = self.table[part]
        for axis, edge in enumerate(self.edges):
            shape = [1] * self.axes
            shape[axis] = -1
            worth = worth + (price[axis] * edge[part[axis]]).reshape(shape)
        at = int(np.argmin(worth))
        place = np.unravel_index(at, worth.shape)
        cell = tuple(int(k) + span.start for k, span in zip(place, part, strict=True))
        return float(worth.flat[at]), cell

    def split(self, lows: Sequence[Floats]) -> bool:
        """Split the cells that begin at `lows`; return whether any held more than a corner."""
        added = [np.concatenate([self._inner(axis, low) for low in lows]) for axis in self._each]
        if not any(len(part) for part in added):
            return False
        self.edges = [np.union1d(edge, part) for edge, part in zip(self.edges, added, strict=True)]
        self.table = self.stair.table(self.edges)
        return True

    @property
    def _each(self) -> range:
        return range(self.axes)

    def _inner(self, axis: int, low: Floats) -> Floats:
        level, edge = self.levels[axis], self.edges[axis]
        at = int(np.searchsorted(edge, low[axis]))
        start = int(np.searchsorted(level, edge[at]))
        end = len(level) if at + 1 == len(edge) else int(np.searchsorted(level, edge[at + 1]))
        inner = np.unique(np.linspace(start, end, _PARTS + 1)[1:-1].astype(int))
        parts: Floats = level[inner[(inner > start) & (inner < end)]]
        return parts
