"""The only door to CP-SAT: a Python process of its own.

OR-tools and the LP engine both load a library of the same name and cannot live in one process. So
a constraint model is a module-level function that imports OR-tools inside itself and runs in a
child (see `fanout.Child`).
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from coproduce.engines.boolean import BoolAnswer, BoolModel
from coproduce.engines.fanout import Child, run_apart

CP_SAT = "ortools.sat.python.cp_model"


def solver_child() -> Child:
    """Return a child that loads CP-SAT while the caller still prepares the task."""
    return Child(preload=(CP_SAT,))


@dataclass(frozen=True, slots=True)
class CpTask:
    """What a prover process is given: a model, most wall-clock seconds, seed and workers."""

    model: BoolModel
    time_limit_s: float
    seed: int = 1
    threads: int = 1


def minimise_bool(task: CpTask) -> BoolAnswer:
    """Return the best answer CP-SAT finds in time and its bound; runs in the solver's process.

    The search is led by cores of wishes and uses neither linear relaxation nor presolve: on models
    of this kind, with costs near zero, each of the three makes it several times faster.
    """
    import ortools
    from ortools.sat.python import cp_model

    began = time.process_time()
    model = cp_model.CpModel()
    names: list[Any] = [None, *(model.new_bool_var("") for _ in range(task.model.variables))]
    literals = {-number: ~names[number] for number in range(1, len(names))}
    literals.update(enumerate(names[1:], start=1))
    for clause in task.model.clauses:
        model.add_bool_or([literals[term] for term in clause])
    for limited, most in task.model.limits:
        if most == 1:
            model.add_at_most_one([literals[term] for term in limited])
        else:
            model.add(sum(literals[term] for term in limited) <= most)
    model.minimize(sum(literals[-term] for term in task.model.wishes))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = task.threads
    solver.parameters.random_seed = task.seed
    solver.parameters.max_time_in_seconds = task.time_limit_s
    solver.parameters.optimize_with_core = True
    solver.parameters.linearization_level = 0
    solver.parameters.cp_model_presolve = False
    code = solver.solve(model)
    engine = f"CP-SAT {ortools.__version__}"
    status = {
        cp_model.OPTIMAL: "optimal",
        cp_model.FEASIBLE: "feasible",
        cp_model.INFEASIBLE: "infeasible",
    }.get(code, "unknown")
    if status == "infeasible":
        return BoolAnswer(status, frozenset(), None, 0, time.process_time() - began, engine)
    bound = max(0, math.ceil(solver.best_objective_bound - 1e-6))
    if status == "unknown":
        return BoolAnswer(status, frozenset(), None, bound, time.process_time() - began, engine)
    true = frozenset(
        number for number in range(1, len(names)) if solver.boolean_value(names[number])
    )
    cost = round(solver.objective_value)
    return BoolAnswer(status, true, cost, bound, time.process_time() - began, engine)


__all__ = ["CP_SAT", "Child", "CpTask", "minimise_bool", "run_apart", "solver_child"]
