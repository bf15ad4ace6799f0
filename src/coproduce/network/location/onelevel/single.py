"""Each customer served by one facility: prices fix most of it, the solver finishes the rest.

For rooms of so many units that whole knapsacks are dear (else `whole_tree` searches). The search
over facilities is that of `tree`. A part whose services ``x_ij`` are nearly all ruled out by the
prices goes to the solver as a small mixed-integer problem. What the solver alone has proven is
said in the certificate; the tree's own leaves stay checkable without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from coproduce.engines import lp, scip
from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.assign import assign
from coproduce.network.location.onelevel.distribute import grain_of
from coproduce.network.location.onelevel.dual import (
    CLOSED,
    FREE,
    OPEN,
    Point,
    States,
)
from coproduce.network.location.onelevel.pairs import Mask, rest_problem
from coproduce.network.location.onelevel.renew import Renewal
from coproduce.network.location.onelevel.rest import counted
from coproduce.network.location.onelevel.tree import Kept, Part, Priced, Tree
from coproduce.network.location.types import Facilities, Floats, Options

Report = Callable[[float, float], None]

MOST_POLISHED = 60  # assignments that the solver improves in one search
WORTH_POLISHING = 0.01  # how much dearer than the best one may be, as a share
NODES_BEFORE_SPLIT = 30  # of the solver on a part that can still be split
TINY = 600  # services, facilities times customers, that the solver gets as they are
RENEWED_AT = (6, 60, 400, 1500)  # parts visited before the best answer is renewed
TRIES = 40  # parts of an answer renewed in vain before the search goes on
NEAREST = 6  # facilities per customer that an improvement looks at


class SingleTree(Tree):
    """A tree whose parts may be finished by the solver.

    Args:
        problem: with capacity; customers are never split.
        options: how to search.
        clock: when to stop.
        report: called with bound and best cost from time to time.
    """

    _is_settled_by_pricing = False

    def __init__(
        self, problem: Facilities, options: Options, clock: Clock, report: Report
    ) -> None:
        super().__init__(
            problem,
            self._assigned,
            gap_share=options.gap_share,
            grain=grain_of(problem),
            clock=clock,
            report=report,
        )
        self._options = options
        self._polished = 0
        self._renewal = Renewal(problem, options.seed, clock)

    def _expand(self, part: Part) -> None:
        """As the tree does; a search that goes on renews the best answer from time to time."""
        if self.visited in RENEWED_AT and self.best.opened:
            who = self._renewal(np.array(self.best.plan["assignment"]), TRIES)
            if who is not None:
                self.keep(counted(self.problem, who))
        super()._expand(part)

    def _assigned(self, opened: tuple[int, ...]) -> Priced | None:
        """Return a good assignment; a promising one is improved by the solver."""
        found = assign(self.problem, opened)
        if found is None or self._polished >= MOST_POLISHED:
            return found
        if found.objective > (1 + WORTH_POLISHING) * self.best.objective:
            return found
        self._polished += 1
        return self._improved(opened, found)

    def _improved(self, opened: tuple[int, ...], found: Priced) -> Priced:
        """Return the best assignment to these facilities over each customer's cheapest ones."""
        sites = np.array(opened)
        cost = self.problem.cost[sites]
        near = np.argsort(cost, axis=0)[: min(len(sites), NEAREST)]
        services = np.zeros(self.problem.cost.shape, dtype=bool)
        services[sites[near], np.arange(self.problem.customers)] = True
        services[found.plan["assignment"], np.arange(self.problem.customers)] = True
        state = np.full(self.problem.sites, CLOSED, dtype=np.int8)
        state[sites] = OPEN
        problem, kept, pairs = rest_problem(self.problem, state, services)
        start = np.ones(problem.columns)
        who = np.array(found.plan["assignment"])
        start[len(kept) :] = who[pairs[:, 1]] == pairs[:, 0]
        better = lp.solve(
            problem,
            gap_share=1e-4,
            time_limit_s=max(0.05, min(3.0, 0.05 * self._clock.left_s)),
            seed=self._options.seed,
            threads=self._options.threads,
            start=start,
            stop=self._clock.is_over,
        )
        if not better.has_answer:
            return found
        return self._read(better.x[len(kept) :], pairs)

    def _finish(self, node: int, state: States, kept: Kept) -> bool:
        """Give a part to the solver if few services are left, or if nothing is left to split."""
        # What the prices prove here: facilities may have been decided after they were found.
        bound = self._bound_with(state, kept.point)
        if bound >= self.cutoff:
            self._close(node, kept, bound)
            return True
        is_decided = not (state == FREE).any() or self.problem.cost.size <= TINY
        services = self._services(state, kept.point)
        few = 150 + 3 * self.problem.customers // 2
        if is_decided or int(services.sum()) <= few:
            return self._solve_rest(node, state, kept, services, is_decided)
        return False

    def _services(self, state: States, point: Point) -> Mask:
        """Return which services ``x_ij`` a better answer may use, shape ``(m, n)``."""
        dearer = np.full(self.problem.sites, np.inf)
        trial = state.copy()
        for site in np.flatnonzero(state != CLOSED):
            trial[site] = OPEN
            dearer[site] = self._bound_with(trial, point)
            trial[site] = state[site]
        return dearer[:, None] + self._forced(state, point) < self.cutoff

    def _forced(self, state: States, point: Point) -> Floats:
        dual = self._dual(state)
        again = dual.at(point.prices)
        return dual.forced(again)

    def _solve_rest(
        self, node: int, state: States, kept: Kept, services: Mask, is_last: bool
    ) -> bool:
        """Close a part by the solver; False where it is not `is_last` and takes too long."""
        cutoff = self.cutoff
        if not services.any(axis=0).all():
            self._close(node, kept, self._bound_with(state, kept.point), cutoff)
            return True
        problem, sites, pairs = rest_problem(self.problem, state, services)
        found = self._solver(problem, cutoff, -1 if is_last else NODES_BEFORE_SPLIT)
        self.finished += 1
        if found.has_answer:
            self.keep(self._read(found.x[len(sites) :], pairs))
        proven = np.inf if found.status == "infeasible" else found.bound
        claimed = -np.inf if np.isnan(proven) else min(cutoff, proven)
        if not is_last and claimed < self.cutoff and not self._clock.is_over():
            return False
        self._close(node, kept, self._bound_with(state, kept.point), claimed)
        return True

    def _solver(self, problem: lp.Problem, cutoff: float, most_nodes: int) -> lp.Solution:
        """Return what SCIP finds where it is installed, else HiGHS; nothing dearer than cutoff.

        Nodes, not seconds, limit a try, so that the same seed takes the same way.
        """
        gap_share, left_s = self._options.gap_share / 2, max(0.05, self._clock.left_s)
        seed = self._options.seed
        if scip.is_installed():
            found = scip.solve(
                problem,
                gap_share=gap_share,
                time_limit_s=left_s,
                seed=seed,
                cutoff=cutoff,
                most_nodes=most_nodes,
            )
            self._clock.was_interrupted |= found.was_interrupted
            return found
        limits: dict[str, Any] = {"objective_bound": cutoff} if np.isfinite(cutoff) else {}
        return lp.solve(
            problem,
            gap_share=gap_share,
            time_limit_s=left_s,
            seed=seed,
            threads=self._options.threads,
            stop=self._clock.is_over,
            extra=limits if most_nodes < 0 else limits | {"mip_max_nodes": most_nodes},
        )

    def _read(self, x: Floats, pairs: npt.NDArray[np.intp]) -> Priced:
        """Return the assignment that the solver's values stand for, counted again."""
        taken = pairs[x > 0.5]
        who = np.zeros(self.problem.customers, dtype=np.int64)
        who[taken[:, 1]] = taken[:, 0]
        return counted(self.problem, who)
