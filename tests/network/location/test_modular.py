"""A facility built in modules: every schedule is listed, and each is worth what a solver says."""

from __future__ import annotations

from itertools import combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coproduce.engines import lp
from coproduce.network.location.modular import Modular, schedules


@pytest.mark.parametrize(("orders", "most"), [(1, 1), (3, 2), (4, 3), (0, 2), (5, 0)])
def test_every_way_to_order_is_listed_once(orders: int, most: int) -> None:
    listed = schedules(orders, most, 1000)
    assert listed is not None
    wanted = {
        tuple(np.bincount(picked, minlength=orders))
        for count in range(most + 1)
        for picked in combinations_with_replacement(range(orders), count)
        if orders or not count
    }
    assert {tuple(row) for row in listed.astype(int)} == wanted
    assert len(listed) == len(wanted)
    assert not listed[0].any()


def test_too_many_schedules_are_refused() -> None:
    assert schedules(20, 4, 10_000) is None  # 10,626 of them
    assert schedules(20, 4, 10_626) is not None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_each_schedule_is_worth_what_a_linear_problem_says(seed: int) -> None:
    random = np.random.default_rng(seed)
    orders, items, periods = 3, random.integers(0, 4), 2
    listed = schedules(orders, 2, 1000)
    assert listed is not None
    room = listed @ random.integers(0, 9, (orders, periods)).astype(float)
    use = random.uniform(0.5, 3.0, items)
    most = random.integers(0, 6, (items, periods)).astype(float)
    order_worth = -random.integers(0, 20, orders).astype(float)
    item_worth = random.integers(-3, 10, (items, periods)).astype(float)
    found = Modular(listed, room, use, most).worth(order_worth, item_worth)
    for schedule, value in zip(range(len(listed)), found, strict=True):
        made = lp.Builder(is_maximised=True)
        made.add_columns(1, cost=float(listed[schedule] @ order_worth), lower=1.0, upper=1.0)
        columns = made.add_columns(items * periods, cost=item_worth.ravel(), upper=most.ravel())
        rows = made.add_rows(periods, upper=room[schedule])
        grid = columns.reshape(items, periods)
        made.add_entries(rows[None, :], grid, use[:, None])
        assert lp.solve(made.problem(), threads=1).objective == pytest.approx(value, abs=1e-6)
