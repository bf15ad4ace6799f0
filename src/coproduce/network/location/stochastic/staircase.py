"""Second stages as step functions of the room that the first stage leaves them.

A block of few 0-1 second-stage columns costs in each scenario the least of its patterns that
fit under ``v``, one number per row that it shares with the first stage. Over all scenarios that
is a falling step function, and a sum of signed jumps: ``F(v) = sum of the jumps at corners <= v``.
Sorting the jumps into any grid and summing them up along its axes gives ``F`` on the grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coproduce.network.location.stochastic.patterns import Block, blocks_of
from coproduce.network.location.stochastic.program import Scenario, scenario
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Floats

_MOST_CELLS = 50_000  # of one scenario's own grid
_MOST_AXES = 4
_FITS = 2e-7  # what a pattern may use above the room, against rounding


@dataclass(frozen=True, slots=True)
class Staircase:
    """Expected cost of a block, by the room ``v`` that it has.

    Attributes:
        block: whose cost it is.
        room: ``v = room @ x``, shape ``(axes, first_columns)``.
        floor: least room that every scenario needs, shape ``(axes,)``.
        corners: of the jumps, shape ``(jumps, axes)``.
        jumps: what is added to the cost where the room reaches the corner, shape ``(jumps,)``.
    """

    block: Block
    room: Floats
    floor: Floats
    corners: Floats
    jumps: Floats

    def value(self, room: Floats) -> float:
        """Return the expected cost at one room, shape ``(axes,)``."""
        return float(self.jumps[(self.corners <= room + _FITS).all(axis=1)].sum())

    def table(self, edges: Sequence[Floats]) -> Floats:
        """Return the least cost in each cell of a grid.

        Args:
            edges: per axis where its cells begin, rising, the first at the floor; a cell ends
                below the next edge.
        """
        shape = tuple(len(axis) for axis in edges)
        places = [
            np.searchsorted(axis, self.corners[:, at], side="right") - 1
            for at, axis in enumerate(edges)
        ]
        flat = np.ravel_multi_index(places, shape)
        cells = np.bincount(flat, weights=self.jumps, minlength=int(np.prod(shape)))
        table: Floats = cells.astype(np.float64).reshape(shape)
        for axis in range(len(shape)):
            np.cumsum(table, axis=axis, out=table)
        return table


def staircases(problem: TwoStage) -> list[Staircase] | None:
    """Return the second stage as step functions; None where it has no such form."""
    pieces = [scenario(problem, at) for at in range(problem.scenarios)]
    blocks = blocks_of(problem, pieces)
    if blocks is None:
        return None
    if any(not np.array_equal(piece.technology, pieces[0].technology) for piece in pieces):
        return None
    found = []
    for block in blocks:
        made = _staircase(problem, pieces, block)
        if made is None:
            return None
        found.append(made)
    return found


def uses_of(block: Block, piece: Scenario) -> Floats:
    """Return the room that each pattern needs, shape ``(patterns, axes)``."""
    use: Floats = block.points @ piece.recourse[np.ix_(block.shared, block.columns)].T
    return use - piece.upper[block.shared]


def seconds(problem: TwoStage, stairs: Sequence[Staircase], first: Floats) -> list[Floats]:
    """Return each scenario's own columns at a first stage."""
    found = []
    for at in range(problem.scenarios):
        piece = scenario(problem, at)
        values = np.zeros(len(piece.cost))
        for stair in stairs:
            block = stair.block
            fits = (uses_of(block, piece) <= stair.room @ first + _FITS).all(axis=1)
            cost = np.where(fits, block.points @ piece.cost[block.columns], np.inf)
            values[block.columns] = block.points[int(np.argmin(cost))]
        found.append(values)
    return found


def _staircase(problem: TwoStage, pieces: list[Scenario], block: Block) -> Staircase | None:
    axes = len(block.shared)
    if axes > _MOST_AXES or not len(block.points):
        return None
    corners, jumps = [], []
    for weight, piece in zip(problem.probability, pieces, strict=True):
        use, cost = uses_of(block, piece), block.points @ piece.cost[block.columns]
        levels, places = [], []
        for axis in range(axes):
            level, place = np.unique(use[:, axis], return_inverse=True)
            levels.append(level)
            places.append(place.reshape(-1))
        shape = tuple(len(level) for level in levels)
        if np.prod(shape, dtype=float) > _MOST_CELLS:
            return None
        table = np.full(shape, np.inf)
        np.minimum.at(table, tuple(places), cost)
        for axis in range(axes):
            np.minimum.accumulate(table, axis=axis, out=table)
        if not np.isfinite(table.flat[0]):
            return None  # no pattern needs least of every room: some rooms have no answer
        for axis in range(axes):
            table = np.diff(table, axis=axis, prepend=0.0)
        at = np.nonzero(np.abs(table) > 1e-12)
        if not axes:
            corners.append(np.zeros((1, 0)))
            jumps.append(weight * table.reshape(1))
            continue
        corners.append(np.stack([levels[axis][at[axis]] for axis in range(axes)], axis=1))
        jumps.append(weight * table[at])
    floor = np.max([corner.min(axis=0) for corner in corners], axis=0)
    return Staircase(
        block,
        -pieces[0].technology[block.shared],
        floor,
        np.maximum(np.concatenate(corners), floor),
        np.concatenate(jumps),
    )
