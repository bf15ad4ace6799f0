"""Solves two-stage programs in SMPS: scenario by scenario where all first decisions are 0 or 1.

The linear relaxation of all scenarios together gives prices; they split the first stage's cost
between the scenarios, so that the sum of the scenarios' own optima is a close bound. Each first
stage that some scenario wants is priced in all scenarios and then barred; the bound rises until
it meets the best (Ahmed 2013). Other programs are handed to HiGHS at once, as a choice among
patterns where the second stage is small, else as they stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic.patterns import chosen_patterns
from coproduce.network.location.stochastic.program import joined, scenario
from coproduce.network.location.stochastic.types import TwoStage
from coproduce.network.location.types import Answer, Floats, Options, gap_share
from coproduce.records.errors import ModelError

_TOLERANCE = 1e-9
_FIRST_GAP = 3e-3  # of a scenario's own problem in the first round; a fifth of it in the next
_QUICK_S = 2.0  # for a scenario, where time is up and any answer is better than none


@dataclass(slots=True)
class Found:
    """The best first stage, the second stages' values there, and the solver's bound.

    Attributes:
        second: values of each scenario's own columns; None where they are still to be found.
    """

    first: Floats | None
    cost: float
    bound: float
    method: str
    second: list[Floats] | None = None


def solve(problem: TwoStage, options: Options) -> Answer:
    """Return the best answer found within the options, with its certificate.

    Raises:
        ModelError: the program has no answer (code ``N042``).
    """
    with Clock(options.time_limit_s) as clock:
        every = dict(enumerate(problem.probability))
        whole = joined(problem, every, first_cost=problem.core.cost[: problem.first_columns])
        relaxed = lp.solve(whole.relaxed(), time_limit_s=clock.left_s, threads=1)
        if relaxed.status == "infeasible":
            raise _no_answer(problem)
        if not relaxed.has_answer:
            found = _quick(problem, np.zeros(problem.first_columns), options)
            return _answer(problem, options, clock, found, None)
        found = _Run(problem, options, clock, whole, relaxed).run()
        if found.first is None:
            bound, method = found.bound, found.method
            found = _quick(problem, relaxed.x[: problem.first_columns], options)
            found.bound, found.method = bound, method
        return _answer(problem, options, clock, found, relaxed)


class _Run:
    def __init__(
        self,
        problem: TwoStage,
        options: Options,
        clock: Clock,
        whole: lp.Problem,
        relaxed: lp.Solution,
    ) -> None:
        self.problem, self.options, self.clock = problem, options, clock
        self.whole, self.relaxed = whole, relaxed
        self.best = Found(None, np.inf, relaxed.objective, "decomposition by scenario")
        self.settled: set[bytes] = set()

    def run(self) -> Found:
        core, first = self.problem.core, self.problem.first_columns
        is_binary = core.is_integer[:first] & (core.lower[:first] == 0) & (core.upper[:first] == 1)
        if is_binary.all():
            return self.by_scenario()
        return self.at_once()

    def at_once(self) -> Found:
        patterns = chosen_patterns(self.problem)
        found = lp.solve(
            self.whole if patterns is None else patterns,
            gap_share=self.options.gap_share,
            # What is left over goes to the second stages of the answer, one by one.
            time_limit_s=max(0.5, self.clock.left_s - 0.02 * self.problem.scenarios),
            seed=self.options.seed,
            threads=self.options.threads,
            progress=self.options.progress,
            stop=lambda: self.clock.was_interrupted,
        )
        first = found.x[: self.problem.first_columns] if found.has_answer else None
        cost = found.objective if found.has_answer else np.inf
        method = "the extensive form" + ("" if patterns is None else " over patterns")
        if found.status == "infeasible":
            raise _no_answer(self.problem)
        return Found(first, cost, found.bound, method)

    def by_scenario(self) -> Found:
        probability = self.problem.probability
        costs = self.split_costs()
        barred: list[Floats] = []
        gap = _FIRST_GAP
        self.visit(np.rint(self.relaxed.x[: self.problem.first_columns]) + 0.0)
        while not self.clock.is_over() and not self.is_closed():
            values = np.zeros(len(probability))
            wanted: dict[bytes, Floats] = {}
            for at in range(len(probability)):
                piece = joined(self.problem, {at: 1.0}, first_cost=costs[at], barred=barred)
                found = self.piece(piece, gap)
                if found is None:
                    return self.best
                if found.status == "infeasible":
                    if self.best.first is None:
                        raise _no_answer(self.problem)
                    self.best.bound = self.best.cost
                    return self.best
                values[at] = found.bound
                point = np.rint(found.x[: self.problem.first_columns]) + 0.0  # no -0.0
                wanted.setdefault(point.tobytes(), point)
            bound = float(probability @ values)
            for point in wanted.values():
                if not self.visit(point) or self.clock.is_over():
                    break
            else:
                barred += list(wanted.values())
            self.best.bound = min(max(self.best.bound, bound), self.best.cost)
            gap = max(1e-9, 0.2 * gap)
            self.tell()
        return self.best

    def split_costs(self) -> Floats:
        """Return each scenario's first-stage costs; weighted by probability they sum up."""
        problem, first = self.problem, self.problem.first_columns
        rows = len(problem.core.rows) - problem.first_rows
        duals = self.relaxed.row_dual[problem.first_rows :].reshape(-1, rows)
        shares = np.array(
            [duals[at] @ scenario(problem, at).technology for at in range(problem.scenarios)]
        )
        rest = problem.core.cost[:first] - shares.sum(axis=0)
        total = problem.probability.sum()
        costs: Floats = shares / problem.probability[:, None] + rest / total
        # Half way to equal costs: closer than either end on server location problems.
        middle: Floats = 0.5 * costs + 0.5 * problem.core.cost[:first] / total
        return middle

    def piece(self, piece: lp.Problem, gap: float) -> lp.Solution | None:
        found = lp.solve(
            piece,
            gap_share=gap,
            time_limit_s=max(0.01, self.clock.left_s),
            seed=self.options.seed,
            threads=1,
            stop=lambda: self.clock.was_interrupted,
        )
        if found.status not in ("optimal", "infeasible"):
            return None
        return found

    def visit(self, point: Floats) -> bool:
        """Price a first stage in every scenario; return whether its case is settled."""
        if point.tobytes() in self.settled:
            return True
        problem, first = self.problem, self.problem.first_columns
        every = dict(enumerate(problem.probability))
        free = joined(problem, every, first_cost=problem.core.cost[:first], fixed=point)
        floor = lp.solve(free.relaxed(), threads=1, time_limit_s=max(0.01, self.clock.left_s))
        if floor.status != "optimal" or floor.objective >= self.best.cost - _TOLERANCE:
            return self.settle(point, floor.status in ("optimal", "infeasible"))
        total = floor.objective
        second: list[Floats] = []
        relaxed = floor.x[first:].reshape(problem.scenarios, -1)
        for at, weight in every.items():
            piece = scenario(problem, at)
            found = self.piece(
                joined(problem, {at: 1.0}, first_cost=np.zeros(first), fixed=point), 1e-9
            )
            if found is None or not found.has_answer:
                return self.settle(point, found is not None)
            # The relaxation's value gives way to the true one, scenario by scenario.
            total += weight * (found.objective - float(piece.cost @ relaxed[at]))
            second.append(found.x[first:])
            if total >= self.best.cost - _TOLERANCE:
                return self.settle(point, True)
        self.best.first, self.best.cost, self.best.second = point, total, second
        self.tell()
        return self.settle(point, True)

    def settle(self, point: Floats, is_settled: bool) -> bool:
        """Note whether the case of a first stage is settled, and return it."""
        if is_settled:
            self.settled.add(point.tobytes())
        return is_settled

    def is_closed(self) -> bool:
        gap = self.best.cost - self.best.bound
        return self.best.first is not None and gap <= max(
            1e-7, self.options.gap_share * abs(self.best.cost)
        )

    def tell(self) -> None:
        if self.options.progress is not None and np.isfinite(self.best.cost):
            gap = (self.best.cost - self.best.bound) / max(1e-9, abs(self.best.cost))
            self.options.progress(gap, f"cost {self.best.cost:,.4f}, gap {gap:.3%}")


