"""Whole customers: bounds by brute force, the proof's parts, and the same without numba."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.small import cheapest, made

from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel import rest, rows, single, whole
from coproduce.network.location.onelevel.dual import FREE, Dual
from coproduce.network.location.onelevel.pack import pack
from coproduce.network.location.onelevel.rest import Rest, Units
from coproduce.network.location.onelevel.solve import first_ascent, solve
from coproduce.network.location.types import Facilities, Options


def free(problem: Facilities) -> np.ndarray:
    return np.full(problem.sites, FREE, dtype=np.int8)


@given(st.integers(0, 10**6))
def test_no_prices_bound_above_the_optimum_nor_below_split_knapsacks(seed: int) -> None:
    problem = made(seed, 4, 6, "sscfl")
    prices = np.random.default_rng(seed).uniform(-5, 80, problem.customers)
    found = Rest(Units(problem), ()).at(free(problem), prices).point.bound
    assert found <= cheapest(problem) + 1e-6
    assert found >= Dual(problem, free(problem)).at(prices).bound - 1e-9


@given(st.integers(0, 10**6), st.integers(0, 40))
def test_a_knapsack_is_the_best_of_all_sets(seed: int, room: int) -> None:
    rng = np.random.default_rng(seed)
    number = int(rng.integers(0, 8))
    gain, sizes = -rng.uniform(0.1, 9.0, number), rng.integers(0, 12, number)
    sizes = np.minimum(sizes, room)
    layers, part = np.empty((number + 1, room + 1)), np.empty(number)
    found = whole.fill(gain, np.arange(number), number, sizes, room, layers, part)
    best = min(
        float(gain[list(taken)].sum())
        for count in range(number + 1)
        for taken in itertools.combinations(range(number), count)
        if sizes[list(taken)].sum() <= room
    )
    assert found == pytest.approx(best)
    assert float(gain @ part) == pytest.approx(best)
    assert sizes @ part <= room


@given(st.integers(0, 10**6))
def test_a_cover_is_the_cheapest_of_all_sets_that_hold_enough(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(1, 8))
    worth, rooms = rng.uniform(-4.0, 20.0, sites), rng.integers(0, 9, sites)
    state, need = rng.integers(-1, 2, sites).astype(np.int8), int(rng.integers(0, 25))
    worth[state == 0] = np.inf
    chosen = np.empty(sites)
    found = whole.cover(worth, rooms, state, need, True, chosen)
    sets = [
        np.array(taken)
        for taken in itertools.product((0, 1), repeat=sites)
        if all(state[i] < 0 or state[i] == taken[i] for i in range(sites))
        and rooms @ np.array(taken) >= need
    ]
    best = min((float(worth[taken > 0].sum()) for taken in sets), default=np.inf)
    assert found == pytest.approx(best)
    if np.isfinite(best):
        assert float(worth[chosen > 0].sum()) == pytest.approx(best)
    assert whole.cover(worth, rooms, state, need, False, chosen) <= best + 1e-9


@given(st.integers(0, 10**6))
def test_what_is_packed_fits_and_is_counted_right(seed: int) -> None:
    rng = np.random.default_rng(seed)
    sizes, rooms = rng.integers(1, 9, 12), rng.integers(10, 30, 4)
    cost, wish = rng.uniform(1, 50, (4, 12)), rng.integers(-1, 4, 12)
    who = np.empty(12, dtype=np.int64)
    if pack(cost, rooms, sizes, np.argsort(-sizes), wish, who):
        assert (np.bincount(who, weights=sizes, minlength=4) <= rooms).all()


@given(st.integers(0, 10**6))
def test_settled_and_barred_services_are_kept(seed: int) -> None:
    problem = made(seed, 3, 5, "sscfl")
    rng = np.random.default_rng(seed)
    site, customer = int(rng.integers(3)), int(rng.integers(5))
    units = Units(problem)
    prices = rng.uniform(0, 60, 5)
    opened = np.ones(3, dtype=np.int8)
    apart = [
        Rest(units, ((site, customer, is_inside),)).at(opened, prices).point.bound
        for is_inside in (False, True)
    ]
    assert min(apart) >= Rest(units, ()).at(opened, prices).point.bound - 1e-9
    assert min(apart) <= _all_open(problem) + 1e-9


def _all_open(problem: Facilities) -> float:
    """The optimum with every facility paid for, by trying all assignments."""
    best = np.inf
    everyone = np.arange(problem.customers)
    for who in itertools.product(range(problem.sites), repeat=problem.customers):
        load = np.bincount(who, weights=problem.demand, minlength=problem.sites)
        if (load <= problem.room).all():
            best = min(best, float(problem.cost[list(who), everyone].sum()))
    return best + float(problem.fixed.sum())


@given(st.integers(0, 10**6))
def test_rows_are_the_same_in_numpy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    old, top = rng.uniform(0, 9, 12), 11
    shift, value = int(rng.integers(0, 12)), float(rng.uniform(-3, 3))
    for one, two in (
        (rows._keep_or_add, rows._np_keep_or_add),
        (rows._keep_or_cover, rows._np_keep_or_cover),
    ):
        loops, arrays = np.empty(12), np.empty(12)
        one(old, loops, shift, top, value)
        two(old, arrays, shift, top, value)
        assert (loops == arrays).all()
    values = rng.integers(0, 5, 12).astype(float)
    loops, arrays = np.empty(12, dtype=np.int64), np.empty(12, dtype=np.int64)
    rows._ranked(values, loops)
    rows._np_ranked(values, arrays)
    assert (loops == arrays).all()
    may, also, sizes = rng.random(12) < 0.7, rng.random(12) < 0.7, rng.integers(1, 9, 12)
    found = []
    for pick in (rows._gains, rows._np_gains):
        items, gain = np.zeros(12, dtype=np.int64), np.zeros(12)
        count = pick(old, values, may, also, sizes, 6, items, gain)
        found.append((count, items[:count].tolist(), gain[:count].tolist()))
    assert found[0] == found[1]


WITHOUT = """
import json, sys
sys.modules["numba"] = None
from tests.network.location.small import made
from coproduce.network.location.onelevel import rows
from coproduce.network.location.onelevel.solve import solve
from coproduce.network.location.types import Options
assert not rows.HAS_NUMBA
found = solve(made(7, 8, 15, "sscfl"), Options())
print(json.dumps([found.objective, found.bound, found.certificate["tree"]]))
"""


def test_without_numba_the_same_search_gives_the_same_tree() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=True
    )
    found = solve(made(7, 8, 15, "sscfl"), Options())
    assert json.loads(done.stdout) == [
        found.objective,
        found.bound,
        found.certificate["tree"],
    ]


@pytest.mark.parametrize("seed", range(3))
def test_rooms_of_too_many_units_are_left_to_the_solver(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = made(seed, 7, 12, "sscfl")
    monkeypatch.setattr(rest, "MOST_CELLS", 0)
    assert not rest.is_cheap(problem)
    tree = single.SingleTree(problem, Options(), Clock(60.0), lambda bound, cost: None)
    assert tree.run(lambda: first_ascent(problem, tree, Clock(60.0))) <= cheapest(problem) + 1e-6
    assert tree.best.objective == pytest.approx(cheapest(problem))
