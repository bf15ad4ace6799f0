"""Kicked answers are never worse than what they start from, and the same for a seed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from coproduce.network.location.onelevel import exchange, swap
from coproduce.network.location.onelevel.kicks import Kicks
from coproduce.network.location.types import Facilities


def scattered(seed: int, sites: int = 9, customers: int = 12) -> Facilities:
    random = np.random.default_rng(seed)
    return Facilities(
        name="scattered",
        fixed=random.integers(1, 12, sites).astype(float),
        demand=np.ones(customers),
        cost=random.integers(0, 20, (sites, customers)).astype(float),
    )


def cost(problem: Facilities, opened: tuple[int, ...]) -> float:
    sites = list(opened)
    return float(problem.fixed[sites].sum() + problem.cost[sites].min(axis=0).sum())


@pytest.mark.parametrize("seed", range(12))
def test_kicks_find_the_best_set_of_a_small_problem(seed: int) -> None:
    problem = scattered(seed)
    best = min(
        cost(problem, opened) for count in range(1, 10) for opened in combinations(range(9), count)
    )
    kicks = Kicks(problem, seed, lambda: False)
    worst = (int(problem.fixed.argmax()),)
    found = _in_steps(kicks, worst, 400)
    assert cost(problem, found) == best


def _in_steps(kicks: Kicks, opened: tuple[int, ...], checks: int) -> tuple[int, ...]:
    """Run one round that is stopped after so many steps."""
    left = iter(range(checks))
    kicks._is_over = lambda: next(left, None) is None
    return kicks(opened)


@pytest.mark.parametrize("seed", range(8))
def test_the_compiled_descent_goes_the_same_way(seed: int) -> None:
    problem = scattered(seed, 25, 40)
    start = (seed, seed + 9)
    is_open = np.zeros(25, dtype=np.bool_)
    is_open[list(start)] = True
    steps = exchange.descend(problem.cost, problem.fixed, is_open, swap.least_gain(problem))
    assert (tuple(np.flatnonzero(is_open)), steps) == swap.descend(problem, start, lambda: False)


def test_kicks_in_compiled_rounds_find_the_same() -> None:
    problem = scattered(5, 25, 40)
    plain, fast = (Kicks(problem, 1, lambda: False, is_fast) for is_fast in (False, True))
    found = [_in_steps(kicks, _in_steps(kicks, (0,), 300), 300) for kicks in (plain, fast)]
    assert cost(problem, found[0]) == cost(problem, found[1])


def test_the_same_seed_gives_the_same_set_and_a_stop_gives_the_start() -> None:
    problem = scattered(3, 30, 60)
    first, second = (_in_steps(Kicks(problem, 7, lambda: False), (0, 4), 50) for _ in range(2))
    assert first == second
    assert cost(problem, first) <= cost(problem, (0, 4))
    assert Kicks(problem, 7, lambda: True)((0, 4)) == (0, 4)
