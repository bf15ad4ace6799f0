"""The search: relaxation with cuts, a start from it, the exact problem, the clean answer.

The start closes every line that the relaxation hardly uses and solves the small rest; it is
handed to the exact search as a first incumbent, so nothing is cut from the question.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_build import Floats
from coproduce.network.by_line import ByLine, Priced
from coproduce.network.case import Case
from coproduce.network.cuts import Separator
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
    x: Floats
    value: float
    bound: float
    row_dual: Floats
    seconds: float
    was_interrupted: bool


def search(
    case: Case,
    model: Model,
    options: Options,
    gap_share: float,
    reprice: Callable[[Floats], Model],
) -> list[Found]:
    """Return the best plans found, each with the bound that holds for all.

    They may differ in freight, which the pool only bounds, so more than one is handed back.

    `reprice` gives the same model at better freight prices once the relaxation shows where the
    plan tends.
    """
    best = _Best(model, time.monotonic())
    try:
        return _steps(best, case, options, gap_share, reprice)
    except KeyboardInterrupt:
        if not best.answers:
            return [_nothing(None, best.began)]
        best.answers = [replace(answer, was_interrupted=True) for answer in best.answers]
        return _finished(best, options)


@dataclass(slots=True)
class _Best:
    """What the search has so far.

    Attributes:
        answers: points that keep every row, each a plan.
        bound: no plan is better.
    """

    model: Model
    began: float
    answers: list[lp.Solution] = field(default_factory=list)
    bound: float = np.inf


def _steps(
    best: _Best,
    case: Case,
    options: Options,
    gap_share: float,
    reprice: Callable[[Floats], Model],
) -> list[Found]:
    tell = options.progress or (lambda share, text: None)

    def left() -> float:
        return max(1.0, options.time_limit_s - (time.monotonic() - best.began))

    def show(gap: float, text: str) -> None:
        tell(0.2 + 0.7 * min(1.0, gap_share / max(gap, 1e-9)), text)

    tell(0.05, "relaxation")
    relaxation = lp.Relaxation(best.model.problem, time_limit_s=left(), threads=options.threads)
    lines = ByLine(case, best.model)
    relaxed, priced = _root(best, case, lines, relaxation, reprice, left)
    if priced is None:
        return [_nothing(relaxed, best.began)]
    best.bound = priced.bound
    common: dict[str, Any] = {"seed": options.seed, "threads": options.threads, "progress": show}
    tell(0.15, "start")
    tight = replace(best.model, problem=relaxation.problem)
    start = lp.solve(
        _restricted(tight, relaxed.x),
        gap_share=0.3 * gap_share,
        time_limit_s=0.5 * left(),
        extra={"mip_max_nodes": 500},
        **common,
    )
    if start.has_answer:
        best.answers.append(start)
    is_close = best.bound - start.objective <= gap_share * abs(start.objective)
    if start.was_interrupted or is_close:
        return _finished(best, options) if best.answers else [_nothing(start, best.began)]
    tell(0.2, "closing hopeless lines")
    exact = lp.solve(
        lines.without_hopeless(tight, priced, start.objective)
        if start.has_answer
        else tight.problem,
        gap_share=gap_share,
        time_limit_s=left(),
        start=start.x if start.has_answer else None,
        **common,
    )
    if exact.has_answer:
        best.answers.append(exact)
    if not best.answers:
        return [_nothing(exact, best.began)]
    best.bound = _bound(best, exact)
    stopped = exact.was_interrupted
    best.answers = [replace(answer, was_interrupted=stopped) for answer in best.answers]
    tell(0.95, "exact modules")
    return _finished(best, options)


def _bound(best: _Best, exact: lp.Solution) -> float:
    """What was closed is no better than the start; what was not is bounded by the exact step."""
    value = max(answer.objective for answer in best.answers)
    rest = exact.bound if exact.status in ("optimal", "feasible", "none") else value
    rest = best.bound if np.isnan(rest) else rest
    return min(best.bound, max(rest, value))


def _finished(best: _Best, options: Options) -> list[Found]:
    return [
        _cleaned(best.model, answer, best.bound, options, best.began) for answer in best.answers
    ]


def _root(
    best: _Best,
    case: Case,
    lines: ByLine,
    relaxation: lp.Relaxation,
    reprice: Callable[[Floats], Model],
    left: Callable[[], float],
) -> tuple[lp.Solution, Priced | None]:
    """Return the relaxation at good freight prices, with cuts as far as time allows.

    Dominance depends on freight prices too, so the whole model changes with them, not the costs
    alone.
    """
    relaxed, priced = lines.relax(relaxation)
    if priced is None:
        return relaxed, None
    best.model = reprice(relaxed.x)
    relaxation.set_cost(best.model.problem.cost)
    relaxed, priced = lines.relax(relaxation)
    if priced is None:
        return relaxed, None
    relaxation.limit(0.5 * left())  # the rest is for finding a plan
    separate = Separator(case, best.model.columns)

    def tightened(found: lp.Solution) -> lp.Solution:
        return relaxation.tighten(found, separate, rounds=20, least_gain_share=1e-4)

    return lines.relax(relaxation, tightened)


def _restricted(model: Model, x: Floats) -> lp.Problem:
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
    clean = lp.settle(problem.relaxed().with_bounds(lower, upper), threads=options.threads)
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
        was_interrupted=found.was_interrupted or clean.was_interrupted,
    )


def _nothing(found: lp.Solution | None, began: float) -> Found:
    """Return that there is no plan; without a solution, because Ctrl-C came first."""
    empty = np.zeros(0)
    seconds = time.monotonic() - began
    status = "none" if found is None else found.status
    stopped = found is None or found.was_interrupted
    return Found(status, empty, np.nan, np.nan, empty, seconds, stopped)
