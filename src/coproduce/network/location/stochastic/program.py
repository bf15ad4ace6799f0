"""Pieces of a two-stage program: one scenario, a few, or all of them side by side."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Floats

Whole = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Scenario:
    """The second stage in one scenario; first-stage columns are ``x``, its own are ``y``.

    Attributes:
        technology: of ``x``, shape ``(rows, first_columns)``.
        recourse: of ``y``, shape ``(rows, columns)``.
        cost: of ``y``.
        lower, upper: sides of the rows.
    """

    technology: Floats
    recourse: Floats
    cost: Floats
    lower: Floats
    upper: Floats


def scenario(problem: TwoStage, at: int) -> Scenario:
    """Return the second stage of scenario `at`."""
    core, first, top = problem.core, problem.first_columns, problem.first_rows
    matrix = core.matrix.copy()
    matrix[problem.entry_row, problem.entry_column] = problem.entry_value[at]
    lower, upper = core.row_lower.copy(), core.row_upper.copy()
    rows, values = problem.rhs_row, problem.rhs_value[at]
    # A change moves a side that is there; of a range both sides move along.
    base = np.where(np.isfinite(lower[rows]), lower[rows], upper[rows])
    lower[rows] += values - base
    upper[rows] += values - base
    cost = core.cost.copy()
    cost[problem.cost_column] = problem.cost_value[at]
    return Scenario(
        matrix[top:, :first], matrix[top:, first:], cost[first:], lower[top:], upper[top:]
    )


def joined(
    problem: TwoStage,
    scenarios: dict[int, float],
    *,
    first_cost: Floats,
    fixed: Floats | None = None,
    barred: list[Floats] | None = None,
) -> lp.Problem:
    """Return the scenarios side by side: first stage once, each second stage by its weight.

    Args:
        scenarios: weight of each scenario's second-stage cost.
        first_cost: of the first stage.
        fixed: first-stage values to hold; None leaves them free.
        barred: 0-1 first stages that are not allowed again.
    """
    core, first, top = problem.core, problem.first_columns, problem.first_rows
    made = lp.Builder()
    lower = core.lower[:first] if fixed is None else fixed
    upper = core.upper[:first] if fixed is None else fixed
    made.add_columns(first, cost=first_cost, lower=lower, upper=upper)
    x = np.arange(first, dtype=np.int32)
    rows = made.add_rows(top, lower=core.row_lower[:top], upper=core.row_upper[:top])
    _put(made, rows, x, core.matrix[:top, :first])
    for at, weight in scenarios.items():
        piece = scenario(problem, at)
        count = len(piece.cost)
        y = made.add_columns(
            count, cost=weight * piece.cost, lower=core.lower[first:], upper=core.upper[first:]
        )
        rows = made.add_rows(len(piece.lower), lower=piece.lower, upper=piece.upper)
        _put(made, rows, x, piece.technology)
        _put(made, rows, y, piece.recourse)
    for point in barred or []:
        row = made.add_rows(1, lower=1.0 - float(point.sum()))
        made.add_entries(row, x, 1.0 - 2.0 * point)
    kinds = [core.is_integer[:first], *[core.is_integer[first:]] * len(scenarios)]
    return replace(made.problem(), is_integer=np.concatenate(kinds))


def _put(made: lp.Builder, rows: Whole, columns: Whole, matrix: Floats) -> None:
    at, column = np.nonzero(matrix)
    made.add_entries(rows[at], columns[column], matrix[at, column])