def _answer(
    problem: TwoStage, options: Options, clock: Clock, found: Found, relaxed: lp.Solution | None
) -> Answer:
    certified = -np.inf if relaxed is None else _slackened(relaxed.objective)
    plan: dict[str, Any] = {}
    cost: float | None = None
    if found.first is not None:
        values = found.second or _second_stages(problem, found.first, options)
        if values is None:
            raise ModelError("the best first stage has no second stage", code="N043")
        first, second, cost = _exact(problem, found.first, values)
        plan = {"first": first, "second": second}
    bound = max(certified, found.bound)
    bound = bound if cost is None else min(bound, cost)
    gap = gap_share(cost, bound)
    is_optimal = gap is not None and gap <= options.gap_share
    rests = ""
    if bound > certified + 1e-9 * abs(certified):
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
            "kind": "duals",
            "certified_bound": certified if np.isfinite(certified) else None,
            "rests_on_solver": rests,
            "duals": [] if relaxed is None else [float(value) for value in relaxed.row_dual],
        },
    )


def _no_answer(problem: TwoStage) -> ModelError:
    return ModelError(
        "no answer is possible: no first stage keeps the rows of every scenario; look for a"
        " demand above all capacity",
        code="N042",
        where=problem.name,
    )


def _slackened(value: float) -> float:
    """Return a relaxation's value less what rounding of its prices may cost."""
    return value - 1e-6 * (1.0 + abs(value))


def _quick(problem: TwoStage, relaxed: Floats, options: Options) -> Found:
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
            return Found(first, np.inf, -np.inf, "", second)
    return Found(None, np.inf, -np.inf, "")


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
