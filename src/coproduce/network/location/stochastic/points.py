"""Programs with few 0-1 first stages: all of them are listed, each with a bound per scenario.

Prices of a scenario's relaxation bound it at every first stage at once. Where its cost can only
be a multiple of some unit, each bound is rounded up to the next one: that closes most of the gap
between the relaxation and the whole second stage. The first stage with the lowest bound is looked
at next: first for prices, then for the true cost (Laporte, Louveaux 1993, on a list in the place
of a master problem).
"""

from __future__ import annotations

import itertools

import numpy as np

from coproduce.engines import lp
from coproduce.engines.lp_held import Held, Keeper, whole
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic.dualcuts import DualCut, dual_cut
from coproduce.network.location.stochastic.program import joined, scenario
from coproduce.network.location.stochastic.types import Found, TwoStage, no_answer
from coproduce.network.location.stochastic.wholes import unit_of
from coproduce.network.location.types import Floats, Options

_MOST_COLUMNS = 16
_MOST_BOUNDS = 2**24
_INWARD = 1e-3  # how far prices are asked for inside, where they hold for more first stages
_ROUND = 1e-6
_MOST_PRICES = 3_000_000  # in a certificate


def listed(problem: TwoStage) -> Floats | None:
    """Return all first stages, shape ``(points, columns)``; None where they are too many."""
    core, first, top = problem.core, problem.first_columns, problem.first_rows
    is_binary = core.is_integer[:first] & (core.lower[:first] == 0) & (core.upper[:first] == 1)
    if not is_binary.all() or first > _MOST_COLUMNS:
        return None
    points = np.array(list(itertools.product((0.0, 1.0), repeat=first)))
    value = points @ core.matrix[:top, :first].T
    fits = (value >= core.row_lower[:top] - 1e-9) & (value <= core.row_upper[:top] + 1e-9)
    points = points[fits.all(axis=1)]
    return points if len(points) * problem.scenarios <= _MOST_BOUNDS else None


def search(problem: TwoStage, points: Floats, options: Options, clock: Clock) -> Found:
    """Return the best of listed first stages with its bound and certificate.

    Raises:
        ModelError: none of them has an answer in every scenario (code ``N042``).
    """
    return _Search(problem, points, options, clock).run()


