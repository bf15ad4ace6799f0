"""The search: relaxation, a start from it, then the exact problem; at last the clean answer.

The start closes every line that the relaxation hardly uses and solves the small rest; it is
handed to the exact search as a first incumbent, so nothing is cut from the question.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.model import Model
from coproduce.network.types import Options
from coproduce.records.errors import VerificationFailed


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of the search.

    Attributes:
        status: as of `lp.Solution`.
        x: the point, whole numbers exact; empty without one.
        value: its value in the pooled model.
        bound: no point of the pooled model is better.
        row_dual: shadow prices with all whole numbers held.
        seconds: wall-clock time of the whole search.
    """

    status: str
    x: lp.Floats
    value: float
    bound: float
    row_dual: lp.Floats
    seconds: float
    was_interrupted: bool


def search(model: Model, options: Options, gap_share: float) -> Found:
    """Return the best plan found, with its bound."""
    began = time.monotonic()
    problem = model.problem
    tell = options.progress or (lambda share, text: None)

    def left() -> float:
        return max(1.0, options.time_limit_s - (time.monotonic() - began))

    def show(gap: float, text: str) -> None:
        tell(0.2 + 0.7 * min(1.0, gap_share / max(gap, 1e-9)), text)

    tell(0.05, "relaxation")
    relaxed = lp.solve(problem.relaxed(), threads=options.threads, time_limit_s=left())
    if not relaxed.has_answer:
        return _nothing(relaxed, began)
    target = relaxed.objective - 0.9 * gap_share * abs(relaxed.objective)
    common: dict[str, Any] = {"seed": options.seed, "threads": options.threads, "progress": show}
    start = lp.solve(
        _restricted(model, relaxed.x),
        gap_share=0.1 * gap_share,
        time_limit_s=0.5 * left(),
        extra={"objective_target": target, "mip_max_nodes": 500},
        **common,
    )
    if start.has_answer and (start.was_interrupted or start.objective >= target):
        return _cleaned(model, start, relaxed.objective, options, began)
    exact = lp.solve(
        problem,
        gap_share=gap_share,
        time_limit_s=left(),
        start=start.x if start.has_answer else None,
        **common,
    )
    if not exact.has_answer:
        return _nothing(exact, began)
    return _cleaned(model, exact, min(relaxed.objective, exact.bound), options, began)


def _restricted(model: Model, x: lp.Floats) -> lp.Problem:
    """Return the problem with every line closed that the relaxation hardly uses."""
    upper = model.problem.col_upper.copy()
    for number, cols in model.columns.is_open.items():
        if x[cols[-1]] < 0.02 and not model.is_limited:
            upper[cols] = 0.0
            for (line, _), orders in model.columns.build.items():
                if line == number:
                    upper[orders] = 0.0
    return model.problem.with_bounds(model.problem.col_lower, upper)


def _cleaned(
    model: Model, found: lp.Solution, bound: float, options: Options, began: float
) -> Found:
    """Hold the whole numbers and solve the rest again: exact modules, shadow prices."""
    problem = model.problem
    lower, upper = problem.col_lower.copy(), problem.col_upper.copy()
    whole = problem.is_integer
    lower[whole] = upper[whole] = np.round(found.x[whole])
    clean = lp.solve(problem.relaxed().with_bounds(lower, upper), threads=options.threads)
    if not clean.has_answer:
        raise VerificationFailed(
            "the answer does not stand with its whole numbers held exactly", code="N020"
        )
    return Found(
        status=found.status,
        x=clean.x,
        value=clean.objective,
        bound=max(bound, clean.objective),
        row_dual=clean.row_dual,
        seconds=time.monotonic() - began,
        was_interrupted=found.was_interrupted,
    )


def _nothing(found: lp.Solution, began: float) -> Found:
    empty = np.zeros(0)
    seconds = time.monotonic() - began
    return Found(found.status, empty, np.nan, np.nan, empty, seconds, found.was_interrupted)
