"""Programs without a form of their own: scenario by scenario, or all at once in HiGHS.

Where all first decisions are 0 or 1 the relaxation of all scenarios together gives prices; they
split the first stage's cost between the scenarios, so that the sum of the scenarios' own optima
is a close bound. Each first stage that some scenario wants is priced in all scenarios and then
barred; the bound rises until it meets the best (Ahmed 2013). Other programs are handed to HiGHS
at once, as a choice among patterns where the second stage is small, else as they stand.
"""

from __future__ import annotations

import numpy as np

from coproduce.engines import lp
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic.patterns import chosen_patterns
from coproduce.network.location.stochastic.program import joined, scenario
from coproduce.network.location.stochastic.types import Found, TwoStage, no_answer
from coproduce.network.location.types import Floats, Options

_TOLERANCE = 1e-9
_FIRST_GAP = 3e-3  # of a scenario's own problem in the first round; a fifth of it in the next


def search(
    problem: TwoStage,
    options: Options,
    clock: Clock,
    whole: lp.Problem,
    relaxed: lp.Solution,
) -> Found:
    """Return the best first stage with its bound.

    Args:
        whole: all scenarios side by side.
        relaxed: solution of its relaxation.

    Raises:
        ModelError: there is no answer (code ``N042``).
    """
    return _Search(problem, options, clock, whole, relaxed).run()


class _Search:
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
        """Return the best first stage with its bound."""
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
            raise no_answer(self.problem)
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
                        raise no_answer(self.problem)
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
