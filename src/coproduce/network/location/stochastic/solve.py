"""Solves two-stage programs in SMPS by the form that their two stages have.

Few 0-1 first stages are listed and bounded all at once (`points`). Second stages of small 0-1
blocks are step functions of the room that they get, searched by branch and price (`cells`). All
else goes scenario by scenario or to HiGHS at once (`general`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic import cells, general, points
from coproduce.network.location.stochastic.program import joined, scenario
from coproduce.network.location.stochastic.staircase import staircases
from coproduce.network.location.stochastic.types import Found, TwoStage, no_answer
from coproduce.network.location.types import Answer, Floats, Options, gap_share
from coproduce.records.errors import ModelError

_QUICK_S = 2.0  # for a scenario, where time is up and any answer is better than none


def solve(problem: TwoStage, options: Options) -> Answer:
    """Return the best answer found within the options, with its certificate.

    Raises:
        ModelError: the program has no answer (code ``N042``).
    """
    with Clock(options.time_limit_s) as clock:
        found = _by_form(problem, options, clock)
        if found is None or found.certificate is None:
            found = _by_relaxation(problem, options, clock, found)
        if found.second is None:
            found = _with_second(problem, options, found)
        return _answer(problem, options, clock, found)


def _by_form(problem: TwoStage, options: Options, clock: Clock) -> Found | None:
    """Return what the search for the program's form found; None where it has no such form."""
    listed = points.listed(problem)
    if listed is not None:
        if not len(listed):
            raise no_answer(problem)
        return points.search(problem, listed, options, clock)
    stairs = staircases(problem)
    if not stairs:
        return None
    return cells.search(problem, stairs, options, clock)


def _by_relaxation(
    problem: TwoStage, options: Options, clock: Clock, found: Found | None
) -> Found:
    """Return what the general search found, or `found`, with the relaxation as certificate."""
    count = problem.first_columns
    every = dict(enumerate(problem.probability))
    whole = joined(problem, every, first_cost=problem.core.cost[:count])
    relaxed = lp.solve(whole.relaxed(), time_limit_s=clock.left_s, threads=1)
    if relaxed.status == "infeasible":
        raise no_answer(problem)
    if not relaxed.has_answer:
        return found or Found(np.zeros(count), np.inf, -np.inf, "")
    if found is None:
        found = general.search(problem, options, clock, whole, relaxed)
        if found.first is None:
            found.first = relaxed.x[:count]
    found.certified = relaxed.objective - 1e-6 * (1.0 + abs(relaxed.objective))
    found.certificate = {"kind": "duals", "duals": [float(value) for value in relaxed.row_dual]}
    return found


def _with_second(problem: TwoStage, options: Options, found: Found) -> Found:
    """Return the first stage with its second stages; another first stage if it has none."""
    first = found.first if found.first is not None else np.zeros(problem.first_columns)
    if np.isfinite(found.cost):
        found.second = _second_stages(problem, first, options)
        if found.second is None:
            raise ModelError("the best first stage has no second stage", code="N043")
        return found
    found.first, found.second = _quick(problem, first, options)
    return found


def _answer(problem: TwoStage, options: Options, clock: Clock, found: Found) -> Answer:
    plan: dict[str, Any] = {}
    cost: float | None = None
    if found.first is not None and found.second is not None:
        first, second, cost = _exact(problem, found.first, found.second)
        plan = {"first": first, "second": second}
    certified = found.certified if found.certificate is not None else -np.inf
    bound = max(certified, found.bound)
    bound = bound if cost is None else min(bound, cost)
    certified = min(certified, bound)
    gap = gap_share(cost, bound)
    is_optimal = gap is not None and gap <= options.gap_share
    rests = ""
    if bound > certified + 1e-9 * (1.0 + abs(certified)):
        rests = f"the bound from {certified:.6f} up to {bound:.6f}: HiGHS on {found.method}"
    names = problem.core.columns[: problem.first_columns]
    opened = [
        at
        for at in range(len(names))
        if plan and problem.core.is_integer[at] and plan["first"][at] > 0.5
    ]
    return Answer(
        objective=cost,
        bound=bound,
        gap=gap,
        status="none" if cost is None else "optimal" if is_optimal else "feasible",
        seconds=clock.seconds,
        seed=options.seed,
        engine=f"coproduce scenarios, {lp.engine_version()}",
        opened=tuple(opened),
        plan=plan,
        certificate={
            **(found.certificate or {"kind": "duals", "duals": []}),
            "certified_bound": certified if np.isfinite(certified) else None,
            "rests_on_solver": rests,
        },
    )


def _quick(
    problem: TwoStage, relaxed: Floats, options: Options
) -> tuple[Floats | None, list[Floats] | None]:
    """Return any answer, where time is up before there is one: a rounded first stage, or full.

    Takes at most `_QUICK_S` per scenario and first stage beyond the time limit.
    """
    core, count = problem.core, problem.first_columns
    lower, upper = core.lower[:count], core.upper[:count]
    whole = core.is_integer[:count]
    up = np.clip(np.where(whole, np.ceil(relaxed - 1e-6), relaxed), lower, upper)
    near = np.clip(np.where(whole, np.rint(relaxed), relaxed), lower, upper)
    full = np.where(np.isfinite(upper), upper, np.maximum(up, lower))
    for first in (near, up, full, lower):
        value = core.matrix[: problem.first_rows, :count] @ first
        fits = (value >= core.row_lower[: problem.first_rows] - 1e-6) & (
            value <= core.row_upper[: problem.first_rows] + 1e-6
        )
        if not fits.all():
            continue
        second = _second_stages(problem, first, options, gap_share=0.05, limit_s=_QUICK_S)
        if second is not None:
            return first, second
    return None, None


def _second_stages(
    problem: TwoStage,
    first: Floats,
    options: Options,
    *,
    gap_share: float = 1e-9,
    limit_s: float = 600.0,
) -> list[Floats] | None:
    """Return each scenario's own columns at a first stage; None if one has no answer."""
    count = problem.first_columns
    first = np.where(problem.core.is_integer[:count], np.rint(first), first)
    second = []
    for at in range(problem.scenarios):
        piece = joined(problem, {at: 1.0}, first_cost=np.zeros(count), fixed=first)
        found = lp.solve(
            piece, gap_share=gap_share, time_limit_s=limit_s, threads=1, seed=options.seed
        )
        if not found.has_answer:
            return None
        second.append(found.x[count:])
    return second


def _exact(
    problem: TwoStage, first: Floats, second: list[Floats]
) -> tuple[list[float], list[list[float]], float]:
    """Return first stage, second stages and exact cost, whole numbers made whole."""
    core, count = problem.core, problem.first_columns
    first = np.where(core.is_integer[:count], np.rint(first), first)
    cost = float(core.cost[:count] @ first)
    rounded = []
    for at, (weight, values) in enumerate(zip(problem.probability, second, strict=True)):
        whole = np.where(core.is_integer[count:], np.rint(values), values)
        cost += float(weight * (scenario(problem, at).cost @ whole))
        rounded.append([float(value) for value in whole])
    return [float(value) for value in first], rounded, cost
