"""The bound: compiled and in numpy, and against the cheapest of all answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.multilevel.tiny import cheapest, crowded, drawn, network

from coproduce.network.location.multilevel.bound import Dual, choose, climb, whole
from coproduce.network.location.multilevel.cover import rows_of
from coproduce.network.location.multilevel.kernel import has_numba

fast_only = pytest.mark.skipif(not has_numba(), reason="numba is not installed")


@fast_only
@given(seed=st.integers(0, 10_000))
def test_compiled_and_plain_pricing_agree(seed: int) -> None:
    levels = drawn(seed)
    random = np.random.default_rng(seed)
    plain, fast = Dual(levels, is_fast=False), Dual(levels, is_fast=True)
    prices = plain.start()
    prices.demand += random.normal(0, 5, prices.demand.shape)
    if levels.plants:
        prices.balance += random.normal(0, 5, prices.balance.shape)
    np.testing.assert_allclose(fast.earned(prices), plain.earned(prices), atol=1e-9)
    box = whole(levels)
    one, chosen = choose(plain, plain.price(prices), box)
    other, _ = choose(fast, fast.price(prices), box)
    assert other == pytest.approx(one, rel=1e-9)
    for part, same in zip(plain.slope(chosen).parts(), fast.slope(chosen).parts(), strict=True):
        np.testing.assert_allclose(same, part, atol=1e-9)


@pytest.mark.parametrize("is_fast", [False, pytest.param(True, marks=fast_only)])
@pytest.mark.parametrize("seed", range(6))
def test_a_climb_stays_below_the_cheapest_answer(seed: int, is_fast: bool) -> None:
    levels = network(seed, products=1 + seed % 3, plants=3, depots=4)
    best = cheapest(levels)
    dual = Dual(levels, is_fast=is_fast)
    found = climb(dual, whole(levels), dual.start(), target=best, steps=200)
    assert found.bound <= best + 1e-6
    again, _ = choose(dual, dual.price(found.prices), whole(levels))
    assert found.bound == pytest.approx(again, rel=1e-12)


@given(seed=st.integers(0, 10_000))
def test_every_answer_keeps_the_covering_rows(seed: int) -> None:
    levels = network(seed, products=1 + seed % 4)
    for rows, room in zip(
        rows_of(levels), (levels.plant_capacity, levels.depot_capacity), strict=True
    ):
        for bits in range(2 ** room.shape[1]):
            opened = np.array([bits >> at & 1 for at in range(room.shape[1])], dtype=bool)
            if (room[:, opened].sum(axis=1) >= levels.demand.sum(axis=1)).all():
                assert opened.sum() >= rows.fewest
                assert (rows.weights[:, opened].sum(axis=1) >= rows.needs).all()


@fast_only
@given(seed=st.integers(0, 10_000))
def test_facilities_that_hold_many_customers_earn_the_same_compiled_and_plain(seed: int) -> None:
    random = np.random.default_rng(seed)
    levels = crowded(seed)
    plain, fast = Dual(levels, is_fast=False), Dual(levels, is_fast=True)
    prices = plain.start()
    prices.demand += np.round(random.normal(20, 15, prices.demand.shape))
    np.testing.assert_allclose(fast.earned(prices), plain.earned(prices), atol=1e-7)
    plain.price(prices)
    fast.price(prices)
    chosen = random.random(levels.plants + levels.depots) < 0.5
    for part, same in zip(plain.slope(chosen).parts(), fast.slope(chosen).parts(), strict=True):
        np.testing.assert_allclose(same, part, atol=1e-9)
