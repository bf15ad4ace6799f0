"""A problem kept loaded in HiGHS while its bounds, sides, costs and columns change.

For problems that are solved by the thousand in milliseconds: no thread and no callback, each
solve goes on from where the last stood.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.engines.lp import _loaded
from coproduce.engines.lp_build import Floats, Problem
from coproduce.records.errors import ModelError

Whole = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Held:
    """What a solve of a kept problem found.

    Attributes:
        status: ``optimal``, ``infeasible`` or ``none`` (stopped early).
        x: value of each column; empty where there is no point.
        objective, bound: nan where there is none.
        row_dual, reduced_cost: of a linear problem that was solved, else empty; where it is
            infeasible `row_dual` is the ray that proves it, up to its sign, if there is one.
    """

    status: str
    x: Floats
    objective: float
    bound: float
    row_dual: Floats
    reduced_cost: Floats


class Keeper:
    """Keeps one problem loaded.

    Args:
        problem: what to solve.
        seed: of the solver.
        gap: stop a search when bound and objective are this close, in units of the objective.
        has_presolve: whether each solve starts with presolve, and so from nothing.
        extra: further options of the solver by their own names.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        seed: int = 0,
        gap: float = 1e-9,
        has_presolve: bool = False,
        extra: dict[str, Any] | None = None,
    ) -> None:
        import highspy

        highspy.Highs.resetGlobalScheduler(True)
        self._highs = _loaded(problem)
        self._is_mixed = bool(problem.is_integer.any())
        self._columns = problem.columns
        options: dict[str, Any] = {
            "output_flag": False,
            "threads": 1,
            "random_seed": int(seed),
            "mip_rel_gap": 0.0,
            "mip_abs_gap": float(gap),
            **(extra or {}),
        }
        if not has_presolve:
            options |= {"presolve": "off", "solver": "simplex"}
            options |= {"primal_feasibility_tolerance": 1e-9, "dual_feasibility_tolerance": 1e-9}
        for name, value in options.items():
            if self._highs.setOptionValue(name, value) == highspy.HighsStatus.kError:
                raise ModelError(f"the solver knows no option {name} = {value!r}", code="L001")

    @property
    def columns(self) -> int:
        """Number of columns."""
        return self._columns

    def bound_columns(self, at: Whole, lower: Floats, upper: Floats) -> None:
        """Change bounds of the columns `at`."""
        self._highs.changeColsBounds(len(at), at, lower, upper)

    def bound_rows(self, at: Whole, lower: Floats, upper: Floats) -> None:
        """Change sides of the rows `at`."""
        self._highs.changeRowsBounds(len(at), at, lower, upper)

    def price(self, at: Whole, cost: Floats) -> None:
        """Change costs of the columns `at`."""
        self._highs.changeColsCost(len(at), at, cost)

    def enter(self, row: int, column: int, value: float) -> None:
        """Change one entry of the matrix."""
        self._highs.changeCoeff(row, column, value)

    def add_column(
        self, cost: float, lower: float, upper: float, rows: Whole, values: Floats
    ) -> int:
        """Add a column and return its number."""
        self._highs.addCol(cost, lower, upper, len(rows), rows, values)
        self._columns += 1
        return self._columns - 1

    def solve(self, time_limit_s: float = 600.0) -> Held:
        """Return the solution.

        Raises:
            ModelError: the solver fails (code ``L002``).
        """
        import highspy

        # The solver's clock goes on from solve to solve.
        until = float(self._highs.getRunTime() + max(0.01, time_limit_s))
        self._highs.setOptionValue("time_limit", until)
        if self._highs.run() == highspy.HighsStatus.kError:
            raise ModelError("the solver stopped with an error", code="L002")
        state = self._highs.getModelStatus()
        kinds = highspy.HighsModelStatus
        nothing = np.zeros(0)
        if state in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
            return Held("infeasible", nothing, np.nan, np.nan, self._ray(), nothing)
        info = self._highs.getInfo()
        is_solved = state in (kinds.kOptimal, kinds.kModelEmpty)
        if not is_solved and not (self._is_mixed and int(info.primal_solution_status) == 2):
            bound = float(info.mip_dual_bound) if self._is_mixed else np.nan
            return Held("none", nothing, np.nan, bound, nothing, nothing)
        point = self._highs.getSolution()
        value = float(info.objective_function_value)
        return Held(
            status="optimal" if is_solved else "none",
            x=np.array(point.col_value),
            objective=value,
            bound=float(info.mip_dual_bound) if self._is_mixed else value,
            row_dual=nothing if self._is_mixed else np.array(point.row_dual),
            reduced_cost=nothing if self._is_mixed else np.array(point.col_dual),
        )

    def _ray(self) -> Floats:
        if self._is_mixed:
            return np.zeros(0)
        found = self._highs.getDualRay()
        return np.array(found[2]) if found[1] else np.zeros(0)


def whole(numbers: Sequence[int] | npt.NDArray[Any]) -> Whole:
    """Return numbers of rows or columns as the solver takes them."""
    return np.asarray(numbers, dtype=np.int32)
