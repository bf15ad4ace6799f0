"""Second stages of few 0-1 decisions, written as a choice among their undominated patterns.

Where the rows that name no first decision cut the second stage into small blocks, all 0-1 points
of a block are listed once. In each scenario a pattern that costs no less and uses no less of any
shared row than another is dropped. The choice of one pattern per block and scenario is the same
problem, in a form that HiGHS closes quickly.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.stochastic.program import Scenario, scenario
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Floats, Ints

Bools = npt.NDArray[np.bool_]
Columns = npt.NDArray[np.int32]

_MOST_COLUMNS = 16  # 0-1 columns of a block whose points are listed
_MOST_PATTERNS = 2_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """Second-stage columns that only the first stage joins to others.

    Attributes:
        columns: of the block.
        shared: rows that name first-stage columns too.
        points: 0-1 points that keep the block's own rows, shape ``(points, columns)``.
    """

    columns: Ints
    shared: Ints
    points: Floats


def chosen_patterns(problem: TwoStage) -> lp.Problem | None:
    """Return the program as a choice among patterns; None where it has no such form.

    The first columns are those of the first stage.
    """
    pieces = [scenario(problem, at) for at in range(problem.scenarios)]
    blocks = blocks_of(problem, pieces)
    if blocks is None:
        return None
    core, first, top = problem.core, problem.first_columns, problem.first_rows
    made = lp.Builder()
    x = made.add_columns(first, cost=core.cost[:first], lower=core.lower[:first])
    rows = made.add_rows(top, lower=core.row_lower[:top], upper=core.row_upper[:top])
    at, column = np.nonzero(core.matrix[:top, :first])
    made.add_entries(rows[at], x[column], core.matrix[at, column])
    for weight, piece in zip(problem.probability, pieces, strict=True):
        for block in blocks:
            _choose(made, x, piece, block, float(weight))
    whole = made.problem()
    upper = np.concatenate([core.upper[:first], np.ones(whole.columns - first)])
    kinds = np.concatenate([core.is_integer[:first], np.ones(whole.columns - first, dtype=bool)])
    return replace(whole, col_upper=upper, is_integer=kinds)


def blocks_of(problem: TwoStage, pieces: list[Scenario]) -> list[Block] | None:
    """Return the blocks of the second stage with their points; None where one is too large."""
    core, first = problem.core, problem.first_columns
    is_binary = core.is_integer[first:] & (core.lower[first:] == 0) & (core.upper[first:] == 1)
    touches = np.any([piece.technology != 0 for piece in pieces], axis=(0, 2))
    names = np.any([piece.recourse != 0 for piece in pieces], axis=0)
    is_ceiling = all((~np.isfinite(piece.lower[touches])).all() for piece in pieces)
    is_same = all(_own_rows_equal(pieces[0], piece, ~touches) for piece in pieces)
    if not (is_binary.all() and is_ceiling and is_same):
        return None
    blocks, total = [], 0
    for columns in _components(names):
        if len(columns) > _MOST_COLUMNS:
            return None
        used = names[:, columns].any(axis=1)
        own, shared = np.flatnonzero(used & ~touches), np.flatnonzero(used & touches)
        points = np.array(list(itertools.product((0.0, 1.0), repeat=len(columns))))
        value = points @ pieces[0].recourse[np.ix_(own, columns)].T
        fits = (value >= pieces[0].lower[own] - 1e-9) & (value <= pieces[0].upper[own] + 1e-9)
        blocks.append(Block(columns, shared, points[fits.all(axis=1)]))
        total += len(blocks[-1].points) * len(pieces)
    return blocks if total <= _MOST_PATTERNS else None


def _own_rows_equal(one: Scenario, other: Scenario, own: Bools) -> bool:
    return (
        np.array_equal(one.recourse[own], other.recourse[own])
        and np.array_equal(one.lower[own], other.lower[own])
        and np.array_equal(one.upper[own], other.upper[own])
    )


def _components(names: Bools) -> list[Ints]:
    """Return the sets of columns that rows join."""
    group = np.arange(names.shape[1])
    for row in names:
        joined = np.unique(group[row])
        if len(joined):
            group[np.isin(group, joined)] = joined[0]
    return [np.flatnonzero(group == name).astype(np.int64) for name in np.unique(group)]


def _choose(made: lp.Builder, x: Columns, piece: Scenario, block: Block, weight: float) -> None:
    cost = block.points @ piece.cost[block.columns]
    use = block.points @ piece.recourse[np.ix_(block.shared, block.columns)].T
    kept = _undominated(cost, use)
    columns = made.add_columns(len(kept), cost=weight * cost[kept], upper=1.0)
    made.add_entries(made.add_rows(1, lower=1.0, upper=1.0), columns, 1.0)
    rows = made.add_rows(len(block.shared), upper=piece.upper[block.shared])
    technology = piece.technology[block.shared]
    at, column = np.nonzero(technology)
    made.add_entries(rows[at], x[column], technology[at, column])
    made.add_entries(rows[None, :], columns[:, None], use[kept])


def _undominated(cost: Floats, use: Floats) -> Ints:
    """Return the patterns that no other beats in cost and in every use."""
    order = np.lexsort((use.sum(axis=1), cost))
    kept: list[int] = []
    for at in order:
        if not kept or not (use[kept] <= use[at] + 1e-12).all(axis=1).any():
            kept.append(int(at))
    return np.array(kept, dtype=np.int64)
