"""The only door to CP-SAT: a Python process of its own.

OR-tools and the LP engine both load a library of the same name and cannot live in one process. So
a constraint model is a module-level function that imports OR-tools inside itself and runs in a
child (see `fanout.Child`).
"""

from __future__ import annotations

from coproduce.engines.fanout import Child, run_apart

CP_SAT = "ortools.sat.python.cp_model"


def solver_child() -> Child:
    """Return a child that loads CP-SAT while the caller still prepares the task."""
    return Child(preload=(CP_SAT,))


__all__ = ["CP_SAT", "Child", "run_apart", "solver_child"]
