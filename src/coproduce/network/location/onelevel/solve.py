"""Solves one level of facilities: prices first, then a search over what the prices leave open."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from coproduce import __version__
from coproduce.engines import lp, scip
from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel.distribute import Splitter, grain_of, nearest
from coproduce.network.location.onelevel.dual import FREE, Ascent, Dual
from coproduce.network.location.onelevel.kicks import ROUNDS_AT, Kicks
from coproduce.network.location.onelevel.rest import first_prices, is_cheap
from coproduce.network.location.onelevel.single import SingleTree
from coproduce.network.location.onelevel.swap import improve
from coproduce.network.location.onelevel.tree import Priced, Tree
from coproduce.network.location.types import Answer, Facilities, Floats, Options, gap_share

Report = Callable[[float, float], None]


def solve(problem: Facilities, options: Options) -> Answer:
    """Return the best answer found, its bound, and what proves it.

    On Ctrl-C or when the time is up: the best answer so far with the gap it has.
    """
    with Clock(options.time_limit_s) as clock:
        tree = tree_for(problem, options, clock)
        claimed = tree.run(lambda: first_ascent(problem, tree, clock))
    best = tree.best
    objective = best.objective if np.isfinite(best.objective) else None
    certificate = tree.certificate()
    certified = min(whole_bound(certificate["certified_bound"], tree.grain), best.objective)
    bound = min(whole_bound(claimed, tree.grain), best.objective)
    certificate["certified_bound"] = certified
    if bound > certified + 1e-9 * max(1.0, abs(certified)):
        certificate["rests_on_solver"] = (
            f"the bound above {certified!r}: {tree.finished} parts of the search were closed by"
            " the solver's branch and bound"
        )
    return Answer(
        objective=objective,
        bound=bound,
        gap=gap_share(objective, bound),
        status=status(objective, bound, options.gap_share),
        seconds=clock.seconds,
        seed=options.seed,
        engine=engine_name(tree.finished),
        opened=best.opened,
        plan=best.plan,
        certificate=certificate,
    )


class FreeTree(Tree):
    """A tree without capacities that kicks its best answer from time to time.

    Args:
        problem: without capacity.
        options: how to search.
        clock: when to stop.
        report: called with bound and best cost from time to time.
    """

    def __init__(self, problem: Facilities, options: Options, clock: Clock, report: Report):
        super().__init__(
            problem,
            pricer(problem),
            gap_share=options.gap_share,
            grain=grain_of(problem),
            clock=clock,
            report=report,
        )
        self._kicks = Kicks(problem, options.seed, clock.is_over)

    def _look_elsewhere(self) -> None:
        if self.visited in ROUNDS_AT and self.best.opened:
            self.offer(self._kicks(self.best.opened))


def tree_for(problem: Facilities, options: Options, clock: Clock) -> Tree:
    """Return the search that fits the kind of problem."""
    report = reporter(options)
    if problem.kind == "sscfl" and is_cheap(problem):
        from coproduce.network.location.onelevel.whole_tree import (
            WholeTree,  # loads the compiled kernels
        )

        return WholeTree(problem, options, clock, report)
    if problem.kind == "sscfl":
        return SingleTree(problem, options, clock, report)
    if problem.kind == "ufl":
        return FreeTree(problem, options, clock, report)
    from coproduce.network.location.onelevel.split import SplitTree  # loads compiled kernels

    return SplitTree(
        problem,
        pricer(problem),
        gap_share=options.gap_share,
        grain=0.0,
        clock=clock,
        report=report,
    )


def whole_bound(bound: float, grain: float) -> float:
    """Return the bound rounded up to the next possible cost; as it is where `grain` is 0.

    >>> whole_bound(100.2, 1.0)
    101.0
    """
    if not grain or not np.isfinite(bound):
        return bound
    return float(np.ceil(bound / grain - 1e-4) * grain)


def pricer(problem: Facilities) -> Callable[[tuple[int, ...]], Priced | None]:
    """Return what gives the exact cost of a set of open facilities."""
    if problem.capacity is None:
        return lambda opened: nearest(problem, opened)
    return Splitter(problem)


def first_ascent(problem: Facilities, tree: Tree, clock: Clock) -> Ascent:
    """Return the root's bound; answers met on the way are offered to `tree` and improved."""
    dual = Dual(problem, np.full(problem.sites, FREE, dtype=np.int8))
    found = dual.at(first_prices(problem))
    root = Ascent(found, found.chosen)
    tree.offer(roomy(problem, found.worth))
    for turn in range(6):
        known = tree.best.objective
        target = known if np.isfinite(known) else root.best.bound * 1.05 + 1e-9
        if turn == 0:
            target = root.best.bound + 0.1 * abs(root.best.bound) + 1e-9
        root = tree.climb(
            dual, root.best.prices, target=target, rounds=60, step=1.0 / max(1, turn)
        )
        tree.offer_chosen(root.best)
        improve(problem, tree, root.best, clock)
        if root.best.bound >= tree.cutoff or clock.is_over():
            break
    return tree.root_ascent(root)


def roomy(problem: Facilities, worth: Floats) -> tuple[int, ...]:
    """Return facilities with a fifth more room than needed, the cheapest by unit of room first.

    They nearly always hold an answer, so that there is one however soon the time is up.
    """
    if problem.capacity is None:
        return (int(worth.argmin()),)
    order = np.argsort(worth / np.maximum(problem.room, 1e-12), kind="stable")
    held = np.cumsum(problem.room[order])
    count = int(np.searchsorted(held, 1.2 * float(problem.demand.sum()))) + 1
    return tuple(sorted(int(site) for site in order[:count]))


def status(objective: float | None, bound: float, gap: float) -> str:
    """Return ``optimal``, ``feasible``, ``infeasible`` or ``none``."""
    if objective is None:
        return "infeasible" if bound == np.inf else "none"
    found = gap_share(objective, bound)
    return "optimal" if found is not None and found <= gap + 1e-12 else "feasible"


def reporter(options: Options) -> Callable[[float, float], None]:
    """Return what tells the user how far the search is."""

    def tell(bound: float, objective: float) -> None:
        if options.progress is not None:
            gap = gap_share(objective, bound) if np.isfinite(objective) else None
            shown = "open" if gap is None else f"{gap:.3%}"
            options.progress(gap or 0.0, f"cost {objective:,.2f}, bound {bound:,.2f}, gap {shown}")

    return tell


def engine_name(finished: int) -> str:
    """Return what did the work, for the record."""
    base = f"coproduce {__version__} (prices and branch and bound over sites)"
    if not finished:
        return base
    solver = scip.engine_version() if scip.is_installed() else lp.engine_version()
    return f"{base}, {solver}"