class _Search:
    def __init__(self, problem: TwoStage, points: Floats, options: Options, clock: Clock) -> None:
        core, first = problem.core, problem.first_columns
        self.problem, self.points, self.options, self.clock = problem, points, options, clock
        self.fixed = points @ core.cost[:first]
        self.bounds = core.lower[first:], core.upper[first:]
        self.unit = unit_of(problem)
        shape = (problem.scenarios, len(points))
        self.least = np.full(shape, -np.inf)  # cost of a scenario at a first stage, at least
        self.cuts: list[tuple[int, DualCut, bool]] = []
        self.first, self.second, self.cost = -1, list[Floats](), np.inf
        one = joined(problem, {0: 1.0}, first_cost=np.zeros(first))
        gap = self.unit * 0.999 if self.unit else 1e-9
        self.relaxed = self.keeper(one.relaxed(), Keeper(one.relaxed(), seed=options.seed))
        self.exact = self.keeper(one, Keeper(one, seed=options.seed, gap=gap, has_presolve=True))
        self.priced_at: set[int] = set()
        self.settled = 0

    def keeper(self, one: lp.Problem, keeper: Keeper) -> Keeper:
        """Free the first-stage rows: listed points keep them, points moved inward need not."""
        top = self.problem.first_rows
        keeper.bound_rows(whole(range(top)), np.full(top, -np.inf), np.full(top, np.inf))
        return keeper

    def run(self) -> Found:
        """Return the best first stage with its bound and certificate."""
        self.ask(self.points.mean(axis=0), range(self.problem.scenarios))
        bound = -np.inf
        while not self.clock.is_over():
            total = self.fixed + self.problem.probability @ self.least
            at = int(np.argmin(total))
            if np.isposinf(total[at]):
                raise no_answer(self.problem)
            bound = max(bound, float(total[at]))
            if bound >= self.cutoff():
                break
            self.tell(bound)
            if at not in self.priced_at:
                self.priced_at.add(at)
                point = self.points[at]
                self.ask(point + _INWARD * (self.points.mean(axis=0) - point), self.every)
            elif not self.settle(at):
                break
        return self.found(min(bound, self.cost))

    @property
    def every(self) -> range:
        return range(self.problem.scenarios)

    def cutoff(self) -> float:
        """Return the bound from which on the best first stage stands."""
        if self.first < 0:
            return np.inf
        return self.cost - max(1e-9, 0.5 * self.options.gap_share * abs(self.cost))

    def tell(self, bound: float) -> None:
        if self.options.progress is not None and self.first >= 0:
            gap = (self.cost - bound) / max(1e-9, abs(self.cost))
            self.options.progress(gap, f"cost {self.cost:,.4f}, gap {gap:.3%}")

    def load(self, keeper: Keeper, at: int) -> None:
        """Put a scenario into a kept problem."""
        problem = self.problem
        top, first = problem.first_rows, problem.first_columns
        piece = scenario(problem, at)
        rows = whole(np.arange(top, top + len(piece.lower)))
        keeper.bound_rows(rows, piece.lower, piece.upper)
        if len(problem.cost_column):
            keeper.price(whole(np.arange(first, first + len(piece.cost))), piece.cost)
        places = zip(problem.entry_row, problem.entry_column, strict=True)
        for (row, column), value in zip(places, problem.entry_value[at], strict=True):
            keeper.enter(int(row), int(column), float(value))

    def ask(self, point: Floats, scenarios: range) -> None:
        """Raise the bounds of all first stages by the prices at a point."""
        first = self.problem.first_columns
        self.relaxed.bound_columns(whole(range(first)), point, point)
        for at in scenarios:
            if self.clock.is_over():
                return
            self.load(self.relaxed, at)
            found = self.relaxed.solve(self.clock.left_s)
            if found.row_dual.size:
                self.note(at, found)

    def note(self, at: int, found: Held) -> None:
        piece = scenario(self.problem, at)
        prices = found.row_dual[self.problem.first_rows :]
        is_ray = found.status == "infeasible"
        for sign in (1.0, -1.0) if is_ray else (1.0,):
            cut = dual_cut(piece, self.bounds, sign * prices, is_ray=is_ray)
            if cut is None:
                continue
            least = self.says(cut, is_ray)
            if not is_ray or np.isposinf(least).any():
                np.maximum(self.least[at], least, out=self.least[at])
                self.cuts.append((at, cut, is_ray))

    def says(self, cut: DualCut, is_ray: bool) -> Floats:
        """Return what a cut says of every first stage, shape ``(points,)``."""
        value: Floats = cut.constant + self.points @ cut.slope
        if is_ray:
            return np.where(value > _ROUND * (1.0 + np.abs(cut.prices).max()), np.inf, -np.inf)
        if self.unit is None:
            return value
        return np.ceil(value / self.unit - _ROUND) * self.unit

    def settle(self, at: int) -> bool:
        """Find the true cost of a first stage as far as it matters; False when time is up."""
        first = self.problem.first_columns
        self.exact.bound_columns(whole(range(first)), self.points[at], self.points[at])
        weights = self.problem.probability
        self.settled += 1
        cost, second = float(self.fixed[at]), list[Floats]()
        for number in self.every:
            self.load(self.exact, number)
            found = self.exact.solve(self.clock.left_s)
            if found.status == "infeasible":
                self.least[number, at] = np.inf
                return True
            if found.status != "optimal":
                return False
            bound = found.bound
            if self.unit is not None:
                bound = np.ceil(bound / self.unit - _ROUND) * self.unit
            self.least[number, at] = max(self.least[number, at], bound)
            cost += float(weights[number]) * found.objective
            second.append(found.x[first:])
            if self.fixed[at] + weights @ self.least[:, at] >= self.cutoff():
                return True
        if cost < self.cost:
            self.first, self.cost, self.second = at, cost, second
        # What is left between the two is the solver's own gap.
        return True

    def found(self, bound: float) -> Found:
        total = self.fixed + self.problem.probability @ self.least
        point = self.points[self.first if self.first >= 0 else int(np.argmin(total))]
        certificate, certified = self.certificate()
        return Found(
            first=point,
            cost=self.cost,
            bound=bound,
            method=f"the second stages of {self.settled} listed first stages",
            second=self.second if self.first >= 0 else None,
            certificate=certificate,
            certified=certified,
        )

    def certificate(self) -> tuple[dict[str, object] | None, float]:
        """Return the prices that bound every first stage, and what they prove."""
        kept = [(at, cut, is_ray) for at, cut, is_ray in self.cuts if cut.is_exact]
        if sum(len(cut.prices) for _, cut, _ in kept) > _MOST_PRICES:
            return None, -np.inf
        least = np.full_like(self.least, -np.inf)
        prices: list[list[list[float]]] = [[] for _ in self.every]
        rays: list[list[list[float]]] = [[] for _ in self.every]
        for at, cut, is_ray in kept:
            np.maximum(least[at], self.says(cut, is_ray), out=least[at])
            (rays if is_ray else prices)[at].append([float(value) for value in cut.prices])
        certified = float((self.fixed + self.problem.probability @ least).min())
        if not np.isfinite(certified):
            return None, -np.inf
        return {"kind": "cuts", "prices": prices, "rays": rays}, certified
