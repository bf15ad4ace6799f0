"""The only door to SCIP: used where it is installed, never needed.

Small combinatorial problems with many ties are often closed sooner by SCIP than by HiGHS; the
package ``pyscipopt`` comes with the extra ``scip``.
"""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import Any

import numpy as np

from coproduce.engines.lp import Solution
from coproduce.engines.lp_build import Problem


def is_installed() -> bool:
    """Return whether SCIP can be used here."""
    return find_spec("pyscipopt") is not None


def engine_version() -> str:
    """Return the solver's name and version, for example ``SCIP 10.0``."""
    import pyscipopt

    model: Any = pyscipopt.Model()
    return f"SCIP {model.version()}"


def solve(
    problem: Problem,
    *,
    gap_share: float = 1e-6,
    time_limit_s: float = 600.0,
    seed: int = 0,
    cutoff: float = np.inf,
    most_nodes: int = -1,
) -> Solution:
    """Return the best point found below `cutoff`, with its bound; one thread, to be made small.

    ``infeasible`` means: no point is cheaper than `cutoff`. Ctrl-C ends the search with what
    was found; `Solution.was_interrupted` says so.

    Args:
        problem: what to solve; minimised.
        gap_share: stop when the bound is this close, as a share of the objective.
        time_limit_s: stop after this many seconds.
        seed: same seed and problem give the same answer, unless time runs out.
        cutoff: points that cost this or more are of no use.
        most_nodes: stop after so many nodes; -1 for no such limit.
    """
    began = time.monotonic()
    model, columns = _loaded(problem)
    model.setParam("limits/time", float(max(0.01, time_limit_s)))
    model.setParam("limits/gap", float(gap_share))
    model.setParam("limits/nodes", int(most_nodes))
    model.setParam("randomization/randomseedshift", int(seed))
    model.setParam("parallel/maxnthreads", 1)
    if np.isfinite(cutoff):
        model.setObjlimit(float(cutoff))
    model.optimize()
    return _read(model, columns, time.monotonic() - began)


def _loaded(problem: Problem) -> tuple[Any, list[Any]]:
    import pyscipopt

    model: Any = pyscipopt.Model()
    model.hideOutput()
    columns = [
        model.addVar(
            lb=_bound(problem.col_lower[column]),
            ub=_bound(problem.col_upper[column]),
            obj=float(problem.cost[column]),
            vtype="I" if problem.is_integer[column] else "C",
        )
        for column in range(problem.columns)
    ]
    rows: list[list[Any]] = [[] for _ in range(problem.rows)]
    for column in range(problem.columns):
        for place in range(problem.start[column], problem.start[column + 1]):
            rows[problem.index[place]].append(float(problem.value[place]) * columns[column])
    for row, parts in enumerate(rows):
        lower, upper = float(problem.row_lower[row]), float(problem.row_upper[row])
        total = pyscipopt.quicksum(parts)
        if np.isfinite(lower):
            model.addCons(total == lower if lower == upper else total >= lower)
        if np.isfinite(upper) and lower != upper:
            model.addCons(total <= upper)
    return model, columns


def _bound(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _read(model: Any, columns: list[Any], seconds: float) -> Solution:
    status = model.getStatus()
    was_interrupted = status == "userinterrupt"
    nothing = np.zeros(0)
    if status == "infeasible":
        return Solution("infeasible", nothing, np.nan, np.inf, np.inf, nothing, nothing, seconds)
    bound = float(model.getDualbound())
    if not model.getNSols():
        return Solution(
            "none", nothing, np.nan, bound, np.inf, nothing, nothing, seconds, was_interrupted
        )
    best = model.getBestSol()
    x = np.array([model.getSolVal(best, column) for column in columns])
    objective = float(model.getObjVal())
    gap = abs(bound - objective) / max(1e-9, abs(objective))
    kind = "optimal" if status in ("optimal", "gaplimit") else "feasible"
    return Solution(kind, x, objective, bound, gap, nothing, nothing, seconds, was_interrupted)
