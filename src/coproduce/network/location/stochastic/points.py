"""Programs with few 0-1 first stages: all of them are listed, each with a bound per scenario.

Prices of a scenario's relaxation bound it at every first stage at once. Where its cost can only
be a multiple of some unit, each bound is rounded up to the next one: that closes most of the gap
between the relaxation and the whole second stage. The first stage with the lowest bound is looked
at next: first for prices, then for the true cost (Laporte, Louveaux 1993, on a list in the place
of a master problem).
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from coproduce.engines.lp_held import Held, Keeper, whole
from coproduce.network.location.clock import Clock
from coproduce.network.location.stochastic.dualcuts import Cuts, Stage
from coproduce.network.location.stochastic.program import joined
from coproduce.network.location.stochastic.types import Found, TwoStage, no_answer
from coproduce.network.location.stochastic.wholes import unit_of
from coproduce.network.location.types import Floats, Ints, Options

_MOST_COLUMNS = 16
_MOST_BOUNDS = 2**23
_INWARD = 1e-3  # how far prices are asked for inside, where they hold for more first stages
_ROUND = 1e-6
_MOST_PRICES = 6_000_000  # in a certificate
_ROUGH = 0.05
_NOTHING = -1e30  # as a bound; finite, so that sums are numbers
_NEAR = 0.03  # columns whose rest is above this share of the cost are left out at first
# For searches of milliseconds: what takes longer than the search itself is off.
_LEAN: dict[str, object] = {
    "mip_detect_symmetry": False,
    "mip_heuristic_run_feasibility_jump": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_rins": False,
}
# Few cuts are faster mostly and far slower at times: after so many nodes the other way is tried.
_FIRST = _LEAN | {"mip_pool_soft_limit": 10, "mip_pool_age_limit": 2, "mip_max_nodes": 300}
_SECOND = _LEAN | {"mip_heuristic_effort": 0.2}


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


@dataclass(slots=True)
class _True:
    """What is known of the true cost of one first stage: of its first scenarios."""

    cost: float
    second: list[Floats] = field(default_factory=list)


class _Search:
    def __init__(self, problem: TwoStage, points: Floats, options: Options, clock: Clock) -> None:
        core, first = problem.core, problem.first_columns
        self.problem, self.points, self.options, self.clock = problem, points, options, clock
        self.fixed = points @ core.cost[:first]
        self.middle = points.mean(axis=0)
        self.stage = Stage(problem)
        self.unit = unit_of(problem)
        # Cost of a scenario at a first stage, at least.
        self.least = np.full((problem.scenarios, len(points)), _NOTHING)
        self.proven = self.least.copy()  # the same, of exact cuts alone
        # First stages at which some scenario has no answer, and those proven so by exact rays.
        self.is_barred = np.zeros(len(points), dtype=bool)
        self.is_proven_barred = self.is_barred.copy()
        self.cuts: list[Cuts] = []
        self.rays: list[Cuts] = []
        self.first, self.second, self.cost = -1, list[Floats](), np.inf
        self.asked: dict[int, int] = {}  # scenarios that were asked for prices, by first stage
        self.true: dict[int, _True] = {}
        one = joined(problem, {0: 1.0}, first_cost=np.zeros(first))
        gap = self.unit * 0.999 if self.unit else 1e-9
        self.relaxed = Keeper(one.relaxed(), seed=options.seed)
        self.exact = [
            Keeper(one, seed=options.seed, gap=gap, has_presolve=True, extra=extra)
            for extra in (_FIRST, _SECOND)
        ]
        rough = _FIRST | {"mip_rel_gap": _ROUGH}
        self.rough = Keeper(one, seed=options.seed, has_presolve=True, extra=rough)
        self.has_hurried = False
        # Listed points keep the first-stage rows, points moved inward or outward need not.
        top = whole(range(problem.first_rows))
        for keeper in (self.relaxed, self.rough, *self.exact):
            keeper.bound_rows(top, np.full(len(top), -np.inf), np.full(len(top), np.inf))
        self.own = whole(np.arange(first, core.cost.size))

    def run(self) -> Found:
        """Return the best first stage with its bound and certificate."""
        scenarios, step = self.problem.scenarios, max(8, self.problem.scenarios // 16)
        self.ask(self.middle, np.arange(scenarios))
        bound = -np.inf
        while not self.clock.is_over():
            total = self.total(self.least, self.is_barred)
            at = int(np.argmin(total))
            if np.isposinf(total[at]):
                raise no_answer(self.problem)
            bound = max(bound, float(total[at]))
            if bound >= self.cutoff():
                break
            self.tell(bound)
            if self.first < 0 and self.is_late():
                self.hurry(at)
                continue
            done = self.asked.get(at, 0)
            if done < scenarios:
                # Only as long as it is the lowest: prices for some scenarios may lift it enough.
                self.asked[at] = min(done + step, scenarios)
                inward = self.points[at] + _INWARD * (self.middle - self.points[at])
                self.ask(inward, np.arange(done, self.asked[at]))
            else:
                total[at] = np.inf
                self.settle(at, float(total.min()))
        bound = bound if bound > _NOTHING / 1e6 else -np.inf
        return self.found(min(bound, self.cost))

    def total(self, least: Floats, is_barred: npt.NDArray[np.bool_]) -> Floats:
        """Return what each first stage costs at least; inf where it has no answer."""
        total: Floats = self.fixed + self.problem.probability @ least
        total[is_barred] = np.inf
        return total

    def is_late(self) -> bool:
        """Return whether half of the time is gone; True once."""
        is_late = not self.has_hurried and self.clock.left_s < 0.5 * self.options.time_limit_s
        self.has_hurried |= is_late
        return is_late

    def hurry(self, at: int) -> None:
        """Find any answer, so that there is one when time is up: the lowest first stage's."""
        weights, cost, second = self.problem.probability, float(self.fixed[at]), list[Floats]()
        for number in range(self.problem.scenarios):
            found = self.true_cost(number, at, [self.rough])
            if found is None or not np.isfinite(found[1]):
                return
            cost += float(weights[number]) * found[1]
            second.append(found[2])
        self.first, self.cost, self.second = at, cost, second

    def cutoff(self) -> float:
        """Return the bound from which on the best first stage stands."""
        if self.first < 0:
            return np.inf
        return self.cost - max(1e-9, 0.5 * self.options.gap_share * abs(self.cost))

    def tell(self, bound: float) -> None:
        if self.options.progress is not None and self.first >= 0:
            gap = (self.cost - bound) / max(1e-9, abs(self.cost))
            self.options.progress(gap, f"cost {self.cost:,.4f}, gap {gap:.3%}")

    def load(self, keeper: Keeper, at: int, point: Floats) -> None:
        """Put a scenario and a first stage into a kept problem."""
        problem, stage = self.problem, self.stage
        keeper.bound_columns(whole(range(problem.first_columns)), point, point)
        top, count = problem.first_rows, stage.row_lower.shape[1]
        rows = whole(np.arange(top, top + count))
        keeper.bound_rows(rows, stage.row_lower[at], stage.row_upper[at])
        if len(problem.cost_column):
            keeper.price(self.own, stage.cost[at])
        places = zip(problem.entry_row, problem.entry_column, strict=True)
        for (row, column), value in zip(places, problem.entry_value[at], strict=True):
            keeper.enter(int(row), int(column), float(value))

    def ask(self, point: Floats, scenarios: Ints) -> Cuts | None:
        """Raise the bounds of all first stages by the prices at a point; return the cuts."""
        prices, numbers = [], []
        for at in scenarios:
            if self.clock.is_over():
                break
            self.load(self.relaxed, int(at), point)
            found = self.relaxed.solve(self.clock.left_s)
            line = found.row_dual[self.problem.first_rows :]
            if found.status == "infeasible" and line.size:
                self.bar(int(at), line)
            elif line.size:
                prices.append(line)
                numbers.append(at)
        if not numbers:
            return None
        cuts = self.stage.cuts(np.array(numbers), np.array(prices))
        self.cuts.append(replace(cuts, rest=np.zeros(0)))  # by far the largest part
        self.raise_by(cuts)
        return cuts

    def bar(self, at: int, ray: Floats) -> None:
        """Note the first stages at which a ray says that a scenario has no answer."""
        for sign in (1.0, -1.0):
            cuts = self.stage.cuts(np.array([at]), sign * ray[None, :], is_ray=True)
            if cuts.is_good[0] and self.barred(cuts).any():
                self.is_barred |= self.barred(cuts)
                if cuts.is_exact[0]:
                    self.is_proven_barred |= self.barred(cuts)
                    self.rays.append(cuts)

    def barred(self, ray: Cuts) -> npt.NDArray[np.bool_]:
        value = ray.constant[0] + self.points @ ray.slope[0]
        is_barred: npt.NDArray[np.bool_] = value > _ROUND * (1.0 + np.abs(ray.prices).max())
        return is_barred

    def raise_by(self, cuts: Cuts) -> None:
        """Raise the bounds of all first stages to what cuts say."""
        good = np.where(cuts.is_good, cuts.constant, _NOTHING)
        value = self.up(good[:, None] + cuts.slope @ self.points.T)
        at = cuts.scenarios
        self.least[at] = np.maximum(self.least[at], value)
        value[~cuts.is_exact] = _NOTHING
        self.proven[at] = np.maximum(self.proven[at], value)

    def up(self, value: Floats) -> Floats:
        """Return bounds rounded up to the next cost that there can be."""
        if self.unit is None:
            return value
        rounded: Floats = np.ceil(value / self.unit - _ROUND) * self.unit
        return rounded

    def settle(self, at: int, others: float) -> None:
        """Find true costs of a first stage, scenario by scenario, while it is the lowest."""
        weights = self.problem.probability
        known = self.true.setdefault(at, _True(float(self.fixed[at])))
        for number in range(len(known.second), self.problem.scenarios):
            total = self.fixed[at] + float(weights @ self.least[:, at])
            is_lowest = total <= others + _ROUND * (1.0 + abs(others))
            if not is_lowest or total >= self.cutoff() or self.clock.is_over():
                return
            found = self.true_cost(number, at, self.exact)
            if found is None:
                return
            bound, cost, second = found
            if not np.isfinite(bound):
                self.is_barred[at] = True
                return
            self.least[number, at] = max(self.least[number, at], bound)
            known.cost += float(weights[number]) * cost
            known.second.append(second)
        if known.cost < self.cost:
            self.first, self.cost, self.second = at, known.cost, known.second

    def true_cost(
        self, number: int, at: int, keepers: list[Keeper]
    ) -> tuple[float, float, Floats] | None:
        """Return bound, cost and columns of a scenario at a first stage; None when time is up.

        Prices just outside the first stage make dear what it does not allow. Columns that they
        leave far from paying are left out; what is found stands if it is no dearer than the
        bound plus the least that such a column would add.
        """
        core, first = self.problem.core, self.problem.first_columns
        lower, upper = core.lower[first:], core.upper[first:]
        point = self.points[at]
        cuts = self.ask(point - _INWARD * (self.middle - point), np.array([number]))
        if cuts is not None and cuts.is_good[0]:
            bound = float(cuts.constant[0] + cuts.slope[0] @ point)
            near = max(_NEAR * abs(bound), 4.0 * (self.unit or 0.0))
            kinds, rest = core.is_integer[first:], cuts.rest[0]
            less = np.where(kinds & (rest > near) & np.isfinite(lower), lower, upper)
            more = np.where(kinds & (rest < -near) & np.isfinite(upper), upper, lower)
            found = self.solved(keepers, number, point, more, less)
            is_solved = found is not None and found.status == "optimal"
            if found is not None and is_solved and found.objective <= bound + near:
                value = float(self.up(np.array(min(found.bound, bound + near))))
                return value, found.objective, found.x[first:]
        found = self.solved(keepers, number, point, lower, upper)
        if found is None or found.status == "none":
            return None
        if found.status == "infeasible":
            return np.inf, np.inf, np.zeros(0)
        return float(self.up(np.array(found.bound))), found.objective, found.x[first:]

    def solved(
        self, keepers: list[Keeper], number: int, point: Floats, lower: Floats, upper: Floats
    ) -> Held | None:
        """Return the solver's answer for a scenario at a first stage, its columns in bounds."""
        found = None
        for keeper in keepers:
            self.load(keeper, number, point)
            keeper.bound_columns(self.own, lower, upper)
            found = None if self.clock.is_over() else keeper.solve(self.clock.left_s)
            if found is None or found.status != "none":
                return found
        return found

    def found(self, bound: float) -> Found:
        total = self.total(self.least, self.is_barred)
        point = self.points[self.first if self.first >= 0 else int(np.argmin(total))]
        certificate, certified = self.certificate()
        return Found(
            first=point,
            cost=self.cost,
            bound=bound,
            method=f"the second stages of {len(self.true)} listed first stages",
            second=self.second if self.first >= 0 else None,
            certificate=certificate,
            certified=certified,
        )

    def certificate(self) -> tuple[dict[str, object] | None, float]:
        """Return the prices that bound every first stage, and what they prove."""
        if sum(cuts.prices.size for cuts in self.cuts) > _MOST_PRICES:
            return None, -np.inf
        prices: list[list[list[float]]] = [[] for _ in range(len(self.proven))]
        rays: list[list[list[float]]] = [[] for _ in range(len(self.proven))]
        for cuts in self.cuts:
            for at, line in zip(cuts.scenarios, cuts.prices, strict=True):
                prices[at].append(line.tolist())
        for ray in self.rays:
            rays[int(ray.scenarios[0])].append(ray.prices[0].tolist())
        certified = float(self.total(self.proven, self.is_proven_barred).min())
        if not _NOTHING / 1e6 < certified < np.inf:
            return None, -np.inf
        return {"kind": "cuts", "prices": prices, "rays": rays}, certified
