"""Solves networks of plants and depots: bound by prices, answer by search, proof by HiGHS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coproduce.network.location.clock import Clock
from coproduce.network.location.multilevel.apart import Apart, Task
from coproduce.network.location.multilevel.bound import (
    Box,
    Dual,
    Prices,
    choose,
    climb,
    whole,
)
from coproduce.network.location.multilevel.certificate import (
    grid_for,
    is_whole,
    plan_of,
    price_certificate,
    tree_certificate,
)
from coproduce.network.location.multilevel.compact import close
from coproduce.network.location.multilevel.cover import COARSE, FINE
from coproduce.network.location.multilevel.flow import serve
from coproduce.network.location.multilevel.parts import Parts
from coproduce.network.location.multilevel.search import Search
from coproduce.network.location.multilevel.tree import Tree, is_fit
from coproduce.network.location.multilevel.types import Levels
from coproduce.network.location.types import Answer, Floats, Options, gap_share
from coproduce.records.errors import ModelError

FIRST_STEPS = 300
_VISITS = 400  # sets served before the proof of a small network begins
_MORE_VISITS = 2_000  # sets served in between where the proof turns out to be hard
TREE_GRID = 2**14  # of the tree's prices: coarse, as there are many of them
_FIRST_PARTS = 300  # parts of the tree before more answers are looked for
_LATER_PARTS = 1_000  # parts after that; where they close little the search goes on for long
_LONG_VISITS = 200_000  # sets served then
_MORE_PARTS = 5_000  # parts of the tree after which it shows whether it will close
_MOST_PARTS = 100_000  # parts after that: each keeps some kilobytes
_COUNT_STEPS = 500  # pricings to show that another number of facilities costs more
_FIRST_VISITS = 300  # sets served for the cost that scales the steps of a large problem
_LARGE_STEPS = 20_000  # pricings of a large problem at most
_LARGE_PATIENCE = 150  # pricings without gain after which its steps shrink
_LAST_STEPS = 1_500  # more pricings with finer covering rows, in short steps
_LAST_STEP = 0.002
_SPARE_S = 2.0  # for the answer of the other process to come in
_COLUMNS_FOR_PROOF = 40_000  # flow columns up to which HiGHS is asked to close the gap


@dataclass(slots=True)
class Bounded:
    """The best bound so far, its prices on the grid, and the relaxation's answer."""

    bound: float
    prices: Prices
    share: Floats
    step: float = 1.0


def solve(levels: Levels, options: Options) -> Answer:
    """Return the best answer found within the options, with its certificate.

    Raises:
        ModelError: what is open together can never serve (code ``N042``).
    """
    with Clock(options.time_limit_s) as clock:
        return _Run(levels, options, clock).run()


