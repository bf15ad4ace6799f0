"""Core-guided MaxSAT (RC2 of PySAT over CaDiCaL): proves that few wishes are enough to break.

Everything here may run in a process of its own (`fanout.Child`): the SAT solver cannot be asked to
stop, so it is ended from outside, and what it knew by then is in the progress file.

Source: Morgado, Dodaro, Marques-Silva (2014), core-guided MaxSAT with soft cardinality
constraints; Ignatiev, Morgado, Marques-Silva (2019), RC2; Asín et al. (2009), cardinality
networks.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from itertools import combinations
from pathlib import Path
from typing import Any

from coproduce.engines.boolean import BoolAnswer, BoolModel

PYSAT = "pysat.examples.rc2"
"""Module a child may load early."""

PAIRWISE = 6
"""Up to this many literals "at most one" is said pair by pair, beyond it in linked parts."""

IMPROVE_CONFLICTS = 3000
"""Conflicts after which one more wish is given up."""


@dataclass(frozen=True, slots=True)
class SatTask:
    """What a prover process is given.

    Attributes:
        model: to be minimised.
        solver: name of the SAT solver in PySAT.
        progress: file that receives each better bound and the first answer; empty: none.
    """

    model: BoolModel
    solver: str = "cadical153"
    progress: str = ""


def minimise(task: SatTask) -> BoolAnswer:
    """Return a proven best answer, or ``infeasible``.

    Example:
        >>> model = BoolModel(2, [[1, 2]], [], [-1, -2])
        >>> minimise(SatTask(model)).cost
        1
    """
    rc2: Any = import_module(PYSAT)
    version = import_module("pysat").__version__
    began = time.process_time()
    engine = f"RC2/{task.solver} (python-sat {version})"

    class Reporting(rc2.RC2):  # type: ignore[misc]
        """RC2 that tells each better bound."""

        def process_core(self) -> None:
            super().process_core()
            _tell(task.progress, bound=self.cost)

    formula = _formula(task.model)
    with Reporting(formula, solver=task.solver) as prover:
        if not prover.oracle.solve():
            return BoolAnswer("infeasible", frozenset(), None, 0, _since(began), engine)
        _tell(task.progress, true=[name for name in prover.oracle.get_model() if name > 0])
        found = prover.compute()
        true = frozenset(name for name in found if 0 < name <= task.model.variables)
        cost = int(prover.cost)
    return BoolAnswer("optimal", true, cost, cost, _since(began), engine)


@dataclass(frozen=True, slots=True)
class ImproveTask:
    """A model, the variables true in an answer to it, and most seconds for a better one."""

    model: BoolModel
    true: frozenset[int]
    seconds: float


def improve(task: ImproveTask) -> frozenset[int]:
    """Return an answer that meets every wish the given one meets, and as many more as it can.

    One wish after another is demanded beside those met already; each try may run into
    `IMPROVE_CONFLICTS` conflicts before it is given up.
    """
    ends_at = time.monotonic() + task.seconds
    solvers: Any = import_module("pysat.solvers")
    true = task.true
    with solvers.Solver("glucose4", bootstrap_with=_formula(task.model).hard) as solver:
        for wish in task.model.wishes:
            if time.monotonic() >= ends_at:
                break
            if _holds(wish, true):
                continue
            solver.conf_budget(IMPROVE_CONFLICTS)
            met = [other for other in task.model.wishes if _holds(other, true)]
            if solver.solve_limited(assumptions=[*met, wish]):
                true = frozenset(n for n in solver.get_model() if 0 < n <= task.model.variables)
    return true


def unmet(model: BoolModel, true: frozenset[int]) -> int:
    """Return how many wishes an answer does not meet."""
    return sum(not _holds(wish, true) for wish in model.wishes)


def _holds(literal: int, true: frozenset[int]) -> bool:
    return (abs(literal) in true) == (literal > 0)


def read_progress(path: Path) -> tuple[int, frozenset[int] | None]:
    """Return the best bound and the first answer a prover told before it was ended."""
    bound, true = 0, None
    if path.is_file():
        for line in path.read_text(encoding="ascii").splitlines():
            try:
                told = json.loads(line)
            except json.JSONDecodeError:  # cut off in the middle of a line
                continue
            bound = max(bound, told.get("bound", 0))
            true = frozenset(told["true"]) if "true" in told else true
    return bound, true


def _since(began: float) -> float:
    return time.process_time() - began


def _tell(path: str, **told: object) -> None:
    if path:
        with open(path, "a", encoding="ascii") as file:
            file.write(json.dumps(told) + "\n")


def _formula(model: BoolModel) -> Any:
    card: Any = import_module("pysat.card")
    formula: Any = import_module("pysat.formula").WCNF()
    formula.nv = model.variables
    for clause in model.clauses:
        formula.append(clause if clause else [1])
        if not clause:
            formula.append([-1])
    top = model.variables

    def new() -> int:
        nonlocal top
        top += 1
        return top

    for literals, most in model.limits:
        if most == 1:
            _at_most_one(literals, formula.append, new)
        elif most <= 0:
            for literal in literals:
                formula.append([-literal])
        else:
            network = card.CardEnc.atmost(
                literals, most, top_id=top, encoding=card.EncType.cardnetwrk
            )
            top = max(top, network.nv)
            for clause in network.clauses:
                formula.append(clause)
    for literal in model.wishes:
        formula.append([literal], weight=1)
    return formula


def _at_most_one(
    literals: list[int], add: Callable[[list[int]], None], new: Callable[[], int]
) -> None:
    left = list(literals)
    while len(left) > PAIRWISE:
        part, link = left[: PAIRWISE - 2], new()
        for first, second in combinations([*part, link], 2):
            add([-first, -second])
        left = [-link, *left[PAIRWISE - 2 :]]
    for first, second in combinations(left, 2):
        add([-first, -second])


__all__ = ["PYSAT", "ImproveTask", "SatTask", "improve", "minimise", "read_progress", "unmet"]
