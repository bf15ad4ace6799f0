"""Chains of two stages against a small simulation of their own, stock by stock."""

from __future__ import annotations

import random
from statistics import mean, stdev

import pytest
from scipy import stats

from coproduce.resilience.exact import Group, Stage, chain_with_stock

pytestmark = pytest.mark.slow


def shortage(stages: list[Stage], years: float, seed: int) -> float:
    """Follow two stages with a stock behind each; fluid between failures and returns."""
    dice = random.Random(seed)
    rates = [stage.groups[0] for stage in stages]
    most = [stage.stock for stage in stages]
    up, stock = [True, True], most[:]
    left = [dice.expovariate(one.failures_per_year) for one in rates]
    clock = lost = 0.0
    while clock < years:
        made = [one.capacity if is_up else 0.0 for one, is_up in zip(rates, up, strict=True)]
        second = made[1] if stock[1] < most[1] else min(made[1], 1.0)
        if stock[0] <= 0:
            second = min(second, made[0])
        first = made[0] if stock[0] < most[0] else min(made[0], second)
        sold = 1.0 if stock[1] > 0 else min(1.0, second)
        net = [first - second, second - sold]
        step = min(*left, years - clock)
        for k in (0, 1):
            if net[k] > 1e-12:
                step = min(step, (most[k] - stock[k]) / net[k])
            elif net[k] < -1e-12:
                step = min(step, stock[k] / -net[k])
        clock, lost = clock + step, lost + (1.0 - sold) * step
        for k in (0, 1):
            stock[k] = min(most[k], max(0.0, stock[k] + net[k] * step))
            if most[k] - stock[k] < 1e-12:
                stock[k] = most[k]
            elif stock[k] < 1e-12:
                stock[k] = 0.0
            left[k] -= step
            if left[k] <= 1e-15:
                up[k] = not up[k]
                rate = rates[k].failures_per_year if up[k] else rates[k].repairs_per_year
                left[k] = dice.expovariate(rate)
    return lost / years


def runs(stages: list[Stage]) -> tuple[float, float]:
    """Return the mean of 24 runs and half the width of its 99.9 % interval."""
    found = [shortage(stages, 1500.0, seed) for seed in range(24)]
    half = stats.t.ppf(0.9995, len(found) - 1) * stdev(found) / len(found) ** 0.5
    return mean(found), float(half)


@pytest.mark.parametrize("stocks", [(0.4, 0.0), (0.0, 0.4), (0.0, 0.0)])
def test_a_stock_at_one_place_is_exact(stocks: tuple[float, float]) -> None:
    stages = [
        Stage((Group(1, 1.6, 0.5, 2.5),), stocks[0]),
        Stage((Group(1, 1.3, 0.8, 4.0),), stocks[1]),
    ]
    found = chain_with_stock(stages, 1.0)
    simulated, half = runs(stages)
    assert found.is_exact
    assert abs(found.expected_shortage_share - simulated) <= half


@pytest.mark.parametrize("stocks", [(0.3, 0.3), (0.6, 0.1), (0.05, 0.5)])
def test_the_bounds_hold_a_chain_with_two_stocks(stocks: tuple[float, float]) -> None:
    stages = [
        Stage((Group(1, 1.6, 0.5, 2.5),), stocks[0]),
        Stage((Group(1, 1.3, 0.8, 4.0),), stocks[1]),
    ]
    found = chain_with_stock(stages, 1.0)
    simulated, half = runs(stages)
    assert found.low_share - half <= simulated <= found.high_share + half