class _Run:
    def __init__(self, levels: Levels, options: Options, clock: Clock) -> None:
        self.levels, self.options, self.clock = levels, options, clock
        self.dual, self.box = Dual(levels), whole(levels)
        self.grid = grid_for(levels)
        self.solver_bound = -np.inf
        self.tree: Tree | None = None
        self.bounded = Bounded(-np.inf, self.dual.start(), np.zeros(len(self.box.lower)))
        self.search = Search(
            self.dual, seed=options.seed, is_over=self.is_over, found=lambda _cost: self.tell()
        )
        self.parts: Parts | None = None
        self.pause_at_s = np.inf
        self.pause_at_visits = 10**9
        self.is_whole = is_whole(levels)

    @property
    def cost(self) -> float:
        return np.inf if self.search.best is None else self.search.best.served.cost

    @property
    def bound(self) -> float:
        best = max(self.certified, self.solver_bound)
        if self.tree is not None:
            best = max(best, self.tree.bound)
        if self.is_whole and np.isfinite(best):
            best = float(np.ceil(best - 1e-6))
        return min(best, self.cost)

    @property
    def certified(self) -> float:
        """The bound that the certificate proves, before it is raised to a whole number."""
        return max(self.bounded.bound, -np.inf if self.parts is None else self.parts.bound)

    @property
    def allowed(self) -> float:
        return self.options.gap_share * max(1e-9, abs(self.cost))

    def is_over(self) -> bool:
        return (
            self.clock.is_over()
            or self.clock.seconds > self.pause_at_s
            or len(self.search.seen) >= self.pause_at_visits
            or self.is_closed()
        )

    def is_closed(self) -> bool:
        return self.search.best is not None and self.cost - self.bound <= self.allowed

    def tell(self) -> None:
        if self.options.progress is not None and np.isfinite(self.cost):
            gap = (self.cost - self.bound) / max(1e-9, abs(self.cost))
            self.options.progress(gap, f"cost {self.cost:,.1f}, gap {gap:.3%}")

    def run(self) -> Answer:
        columns = self.levels.products * self.levels.depots * self.levels.customers
        if columns <= _COLUMNS_FOR_PROOF:
            self.run_small()
        else:
            self.run_large()
        return self.answer()

    def run_small(self) -> None:
        """Bound, search and prove; what ends a phase is a count, unless time runs out."""
        total = self.options.time_limit_s
        self.climb(FIRST_STEPS, 0.2 * total)
        self.search.learn(self.bounded.prices)
        self.seek(0.3 * total, _VISITS)
        self.climb(900, 0.2 * total)
        self.search.learn(self.bounded.prices, is_first=True)
        if is_fit(self.levels):
            self.branch()
        else:
            self.prove()

    def run_large(self) -> None:
        """Raise the bound, then search; with two threads a second search runs all the while."""
        total = self.options.time_limit_s
        self.climb(FIRST_STEPS, 0.1 * total)
        self.search.learn(self.bounded.prices, is_first=True)
        self.seek(0.05 * total, _FIRST_VISITS)
        helper = self.helper() if self.options.threads > 1 else None
        self.climb(_LARGE_STEPS, 0.3 * total, _LARGE_PATIENCE)
        self.search.learn(self.bounded.prices, is_first=True)
        self.climb(_LAST_STEPS, 0.1 * total, _LARGE_PATIENCE, FINE)
        left = self.clock.left_s
        self.seek((0.25 if helper is None else 0.1) * left)
        self.split((0.5 if helper is None else 0.75) * left)
        self.seek(self.clock.left_s - _SPARE_S * (helper is not None))
        if helper is not None and self.search.best is not None:
            self.search.visit(helper.found(waits=not self.clock.was_interrupted))
            self.tell()

    def split(self, seconds: float) -> None:
        """Raise the bound further by parts of what may be open."""
        until = self.clock.seconds + seconds
        self.parts = Parts(
            self.dual,
            self.grid,
            cost=lambda: self.cost - self.allowed,
            is_over=lambda: self.clock.is_over() or self.clock.seconds > until,
            report=self.tell,
        )
        self.parts.run(self.box, self.bounded.prices, self.bounded.share)

    def helper(self) -> Apart | None:
        """Return a search with another seed on another core, for the time that is left."""
        seconds = self.clock.left_s - _SPARE_S
        if seconds < _SPARE_S or self.search.best is None or self.is_closed():
            return None
        return Apart(
            Task(
                self.levels,
                self.bounded.prices,
                self.bounded.share,
                self.search.best.opened,
                self.options.seed + 1,
                seconds,
            )
        )

    def seek(self, seconds: float, visits: int = 10**9) -> None:
        """Search for so long or so many sets, from the relaxation's answer and the best one."""
        self.pause_at_s = self.clock.seconds + seconds
        self.pause_at_visits = len(self.search.seen) + visits
        self.search.run(self.bounded.share, kicks=100_000)
        self.pause_at_s, self.pause_at_visits = np.inf, 10**9

    def prove(self) -> None:
        """Let HiGHS close the gap, for more, fewer and as many depots as the best answer has."""
        if self.search.best is None or self.is_closed():
            return
        count = int(self.search.best.opened[self.levels.plants :].sum())
        self.hold_counts()
        left = self.clock.left_s
        bounds = []
        for least, most, share in (
            (count + 1, 10**9, 0.3),
            (0, count - 1, 0.4),
            (count, count, 1),
        ):
            box = self.box.copy()
            box.least[1], box.most[1] = max(least, box.least[1]), min(most, box.most[1])
            if box.least[1] > box.most[1]:
                continue
            seconds = min(self.clock.left_s, share * left)
            bounds.append(self.part(box, seconds))
            if least > count and bounds[-1] < self.cost - self.allowed:
                self.seek(0.2 * left, _MORE_VISITS)  # hard: the answer may not be the best yet
        self.solver_bound = max(self.solver_bound, min(bounds))

    def branch(self) -> None:
        """Close the gap by a tree of priced parts; look for answers where that is hard."""
        if self.is_closed():
            return
        self.tree = Tree(
            self.levels,
            grid=min(self.grid, TREE_GRID),
            cutoff=self.cutoff,
            visit=lambda opened: self.search.visit(opened, self.cost),
            serve=lambda opened: serve(self.levels, opened),
            is_over=lambda: self.clock.is_over() or self.is_closed(),
            report=self.tell,
        )
        self.tree.search(self.bounded.prices, _FIRST_PARTS)
        if self.tree.is_open:
            self.seek(0.2 * self.clock.left_s, _MORE_VISITS)  # the answer may not be the best yet
            self.tree.search(None, _LATER_PARTS)
        if self.is_stuck(0.7):
            self.seek(0.5 * self.clock.left_s, _LONG_VISITS)
        self.tree.search(None, _MORE_PARTS)
        if self.is_stuck(0.5):
            self.prove()  # too many parts: cuts over the flows raise the bound of all at once
        self.tree.search(None, _MOST_PARTS)
        self.tree.finish()

    def is_stuck(self, share: float) -> bool:
        """Return whether more than such a share of the root's gap is still open."""
        if self.tree is None or not self.tree.is_open:
            return False
        return self.cost - self.tree.bound > share * (self.cost - self.tree.root[1])

    def cutoff(self) -> float:
        """Return the bound at which a part of the tree holds no answer that is wanted."""
        if self.is_whole:
            return self.cost - 1.0 + 1e-3
        return self.cost - 0.9 * self.allowed

    def hold_counts(self) -> None:
        """Bar numbers of open facilities whose own bound shows that none of them is better."""
        best = self.search.best
        if best is None:
            return
        plants = self.levels.plants
        for level, part in enumerate((slice(0, plants), slice(plants, None))):
            count = int(best.opened[part].sum())
            if count and count < self.box.most[level] and self.is_dear(level, count + 1, None):
                self.box.most[level] = count
            if count - 1 >= self.box.least[level] and self.is_dear(level, None, count - 1):
                self.box.least[level] = count

    def is_dear(self, level: int, least: int | None, most: int | None) -> bool:
        """Return whether no answer with such a number of open facilities beats the best."""
        box = self.box.copy()
        if least is not None:
            box.least[level] = least
        if most is not None:
            box.most[level] = most
        wanted = self.cost - (1.0 - 1e-6 if self.is_whole else 0.0)
        found = climb(
            self.dual,
            box,
            self.bounded.prices,
            target=2.0 * self.cost - self.bounded.bound,
            steps=_COUNT_STEPS,
            step=0.03,  # the prices are good already: long steps lose them
            stop=lambda best: best > wanted or self.clock.is_over(),
        )
        return found.bound > wanted

    def part(self, box: Box, seconds: float) -> float:
        """Return a bound of all answers in the box, by HiGHS."""
        known = max(self.certified, -np.inf if self.tree is None else self.tree.bound)
        if seconds < 0.5 or self.search.best is None:
            return known
        slack = 0.5 if self.is_whole else 1e-6 * abs(self.cost)
        found = close(
            self.levels,
            box,
            keep=None,
            offers=0,
            start=None,
            gap_share=self.options.gap_share,
            time_limit_s=seconds,
            seed=self.options.seed,
            threads=self.options.threads,
            stop=lambda: self.clock.was_interrupted,
            progress=self.options.progress,
            cutoff=self.cost + slack,
        )
        if found.opened is not None:
            self.search.visit(found.opened)
        return self.cost if found.is_empty else max(known, found.bound)

    def climb(self, steps: int, seconds: float, patience: int = 25, states: int = COARSE) -> None:
        """Raise the bound by so many pricings or for so long."""
        until = self.clock.seconds + seconds
        cost = self.cost
        if not np.isfinite(cost):
            cost = self.first_cost()
        found = climb(
            self.dual,
            self.box,
            self.bounded.prices,
            target=cost,
            steps=steps,
            step=self.bounded.step if states == COARSE else _LAST_STEP,
            patience=patience,
            states=states,
            stop=lambda _best: self.clock.is_over() or self.clock.seconds > until,
        )
        prices = found.prices.on_grid(self.grid)
        value, _ = choose(self.dual, self.dual.price(prices), self.box)
        if value > self.bounded.bound:
            self.bounded = Bounded(value, prices, found.share, 0.3)
        self.tell()

    def first_cost(self) -> float:
        """Return the cost of a first answer, for the length of the first steps."""
        _, chosen = choose(self.dual, self.dual.price(self.bounded.prices), self.box)
        self.search.learn(self.bounded.prices)
        cost = self.search.visit(self.search.repaired(chosen.astype(float)))
        if not np.isfinite(cost):
            cost = self.search.visit(np.ones(len(chosen), dtype=bool))
        if not np.isfinite(cost):
            raise ModelError(
                "no answer is possible: even with everything open the demand of some product"
                " cannot be met; compare the capacities of plants and depots with it",
                code="N042",
                where=self.levels.name,
            )
        return cost

    def answer(self) -> Answer:
        from coproduce.engines.lp import engine_version

        best = self.search.best
        if best is None:  # the first climb has served at least one set
            raise ModelError("the search ended without an answer", code="N043")
        cost, bound = float(best.served.cost), float(self.bound)
        gap = gap_share(cost, bound)
        is_optimal = gap is not None and gap <= self.options.gap_share
        certificate, certified, rests = self.certificate(bound)
        if not rests:
            bound = min(bound, self.certified_whole(certified))
            gap = gap_share(cost, bound)
        return Answer(
            objective=cost,
            bound=bound,
            gap=gap,
            status="optimal" if is_optimal else "feasible",
            seconds=self.clock.seconds,
            seed=self.options.seed,
            engine=f"coproduce prices and search, {engine_version()}",
            opened=tuple(int(at) for at in np.flatnonzero(best.opened)),
            plan=plan_of(self.levels, best.served, self.is_whole),
            certificate={
                **certificate,
                "certified_bound": self.certified_whole(certified),
                "rests_on_solver": rests,
            },
        )

    def certificate(self, bound: float) -> tuple[dict[str, Any], float, str]:
        """Return the certificate, what it proves, and what else the bound rests on."""
        certified, tree = float(self.certified), self.tree
        if tree is not None and tree.certified > certified:
            certified, made = tree.certified, tree_certificate(tree)
        else:
            nodes, prices = [{"prices": 0}], [self.bounded.prices]
            if self.parts is not None and self.parts.bound > self.bounded.bound:
                nodes, prices = self.parts.certificate()
            made = price_certificate(self.dual, self.box, nodes, prices, self.grid)
        if bound <= self.certified_whole(certified) + self.options.gap_share * abs(self.cost):
            return made, certified, ""
        rests = "parts of a tree whose prices are not written, as there are too many of them"
        if tree is None or self.solver_bound > tree.bound:
            rests = (
                "branch and bound of HiGHS over numbers of open facilities; numbers left out were"
                " priced dearer than the answer"
            )
        return made, certified, f"the bound from {certified:.6f} up to {bound:.6f}: {rests}"

    def certified_whole(self, certified: float) -> float:
        """Return the certified bound, raised to a whole number where every cost is whole."""
        raised = float(np.ceil(certified - 1e-6)) if self.is_whole else certified
        return min(raised, self.cost)
