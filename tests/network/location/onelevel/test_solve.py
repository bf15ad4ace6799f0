"""The engine finds the optimum of small problems and its own bound never passes it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.small import cheapest, cheapest_by_trying, made

from coproduce.network.location.clock import Clock
from coproduce.network.location.onelevel import split
from coproduce.network.location.onelevel.distribute import grain_of, unit_scale
from coproduce.network.location.onelevel.dual import CLOSED, FREE, OPEN, Dual, least_count
from coproduce.network.location.onelevel.solve import solve
from coproduce.network.location.types import Facilities, Options

KINDS = ("ufl", "cfl", "sscfl")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_small_problem_is_proven_at_the_optimum_of_the_plain_model(kind: str, seed: int) -> None:
    problem = made(seed, 7, 12, kind)
    answer = solve(problem, Options())
    assert answer.status == "optimal"
    assert answer.objective == pytest.approx(cheapest(problem), rel=1e-9)
    assert answer.bound <= answer.objective


@pytest.mark.parametrize("seed", range(4))
def test_without_capacity_no_set_of_facilities_is_cheaper(seed: int) -> None:
    problem = made(100 + seed, 9, 20, "ufl")
    assert solve(problem, Options()).objective == pytest.approx(cheapest_by_trying(problem))


CORNERS = [
    ("one facility, one customer", [5.0], [4.0], [4.0], [[7.0]], 12.0),
    ("a customer without demand is served too", [5.0], [3.0], [0.0], [[7.0]], 12.0),
    ("a facility that costs nothing", [0.0, 9.0], [9.0, 9.0], [4.0], [[7.0], [1.0]], 7.0),
    ("two needed for their room", [5.0, 6.0], [3.0, 3.0], [2.0, 3.0], [[1, 1], [1, 1]], 13.0),
    ("all costs zero", [0.0, 0.0], [9.0, 9.0], [4.0], [[0.0], [0.0]], 0.0),
    ("demand fills every room", [1.0, 1.0], [2.0, 3.0], [2.0, 3.0], [[1, 9], [9, 1]], 4.0),
]


@pytest.mark.parametrize(("why", "fixed", "room", "demand", "cost", "best"), CORNERS)
@pytest.mark.parametrize("is_single", [False, True])
def test_corner_cases(
    why: str,
    fixed: list[float],
    room: list[float],
    demand: list[float],
    cost: list[list[float]],
    best: float,
    is_single: bool,
) -> None:
    problem = Facilities(
        why,
        np.array(fixed),
        np.array(demand),
        np.array(cost, dtype=float),
        np.array(room),
        is_single,
    )
    answer = solve(problem, Options())
    assert answer.objective == pytest.approx(best), why
    assert answer.status == "optimal"


def _cheapest_whole(problem: Facilities) -> float:
    """The optimum for whole customers: every way to fill the rooms, one customer at a time."""
    assert problem.capacity is not None
    ways = {(tuple(problem.capacity.tolist()), frozenset[int]()): 0.0}
    for customer, need in enumerate(problem.demand.tolist()):
        longer: dict[tuple[tuple[float, ...], frozenset[int]], float] = {}
        for (left, opened), paid in ways.items():
            for site in (site for site in range(problem.sites) if left[site] >= need):
                value = paid + float(problem.cost[site, customer])
                value += 0.0 if site in opened else float(problem.fixed[site])
                rest = (*left[:site], left[site] - need, *left[site + 1 :])
                key = (rest, opened | {site})
                longer[key] = min(value, longer.get(key, np.inf))
        ways = longer
    return min(ways.values(), default=np.inf)


@given(st.integers(0, 10**6), st.booleans())
def test_whole_customers_in_tight_rooms_are_bounded_and_solved_right(
    seed: int, has_time: bool
) -> None:
    rng = np.random.default_rng(seed)
    sites, customers = int(rng.integers(3, 5)), int(rng.integers(5, 9))
    demand = rng.integers(1, 12, customers).astype(float)
    share = rng.uniform(0.5, 1.5, sites)
    room = np.ceil(share / share.sum() * demand.sum() * rng.uniform(1.0, 1.6)) + 1.0
    problem = Facilities(
        "tight",
        rng.integers(0, 120, sites).astype(float),
        demand,
        rng.integers(1, 60, (sites, customers)).astype(float),
        room,
        True,
    )
    best = _cheapest_whole(problem)
    answer = solve(problem, Options(time_limit_s=600.0 if has_time else 0.0))
    found = np.inf if answer.objective is None else answer.objective
    assert answer.certificate["certified_bound"] <= answer.bound <= best + 1e-9
    assert found >= best
    assert not has_time or found == best


def test_whole_customers_that_fit_nowhere_together_have_no_answer() -> None:
    problem = Facilities(
        "three of two in two rooms of three",
        np.ones(2),
        np.full(3, 2.0),
        np.ones((2, 3)),
        np.full(2, 3.0),
        True,
    )
    answer = solve(problem, Options())
    assert answer.objective is None
    assert answer.status == "infeasible"


@given(st.integers(0, 10**6), st.sampled_from(KINDS))
def test_no_prices_give_a_bound_above_the_optimum(seed: int, kind: str) -> None:
    problem = made(seed, 4, 6, kind)
    state = np.full(problem.sites, FREE, dtype=np.int8)
    prices = np.random.default_rng(seed).uniform(-5, 80, problem.customers)
    assert Dual(problem, state).at(prices).bound <= cheapest(problem) + 1e-6


@given(st.integers(0, 10**6))
def test_forcing_a_service_never_costs_less_than_the_dual_says(seed: int) -> None:
    problem = made(seed, 3, 6, "sscfl")
    state = np.full(problem.sites, OPEN, dtype=np.int8)
    prices = np.random.default_rng(seed).uniform(10, 60, problem.customers)
    dual = Dual(problem, state)
    point = dual.at(prices)
    more = dual.forced(point)
    for site in range(problem.sites):
        for customer in range(problem.customers):
            reduced = problem.cost[site] - prices
            best = _best_with(reduced, problem.demand, problem.room[site], customer)
            dearer = best - (point.worth[site] - problem.fixed[site])
            assert more[site, customer] <= dearer + 1e-9


def _best_with(reduced: np.ndarray, sizes: np.ndarray, room: float, inside: int) -> float:
    """The cheapest whole knapsack that holds one customer, by trying all."""
    best = np.inf
    for mask in range(2 ** len(sizes)):
        taken = [k for k in range(len(sizes)) if mask >> k & 1]
        if inside in taken and sizes[taken].sum() <= room:
            best = min(best, float(reduced[taken].sum()))
    return best


def test_the_least_count_looks_at_the_largest_rooms_left() -> None:
    problem = made(1, 4, 5, "cfl")
    problem = Facilities(
        "count", problem.fixed, np.full(5, 2.0), problem.cost, np.array([6.0, 5.0, 4.0, 1.0])
    )
    free = np.full(4, FREE, dtype=np.int8)
    assert least_count(problem, free) == 2
    assert least_count(problem, np.array([CLOSED, FREE, FREE, FREE], dtype=np.int8)) == 3
    assert least_count(problem, np.array([FREE, CLOSED, CLOSED, FREE], dtype=np.int8)) == 3
    assert least_count(problem, np.array([FREE, FREE, FREE, OPEN], dtype=np.int8)) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_answer(kind: str) -> None:
    problem = made(3, 8, 15, kind)
    one, two = (solve(problem, Options(seed=4)) for _ in range(2))
    assert (one.objective, one.bound, one.opened) == (two.objective, two.bound, two.opened)
    assert one.certificate == two.certificate


@pytest.mark.parametrize("kind", KINDS)
def test_no_time_at_all_still_gives_an_honest_bound(kind: str) -> None:
    problem = made(5, 8, 15, kind)
    answer = solve(problem, Options(time_limit_s=0.0))
    best = cheapest(problem)
    assert answer.bound <= best + 1e-9
    if answer.objective is not None:
        assert answer.objective >= best - 1e-9
        assert answer.gap == pytest.approx((answer.objective - answer.bound) / answer.objective)


def test_a_clock_that_was_interrupted_is_over() -> None:
    clock = Clock(100.0)
    assert not clock.is_over()
    clock._note(2, None)
    assert clock.is_over()
    assert clock.left_s == 0.0
    with pytest.raises(KeyboardInterrupt):
        clock._note(2, None)


def test_the_grain_is_the_greatest_common_divisor_of_all_costs() -> None:
    problem = made(1, 2, 2, "ufl")
    cost = np.array([[1.5, 3.0], [4.5, 6.0]])
    assert grain_of(Facilities("g", np.array([3.0, 6.0]), problem.demand, cost)) == 1.5
    assert unit_scale(np.array([0.25, 3.0])) == 100


@pytest.mark.parametrize("seed", range(8))
def test_the_compiled_climb_of_split_customers_changes_speed_alone(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Half of the problems have customers larger than some room: they have to be split.
    problem = made(seed, 5, 9, "cfl")
    if seed % 2:
        small = np.where(np.arange(5) < 2, problem.demand.max() / 2, problem.room)
        problem = replace(problem, capacity=small + 4.0)
    fast = solve(problem, Options())
    monkeypatch.setattr(split, "HAS_NUMBA", False)
    plain = solve(problem, Options())
    assert fast.status == plain.status == "optimal"
    assert fast.objective == pytest.approx(plain.objective, rel=2e-6)
    assert fast.objective == pytest.approx(cheapest(problem), rel=2e-6)
    assert fast.certificate["rests_on_solver"] == ""
