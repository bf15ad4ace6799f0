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
    relaxed = _root(best, case, relaxation, reprice, left)
    if relaxed.was_interrupted or not relaxed.has_answer:
        return [_nothing(relaxed, best.began)]
    best.bound = relaxed.objective
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
    is_close = relaxed.objective - start.objective <= gap_share * abs(start.objective)
    if start.was_interrupted or is_close:
        return _finished(best, options) if best.answers else [_nothing(start, best.began)]
    tell(0.2, "closing hopeless lines")
    exact = lp.solve(
        without_hopeless(tight, relaxed, start, options.threads, left())
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
    relaxation: lp.Relaxation,
    reprice: Callable[[Floats], Model],
    left: Callable[[], float],
) -> lp.Solution:
    """Return the relaxation at good freight prices, with cuts as far as time allows."""
    relaxed = relaxation.solve()
    if relaxed.was_interrupted or not relaxed.has_answer:
        return relaxed
    best.model, relaxed = _repriced(relaxation, reprice, relaxed.x)
    relaxation.limit(0.5 * left())  # the rest is for finding a plan
    return relaxation.tighten(
        relaxed, Separator(case, best.model.columns), rounds=20, least_gain_share=1e-4
    )


def _repriced(
    relaxation: lp.Relaxation, reprice: Callable[[Floats], Model], x: Floats
) -> tuple[Model, lp.Solution]:
    """Return the model at freight prices that suit `x`, and its relaxation with all cuts so far.

    Dominance depends on the prices too, so the whole model changes, not the costs alone.
    """
    model = reprice(x)
    relaxation.set_cost(model.problem.cost)
    return model, relaxation.solve()


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


def without_hopeless(
    model: Model,
    relaxed: lp.Solution,
    start: lp.Solution,
    threads: int,
    time_limit_s: float = 600.0,
) -> lp.Problem:
    """Return the problem without the lines that no plan better than the start can use.

    A plan that uses a line uses all of its dominators too (`model.dominators`), and no plan is
    worth more than the relaxation less the losses of the lines that it uses (`line_losses`).
    Where these losses exceed what is left to gain on the start, the line is closed. The bound of
    what is left, or the start if that is better, holds for the whole problem.
    """
    slack = relaxed.objective - start.objective + 1e-6 * abs(start.objective)
    loss = line_losses(model, relaxed, threads, time_limit_s)
    upper = model.problem.col_upper.copy()
    for number, cols in model.columns.is_open.items():
        used = (number, *model.dominators.get(number, ()))
        if sum(loss[line] for line in used) > slack:
            upper[cols] = 0.0
            for (line, _), orders in model.columns.build.items():
                if line == number:
                    upper[orders] = 0.0
    return model.problem.with_bounds(model.problem.col_lower, upper)


def line_losses(
    model: Model, relaxed: lp.Solution, threads: int, time_limit_s: float = 600.0
) -> dict[int, float]:
    """Return what a plan loses at least, against the relaxation, by using a line at all.

    Rows that join lines (balances, starts, limits) are priced at the relaxation's shadow prices.
    What is left falls apart line by line; there, the best value with at least one module is
    compared with the relaxation's own. By Lagrangian duality the relaxation's value less the sum
    of these losses bounds every plan that uses those lines. Without time to solve it, no line
    loses anything.

    Raises:
        KeyboardInterrupt: Ctrl-C came while it was solved.

    Source: Geoffrion 1974, Lagrangean relaxation for integer programming.
    """
    from scipy import sparse

    make: Any = sparse  # its stub has no types
    problem, columns = model.problem, model.columns
    owner = np.full(problem.columns, -1)
    for (number, _), cols in columns.build.items():
        owner[cols] = number
    for number, cols in columns.is_open.items():
        owner[cols] = number
    for (_, number), cols in columns.make.items():
        owner[cols] = number
    shape = (problem.rows, problem.columns)
    matrix = make.csc_matrix((problem.value, problem.index, problem.start), shape=shape)
    entries = matrix.tocoo()
    lowest, highest = np.full(problem.rows, np.iinfo(np.int64).max), np.full(problem.rows, -1)
    np.minimum.at(lowest, entries.row, owner[entries.col])
    np.maximum.at(highest, entries.row, owner[entries.col])
    own = (lowest == highest) & (highest >= 0)
    priced = relaxed.reduced_cost + matrix.T @ np.where(own, relaxed.row_dual, 0.0)
    mine = np.flatnonzero(owner >= 0)
    place = np.full(problem.columns, -1)
    place[mine] = np.arange(len(mine))
    build = lp.Builder(is_maximised=True)
    build.add_columns(
        len(mine),
        cost=priced[mine],
        lower=problem.col_lower[mine],
        upper=problem.col_upper[mine],
    )
    row_place = np.cumsum(own) - 1
    build.add_rows(int(own.sum()), lower=problem.row_lower[own], upper=problem.row_upper[own])
    kept = own[entries.row]
    build.add_entries(row_place[entries.row[kept]], place[entries.col[kept]], entries.data[kept])
    for number in columns.is_open:
        one = build.add_rows(1, lower=1.0)
        for (line, _), cols in columns.build.items():
            if line == number:
                build.add_entries(one, place[cols], 1.0)
    forced = lp.solve(build.problem(), threads=threads, time_limit_s=time_limit_s)
    if forced.was_interrupted:
        raise KeyboardInterrupt
    if not forced.has_answer:
        return dict.fromkeys(columns.is_open, 0.0)
    count = max(columns.is_open, default=-1) + 1
    gained = priced[mine] * (relaxed.x[mine] - forced.x)
    total = np.bincount(owner[mine], weights=gained, minlength=count)
    return {number: max(0.0, float(total[number])) for number in columns.is_open}


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
