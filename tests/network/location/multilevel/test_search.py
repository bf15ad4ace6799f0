"""The search: its bounds of moves are true, it finds the cheapest of few, also apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.network.location.multilevel.tiny import cheapest, network

from coproduce.network.location.multilevel.apart import Apart, Task
from coproduce.network.location.multilevel.bound import Dual
from coproduce.network.location.multilevel.flow import serve
from coproduce.network.location.multilevel.kernel import has_numba
from coproduce.network.location.multilevel.search import Search

WAYS = [False, pytest.param(True, marks=pytest.mark.skipif(not has_numba(), reason="no numba"))]


def searching(seed: int, *, is_fast: bool) -> Search:
    levels = network(seed, products=1 + seed % 3, plants=3, depots=5)
    dual = Dual(levels, is_fast=is_fast)
    search = Search(dual, seed=seed, is_over=lambda: False)
    search.learn(dual.start())
    return search


@pytest.mark.parametrize("is_fast", WAYS)
@given(seed=st.integers(0, 10_000))
def test_no_move_that_would_be_better_is_passed_over(is_fast: bool, seed: int) -> None:
    search = searching(seed % 50, is_fast=is_fast)
    random = np.random.default_rng(seed)
    for _ in range(3):
        search.visit(random.random(8) < 0.7)
    opened = np.ones(8, dtype=bool)
    opened[random.choice(8, 2, replace=False)] = False
    cost = search.visit(opened)
    kept = set(search.moves(opened, cost))
    for out, into in zip(*(part.tolist() for part in search.pairs(opened)), strict=True):
        other = opened.copy()
        other[[at for at in (out, into) if at >= 0]] ^= True
        served = serve(search.levels, other)
        if served is not None and served.cost < cost - 1e-6:
            assert (out, into) in kept


@pytest.mark.skipif(not has_numba(), reason="no numba")
@given(seed=st.integers(0, 10_000))
def test_no_pair_of_moves_that_would_be_better_is_passed_over(seed: int) -> None:
    search = searching(seed % 50, is_fast=True)
    random = np.random.default_rng(seed)
    opened = np.ones(8, dtype=bool)
    opened[random.choice(3)] = False
    opened[3 + random.choice(5, 2, replace=False)] = False
    cost = search.visit(opened)
    if not np.isfinite(cost):
        return
    kept = {frozenset(flips) for flips in search.double_moves(opened, cost)}
    outs, intos = (part.tolist() for part in search.pairs(opened, is_loose=True))
    singles = [{at for at in pair if at >= 0} for pair in zip(outs, intos, strict=True)]
    for one in singles:
        for two in singles:
            if one & two:
                continue
            other = opened.copy()
            other[sorted(one | two)] ^= True
            served = serve(search.levels, other)
            is_pair = frozenset(one | two) not in {frozenset(single) for single in singles}
            if is_pair and served is not None and served.cost < cost - 1e-6:
                assert frozenset(one | two) in kept


@pytest.mark.parametrize("is_fast", WAYS)
@pytest.mark.parametrize("seed", range(4))
def test_a_search_finds_the_cheapest_of_few_sets(seed: int, is_fast: bool) -> None:
    search = searching(seed, is_fast=is_fast)
    search.run(np.full(8, 0.5), kicks=40)
    assert search.best is not None
    assert search.best.served.cost == pytest.approx(cheapest(search.levels))


def test_a_search_apart_brings_back_the_cheapest_set() -> None:
    levels = network(4, products=2)
    every = np.ones(levels.plants + levels.depots, dtype=bool)
    prices = Dual(levels).start()
    share = np.full(len(every), 0.5)
    apart = Apart(Task(levels, prices, share, every, seed=1, seconds=60.0, kicks=40))
    served = serve(levels, apart.found(waits=True))
    assert served is not None
    assert served.cost == pytest.approx(cheapest(levels))
