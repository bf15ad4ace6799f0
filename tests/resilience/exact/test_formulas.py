"""Availability, lots, newsvendor and stock policies against published values."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coproduce.records.errors import UsageError
from coproduce.resilience.exact.availability import availability, k_of_n, tiers
from coproduce.resilience.exact.lots import (
    LotCase,
    best_disrupted_stock,
    best_lot,
    disrupted_stock_cost,
    lot_cost,
    plain_lot,
)
from coproduce.resilience.exact.policies import (
    PolicyCase,
    outstanding_orders,
    periodic_fill_share,
    policy_cost,
)

SNYDER_SHEN = LotCase(8, 0.225, 5, 1300, 1.5, 14)
"""Snyder, Shen, Fundamentals of Supply Chain Theory, 2nd ed., example 9.1."""


def test_the_textbook_lot_with_disruptions_comes_out() -> None:
    found = best_lot(SNYDER_SHEN)
    assert found.cost == pytest.approx(173.95000257319708, rel=1e-14)
    # The published 772.81107400 is the end of a search on cost; its cost is higher by 5e-15.
    assert found.quantity == pytest.approx(772.8110682567058, rel=1e-12)
    assert found.quantity == pytest.approx(772.8110739983106, rel=1e-8)
    assert lot_cost(SNYDER_SHEN, found.quantity) <= lot_cost(SNYDER_SHEN, 772.8110739983106)


def test_its_approximation_comes_out() -> None:
    found = plain_lot(SNYDER_SHEN)
    assert found.quantity == pytest.approx(773.1432417118889, rel=1e-14)
    assert found.cost == pytest.approx(173.957229385175, rel=1e-14)


def test_problem_9_8_comes_out_to_its_printed_digits() -> None:
    found = best_lot(LotCase(35, 4, 22, 30, 1, 12))
    assert (round(found.quantity, 4), round(found.cost, 4)) == (24.0663, 96.2666)


@given(
    case=st.builds(
        LotCase,
        *[st.floats(0.5, 50)] * 4,
        failures_per_year=st.floats(0.05, 5),
        repairs_per_year=st.floats(0.5, 20),
    )
)
def test_no_lot_nearby_is_cheaper(case: LotCase) -> None:
    found = best_lot(case)
    for factor in (0.7, 0.99, 1.01, 1.4):
        assert found.cost <= lot_cost(case, found.quantity * factor) * (1 + 1e-12)


def test_newsvendor_with_disruptions_is_summed_in_full() -> None:
    """A published 2737.06893 stops the sum early; summed in full it is 2737.0689655172414."""
    found = best_disrupted_stock(0.25, 3, 2000, 0.04, 0.25)
    assert found.quantity == 8000
    assert found.cost == 2737.0689655172414


@pytest.mark.parametrize("stock", [0.0, 1500.0, 2000.0, 7999.0, 8000.0, 9500.0])
def test_its_closed_form_equals_a_long_sum(stock: float) -> None:
    alpha, beta, total = 0.04, 0.25, 0.0
    for down in range(2000):
        chance = (
            beta / (alpha + beta)
            if down == 0
            else alpha * beta / (alpha + beta) * (1 - beta) ** (down - 1)
        )
        left = stock - (down + 1) * 2000
        total += chance * (0.25 * left if left >= 0 else -3 * left)
    assert disrupted_stock_cost(0.25, 3, 2000, alpha, beta, stock) == pytest.approx(total)


@given(fails=st.floats(0.01, 1), recovers=st.floats(0.05, 1), ratio=st.floats(0.1, 50))
def test_no_other_base_stock_is_cheaper(fails: float, recovers: float, ratio: float) -> None:
    found = best_disrupted_stock(1.0, ratio, 10.0, fails, recovers)
    for step in (-10.0, -3.0, 3.0, 10.0):
        stock = max(0.0, found.quantity + step)
        other = disrupted_stock_cost(1.0, ratio, 10.0, fails, recovers, stock)
        assert found.cost <= other * (1 + 1e-9)


def test_periodic_review_has_the_published_fill_share() -> None:
    assert round(periodic_fill_share(5, 7, 3, 50), 6) == 0.919536


def test_a_policy_of_two_levels_has_the_published_cost() -> None:
    """s 4, S 10, holding 1, shortage 4, order 5, Poisson 6."""
    assert policy_cost(PolicyCase(1, 4, 5, 6), 4, 10) == pytest.approx(
        8.034111561471642, rel=1e-13
    )


def test_orders_on_the_way_follow_palm() -> None:
    assert outstanding_orders(2.0, 10.0 * np.exp(0.3**2 / 2)) == pytest.approx(20.9206, abs=5e-5)


@pytest.mark.parametrize(
    ("reorder", "up_to"), [(4, 4), (4, 3), (4.5, 10)], ids=["equal", "below", "not whole"]
)
def test_a_policy_without_sensible_parameters_is_refused(reorder: float, up_to: float) -> None:
    with pytest.raises(UsageError) as refused:
        policy_cost(PolicyCase(1, 4, 5, 6), reorder, up_to)  # type: ignore[arg-type]
    assert refused.value.code == "S108"


def test_availability_needs_only_the_means() -> None:
    assert availability(2.0, 0.4) == pytest.approx(5 / 6)


@given(shares=st.lists(st.floats(0, 1), min_size=1, max_size=6), data=st.data())
def test_k_of_n_adds_up_over_all_states(shares: list[float], data: st.DataObject) -> None:
    k = data.draw(st.integers(0, len(shares)))
    total = 0.0
    for state in product((0, 1), repeat=len(shares)):
        if sum(state) >= k:
            total += np.prod([a if up else 1 - a for a, up in zip(shares, state, strict=True)])
    assert k_of_n(shares, k) == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize(("shares", "k", "code"), [([1.2], 1, "S103"), ([0.5], 2, "S104")])
def test_a_probability_over_one_and_a_k_over_n_are_refused(
    shares: list[float], k: int, code: str
) -> None:
    with pytest.raises(UsageError) as refused:
        k_of_n(shares, k)
    assert refused.value.code == code


def test_importance_of_tiers_is_the_change_of_availability() -> None:
    down = np.array([[[0.1, 0.2, np.nan], [0.05, np.nan, np.nan], [0.3, 0.3, 0.3]]])
    found = tiers(down)
    for place in np.argwhere(~np.isnan(down[0])):
        surely = []
        for value in (1.0, 0.0):
            changed = down.copy()
            changed[0, *place] = value
            surely.append(float(tiers(changed).availability[0]))
        assert found.birnbaum[0, *place] == pytest.approx(surely[1] - surely[0])
        lost = 1 - found.availability[0]
        assert found.fussell_vesely[0, *place] == pytest.approx((lost - (1 - surely[1])) / lost)
    assert found.birnbaum[0, 0, 2] == 0.0


def test_a_tier_without_a_source_has_no_path() -> None:
    with pytest.raises(UsageError, match="no path"):
        tiers([[[0.1], [np.nan]]])
