"""Assignments that may overfill rooms on the way: what is found fits, is counted and is best."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.network.location.small import made

from coproduce.network.location.onelevel.oscillate import Swings, improved
from coproduce.network.location.onelevel.rest import Units, counted, first_prices
from coproduce.network.location.types import Facilities


def cheapest_with_all(problem: Facilities) -> float:
    """The optimum with every facility paid for, by trying all assignments."""
    best, everyone = np.inf, np.arange(problem.customers)
    for who in itertools.product(range(problem.sites), repeat=problem.customers):
        load = np.bincount(who, weights=problem.demand, minlength=problem.sites)
        if (load <= problem.room).all():
            best = min(best, float(problem.cost[list(who), everyone].sum()))
    return best + float(problem.fixed.sum())


def searched(problem: Facilities, work: int, cutoff: float, seed: int) -> np.ndarray | None:
    nowhere = np.full(problem.customers, -1, dtype=np.int64)
    sites, dice = np.arange(problem.sites), np.array([seed + 1])
    prices = first_prices(problem)
    return improved(Units(problem), sites, prices, nowhere, None, cutoff, work, dice)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6))
def test_what_is_found_fits_and_is_the_best_of_tiny_problems(seed: int) -> None:
    problem = made(seed, 3, 6, "sscfl")
    best = cheapest_with_all(problem)
    found = searched(problem, 200_000, 1e9, seed)
    if found is None:
        assert best == np.inf
        return
    assert (np.bincount(found, weights=problem.demand, minlength=3) <= problem.room).all()
    paid = float(problem.cost[found, np.arange(6)].sum() + problem.fixed.sum())
    assert paid == pytest.approx(best)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_nothing_is_found_below_the_optimum(seed: int) -> None:
    problem = made(seed, 3, 6, "sscfl")
    assert searched(problem, 10_000, cheapest_with_all(problem) - 1e-6, seed) is None


def test_the_sets_met_are_searched_in_turn_and_the_same_seed_finds_the_same() -> None:
    problem = made(11, 6, 20, "sscfl")
    found = []
    for _ in range(2):
        swings = Swings(Units(problem), 3)
        costs = []
        for _ in range(3):
            nowhere = np.full(problem.customers, -1, dtype=np.int64)
            swings.note(np.ones(6), first_prices(problem), nowhere)
            swings.note(np.array([1.0] * 5 + [0.0]), first_prices(problem), nowhere)
            who = swings((), None, 1e9, 50_000)
            costs.append(None if who is None else counted(problem, who).objective)
        assert len(swings._times) == 2
        found.append(costs)
    assert found[0] == found[1]
    assert any(cost is not None for cost in found[0])


WITHOUT = """
import json, sys
if sys.argv[1] == "numpy":
    sys.modules["numba"] = None
from tests.network.location.onelevel.test_oscillate import searched
from tests.network.location.small import made
found = searched(made(11, 5, 14, "sscfl"), 50_000, 1e9, 0)
print(json.dumps(None if found is None else found.tolist()))
"""


def test_without_numba_the_same_moves_are_made() -> None:
    done = [
        subprocess.run(
            [sys.executable, "-c", WITHOUT, how], capture_output=True, text=True, check=True
        ).stdout
        for how in ("numba", "numpy")
    ]
    assert done[0] == done[1]
    assert json.loads(done[0]) is not None
