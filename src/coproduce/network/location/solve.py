"""Solves one level of facilities: prices first, then a search over what the prices leave open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from coproduce import __version__
from coproduce.network.location.clock import Clock
from coproduce.network.location.distribute import Splitter, grain_of, nearest
from coproduce.network.location.dual import FREE, Ascent, Dual, ascend
from coproduce.network.location.swap import improve
from coproduce.network.location.tree import Priced, Tree
from coproduce.network.location.types import Answer, Facilities, Floats, Options, gap_share


def solve(problem: Facilities, options: Options) -> Answer:
    """Return the best answer found, its bound, and what proves it.

    On Ctrl-C or when the time is up: the best answer so far with the gap it has.
    """
    with Clock(options.time_limit_s) as clock:
        if problem.kind == "sscfl":
            from coproduce.network.location.single import solve_single

            return solve_single(problem, options, clock)
        tree, bound = search(problem, options, clock)
    best = tree.best
    has_answer = bool(np.isfinite(best.objective))
    objective = best.objective if has_answer else None
    bound = min(bound, best.objective)
    return Answer(
        objective=objective,
        bound=bound,
        gap=gap_share(objective, bound),
        status=status(objective, bound, options.gap_share),
        seconds=clock.seconds,
        seed=options.seed,
        engine=f"coproduce {__version__} (prices and branch and bound over sites)",
        opened=used(best.opened, best.plan),
        plan=best.plan,
        certificate=tree.certificate() | {"certified_bound": bound},
    )


def search(problem: Facilities, options: Options, clock: Clock) -> tuple[Tree, float]:
    """Return the searched tree and its bound; customers may be split over facilities."""
    tree = Tree(
        problem,
        pricer(problem),
        gap_share=options.gap_share,
        grain=grain_of(problem) if problem.capacity is None else 0.0,
        clock=clock,
        report=reporter(options),
    )
    root = first_ascent(problem, tree, clock)
    return tree, tree.search(root)


def pricer(problem: Facilities) -> Callable[[tuple[int, ...]], Priced | None]:
    """Return what gives the exact cost of a set of open facilities."""
    if problem.capacity is None:
        return lambda opened: nearest(problem, opened)
    return Splitter(problem)


def first_prices(problem: Facilities) -> Floats:
    """Return each customer's second cheapest cost: what it could be charged at first."""
    if problem.sites == 1:
        return problem.cost[0].copy()
    prices: Floats = np.partition(problem.cost, 1, axis=0)[1]
    return prices


def first_ascent(problem: Facilities, tree: Tree, clock: Clock) -> Ascent:
    """Return the root's bound; answers met on the way are offered to `tree` and improved."""
    dual = Dual(problem, np.full(problem.sites, FREE, dtype=np.int8))
    found = dual.at(first_prices(problem))
    root = Ascent(found, found.chosen)
    for turn in range(6):
        known = tree.best.objective
        target = known if np.isfinite(known) else root.best.bound * 1.05 + 1e-9
        if turn == 0:
            target = root.best.bound + 0.1 * abs(root.best.bound) + 1e-9
        root = ascend(
            dual,
            root.best.prices,
            target=target,
            cutoff=tree.cutoff,
            rounds=60,
            clock=clock,
            step=1.0 / max(1, turn),
        )
        tree.offer_chosen(root.best)
        improve(problem, tree, root.best, clock)
        if root.best.bound >= tree.cutoff or clock.is_over():
            break
    return root


def status(objective: float | None, bound: float, gap: float) -> str:
    """Return ``optimal``, ``feasible`` or ``none``."""
    if objective is None:
        return "none"
    found = gap_share(objective, bound)
    return "optimal" if found is not None and found <= gap + 1e-12 else "feasible"


def used(opened: tuple[int, ...], plan: dict[str, Any]) -> tuple[int, ...]:
    """Return the opened facilities in order."""
    return tuple(sorted(opened))


def reporter(options: Options) -> Callable[[float, float], None]:
    """Return what tells the user how far the search is."""

    def tell(bound: float, objective: float) -> None:
        if options.progress is not None:
            gap = gap_share(objective, bound) if np.isfinite(objective) else None
            shown = "open" if gap is None else f"{gap:.3%}"
            options.progress(gap or 0.0, f"cost {objective:,.2f}, bound {bound:,.2f}, gap {shown}")

    return tell
